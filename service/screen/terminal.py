"""Where lines go, and progress.

Off a terminal there is no progress, no colour, and nothing is wrapped or cut. Texts of profiles are printed as they
are: no markup, no emoji codes, no control characters, and what stood on two lines stands on one.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.text import Text

from service import use_cases
from service.settings import read_settings
from service.stages import StageClock

# Wider than any line, so that none of a table off a terminal is wrapped.
_UNBOUNDED = 1_000_000_000
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
_BAR = 12


def open_console(stderr: bool = False) -> Console:
    """Return a console on stdout or stderr; unbounded and without colour where that is no terminal."""
    console = Console(stderr=stderr, highlight=False, markup=False, emoji=False)
    if console.is_terminal:
        return console
    return Console(stderr=stderr, highlight=False, markup=False, emoji=False, width=_UNBOUNDED, no_color=True)


def plain(text: str, style: str = "") -> Text:
    """Return the text for printing: on one line, without control characters, otherwise as it is."""
    return Text(_CONTROL.sub(" ", text), style=style)


def say(*parts: str | Text, stderr: bool = False) -> None:
    """Print one line."""
    joined = Text().join(part if isinstance(part, Text) else plain(part) for part in parts)
    console = open_console(stderr)
    console.print(joined, soft_wrap=not console.is_terminal)


def say_nothing() -> None:
    """Print an empty line."""
    open_console().print()


def show_score(score: float | None) -> tuple[Text, Text]:
    """Return the score in two decimals and as a bar."""
    full = round((score or 0.0) * _BAR)
    bar = Text.assemble(("━" * full, "green"), ("─" * (_BAR - full), "dim"))
    return Text("–" if score is None else f"{score:.2f}"), bar


@dataclass(frozen=True)
class Screen:
    """Progress of the work under way."""

    clock: StageClock
    progress: Progress

    def open_workbench(
        self, time_limit: float = math.inf, model: use_cases.Learned | None = None
    ) -> use_cases.Workbench:
        """Open the encoder, showing how far encoding is; a solver may search for so many seconds.

        model: where learned rankers lie.
        """
        task = self.progress.add_task("texts encoded", total=None, visible=False)

        def show(done: int, total: int) -> None:
            self.progress.update(task, completed=done, total=total, visible=total > 0)

        return use_cases.open_workbench(read_settings(), self.clock, show, time_limit, model)


@contextmanager
def watching() -> Iterator[Screen]:
    """Show the stage and how many texts are encoded, on a terminal only, and clear it at the end."""
    console = open_console(stderr=True)
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
