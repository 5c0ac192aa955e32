"""What is wrong with an input, told so that its owner can mend it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from matcher.errors import BadInput

_LONGEST_SHOWN = 80


@dataclass(frozen=True, order=True)
class Problem:
    """One mistake: where it stands (row 0: the file as a whole), what was found and what is expected."""

    file: str
    row: int
    column: str
    message: str

    def __str__(self) -> str:
        place = [self.file, *([f"row {self.row}"] if self.row else []), *([self.column] if self.column else [])]
        return f"{', '.join(place)}: {self.message}"


def expected(found: object, wanted: str) -> str:
    """Return the message of a problem, the value cut to a length people read."""
    shown = "nothing" if found in (None, "") else repr(found)
    if len(shown) > _LONGEST_SHOWN:
        shown = f"{shown[:_LONGEST_SHOWN]}…"
    return f"found {shown}, expected {wanted}"


class _BadRows(BadInput):
    """Rows that cannot be used; `problems` holds every mistake that was found."""

    what: str

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(sorted(problems))
        count = f"{len(self.problems)} problem{'s' if len(self.problems) > 1 else ''}"
        super().__init__("\n".join([f"{count} in the {self.what}:", *(f"  {problem}" for problem in self.problems)]))


class BadCohort(_BadRows):
    """A cohort that cannot be used."""

    what = "cohort"


class BadJudgements(_BadRows):
    """Judgements that cannot be used."""

    what = "judgements"


class BadOutcomes(_BadRows):
    """Outcomes that cannot be used."""

    what = "outcomes"
