"""Who is chosen among all: a conditional logit, learned from who was.

McFadden (1974), "Conditional logit analysis of qualitative choice behavior": expert j is chosen by the startup with
probability exp(w·x_j) / Σ_i exp(w·x_i). All experts that were not chosen are what a choice is held against, so none has
to be sampled. A startup with k choices counts √k times as one with a single choice.

That an expert is not chosen tells little: most were never asked. Who declined was asked, so where some declined, the
chosen are held once more against those alone.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from matcher.errors import BadInput

Values = NDArray[np.float64]
# What is added to the worth of an expert who is not among those that a choice is made from: no other worth is so large.
_NEVER = -1e9
# A feature of less spread is one and the same for all, but for what rounding left.
_FLAT = 1e-9


@dataclass(frozen=True)
class Choice:
    """One startup's question: features (m, k) of all experts, and who answered, by position.

    chosen: one or more. declined: who was asked and did not want to, none of them chosen.
    """

    features: Values
    chosen: NDArray[np.intp]
    declined: NDArray[np.intp] = field(default_factory=lambda: np.empty(0, dtype=np.intp))


@dataclass(frozen=True)
class ChoiceModel:
    """weights: (k,) of the features as they come. slope ≥ 0 and intercept: of the probability, see `probability`."""

    weights: Values
    slope: float = 1.0
    intercept: float = 0.0

    def shares(self, features: Values) -> Values:
        """Return (m,): the logarithm of each expert's probability of being the one that is chosen."""
        worth = features @ self.weights
        return np.asarray(worth - _log_of_sum(worth))

    def probability(self, features: Values) -> Values:
        """Return (m,) in (0, 1): the probability that each expert is among those chosen."""
        return np.asarray(_logistic(self.slope * self.shares(features) + self.intercept))

    def contributions(self, features: Values) -> Values:
        """Return (m, 1 + k): what the probability of an average expert is, then what each feature adds; rows sum up.

        The path from the average expert to this one is straight in the features, and each is given the slope along it
        (integrated gradients: Sundararajan, Taly and Yan 2017), which for a logit is its part of the logit.
        """
        steps = self.slope * (features - features.mean(axis=0)) * self.weights
        whole = steps.sum(axis=1)
        probability = self.probability(features)
        logit = self.slope * self.shares(features) + self.intercept
        average = _logistic(logit - whole)
        flat = np.abs(whole) < 1e-9
        gain = np.where(flat, probability * (1 - probability), (probability - average) / np.where(flat, 1, whole))
        return np.column_stack([average, steps * gain[:, None]])


def _log_of_sum(worth: Values) -> Values:
    """Return log Σ exp along the last axis, which stays: scipy's takes many times as long, and a while to load."""
    most = worth.max(axis=-1, keepdims=True)
    found: Values = most + np.log(np.exp(worth - most).sum(axis=-1, keepdims=True))
    return found


def _logistic(logit: Values) -> Values:
    """Return 1 / (1 + exp(−logit)), exact to the last digits however small it is."""
    found: Values = np.exp(-np.logaddexp(0, -logit))
    return found


@dataclass(frozen=True)
class Caution:
    """How much it takes for a feature to get a weight, (k,) each.

    lasso: what a standardised weight costs by its size, beside the penalty (Tibshirani 1996): a feature that tells less
    than that gets no weight. spread: by how much the experts of a startup differ at least in the feature, for what a
    standardised weight is: what few startups have is not blown up.
    """

    lasso: Values
    spread: Values


def fit(choices: Sequence[Choice], penalty: float, caution: Caution | None = None) -> ChoiceModel:
    """Return the weights that make what was chosen likeliest, less `penalty` times the squares of standardised ones.

    caution: None for none.

    Raises `BadInput` where there is nothing to learn from: no choice, or fewer than there are features.
    """
    if not choices or len(choices) < choices[0].features.shape[1]:
        wanted = choices[0].features.shape[1] if choices else 1
        raise BadInput(f"found {len(choices)} startups with an outcome to learn from, expected {wanted} or more")
    answered = [choice for choice in choices if len(choice.declined)]
    features = np.stack([choice.features for choice in (*choices, *answered)])
    if caution is None:
        caution = Caution(np.zeros(features.shape[2]), np.zeros(features.shape[2]))
    scale = np.maximum(features[: len(choices)].std(axis=1).mean(axis=0), caution.spread)
    scale[scale < _FLAT] = 1.0
    features /= scale
    chosen, barred = np.zeros(features.shape[:2]), np.zeros(features.shape[:2])
    for row, choice in enumerate((*choices, *answered)):
        chosen[row, choice.chosen] = 1 / np.sqrt(len(choice.chosen))
    for row, choice in enumerate(answered, len(choices)):
        barred[row] = _NEVER
        barred[row, [*choice.chosen, *choice.declined]] = 0.0
    whole = chosen.sum(axis=1, keepdims=True)

    def loss(weights: Values) -> tuple[float, Values]:
        worth = features @ weights + barred
        shares = worth - _log_of_sum(worth)
        likelihood = (chosen * shares).sum() / whole.sum()
        gradient = np.einsum("qm,qmk->k", chosen - whole * np.exp(shares), features) / whole.sum()
        return -likelihood + penalty * float(weights @ weights), -gradient + 2 * penalty * weights

    return ChoiceModel(_least(loss, caution.lasso) / scale)


def _least(loss: Callable[[Values], tuple[float, Values]], lasso: Values) -> Values:
    """Return the weights of the least loss, each of which costs `lasso` times its size besides.

    A weight is the difference of two parts that are not negative: what has a kink at 0 is smooth in them.
    """
    from scipy.optimize import minimize  # slow to load, and only learning needs it

    def of_parts(parts: Values) -> tuple[float, Values]:
        above, below = np.split(parts, 2)
        value, gradient = loss(above - below)
        return value + float(lasso @ (above + below)), np.concatenate([gradient + lasso, lasso - gradient])

    start, bounds = np.zeros(2 * len(lasso)), [(0.0, None)] * (2 * len(lasso))
    above, below = np.split(minimize(of_parts, start, jac=True, method="L-BFGS-B", bounds=bounds).x, 2)
    return np.asarray(above - below)


def calibrate(model: ChoiceModel, choices: Sequence[Choice]) -> ChoiceModel:
    """Return the model with the slope and intercept of its probabilities that fit these choices best.

    Platt's (1999) sigmoid on the logarithm of the shares; `choices` are others than those the weights were fitted on.
    It keeps the order: a slope below 0 would put last whom the weights put first. The slope is 0 where the choices do
    not follow the shares at all.
    """
    shares, chosen = _answers(model, choices)

    def loss(parameters: Values) -> tuple[float, Values]:
        logit = parameters[0] * shares + parameters[1]
        error = _logistic(logit) - chosen
        likelihood = (np.logaddexp(0, logit) - chosen * logit).mean()
        return float(likelihood), np.array([(error * shares).mean(), error.mean()])

    from scipy.optimize import minimize

    bounds = [(0.0, None), (None, None)]
    slope, intercept = minimize(loss, np.array([1.0, 0.0]), jac=True, method="L-BFGS-B", bounds=bounds).x
    return ChoiceModel(model.weights, float(slope), float(intercept))


def likelihood_ratio(model: ChoiceModel, choices: Sequence[Choice]) -> float:
    """Return twice by how much the calibrated probabilities make the choices likelier than one probability for all.

    In natural logarithms; 0 where the shares tell nothing. About χ² of one degree of freedom, half of the time, where
    the model was calibrated on choices that do not follow it (Wilks 1938).
    """
    shares, chosen = _answers(model, choices)
    logit = model.slope * shares + model.intercept
    alike = np.log(chosen.mean() / (1 - chosen.mean()))
    told, untold = (np.where(chosen, one, 0.0).sum() - np.logaddexp(0, one).sum() for one in (logit, alike + 0 * logit))
    return float(2 * (told - untold))


def _answers(model: ChoiceModel, choices: Sequence[Choice]) -> tuple[Values, NDArray[np.bool_]]:
    """Return the logarithm of the share of every expert in every choice, and who was chosen."""
    shares = np.concatenate([model.shares(choice.features) for choice in choices])
    chosen = np.concatenate([np.isin(np.arange(len(choice.features)), choice.chosen) for choice in choices])
    return shares, chosen
