"""What a startup's data assets are good for, and for whom."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from matcher.calibration import Worth
from matcher.evidence import source_of
from matcher.outcome import Outcome
from matcher.passages import Field, Passage
from matcher.profiles import Kind
from matcher.similarity import mean_over

# How many takers are named for a data asset.
TAKERS = 3


@dataclass(frozen=True)
class Taker:
    """An expert who could do something with a data asset, and the document that shows it; worth in [0, 1].

    stands_out: the expert answers it better than nineteen in twenty unrelated texts would. An expert without
    documents is shown by a line of its expertise.
    """

    expert: str
    kind: Kind
    worth: float
    passage: str
    source: str
    stands_out: bool


@dataclass(frozen=True)
class Offer:
    """A data asset of a startup, with the eligible experts that answer it best, best first."""

    startup: str
    data_asset: str
    takers: tuple[Taker, ...]
    confidential: bool = False


def explain_offers(outcome: Outcome) -> Iterator[Offer]:
    """Yield every data asset with the experts of this kind that could do most with it."""
    for row, startup in enumerate(outcome.startups):
        if startup.data_assets:
            scored = outcome.scores[row].experts
            chosen = scored[outcome.eligibility.eligible[row, scored]]
            answered = np.nan_to_num(outcome.scorer.comparer.answered(row, chosen))
            hidden = Field.DATA_ASSET in startup.confidential
            passages = _data_passages(outcome, row)
            for text in dict.fromkeys(startup.data_assets):
                asset = passages[startup.data_assets.index(text)]
                takers = tuple(_takers(outcome, row, asset, chosen, answered)) if asset else ()
                yield Offer(startup.id, text, takers, hidden)


def _data_passages(outcome: Outcome, row: int) -> Mapping[int, list[int]]:
    """Return which of the startup's passages are of each data asset; none where it says nothing."""
    startups = outcome.scorer.comparer.startups
    found: defaultdict[int, list[int]] = defaultdict(list)
    for at, passage in enumerate(startups.passages[startups.of(row)]):
        if passage.field is Field.DATA_ASSET:
            found[passage.item].append(at)
    return found


def _takers(
    outcome: Outcome, row: int, asset: Sequence[int], chosen: NDArray[np.intp], answered: Worth
) -> Iterator[Taker]:
    """Yield the experts among `chosen` (k,) that answer the passages `asset` best; answered (p, k): all passages."""
    comparer = outcome.scorer.comparer
    chance, worth = comparer.calibration.chance, comparer.worth(row)
    found = mean_over(answered, asset)
    for place, at in enumerate(np.argsort(-found, kind="stable")[:TAKERS].tolist()):
        # The best is always named; others only where they do better than chance.
        if found[at] > (chance if place else 0):
            own = comparer.experts.of(chosen[at])
            passage = _showing(comparer.experts.passages[own], mean_over(worth[:, own], asset))
            rounded = round(float(found[at]), 6)
            expert = outcome.experts[chosen[at]].id
            yield Taker(expert, outcome.kind, rounded, passage.text, source_of(passage), rounded > chance)


def _showing(passages: Sequence[Passage], worth: Worth) -> Passage:
    """Return the document of worth most, or the best line where there is no document; worth: of each passage."""
    documents = [at for at, passage in enumerate(passages) if passage.field is Field.DOCUMENT]
    return passages[max(documents or range(len(passages)), key=worth.tolist().__getitem__)]
