"""Who trusts whom: over this network, and no other relation, somebody could be introduced to a startup.

Another startup's acquaintances are its own, also where an organisation is called by its name; a relation that the
program forbids introduces nobody.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from matcher.derived import CO_INVESTED, INVESTED_IN, co_investments
from matcher.ecosystem_graph import Ecosystem
from matcher.profiles import Cohort, Party, Relation, Side
from matcher.program import SAME_EMPLOYER, Program, Verdict, relation_type
from matcher.tie import Pair

ALUMNI = "alumni"
# The longest path over it that is still an introduction: a friend of a friend of a friend.
LONGEST = 3
# Types of trust, closest first.
CLOSEST_FIRST = ("mentored", "advisor", INVESTED_IN, CO_INVESTED, ALUMNI, SAME_EMPLOYER)
# What a person or a company is of an organisation, and what an expert does for a startup: never the other way round.
OF_MEMBERS, _OF_EXPERTS = (ALUMNI, SAME_EMPLOYER), ("mentored", "advisor", INVESTED_IN)


@dataclass(frozen=True)
class TrustNetwork:
    """Who is tied to whom by trust, by number.

    numbers: of startups and experts. near: of each party the others, with the relations between the two, each as it is
    said (`_turned`). tied_experts: those who have any.
    """

    parties: Sequence[Party]
    numbers: Mapping[Party, int]
    sides: Sequence[Side | None]
    near: Sequence[Mapping[int, Sequence[Relation]]]
    tied_experts: frozenset[int]

    def experts_of(self, pairs: Iterable[Pair]) -> Mapping[str, frozenset[int]]:
        """Return by startup the experts of the pairs, those who are in the network."""
        found: defaultdict[str, set[int]] = defaultdict(set)
        for startup, expert in pairs:
            if (number := self.numbers.get(Party(Side.EXPERT, expert))) is not None:
                found[startup].add(number)
        return {startup: frozenset(numbers) for startup, numbers in found.items()}


def trust_network(ecosystem: Ecosystem, cohort: Cohort, program: Program) -> TrustNetwork:
    """Return the network of trust without the organisations that are called like a startup."""
    parties = ecosystem.parties
    sides = [party.side for party in parties]
    at = {party: number for number, party in enumerate(parties) if party.side is not None}
    own = {cohort.organisation_of(name) for one in cohort.startups for name in one.names}
    is_own = [party.side is None and party.id in own for party in parties]
    near: list[dict[int, list[Relation]]] = [{} for _ in parties]

    def add(relation: Relation, one: int, other: int) -> None:
        if not is_own[one] and not is_own[other]:
            between = near[one].setdefault(other, [])
            between.append(relation)
            near[other][one] = between

    for number in np.flatnonzero(_is_trust(ecosystem, program)).tolist():
        relation = _turned(ecosystem.relations[number])
        # In which company is the affair of that company where it is a startup.
        if "company" in relation.extra and cohort.organisation_of(str(relation.extra["company"])) in own:
            relation = replace(relation, extra={})
        add(relation, *ecosystem.ends[number].tolist())
    if program.rule_for(CO_INVESTED).verdict is not Verdict.FORBID:
        for relation in co_investments(cohort):
            add(relation, at[relation.source], at[relation.target])
    tied_experts = frozenset(number for number in at.values() if sides[number] is Side.EXPERT and near[number])
    return TrustNetwork(parties, at, sides, near, tied_experts)


def _turned(relation: Relation) -> Relation:
    """Return the relation as it is said, however it was told: of the one who belongs, and of the expert who helps."""
    type_, sides = relation_type(relation.type), (relation.source.side, relation.target.side)
    is_of_member = type_ in OF_MEMBERS and sides[0] is None
    is_of_expert = type_ in _OF_EXPERTS and sides == (Side.STARTUP, Side.EXPERT)
    return (
        replace(relation, source=relation.target, target=relation.source) if is_of_member or is_of_expert else relation
    )


def _is_trust(ecosystem: Ecosystem, program: Program) -> NDArray[np.bool_]:
    """Return (r,) which relations introduce: those of trust that were told, and where experts belong."""
    told = np.arange(len(ecosystem.relations)) < ecosystem.told
    trusted = [
        type_ in CLOSEST_FIRST and type_ != SAME_EMPLOYER and program.rule_for(type_).verdict is not Verdict.FORBID
        for type_ in ecosystem.types
    ]
    of_experts = ecosystem.belongs & ecosystem.on_side(Side.EXPERT)[ecosystem.ends].any(axis=1)
    is_trusted: NDArray[np.bool_] = told & np.array(trusted, dtype=bool)[ecosystem.type_of]
    return is_trusted | of_experts


def nearness(steps: int) -> float:
    """Return how much a path of so many steps counts, in (0, 1]: one over its steps."""
    return 1 / steps


def closeness(relation: Relation) -> int:
    """Return the place of the relation's type in `CLOSEST_FIRST`."""
    return CLOSEST_FIRST.index(relation_type(relation.type))
