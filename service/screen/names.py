"""How people and companies are called on a screen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from service.reading.cohort import CohortInput


@dataclass(frozen=True)
class Names:
    """How profiles are called: the name, or the id where there is none."""

    startups: Mapping[str, str]
    experts: Mapping[str, str]

    @classmethod
    def of(cls, cohort: CohortInput) -> Names:
        """Return the names of a cohort."""
        startups = {startup.id: startup.name or startup.id for startup in cohort.cohort.startups}
        return cls(startups, {expert.id: expert.name or expert.id for expert in cohort.cohort.experts})

    def startup(self, id_: str) -> str:
        """Return the name of a startup with its id behind it."""
        return _with_id(self.startups[id_], id_)

    def expert(self, id_: str) -> str:
        """Return the name of an expert with its id behind it."""
        return _with_id(self.experts[id_], id_)


def _with_id(name: str, id_: str) -> str:
    return name if name == id_ else f"{name} ({id_})"
