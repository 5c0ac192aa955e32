"""JSON text → values, strictly: finite numbers, each key once, whole characters."""

from __future__ import annotations

import json
import math
from typing import NoReturn


def parse_json(text: str) -> object:
    """Return the value. Raises `ValueError` for what is no JSON, and `RecursionError` where it is nested too deep."""
    value = json.loads(text, parse_constant=_refuse_constant, parse_float=_finite, object_pairs_hook=_unique_keys)
    if r"\ud" in text.lower():  # half of a surrogate pair is no character, and fails wherever it is written
        json.dumps(value, ensure_ascii=False).encode()
    return value


def _finite(digits: str) -> float:
    number = float(digits)
    return number if math.isfinite(number) else _refuse_constant(digits)


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"found {name}, expected a finite number")


def _unique_keys(pairs: list[tuple[str, object]]) -> dict[str, object]:
    record = dict(pairs)
    if len(record) < len(pairs):
        raise ValueError(f"a key stands twice in {{{', '.join(key for key, _ in pairs)}}}")
    return record
