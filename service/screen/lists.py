"""Match lists, rankings, and what a command has to say beside them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from rich.text import Text

from matcher.deal_features import Feature
from matcher.explanation import Match
from matcher.passages import Field
from matcher.pipeline import Explained
from matcher.profiles import Kind, Side
from matcher.program import Part
from matcher.ranker import Base
from matcher.rivals import Rivals
from matcher.scoring import PartValues
from matcher.unmatched import Unmatched
from service.reading.cohort import CohortInput
from service.screen.audit import show_audit
from service.screen.names import Names
from service.screen.table import show_table
from service.screen.terminal import plain, say, say_nothing, show_score
from service.use_cases import Alone, Ranked

# What each feature of a learned score is, and of how many of them a line tells.
_FEATURE_NAMES = {
    Feature.LIKE_DEALS_LATELY: "deals like it lately",
    Feature.LIKE_DEALS: "deals like it within a year or so",
    Feature.LIKE_DEALS_EVER: "deals like it at all",
    Feature.ACTIVITY: "how many deals",
    Feature.CO_INVESTORS: "what co-investors did",
    Feature.CO_INVESTOR_ACTIVITY: "how much co-investors do",
    Feature.SECTOR: "share of the sector",
    Feature.REGION: "share of the region",
    Feature.STAGE: "share of the stage",
    Feature.NO_RECORD: "no deal so far",
    Feature.THESIS: "expertise",
    Feature.MANDATE: "mandate",
    Feature.WARM_PATH: "warm path",
}
_MOST_RAISING = 2
# Suggested competitors told on the screen.
_MOST_RIVALS = 5
# Profiles without a ranking told there.
_MOST_ALONE = 10

_PART_NAMES = {
    Part.NEEDS: "need",
    Part.DATA_ASSETS: "data",
    Part.SUMMARY: "summary",
    Part.FIT: "fit",
    Part.WANTS: "wanted",
    Part.WARM_PATH: "warm path",
}


def show_warnings(warnings: Sequence[str]) -> None:
    """Print the warnings on stderr."""
    for warning in warnings:
        say(Text("Warning: ", "yellow"), warning, stderr=True)


def show_rivals(rivals: Sequence[Rivals]) -> None:
    """Print on stderr who is most likely to compete, how many more may, and where all of a long one stands."""
    shown = [one.brief for one in rivals[:_MOST_RIVALS]]
    if len(rivals) > _MOST_RIVALS:
        shown.append(f"{len(rivals) - _MOST_RIVALS} more may be competitors; run.json of --out has all")
    elif any(not one.is_couple for one in rivals):
        shown.append("run.json of --out names all who say the same")
    for told in shown:
        say(Text("Suggestion: ", "yellow"), told, stderr=True)


def show_cohort(cohort: CohortInput) -> None:
    """Print what a valid cohort holds."""
    counts = [f"{len(cohort.cohort.startups)} startups"]
    counts += [f"{len(cohort.cohort.experts_of(kind))} {kind}s" for kind in Kind]
    counts += [f"{len(cohort.cohort.relations)} relations"]
    say(f"The cohort is valid: {', '.join(counts)}.")


def show_matches(cohort: CohortInput, explained: Sequence[Explained]) -> None:
    """Print the match list and the unmatched of every kind."""
    names = Names.of(cohort)
    for of_kind in explained:
        _show_kind(of_kind, names)


def _show_kind(explained: Explained, names: Names) -> None:
    kind = explained.outcome.kind
    count = f"{len(explained.matches)} match{'' if len(explained.matches) == 1 else 'es'}"
    heads = ("startup", kind, "score", "", "because", "next best")
    show_table(f"{kind.capitalize()}s: {count}", heads, [_match_cells(match, names) for match in explained.matches])
    sides = {side: [one for one in explained.unmatched if one.side is side] for side in Side}
    _show_unmatched("Waiting or left out", sides[Side.STARTUP], names.startups)
    _show_unmatched("Without a startup", sides[Side.EXPERT], names.experts)
    show_audit(explained, names)
    if explained.outcome.out_of_time:
        say(Text("Not proved: ", "red"), explained.outcome.out_of_time)
    for unmet in explained.outcome.unmet_sentences:
        say(Text("Unmet: ", "red"), unmet)


def _show_unmatched(title: str, unmatched: Sequence[Unmatched], names: Mapping[str, str]) -> None:
    if unmatched:
        rows = [(plain(str(one.waiting or "")), plain(names[one.id]), plain(one.reason)) for one in unmatched]
        show_table(title, ("", "who", "why"), rows)


def _match_cells(match: Match, names: Names) -> list[Text]:
    other = match.alternative
    notes = [*(["pinned"] if match.pinned else []), *match.warnings]
    next_best = f"{names.experts[other.expert]} {other.score:.2f}, {other.reason}" if other else ""
    return [
        plain(names.startups[match.startup]),
        plain(names.experts[match.expert]),
        *show_score(match.score),
        plain("; ".join([_because(match), *notes])),
        plain(next_best),
    ]


def _because(pair: Match | Ranked) -> str:
    """Return the strongest piece of evidence in short: the title of the document, or the line of expertise.

    Of a learned score, whose parts come of what the expert did and not of evidence, the parts that raise it most.
    """
    if Base.AVERAGE in pair.parts:
        return _raised_by(pair.parts)
    found = max(pair.evidence, key=lambda one: one.worth, default=None)
    if found is None:
        return "structured fields" if pair.parts.get(Part.FIT) else "nothing in common was found"
    answer = found.expert_passage if found.source == Field.EXPERTISE else found.source
    return f"{_PART_NAMES[found.part]} → {answer}"


def _raised_by(parts: PartValues) -> str:
    known = {part: value for part, value in parts.items() if value is not None and part != Base.AVERAGE}
    raising = sorted((part for part in known if known[part] > 0), key=lambda part: -known[part])
    told = [f"{_FEATURE_NAMES[Feature(part)]} {known[part]:+.2g}" for part in raising[:_MOST_RAISING]]
    return ", ".join(told) or "nothing raises it above the average"


def show_ranking(cohort: CohortInput, lines: Sequence[Ranked], side: Side) -> None:
    """Print a ranking."""
    names = Names.of(cohort)
    first, second = ("startup", "expert") if side is Side.STARTUP else ("expert", "startup")
    rows = []
    for line in lines:
        cells = {"startup": plain(names.startups[line.startup]), "expert": plain(names.experts[line.expert])}
        because = plain("; ".join([_because(line), *line.warnings]))
        rows.append((cells[first], plain(str(line.rank)), cells[second], *show_score(line.score), because))
    show_table("", (first, "rank", second, "score", "", "because"), rows)


def show_alone(cohort: CohortInput, alone: Sequence[Alone], side: Side) -> None:
    """Say on stderr for whom nobody of a kind is eligible: a ranking without them would look whole."""
    names = Names.of(cohort)
    named = names.startups if side is Side.STARTUP else names.experts
    for kind in dict.fromkeys(kind for _, kind in alone):
        of_kind = [f"{named[id_]} ({id_})" for id_, its in alone if its is kind]
        rest = f" and {len(of_kind) - _MOST_ALONE} more" if len(of_kind) > _MOST_ALONE else ""
        who = (
            f"no {kind if side is Side.STARTUP else 'startup'} is eligible for {', '.join(of_kind[:_MOST_ALONE])}{rest}"
        )
        why = "`matcher match` counts the reasons, `matcher explain` tells those of a pair"
        say(Text("Not ranked: ", "yellow"), f"{who}; {why}", stderr=True)


def show_prior(kinds: Sequence[Kind]) -> None:
    """Say what the scores of these kinds are."""
    if kinds:
        experts = " and ".join(f"{kind}s" for kind in kinds)
        say(plain(f"The scores of {experts} are a prior: parts weighed by hand, nothing learned from outcomes.", "dim"))


def show_written(folder: Path, files: Mapping[str, bytes], seconds: Mapping[str, float]) -> None:
    """Print where the files lie, the report first, and how long the stages took."""
    first, *others = sorted(files, key=lambda name: (name != "report.html", name))
    say_nothing()
    say(f"Written: {folder / first}{', beside it ' if others else ''}{', '.join(others)}")
    told = ", ".join(f"{stage} {value:.2f}" for stage, value in seconds.items())
    say(plain(f"Seconds: {told}", "dim"))
