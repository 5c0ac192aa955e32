"""Whose limits cannot hold together: what is asked for on one side, what is in its way on the other."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple


class Holder(StrEnum):
    """Whose limits can be lifted, together its minimum and its maximum."""

    STARTUP = "startup"
    EXPERT = "expert"
    PIN = "pin"
    QUOTA = "quota"


class Element(NamedTuple):
    """One holder: the row, the column, the number of the quota, or where the pin first stands among the pins."""

    holder: Holder
    at: int


@dataclass(frozen=True)
class Blocking:
    """An irreducible set: the minimums and pins of `needs` cannot be met within the maximums of `limits`.

    With all limits of everybody else lifted they still cannot, with all limits of any one of these lifted too they can.
    A quota, a startup or an expert stands on both sides where its minimum and its maximum are needed.
    """

    needs: tuple[Element, ...]
    limits: tuple[Element, ...]

    @property
    def size(self) -> int:
        """How many are to be named."""
        return len({*self.needs, *self.limits})

    def all_of(self, holder: Holder) -> list[int]:
        """Return where those of one kind stand, ascending."""
        return sorted({element.at for element in (*self.needs, *self.limits) if element.holder is holder})

    def needing(self, holder: Holder) -> list[int]:
        """Return where those of one kind stand whose minimum, or pin, cannot be met."""
        return sorted(element.at for element in self.needs if element.holder is holder)

    def limiting(self, holder: Holder) -> list[int]:
        """Return where those of one kind stand whose maximum is in the way."""
        return sorted(element.at for element in self.limits if element.holder is holder)
