"""Who may be one under two names: suspicions with a reason, for people to confirm. Nothing is merged by itself."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations, product

from matcher.names import address_in, is_hangul, mail_domain, person, scripts, sounds
from matcher.profiles import Cohort, Document, Expert, Party, Relation, Side, Startup
from matcher.program import SAME_ORGANISATION, relation_type
from matcher.terms import organisation

# More profiles than this under one key are a placeholder ("n/a", a shared mailbox), no person: told as one crowd.
_MOST_ALIKE = 8
_IN_SOUND = "names that sound alike in Korean and Latin letters"
Found = tuple[Party, Party, str]


@dataclass(frozen=True)
class Suspicion:
    """Two parties that may be one, and what says so."""

    one: Party
    other: Party
    reason: str

    @property
    def is_by_sound(self) -> bool:
        """Whether nothing but the sound of the names says so: who sounds like a third one need not be the first."""
        return self.reason.startswith(_IN_SOUND)

    @property
    def sentence(self) -> str:
        """The suspicion, and what to do about it."""
        one, other = (f"{party.side}:{party.id}" for party in (self.one, self.other))
        if self.one.side is self.other.side:
            who = f"{self.one.side}s {self.one.id} and {self.other.id}"
        else:
            who = f"{self.one.side} {self.one.id} and {self.other.side} {self.other.id}"
        return (
            f"{who} may be one ({self.reason}); say so in aliases.csv: canonical {one}, alias {other}, same yes or no"
        )


@dataclass(frozen=True)
class HeardAuthor:
    """An author of a startup's document whose name sounds like an expert's, written in the other script."""

    startup: str
    expert: str
    name: str
    document: Document

    @property
    def told(self) -> str:
        """The suspicion, as a pair carries it."""
        title = self.document.title or self.document.text
        return f"{self.expert} may be {self.name}, an author of “{title}” with {self.startup}"

    @property
    def sentence(self) -> str:
        """The suspicion, and what to do about it."""
        return (
            f"{self.told}; say so in aliases.csv: canonical {Side.EXPERT}:{self.expert}, alias name:{self.name}, "
            "same yes or no"
        )


@dataclass(frozen=True)
class Crowd:
    """So many parties that share what tells who one is that it tells nothing."""

    parties: tuple[Party, ...]
    reason: str

    @property
    def sentence(self) -> str:
        """Who they are, and what to do about it."""
        named = ", ".join(f"{party.side}:{party.id}" for party in self.parties[:_MOST_ALIKE])
        return (
            f"{len(self.parties)} profiles have {self.reason} ({named}, …), so that no conflict of one is shown at "
            "another: empty the field where it is a placeholder, and say in aliases.csv who is one"
        )


def suspicions(cohort: Cohort) -> tuple[Suspicion, ...]:
    """Return every two profiles that may be one and that nobody has looked at, once each, strongest reason first."""
    found: dict[frozenset[Party], Suspicion] = {}
    known = cohort.known_apart.union(frozenset((one.source, one.target)) for one in experts_in_one(cohort))
    for one, other, reason in [
        *_alike(cohort),
        *_on_both_sides(cohort),
        *_one_without_place(cohort),
        *_alike_in_sound(cohort),
    ]:
        pair = frozenset((one, other))
        if pair not in found and pair not in known:
            found[pair] = Suspicion(one, other, reason)
    return tuple(found.values())


def heard_authors(cohort: Cohort) -> tuple[HeardAuthor, ...]:
    """Return every author who may be an expert of another spelling, but for names that sound like many experts'."""
    heard = _heard(cohort.experts)
    return tuple(
        HeardAuthor(startup.id, expert.id, author, document)
        for startup in cohort.startups
        for document in startup.documents
        for author in dict.fromkeys(document.authors)
        for expert in _few_who_sound_like(author, heard)
        if _may_be_called(expert, author)
    )


def _few_who_sound_like(name: str, heard: Mapping[tuple[str, str], Mapping[str, Expert]]) -> Collection[Expert]:
    found = {one.id: one for sound in sounds(name) for one in heard.get(sound, {}).values()}
    return found.values() if len(found) <= _MOST_ALIKE else ()


def _may_be_called(expert: Expert, author: str) -> bool:
    """Return whether a name that sounds like the expert's is written otherwise, and nobody said whose it is.

    In the other script, or with the same letters in other words: Min Su Kim and Minsu Kim.
    """
    known = {person(name) for name in (expert.name, *expert.also_named, *expert.not_named)}
    is_same_letters = person(author).replace(" ", "") == person(expert.name).replace(" ", "")
    return (scripts(author) != scripts(expert.name) or is_same_letters) and person(author) not in known


def _heard(experts: Iterable[Expert]) -> Mapping[tuple[str, str], Mapping[str, Expert]]:
    heard: defaultdict[tuple[str, str], dict[str, Expert]] = defaultdict(dict)
    for expert in experts:
        for sound in sounds(expert.name):
            heard[sound][expert.id] = expert
    return heard


def experts_in_one(cohort: Cohort) -> tuple[Relation, ...]:
    """Return the relations that say that a professor and an investor are one, whom no alias merges."""
    kinds = {_expert(one): one.kind for one in cohort.experts}
    told = (one for one in cohort.relations if relation_type(one.type) == SAME_ORGANISATION)
    return tuple(
        one
        for one in told
        if one.source in kinds and one.target in kinds and kinds[one.source] is not kinds[one.target]
    )


def crowds(cohort: Cohort) -> tuple[Crowd, ...]:
    """Return who shares a key with so many that nothing is suspected of any two of them."""
    groups = ((reason, group) for reason, groups in _groups(cohort) for group in groups if len(group) > _MOST_ALIKE)
    return tuple(Crowd(tuple(group), reason) for reason, group in groups)


def _alike(cohort: Cohort) -> Iterator[Found]:
    for reason, groups in _groups(cohort):
        for group in groups:
            if len(group) <= _MOST_ALIKE:
                yield from ((one, other, reason) for one, other in combinations(group, 2))


def _groups(cohort: Cohort) -> Iterator[tuple[str, list[list[Party]]]]:
    """Yield each reason with the groups of two or more who share what it names."""
    startups = [(_startup(one), one) for one in cohort.startups]
    experts = [(_expert(one), one) for one in cohort.experts]
    yield "the same name", _shared((organisation(name), party) for party, one in startups for name in one.names)
    addresses = [(one.email, party) for party, one in startups] + [(one.email, party) for party, one in experts]
    mailed = ((address_in(email).casefold(), party) for email, party in addresses)  # not "n/a"
    yield "the same e-mail address", _shared(mailed)
    placed = ((f"{name}@{place}", party) for party, one in experts for name in _names(one) for place in _places(one))
    yield "the same name in the same organisation", _shared(placed)


def _shared(keyed: Iterable[tuple[str, Party]]) -> list[list[Party]]:
    groups: defaultdict[str, dict[Party, None]] = defaultdict(dict)
    for key, party in keyed:
        if key:
            groups[key][party] = None
    return [list(group) for group in groups.values() if len(group) > 1]


def _on_both_sides(cohort: Cohort) -> Iterator[Found]:
    """Yield every startup with the experts that are called like it."""
    called: defaultdict[str, dict[Party, None]] = defaultdict(dict)
    for expert in cohort.experts:
        for name in (expert.name, *expert.also_named):
            called[organisation(name)][_expert(expert)] = None
    for startup in cohort.startups:
        for name in filter(organisation, startup.names):
            yield from ((_startup(startup), expert, "the same name") for expert in called.get(organisation(name), ()))


def _one_without_place(cohort: Cohort) -> Iterator[Found]:
    """Yield every two experts of one name of whom one tells no organisation, but for names that are common."""
    placed = {_expert(one) for one in cohort.experts if _places(one)}
    for group in _shared((name, _expert(one)) for one in cohort.experts for name in _names(one)):
        if len(group) <= _MOST_ALIKE:
            for one, other in combinations(group, 2):
                if not {one, other} <= placed:
                    yield one, other, "the same name, and one of them tells no organisation"


def _alike_in_sound(cohort: Cohort) -> Iterator[Found]:
    """Yield experts of whom one is written in Hangul and one in Latin letters, and whose names sound alike.

    In one organisation, or where nothing tells whether they are in one; not where more than a few sound so.
    """
    for group in _heard(cohort.experts).values():
        korean = [expert for expert in group.values() if is_hangul(expert.name)]
        latin = [expert for expert in group.values() if not is_hangul(expert.name)]
        for one, other in product(korean, latin):
            if _places(one) & _places(other):
                yield _expert(one), _expert(other), f"{_IN_SOUND}, in the same organisation"
            elif len(group) <= _MOST_ALIKE and not _are_comparable(one, other):
                unknown = "and nothing tells whether their organisations are one"
                yield _expert(one), _expert(other), f"{_IN_SOUND}, {unknown}"


def _are_comparable(one: Expert, other: Expert) -> bool:
    """Return whether something tells if two are of one organisation: both addresses, or affiliations in one script."""
    if mail_domain(one.email) and mail_domain(other.email):
        return True
    said = one.affiliation and other.affiliation
    return bool(said) and is_hangul(one.affiliation) == is_hangul(other.affiliation)


def _names(expert: Expert) -> list[str]:
    return [name for name in map(person, (expert.name, *expert.also_named)) if name]


def _places(expert: Expert) -> frozenset[str]:
    return frozenset(filter(None, (organisation(expert.affiliation), mail_domain(expert.email))))


def _startup(profile: Startup) -> Party:
    return Party(Side.STARTUP, profile.id)


def _expert(profile: Expert) -> Party:
    return Party(Side.EXPERT, profile.id)
