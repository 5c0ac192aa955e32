"""What was learned, on the screen."""

from __future__ import annotations

from matcher.learning import Learned
from service.screen.table import show_table
from service.screen.terminal import plain, say
from service.training import Training

_SHOWN = ("nDCG@10", "recall@10")


def show_training(training: Training) -> None:
    """Print how each ranker did on what it was not learned from, beside two plain orders.

    Coverage and what goes to the busiest are those of `matcher.spread`.
    """
    for learned in training.learned:
        say(
            f"{learned.ranker.kind.value.capitalize()}s: learned from {learned.startups} startups and "
            f"{learned.outcomes} outcomes, {_span(learned)}; a fifth was held out by {learned.split}."
        )
        rows = []
        for name, measures in learned.measures.items():
            by_name = {one.name: one for one in measures}
            cells = [f"{by_name[m].value:.3f} ({by_name[m].low:.3f}–{by_name[m].high:.3f})" for m in _SHOWN]
            cells += [f"{share:.1%}" for share in (learned.spreads[name].coverage, learned.spreads[name].busiest)]
            rows.append((plain(name), *map(plain, cells)))
        show_table("", ("order", *_SHOWN, "coverage", "to busiest 1 %"), rows)
    for kind, why in training.refused.items():
        say(f"{kind.value.capitalize()}s: {why}.")


def _span(learned: Learned) -> str:
    return "undated" if learned.first is None else f"{learned.first} to {learned.last}"
