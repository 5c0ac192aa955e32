"""How well scores agree with judgements, as a table."""

from __future__ import annotations

import math

from service.screen.table import show_table
from service.screen.terminal import plain, say
from service.use_cases import Evaluation


def show_evaluation(evaluation: Evaluation) -> None:
    """Print each measure with its interval."""
    rows = []
    for measure in evaluation.measures:
        if math.isnan(measure.value):
            rows.append((plain(measure.name), plain("unknown"), plain(""), plain(f"0 {measure.unit}")))
        else:
            interval = f"{measure.low:.3f} to {measure.high:.3f}"
            over = f"{len(measure.sums)} {measure.unit}"
            rows.append((plain(measure.name), plain(f"{measure.value:.3f}"), plain(interval), plain(over)))
    show_table(f"{evaluation.judged} judgements", ("measure", "value", "95 % interval", "over"), rows)
    if evaluation.skipped:
        say(f"Left out: {evaluation.skipped} judged pairs that are not eligible.")
