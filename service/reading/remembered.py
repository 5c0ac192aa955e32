"""Cells that were read before: of a million relations most name parties, types and days that others named already."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Generic, TypeVar

from pydantic import BaseModel, ValidationError

Value = TypeVar("Value")


class RememberedCells(Generic[Value]):
    """Reads the cells of a column, each text once; None for one that the model refuses, and for what is no text.

    placeholders: stand in for the columns that the model requires. read: what is made of the checked value.
    """

    def __init__(
        self,
        model: type[BaseModel],
        column: str,
        placeholders: Mapping[str, object],
        read: Callable[[object], Value | None],
    ) -> None:
        self._model, self._column, self._placeholders, self._read = model, column, placeholders, read
        self._known: dict[str, Value | None] = {}

    def of(self, cell: object) -> Value | None:
        """Return what is made of the cell."""
        if not isinstance(cell, str):
            return None
        if cell not in self._known:
            self._known[cell] = self._checked(cell)
        return self._known[cell]

    def _checked(self, cell: str) -> Value | None:
        try:
            model = self._model.model_validate({**self._placeholders, self._column: cell})
        except ValidationError:
            return None
        return self._read(getattr(model, self._column))
