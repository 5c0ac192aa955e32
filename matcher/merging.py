"""Confirmed merges: a party under several ids or names becomes one, in the cohort and in the program."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, TypeVar

from matcher.derived import memberships
from matcher.errors import BadInput
from matcher.profiles import Cohort, Expert, Party, Relation, Side, Startup
from matcher.program import SAME_ORGANISATION, ExpertGroup, Program, StartupGroup
from matcher.terms import organisation

Profile = TypeVar("Profile", Startup, Expert)


@dataclass(frozen=True)
class Aliases:
    """What people confirmed.

    merged: party → the one that it is, of the same side. names: other spellings of an expert's name. not_names: names
    of others that sound like it. apart: profiles that look alike and are not one. across: a startup and an expert that
    are one organisation.
    """

    merged: Mapping[Party, Party] = field(default_factory=dict)
    names: Mapping[Party, tuple[str, ...]] = field(default_factory=dict)
    not_names: Mapping[Party, tuple[str, ...]] = field(default_factory=dict)
    apart: frozenset[frozenset[Party]] = frozenset()
    across: tuple[tuple[Party, Party], ...] = ()

    def stays(self, party: Party) -> Party:
        """Return the party that stays of this one. Raises `BadInput` where aliases lead in a circle."""
        seen = [party]
        while (key := _key(seen[-1])) in self._by_key:
            seen.append(self._by_key[key])
            if len(seen) > len(self.merged) + 1:
                raise BadInput(f"aliases: {party.id} leads back to itself, expected one canonical name for each")
        return seen[-1]

    @cached_property
    def _by_key(self) -> Mapping[Party, Party]:
        # Two spellings that are one anyway lead nowhere.
        told = ((_key(alias), canonical) for alias, canonical in self.merged.items())
        return {key: canonical for key, canonical in told if key != _key(canonical)}


def _key(party: Party) -> Party:
    return Party(None, organisation(party.id)) if party.side is None else party


def merge(cohort: Cohort, aliases: Aliases) -> Cohort:
    """Return the cohort with every confirmed merge made.

    The profile that stays keeps its own fields; lists are joined, and an empty field takes the other's. Its limits
    stay its own. Relations move with their ends. Raises `BadInput` for a professor merged with an investor.
    """
    profiles: tuple[Startup | Expert, ...] = (*cohort.startups, *cohort.experts)
    stays = {_party(one): aliases.stays(_party(one)) for one in profiles}
    stays |= {party: aliases.stays(party) for party in aliases.merged}
    organisations = {organisation(old.id): organisation(new.id) for old, new in stays.items() if old.side is None}
    relations = list(_moved(cohort.relations, stays, aliases))
    relations += [Relation(stays[one], stays[other], SAME_ORGANISATION) for one, other in aliases.across]
    relations += [
        Relation(stays[one.source], one.target, one.type)
        for one in memberships(cohort)
        if stays[one.source] != one.source
    ]
    experts = [_renamed(one, aliases, stays) for one in cohort.experts]
    spellings = _spellings(stays)
    return Cohort(
        _joined([_named(one, spellings) for one in cohort.startups], stays),
        _joined(experts, stays),
        tuple(relation for relation in relations if not relation.is_with_itself),
        {old: new for old, new in stays.items() if old != new},
        organisations,
        frozenset(frozenset(stays.get(party, party) for party in pair) for pair in aliases.apart),
    )


def _party(profile: Startup | Expert) -> Party:
    return Party(Side.STARTUP if isinstance(profile, Startup) else Side.EXPERT, profile.id)


def _spellings(stays: Mapping[Party, Party]) -> Mapping[str, tuple[str, ...]]:
    """Return every spelling of each organisation that has several, by the key of any of them."""
    together: defaultdict[str, dict[str, None]] = defaultdict(dict)
    for old, new in stays.items():
        if old.side is None:
            together[organisation(new.id)] |= {new.id: None, old.id: None}
    return {organisation(name): tuple(names) for names in together.values() for name in names}


def _named(startup: Startup, spellings: Mapping[str, tuple[str, ...]]) -> Startup:
    """Return the startup with the names that the organisation of its name has besides."""
    others = tuple(name for name in spellings.get(organisation(startup.name), ()) if name != startup.name)
    return replace(startup, also_named=others) if others else startup


def _renamed(expert: Expert, aliases: Aliases, stays: Mapping[Party, Party]) -> Expert:
    """Return the expert with the names that stay: of itself, where it belongs, and of the startups it wishes for."""
    affiliation = aliases.stays(Party(None, expert.affiliation)).id if expert.affiliation else ""
    party = _party(expert)
    names, not_names = aliases.names.get(party, ()), aliases.not_names.get(party, ())
    wants, avoids = (tuple(_wish(wish, stays) for wish in wishes) for wishes in (expert.wants, expert.avoids))
    return replace(expert, affiliation=affiliation, also_named=names, not_named=not_names, wants=wants, avoids=avoids)


def _wish(wish: str, stays: Mapping[Party, Party]) -> str:
    for id_ in (wish, wish.removeprefix(f"{Side.STARTUP}:")):
        party = Party(Side.STARTUP, id_)
        if stays.get(party, party) != party:
            return stays[party].id
    return wish


def _moved(relations: Iterable[Relation], stays: Mapping[Party, Party], aliases: Aliases) -> Iterator[Relation]:
    """Yield the relations with the ends that stay."""
    if not aliases.merged:
        yield from relations
        return
    known = dict(stays)
    for relation in relations:
        for end in (relation.source, relation.target):
            if end not in known:
                known[end] = aliases.stays(end)
        source, target = known[relation.source], known[relation.target]
        yield replace(relation, source=source, target=target)


def _joined(profiles: Iterable[Profile], stays: Mapping[Party, Party]) -> tuple[Profile, ...]:
    by_id = {profile.id: profile for profile in profiles}
    for id_, profile in list(by_id.items()):
        canonical = stays[_party(profile)].id
        if canonical != id_:
            by_id[canonical] = _join(by_id[canonical], profile)
    return tuple(profile for id_, profile in by_id.items() if stays[_party(profile)].id == id_)


def _join(kept: Profile, other: Profile) -> Profile:
    if isinstance(kept, Expert) and isinstance(other, Expert):
        if kept.kind is not other.kind:
            raise BadInput(
                f"aliases: {kept.id} is one of {kept.kind}s and {other.id} of {other.kind}s, expected one kind: "
                "each kind is assigned by itself; relate them as same_organisation instead, and what rules one "
                "out rules out the other"
            )
        return replace(kept, **_filled(kept, other, _EXPERT_LISTS, _EXPERT_FIELDS), also_named=_names(kept, other))
    return replace(kept, **_filled(kept, other, _STARTUP_LISTS, _STARTUP_FIELDS), also_named=_names(kept, other))


def _names(kept: Profile, other: Profile) -> tuple[str, ...]:
    """Return the names that the two have besides that of the profile that stays."""
    names = dict.fromkeys((*kept.also_named, other.name, *other.also_named))
    return tuple(name for name in names if name)


def _filled(kept: Profile, other: Profile, lists: Sequence[str], fields: Sequence[str]) -> dict[str, Any]:
    joined = {name: _both(getattr(kept, name), getattr(other, name)) for name in lists}
    return {**joined, **{name: getattr(kept, name) or getattr(other, name) for name in fields}}


# A mandate is what the profile that stays says; two joined would mean something that nobody said.
_EXPERT_LISTS = ("expertise", "documents", "wants", "avoids", "not_named")
_EXPERT_FIELDS = ("name", "affiliation", "email", "sectors", "stages", "regions", "languages")
_STARTUP_LISTS = ("data_assets", "needs", "documents", "confidential")
_STARTUP_FIELDS = ("name", "email", "summary", "sectors", "stage", "region", "raise_usd", "date", "languages")


def _both(one: tuple[object, ...], other: tuple[object, ...]) -> tuple[object, ...]:
    return (*one, *(entry for entry in other if entry not in one))


def merge_program(program: Program, cohort: Cohort) -> Program:
    """Return the program with the ids and the affiliations that stay; `cohort` has been through `merge`."""

    def pairs(given: Iterable[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
        ends = ((cohort.stays(Side.STARTUP, one), cohort.stays(Side.EXPERT, other)) for one, other in given)
        return tuple(dict.fromkeys(ends))

    quotas = tuple(
        replace(quota, startups=_startup_group(quota.startups, cohort), experts=_expert_group(quota.experts, cohort))
        for quota in program.quotas
    )
    return replace(program, pins=pairs(program.pins), bans=pairs(program.bans), quotas=quotas)


def _startup_group(group: StartupGroup, cohort: Cohort) -> StartupGroup:
    ids = None if group.ids is None else frozenset(cohort.stays(Side.STARTUP, id_) for id_ in group.ids)
    return replace(group, ids=ids)


def _expert_group(group: ExpertGroup, cohort: Cohort) -> ExpertGroup:
    ids = None if group.ids is None else frozenset(cohort.stays(Side.EXPERT, id_) for id_ in group.ids)
    affiliation = group.affiliation
    return replace(group, ids=ids, affiliation=cohort.organisations.get(organisation(affiliation), affiliation))
