"""A made-up cohort of any size, Korean and English, for the benchmarks. No text in it is about anybody.

    python benchmarks/cohort.py FOLDER [--startups 1000] [--professors 200] [--investors 0]

The same sizes give the same files. A startup has one to three needs and data assets and seeks every kind there is; an
expert has two to four documents and takes some regions only, an investor some stages too. Some are related.
"""

from __future__ import annotations

import argparse
import json
import random
from collections.abc import Iterable
from pathlib import Path
from typing import Any

Row = dict[str, Any]

# sector: what the data is about, what is to be found out, and how; in Korean and in English
SUBJECTS = {
    "헬스케어": (("손목 X-ray", "골연령", "전이 학습"), ("hand radiographs", "bone age", "transfer learning")),
    "제조": (
        ("베어링 진동 신호", "고장 시점", "이상 탐지"),
        ("bearing vibration logs", "failure time", "anomaly detection"),
    ),
    "농업": (
        ("온실 생육 사진", "수확량", "다중분광 분석"),
        ("greenhouse crop images", "yield", "multispectral analysis"),
    ),
    "fintech": (
        ("소상공인 매출 장부", "연체 위험", "생존 분석"),
        ("small shop ledgers", "default risk", "survival analysis"),
    ),
    "education": (("문제 풀이 기록", "오개념", "지식 추적"), ("exercise logs", "misconceptions", "knowledge tracing")),
    "energy": (
        ("배터리 충방전 곡선", "잔여 수명", "물리 기반 모형"),
        ("battery cycling curves", "remaining life", "physics models"),
    ),
    "모빌리티": (
        ("화물차 운행 기록", "졸음 운전", "시계열 분류"),
        ("truck driving logs", "drowsiness", "time series models"),
    ),
    "물류": (("창고 출고 내역", "재고 부족", "수요 예측"), ("warehouse shipments", "stock-outs", "demand forecasting")),
    "legal": (
        ("계약서 조항", "독소 조항", "언어 모형 미세 조정"),
        ("contract clauses", "unfair terms", "language model tuning"),
    ),
    "반도체": (
        ("웨이퍼 검사 영상", "미세 결함", "소량 학습"),
        ("wafer inspection images", "tiny defects", "few-shot learning"),
    ),
    "로봇": (("로봇 팔 촉각 신호", "미끄러짐", "강화 학습"), ("robot touch signals", "slip", "reinforcement learning")),
    "바이오": (
        ("미생물 유전체", "효소 활성", "단백질 언어 모형"),
        ("microbe genomes", "enzyme activity", "protein language models"),
    ),
}
SUMMARIES = (
    "{name}은(는) {data}에서 {aim}을(를) 찾아 현장에 알려 주는 서비스를 운영합니다. "
    "고객 {n}곳이 매주 결과를 받아 봅니다.",
    "{name} reads {data} to tell {aim} early. We serve {n} paying sites and grow by word of mouth.",
)
NEEDS = (
    "현장이 바뀌어도 {data}에서 {aim}을(를) 안정적으로 예측하는 {how} 방법, {n}개 현장 기준",
    "{how} that predicts {aim} from {data} when only {n} labelled examples exist",
)
ASSETS = (
    "{data} {n}건, 2019-2024년, 전문가 두 명이 {aim} 표시",
    "{n} records of {data} from 2019 to 2024, labelled with {aim} by two raters",
)
EXPERTISE = ("{data} 기반 {aim} 예측과 {how}", "{how} for {aim}, mostly on {data}")
TITLES = ("{how}을 이용한 {data}의 {aim} 추정: {n}개 현장 연구", "{how} for {aim} in {data}: a study of {n} sites")
ABSTRACTS = (
    "{data}에서 {aim}을(를) 추정하는 문제를 다룬다. {how}을(를) 적용하여 {n}개 현장에서 오차를 절반으로 줄였다. "
    "현장마다 장비가 다를 때의 성능 저하와 그 원인을 분석하고, 표본이 적을 때 쓸 수 있는 절차를 제안한다.",
    "We study how to estimate {aim} from {data}. {how} halves the error over {n} sites. We analyse what is lost when "
    "the equipment differs between sites, and give a procedure that works with few samples and unreliable labels.",
)
STAGES = ("Pre-seed", "시드", "Series A", "시리즈 B")
REGIONS = ("서울", "Busan", "대전", "경기", "Singapore")
RELATIONS = ("coauthor", "family", "colleague", "invested_in", "declined")


class Author:
    """Draws rows; `draw` is the only source of chance."""

    def __init__(self) -> None:
        self.draw = random.Random(0)  # noqa: S311 (nothing secret)

    def text(self, forms: tuple[str, str], sector: str, name: str = "") -> str:
        """Return a sentence about the sector, in Korean or English."""
        language = self.draw.randrange(2)
        data, aim, how = SUBJECTS[sector][language]
        return forms[language].format(name=name, data=data, aim=aim, how=how, n=self.draw.randrange(2, 10_000))

    def texts(self, forms: tuple[str, str], sector: str, least: int, most: int) -> list[str]:
        """Return between `least` and `most` sentences."""
        return [self.text(forms, sector) for _ in range(self.draw.randint(least, most))]

    def some(self, values: Iterable[str], most: int) -> list[str]:
        """Return up to `most` of the values."""
        return self.draw.sample(sorted(values), self.draw.randint(0, most))

    def startup(self, number: int) -> Row:
        """Return a startup."""
        sector, name = self.draw.choice(sorted(SUBJECTS)), f"가상기업 {number:04}"
        return {
            "id": f"s{number:04}",
            "name": name,
            "summary": self.text(SUMMARIES, sector, name),
            "needs": self.texts(NEEDS, sector, 1, 3),
            "data_assets": self.texts(ASSETS, sector, 1, 3),
            "sectors": [sector],
            "stage": self.draw.choice(STAGES),
            "region": self.draw.choice(REGIONS),
        }

    def expert(self, number: int, kind: str) -> Row:
        """Return a professor or an investor."""
        sector = self.draw.choice(sorted(SUBJECTS))
        return {
            "id": f"e{number:03}",
            "kind": kind,
            "name": f"가상전문가 {number:03}",
            "affiliation": f"Fictional Institute {number % 40}",
            "expertise": self.texts(EXPERTISE, sector, 1, 3),
            "documents": [
                {"title": title, "text": self.text(ABSTRACTS, sector), "year": self.draw.randint(2005, 2025)}
                for title in self.texts(TITLES, sector, 2, 4)
            ],
            "regions": self.some(REGIONS, 3),
            "stages": self.some(STAGES, 3) if kind == "investor" else [],
            "max_load": self.draw.randint(2, 8),
        }

    def relation(self, startups: int, experts: int) -> Row:
        """Return a relation between one startup and one expert."""
        return {
            "source": f"s{self.draw.randrange(startups):04}",
            "target": f"e{self.draw.randrange(experts):03}",
            "type": self.draw.choice(RELATIONS),
            "since": f"{self.draw.randint(2015, 2025)}-03-01",
        }


def write_cohort(folder: Path, startups: int, professors: int, investors: int = 0) -> None:
    """Write the files of a cohort into the folder, which is made; one relation for every two startups."""
    folder.mkdir(parents=True, exist_ok=True)
    author, kinds = Author(), ["professor"] * professors + ["investor"] * investors
    rows = {
        "startups": [author.startup(number) for number in range(startups)],
        "experts": [author.expert(number, kind) for number, kind in enumerate(kinds)],
        "relations": [author.relation(startups, len(kinds)) for _ in range(startups // 2)],
    }
    for name, of_name in rows.items():
        lines = (json.dumps(row, ensure_ascii=False) for row in of_name)
        (folder / f"{name}.jsonl").write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    (folder / "program.toml").write_text('name = "Made-up program"\nseed = 1\n', encoding="utf-8")


def main() -> None:
    """Write the cohort that the arguments ask for."""
    arguments = argparse.ArgumentParser(description="Write a made-up cohort.")
    arguments.add_argument("folder", type=Path)
    arguments.add_argument("--startups", type=int, default=1000)
    arguments.add_argument("--professors", type=int, default=200)
    arguments.add_argument("--investors", type=int, default=0)
    asked = arguments.parse_args()
    write_cohort(asked.folder, asked.startups, asked.professors, asked.investors)


if __name__ == "__main__":
    main()
