"""Whether an assignment of candidates is the best over all eligible pairs: the others are held against its prices.

With prices u of startups and p of experts no assignment is worth more than the present one unless some pair is worth
more than u + p (weak duality: docs/assignment.md). A score is no inner product that an index could search: it is
calibrated, has a part from words and one from fields. So the pairs that were no candidates are scored in blocks, the
scores of those above their prices are kept, and those of the others are forgotten.
"""

from __future__ import annotations

import numpy as np

from matcher.assignment.what_if import WhatIf
from matcher.mandates import Mask
from matcher.scored_pairs import ScoredPairs
from matcher.scoring import StartupScores

# Prices are sums of scores; what is above them by less is rounding.
_ROUNDING = 1e-9


def improving_scores(pairs: ScoredPairs, prices: WhatIf, min_score: float | None) -> tuple[StartupScores, ...]:
    """Return of each startup the eligible pairs without a score yet that are worth more than their prices, scored.

    Where there are none, the assignment that the prices are of is the best over all eligible pairs.
    """
    improving = []
    of_startups, of_experts = prices.prices
    least = -np.inf if min_score is None else min_score
    for row, found in enumerate(pairs.scorer.score_all(unscored(pairs))):
        above = prices.problem.worth[row] * found.score - of_startups[row] - of_experts[found.experts]
        improving.append(found.only((above > _ROUNDING) & (found.score >= least)))
    return tuple(improving)


def unscored(pairs: ScoredPairs) -> Mask:
    """Return (n, m): the eligible pairs without a score yet."""
    return pairs.eligibility.eligible & ~pairs.scored
