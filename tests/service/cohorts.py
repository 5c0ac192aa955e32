"""Cohort folders for tests of the commands: a small cohort with everything in it, and any other as jsonl."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

Profile = Mapping[str, Any]
WriteCohort = Callable[..., Path]

STARTUPS: tuple[Profile, ...] = (
    {
        "id": "s1",
        "name": "Leafsight",
        "summary": "reads pepper diseases from leaf photos",
        "needs": [{"text": "few labelled photos of plant disease", "weight": 2}, "drone flight planning"],
        "data_assets": ["leaf photos of pepper plants"],
        "sectors": ["agriculture"],
        "stage": "Seed",
        "region": "Seoul",
    },
    {
        "id": "s2",
        "name": "길찾기",
        "summary": "배송 경로 계획을 돕는 소프트웨어",
        "needs": ["배송 경로 최적화", "delivery route optimisation"],
        "sectors": ["logistics"],
        "stage": "Seed",
        "region": "Busan",
        "priority": 2,
    },
    {
        "id": "s3",
        "name": "Voicewell",
        "summary": "hears cognitive decline in phone calls",
        "data_assets": ["recorded phone calls of elderly speakers", "transcripts of phone calls"],
        "sectors": ["healthcare"],
        "region": "Seoul",
    },
    {
        "id": "s4",
        "name": "Ledgerline",
        "summary": "forecasts cash for small shops",
        "needs": ["probabilistic forecasting of cash"],
        "sectors": ["fintech"],
        "stage": "Series A",
        "seeks": ["investor"],
    },
)
EXPERTS: tuple[Profile, ...] = (
    {
        "id": "p1",
        "kind": "professor",
        "name": "Eun Sora",
        "affiliation": "Gaon University",
        "expertise": ["plant disease from photos"],
        "documents": [{"title": "Few photos are enough", "text": "few labelled photos of plant disease", "year": 2024}],
        "max_load": 1,
    },
    {
        "id": "p2",
        "kind": "professor",
        "name": "Odile Harwick",
        "expertise": ["delivery route optimisation", "probabilistic forecasting"],
        "max_load": 2,
        "wants": ["s2"],
    },
    {"id": "p3", "kind": "professor", "name": "반지음", "expertise": ["전화 음성 인식"], "max_load": 0},
    {
        "id": "v1",
        "kind": "investor",
        "name": "Lark and Fennel",
        "expertise": ["seed money for farms and delivery"],
        "sectors": ["agriculture", "logistics", "healthcare"],
        "stages": ["Seed", "Series A"],
        "max_load": 2,
    },
    {
        "id": "v2",
        "kind": "investor",
        "expertise": ["software for small shops"],
        "documents": [{"title": "Cashflow", "text": "forecasts cash for small shops", "date": "2025-03-01"}],
        "max_load": 1,
    },
)
RELATIONS: tuple[Profile, ...] = (
    {"source": "s1", "target": "v2", "type": "family"},
    {"source": "s2", "target": "v1", "type": "advisor"},
)
PROGRAM = 'name = "Spring program"\nseed = 3\nbans = [["s3", "p1"]]\n'


def write_cohort(
    folder: Path,
    startups: Iterable[Profile] = STARTUPS,
    experts: Iterable[Profile] = EXPERTS,
    relations: Iterable[Profile] = (),
    outcomes: Iterable[Profile] = (),
    program: str = "",
) -> Path:
    """Write a cohort folder and return it."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, rows in (("startups", startups), ("experts", experts), ("relations", relations), ("outcomes", outcomes)):
        text = "".join(json.dumps(row) + "\n" for row in rows)
        if text or name in ("startups", "experts"):
            (folder / f"{name}.jsonl").write_text(text, encoding="utf-8")
    if program:
        (folder / "program.toml").write_text(program, encoding="utf-8")
    return folder


def professor(id_: str, *expertise: str, **fields: object) -> Profile:
    """Return an expert of this kind as a row."""
    return {"id": id_, "kind": "professor", "expertise": list(expertise), **fields}


def investor(id_: str, *expertise: str, **fields: object) -> Profile:
    """Return an expert of this kind as a row."""
    return {"id": id_, "kind": "investor", "expertise": list(expertise), **fields}


def startup(id_: str, *needs: str, **fields: object) -> Profile:
    """Return a startup as a row."""
    return {"id": id_, "needs": list(needs), **fields}
