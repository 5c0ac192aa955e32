"""Who may be one under two names: suspicions with a reason, for people to confirm. Nothing is merged by itself."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator
from dataclasses import dataclass
from itertools import combinations

from matcher.names import mail_domain, person, sounds
from matcher.profiles import Cohort, Expert, Party, Side
from matcher.terms import organisation

# More profiles than this under one key are a placeholder ("n/a", a shared mailbox), no person.
_MOST_ALIKE = 8


@dataclass(frozen=True)
class Suspicion:
    """Two parties of one side that may be one, and what says so."""

    one: Party
    other: Party
    reason: str

    @property
    def sentence(self) -> str:
        """The suspicion, and what to do about it."""
        side, one, other = self.one.side, self.one.id, self.other.id
        return (
            f"{side}s {one} and {other} may be one ({self.reason}); "
            f"say so in aliases.csv: canonical {side}:{one}, alias {side}:{other}, same yes or no"
        )


def suspicions(cohort: Cohort) -> tuple[Suspicion, ...]:
    """Return every two profiles that may be one and that nobody has looked at, once each, strongest reason first."""
    found: dict[frozenset[Party], Suspicion] = {}
    for one, other, reason in [*_startups(cohort), *_experts(cohort)]:
        pair = frozenset((one, other))
        if pair not in found and pair not in cohort.known_apart:
            found[pair] = Suspicion(one, other, reason)
    return tuple(found.values())


def _startups(cohort: Cohort) -> Iterator[tuple[Party, Party, str]]:
    named = ((organisation(name), startup.id) for startup in cohort.startups for name in startup.names)
    yield from _alike(Side.STARTUP, named, "the same name")
    mailed = ((startup.email.strip().casefold(), startup.id) for startup in cohort.startups)
    yield from _alike(Side.STARTUP, mailed, "the same e-mail address")


def _experts(cohort: Cohort) -> Iterator[tuple[Party, Party, str]]:
    experts = cohort.experts
    yield from _alike(
        Side.EXPERT, ((one.email.strip().casefold(), one.id) for one in experts), "the same e-mail address"
    )
    named = [(person(name), one) for one in experts for name in (one.name, *one.also_named)]
    near = [((name, place), one.id) for name, one in named if name for place in _places(one)]
    yield from _alike(Side.EXPERT, near, "the same name in the same organisation")
    bare = [(name, one.id) for name, one in named if name]
    placed = {one.id for one in experts if _places(one)}
    for one, other, reason in _alike(Side.EXPERT, bare, "the same name, and one of them tells no organisation"):
        if not {one.id, other.id} <= placed:
            yield one, other, reason
    heard = [((sound, place), one.id) for one in experts for sound in sounds(one.name) for place in _places(one)]
    yield from _alike(
        Side.EXPERT, heard, "names that sound alike in Korean and Latin letters, in the same organisation"
    )


def _places(expert: Expert) -> frozenset[str]:
    return frozenset(filter(None, (organisation(expert.affiliation), mail_domain(expert.email))))


def _alike(side: Side, keyed: Iterable[tuple[Hashable, str]], reason: str) -> Iterator[tuple[Party, Party, str]]:
    """Yield every two ids that share a key."""
    groups: defaultdict[Hashable, dict[str, None]] = defaultdict(dict)
    for key, id_ in keyed:
        if key:
            groups[key][id_] = None
    for ids in groups.values():
        if len(ids) <= _MOST_ALIKE:
            for one, other in combinations(ids, 2):
                yield Party(side, one), Party(side, other), reason
