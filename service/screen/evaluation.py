"""How well scores agree with judgements, as a table."""

from __future__ import annotations

import math

from service.screen.table import show_table
from service.screen.terminal import plain, say
from service.use_cases import Evaluation


def show_evaluation(evaluation: Evaluation) -> None:
    """Print each measure with its interval, and how far the first places spread."""
    rows = []
    for measure in evaluation.measures:
        if math.isnan(measure.value):
            rows.append((plain(measure.name), plain("unknown"), plain(""), plain(f"0 {measure.unit}")))
        else:
            interval = f"{measure.low:.3f} to {measure.high:.3f}"
            over = f"{len(measure.sums)} {measure.unit}"
            rows.append((plain(measure.name), plain(f"{measure.value:.3f}"), plain(interval), plain(over)))
    show_table(f"{evaluation.judged} judgements", ("measure", "value", "95 % interval", "over"), rows)
    for kind, spread in evaluation.spreads.items():
        say(
            f"Coverage: {spread.coverage:.1%} of the {kind}s are in some startup's first ten; {spread.busiest:.1%} of "
            "those places go to the 1 % with most documents, at least one."
        )
    if evaluation.skipped:
        say(f"Left out: {evaluation.skipped} judged pairs that are not eligible.")
