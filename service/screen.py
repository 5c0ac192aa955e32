"""What a person at a terminal sees: progress on stderr, tables on stdout.

Off a terminal there is no progress, no colour, and nothing is wrapped or cut.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

from matcher.explanation import Evidence, Match, Offer, Taker
from matcher.passages import Field
from matcher.pipeline import Explained
from matcher.profiles import Kind, Side
from matcher.program import Part
from service import use_cases
from service.reading.cohort import CohortInput
from service.settings import read_settings
from service.stages import StageClock

# Wide enough that no line of a table off a terminal is wrapped.
_UNBOUNDED = 100_000
_BAR = 12


def _console(stderr: bool = False) -> Console:
    console = Console(stderr=stderr, highlight=False, soft_wrap=False)
    return console if console.is_terminal else Console(stderr=stderr, highlight=False, width=_UNBOUNDED, no_color=True)


@dataclass(frozen=True)
class Screen:
    """Progress of the work under way."""

    clock: StageClock
    progress: Progress

    def open_workbench(self) -> use_cases.Workbench:
        """Open the encoder, showing how far encoding is."""
        task = self.progress.add_task("texts encoded", total=None, visible=False)

        def show(done: int, total: int) -> None:
            self.progress.update(task, completed=done, total=total, visible=total > 0)

        return use_cases.open_workbench(read_settings(), self.clock, show)


@contextmanager
def watching() -> Iterator[Screen]:
    """Show the stage and how many texts are encoded, on a terminal only, and clear it at the end."""
    console = _console(stderr=True)
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    progress = Progress(*columns, console=console, transient=True, disable=not console.is_terminal)
    with progress:
        stage_line = progress.add_task("start", total=None)
        yield Screen(StageClock(lambda stage: progress.update(stage_line, description=stage)), progress)


def show_warnings(warnings: Sequence[str]) -> None:
    """Print the warnings on stderr."""
    console = _console(stderr=True)
    for warning in warnings:
        console.print(f"[yellow]Warning:[/] {escape(warning)}")


def show_cohort(cohort: CohortInput) -> None:
    """Print what a valid cohort holds."""
    counts = [f"{len(cohort.cohort.startups)} startups"]
    counts += [f"{len(cohort.cohort.experts_of(kind))} {kind}s" for kind in Kind]
    counts += [f"{len(cohort.cohort.relations)} relations"]
    _console().print(f"The cohort is valid: {', '.join(counts)}.")


def show_matches(cohort: CohortInput, explained: Sequence[Explained]) -> None:
    """Print the match list and the unmatched of every kind."""
    names = _Names.of(cohort)
    for of_kind in explained:
        _show_kind(of_kind, names)


@dataclass(frozen=True)
class _Names:
    """How profiles are called on the screen: the name, or the id where there is none."""

    startups: Mapping[str, str]
    experts: Mapping[str, str]

    @classmethod
    def of(cls, cohort: CohortInput) -> _Names:
        startups = {startup.id: startup.name or startup.id for startup in cohort.cohort.startups}
        return cls(startups, {expert.id: expert.name or expert.id for expert in cohort.cohort.experts})


def _table(title: str, *columns: str) -> Table:
    console = _console()
    table = Table(title=title, title_justify="left", title_style="bold", box=None, pad_edge=False, header_style="dim")
    for column in columns:
        table.add_column(column, no_wrap=not console.is_terminal, overflow="fold")
    return table


def _show_kind(explained: Explained, names: _Names) -> None:
    console, kind = _console(), explained.outcome.kind
    table = _table(
        f"\n{kind.capitalize()}s: {len(explained.matches)} matches",
        "startup",
        kind,
        "score",
        "",
        "because",
        "next best",
    )
    for match in explained.matches:
        table.add_row(*_match_cells(match, names))
    console.print(table)
    left_out = [one for one in explained.unmatched if one.side is Side.STARTUP]
    idle = [one for one in explained.unmatched if one.side is Side.EXPERT]
    for title, ids, unmatched in (
        ("Waiting or left out", names.startups, left_out),
        ("Without a startup", names.experts, idle),
    ):
        if unmatched:
            table = _table(f"\n{title}", "", "who", "why")
            for one in unmatched:
                table.add_row(str(one.waiting or ""), escape(ids[one.id]), escape(one.reason))
            console.print(table)
    for unmet in explained.outcome.unmet_sentences:
        console.print(f"[red]Unmet:[/] {escape(unmet)}")


def _match_cells(match: Match, names: _Names) -> list[str]:
    because = max(match.evidence, key=lambda found: found.worth, default=None)
    other = match.alternative
    notes = [*(["pinned"] if match.pinned else []), *match.warnings]
    return [
        escape(names.startups[match.startup]),
        escape(names.experts[match.expert]),
        _score(match.score),
        _bar(match.score),
        escape("; ".join([_because(because), *notes])),
        escape(f"{names.experts[other.expert]} {other.score:.2f}, {other.reason}") if other else "",
    ]


def _because(found: Evidence | None) -> str:
    if found is None:
        return "structured fields"
    answer = found.expert_passage if found.source == Field.EXPERTISE else found.source
    return f"{_PART_NAMES[found.part]} → {answer}"


_PART_NAMES = {
    Part.NEEDS: "need",
    Part.DATA_ASSETS: "data",
    Part.SUMMARY: "summary",
    Part.FIT: "fit",
    Part.WANTS: "wanted",
}


def _score(score: float | None) -> str:
    return "–" if score is None else f"{score:.2f}"


def _bar(score: float | None) -> str:
    full = round((score or 0.0) * _BAR)
    return f"[green]{'━' * full}[/][dim]{'─' * (_BAR - full)}[/]"


def show_ranking(cohort: CohortInput, lines: Sequence[use_cases.Ranked], side: Side) -> None:
    """Print a ranking."""
    names = _Names.of(cohort)
    first, second = ("startup", "expert") if side is Side.STARTUP else ("expert", "startup")
    table = _table("", first, "rank", second, "score", "", "because")
    for line in lines:
        cells = {"startup": names.startups[line.startup], "expert": names.experts[line.expert]}
        because = _because(max(line.evidence, key=lambda found: found.worth, default=None))
        table.add_row(
            escape(cells[first]),
            str(line.rank),
            escape(cells[second]),
            _score(line.score),
            _bar(line.score),
            escape(because),
        )
    _console().print(table)


def show_pair(cohort: CohortInput, answer: use_cases.PairAnswer) -> None:
    """Print all that is known of one pair."""
    names, console = _Names.of(cohort), _console()
    title = f"{names.startups[answer.startup]} ({answer.startup}) and {names.experts[answer.expert]} ({answer.expert})"
    console.print(f"[bold]{escape(title)}[/]")
    for reason in answer.ruled_out:
        console.print(f"[red]Ruled out[/] by {escape(reason)}")
    if not answer.ruled_out:
        _show_score(answer)
    for offer in answer.offers:
        _show_offer(offer, names)


def _show_score(answer: use_cases.PairAnswer) -> None:
    console = _console()
    parts = ", ".join(
        f"{part} {'unknown' if value is None else f'{value:.6f}'}" for part, value in answer.parts.items()
    )
    known = "unknown" if answer.score is None else f"{answer.score:.6f}"
    console.print(f"score {known} = {parts}")
    for sentence in (*answer.sentences, *(f"look at: {warning}" for warning in answer.warnings)):
        console.print(escape(sentence))
    for found in answer.evidence:
        console.print(f"\n[cyan]{found.part}[/] ({found.worth:.2f}){' confidential' if found.confidential else ''}")
        console.print(f"  asks     {escape(found.startup_passage)}")
        console.print(f"  answers  {escape(found.expert_passage)}  [dim]{escape(found.source)}[/]")


def _show_offer(offer: Offer, names: _Names) -> None:
    console = _console()
    console.print(f"\n[cyan]data offered[/] {escape(offer.data_asset)}")
    for taker in offer.takers:
        console.print(
            f"  {escape(names.experts[taker.expert])} ({taker.worth:.2f}{_guess(taker)}): {escape(taker.passage)}"
        )
    if not offer.takers:
        console.print("  no eligible expert of this kind says anything that could be compared with it")


def _guess(taker: Taker) -> str:
    return "" if taker.stands_out else ", a guess: no better than chance"


def show_written(folder: Path, files: Mapping[str, bytes], seconds: Mapping[str, float]) -> None:
    """Print where the files lie, the report first, and how long the stages took."""
    console = _console()
    first, *others = sorted(files, key=lambda name: (name != "report.html", name))
    console.print(f"\nWritten: {folder / first}{', beside it ' if others else ''}{', '.join(others)}")
    told = ", ".join(f"{stage} {value:.2f}" for stage, value in seconds.items())
    console.print(f"Seconds: {told}", style="dim")
