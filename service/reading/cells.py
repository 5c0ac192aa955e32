"""Cells of a table → the values that a jsonl row would hold: lists, needs with weights, numbers per kind."""

from __future__ import annotations

_LIST_COLUMNS = {
    "data_assets",
    "sectors",
    "stages",
    "regions",
    "languages",
    "documents",
    "seeks",
    "confidential",
    "expertise",
    "wants",
    "avoids",
    "authors",
}
_PER_KIND_COLUMNS = {"min_matches", "max_matches"}
_ITEM, _WEIGHT, _KIND = ";", "|", "="


def parse_cells(values: dict[str, object]) -> dict[str, object]:
    """Return the values with every list cell split; cells of unknown columns stay as they are."""
    return {name: _parse_cell(name, value) for name, value in values.items()}


def _parse_cell(name: str, value: object) -> object:
    if not isinstance(value, str):
        return value
    if name in _LIST_COLUMNS:
        return _items(value)
    if name == "needs":
        return [_need(item) for item in _items(value)]
    if name == "check_usd":
        return [item.strip() or None for item in value.split(_ITEM)]
    if name in _PER_KIND_COLUMNS and _KIND in value:
        counts = [_named_count(item) for item in _items(value)]
        # A kind that is named twice stays as it came, and is refused with what was found.
        return dict(counts) if len(dict(counts)) == len(counts) else value
    return value


def _items(cell: str) -> list[str]:
    return [item.strip() for item in cell.split(_ITEM) if item.strip()]


def _need(item: str) -> dict[str, str]:
    text, bar, weight = item.rpartition(_WEIGHT)
    return {"text": text.strip(), "weight": weight.strip()} if bar else {"text": item}


def _named_count(item: str) -> tuple[str, str]:
    name, _, count = item.partition(_KIND)
    return name.strip(), count.strip()
