"""What is wrong with an assignment problem, told so that its owner can mend it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from matcher.errors import BadInput

# Whoever got a million cells wrong learns nothing from the rest of them.
_MOST_SHOWN = 100


@dataclass(frozen=True)
class Mistake:
    """One mistake: the field (empty: the problem as a whole), what was found and what is expected."""

    field: str
    message: str

    def __str__(self) -> str:
        return f"{self.field}: {self.message}" if self.field else self.message


class BadProblem(BadInput):
    """An assignment problem that cannot be used; `mistakes` holds every one that was found. where: a file or line."""

    def __init__(self, where: str, mistakes: Sequence[Mistake]) -> None:
        self.mistakes = tuple(mistakes)
        count = f"{len(self.mistakes):,} mistake{'s' if len(self.mistakes) > 1 else ''}"
        lines = [f"{count} in {where}:", *(f"  {mistake}" for mistake in self.mistakes[:_MOST_SHOWN])]
        if len(self.mistakes) > _MOST_SHOWN:
            lines.append(f"  and {len(self.mistakes) - _MOST_SHOWN:,} more")
        super().__init__("\n".join(lines))
