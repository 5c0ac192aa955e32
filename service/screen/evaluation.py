"""How well scores agree with judgements, as a table."""

from __future__ import annotations

import math

from service.screen.terminal import new_table, open_console, plain, say
from service.use_cases import Evaluation


def show_evaluation(evaluation: Evaluation) -> None:
    """Print each measure with its interval."""
    table = new_table(f"{evaluation.judged} judgements", "measure", "value", "95 % interval", "over")
    for measure in evaluation.measures:
        if math.isnan(measure.value):
            table.add_row(plain(measure.name), plain("unknown"), plain(""), plain(f"0 {measure.unit}"))
        else:
            interval = f"{measure.low:.3f} to {measure.high:.3f}"
            over = f"{len(measure.sums)} {measure.unit}"
            table.add_row(plain(measure.name), plain(f"{measure.value:.3f}"), plain(interval), plain(over))
    open_console().print(table)
    if evaluation.skipped:
        say(f"Left out: {evaluation.skipped} judged pairs that are not eligible.")
