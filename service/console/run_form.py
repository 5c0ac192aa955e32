"""A run as the fields of its form, and back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from service.console.api import Refused
from service.console.visitor import Form
from service.http.schemas import RunBody

Fields = dict[str, Any]
# An empty form.
NOTHING_ASKED: Fields = {"kinds": (), "objective": "", "seed": "", "best_effort": False}


def asked_run(form: Form) -> Fields:
    """Return what a form asks for, as the API takes it; what it does not take, it refuses."""
    filled = filled_run(form)
    asked = {name: value for name, value in filled.items() if value}
    seed = filled["seed"]
    return {**asked, "seed": int(seed) if _is_number(seed) else seed} if seed else asked


def filled_run(form: Form) -> Fields:
    """Return what was filled in."""
    return {
        "kinds": [str(kind) for kind in form.getlist("kinds")],
        "objective": str(form.get("objective", "")),
        "seed": str(form.get("seed", "")).strip(),
        "best_effort": bool(form.get("best_effort")),
    }


def at_fields(refused: Refused) -> Mapping[str, str]:
    """Return what was refused by field of the form; the rest is said of the program, over the form alone."""
    told = ((where.partition(".")[0].partition("[")[0], what) for where, what in refused.errors)
    return {field: what for field, what in told if field in RunBody.model_fields}


def _is_number(text: str) -> bool:
    # What has more digits is refused as a text: Python does not read a number of thousands of them.
    return text.isascii() and text.isdecimal() and len(text) <= 18
