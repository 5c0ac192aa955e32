"""Cells that were read before: of a million relations most name parties, types and days that others named already."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, TypeAdapter, ValidationError

Value = TypeVar("Value")


class RememberedCells(dict[str | None, Value | None]):
    """What is made of the cells of a column, each text read once; None for one that the model refuses, and for no cell.

    read: what is made of the checked value.
    """

    def __init__(self, model: type[BaseModel], column: str, read: Callable[[object], Value | None]) -> None:
        super().__init__()
        self._read = read
        told = model.model_fields[column]
        checked: Any = Annotated[told.annotation, told]  # a type that is known only now
        self._check = TypeAdapter[object](checked, config=model.model_config)

    def __missing__(self, cell: str | None) -> Value | None:
        """Read a cell that nobody has asked for yet."""
        self[cell] = None if cell is None else self._checked(cell)
        return self[cell]

    def _checked(self, cell: str) -> Value | None:
        try:
            return self._read(self._check.validate_python(cell))
        except ValidationError:
            return None
