from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import approx_fprime
from scipy.special import logsumexp, softmax

from matcher.choice_model import Caution, Choice, ChoiceModel, calibrate, fit, likelihood_ratio
from matcher.errors import BadInput

TRUE = np.array([1.5, -0.7, 0.0])


def drawn(count: int, experts: int = 40, seed: int = 0, chosen: int = 1) -> list[Choice]:
    """Choices made by the true weights."""
    rng = np.random.default_rng(seed)
    choices = []
    for _ in range(count):
        features = rng.normal(size=(experts, len(TRUE)))
        picks = rng.choice(experts, size=chosen, replace=False, p=softmax(features @ TRUE))
        choices.append(Choice(features, picks))
    return choices


def test_the_weights_that_made_the_choices_are_found():
    assert np.allclose(fit(drawn(3000), 1e-6).weights, TRUE, atol=0.1)


def test_it_is_the_likeliest_by_numeric_gradient():
    choices, penalty = drawn(60), 0.01
    scale = np.stack([choice.features for choice in choices]).std(axis=1).mean(axis=0)

    def loss(weights):
        shares = [np.log(softmax(choice.features @ weights))[choice.chosen[0]] for choice in choices]
        return -np.mean(shares) + penalty * np.sum((weights * scale) ** 2)

    assert np.abs(approx_fprime(fit(choices, penalty).weights, loss, 1e-6)).max() < 1e-3


def test_a_larger_penalty_makes_smaller_weights():
    sizes = [np.linalg.norm(fit(drawn(100), penalty).weights) for penalty in (0.001, 0.1, 10)]
    assert sizes == sorted(sizes, reverse=True)


def test_what_a_weight_costs_by_its_size_is_paid_only_where_it_tells_more():
    """Kuhn-Tucker: at the least loss the slope of a weight that is used is its cost, that of an unused one less."""
    choices, penalty, cost = drawn(400), 0.01, 0.15
    scale = np.stack([choice.features for choice in choices]).std(axis=1).mean(axis=0)

    def loss(weights):
        shares = [np.log(softmax(choice.features @ weights))[choice.chosen[0]] for choice in choices]
        return -np.mean(shares) + penalty * np.sum((weights * scale) ** 2)

    found = fit(choices, penalty, Caution(np.full(3, cost), np.zeros(3))).weights
    slope = approx_fprime(found, loss, 1e-6) / scale
    assert np.allclose(slope[:2], -cost * np.sign(TRUE[:2]), atol=2e-3)
    assert found[2] == 0
    assert abs(slope[2]) < cost
    spared = fit(choices, penalty, Caution(np.array([0.0, 10.0, 0.0]), np.zeros(3))).weights
    assert spared[1] == 0
    assert spared[0] > found[0]


def test_a_feature_that_never_differs_gets_no_weight():
    flat = [Choice(np.column_stack([choice.features, np.ones(40)]), choice.chosen) for choice in drawn(50)]
    assert fit(flat, 0.01).weights[-1] == pytest.approx(0, abs=1e-9)


def test_the_chosen_are_held_once_more_against_those_who_declined():
    rng, choices, penalty = np.random.default_rng(5), [], 0.01
    for choice in drawn(60, chosen=2):
        others = np.setdiff1d(np.arange(40), choice.chosen)
        choices.append(
            Choice(choice.features, choice.chosen, rng.choice(others, size=int(rng.integers(3)), replace=False))
        )
    scale = np.stack([choice.features for choice in choices]).std(axis=1).mean(axis=0)

    def loss(weights):
        told, whole = 0.0, 0.0
        for choice in choices:
            asked = [*choice.chosen, *choice.declined]
            for among in (range(40), asked) if len(choice.declined) else (range(40),):
                worth = choice.features @ weights
                told += sum(worth[choice.chosen] - logsumexp(worth[list(among)])) / np.sqrt(2)
                whole += np.sqrt(2)
        return -told / whole + penalty * np.sum((weights * scale) ** 2)

    assert np.abs(approx_fprime(fit(choices, penalty).weights, loss, 1e-6)).max() < 1e-3


@pytest.mark.parametrize("count", [0, 2])
def test_fewer_choices_than_features_are_refused(count):
    with pytest.raises(BadInput, match=f"found {count} startups with an outcome"):
        fit(drawn(count), 0.01)


def test_probabilities_are_as_often_right_as_they_say():
    train, held, fresh = drawn(800, seed=1, chosen=2), drawn(800, seed=2, chosen=2), drawn(800, seed=3, chosen=2)
    model = calibrate(fit(train, 0.001), held)
    said = np.concatenate([model.probability(choice.features) for choice in fresh])
    came = np.concatenate([np.isin(np.arange(40), choice.chosen) for choice in fresh])
    order = np.argsort(said)
    for part in np.array_split(order, 5):
        assert came[part].mean() == pytest.approx(said[part].mean(), abs=0.012)


def test_probabilities_never_turn_the_order_round():
    """Where others are chosen than the weights put first, nobody is put last for it."""
    model = calibrate(ChoiceModel(-TRUE), drawn(200))
    assert model.slope == 0
    assert model.probability(drawn(1)[0].features) == pytest.approx(1 / 40, rel=1e-3)


@given(st.integers(0, 1000), st.floats(0.2, 3), st.floats(-3, 3))
def test_contributions_add_up_to_the_probability(seed, slope, intercept):
    features = np.random.default_rng(seed).normal(size=(7, 3))
    model = ChoiceModel(TRUE, slope, intercept)
    told = model.contributions(features)
    assert told.shape == (7, 4)
    assert np.allclose(told.sum(axis=1), model.probability(features))


def test_a_contribution_has_the_sign_of_what_it_says():
    features = np.array([[2.0, 0.0, 5.0], [0.0, 0.0, 5.0], [-2.0, 0.0, 5.0]])
    told = ChoiceModel(TRUE).contributions(features)[:, 1:]
    assert told[0, 0] > 0 > told[2, 0]
    assert np.allclose(told[:, 1:], 0)


def test_experts_who_are_all_alike_are_equally_probable():
    told = ChoiceModel(TRUE, 0.5, -1).contributions(np.ones((4, 3)))
    assert np.allclose(told[:, 0], told[0, 0])
    assert np.isfinite(told).all()
    assert not told[:, 1:].any()


def test_the_likelihood_ratio_is_that_of_every_answer_one_by_one():
    model, choices = ChoiceModel(TRUE, 0.8, 0.3), drawn(5, experts=4)
    answers = [
        (at in choice.chosen, probability)
        for choice in choices
        for at, probability in enumerate(model.probability(choice.features))
    ]
    told = sum(np.log(one if chosen else 1 - one) for chosen, one in answers)
    alike = sum(np.log(0.25 if chosen else 0.75) for chosen, _ in answers)
    assert np.isclose(likelihood_ratio(model, choices), 2 * (told - alike))


def test_weights_that_tell_nothing_make_nothing_likelier():
    choices = drawn(40)
    assert np.isclose(likelihood_ratio(calibrate(ChoiceModel(np.zeros(3)), choices), choices), 0, atol=1e-3)


def test_by_chance_few_rankers_look_as_if_they_were_borne_out():
    rng = np.random.default_rng(0)
    lots = [drawn(30, experts=10, seed=seed) for seed in range(200)]
    ratios = [likelihood_ratio(calibrate(ChoiceModel(rng.normal(size=3)), lot), lot) for lot in map(shuffled, lots)]
    assert np.mean(np.array(ratios) > 3.84) < 0.06


def shuffled(choices: list[Choice]) -> list[Choice]:
    """The choices of each made for the next: they follow nothing."""
    return [Choice(one.features, other.chosen) for one, other in zip(choices, [*choices[1:], choices[0]], strict=True)]


def test_what_few_have_is_not_blown_up():
    """One of all experts has the last feature, and was chosen: without caution its weight is large."""
    choices = drawn(200)
    choices = [replace(one, features=np.column_stack([one.features[:, :2], np.zeros(40)])) for one in choices]
    choices[7].features[choices[7].chosen, 2] = 1
    careless, careful = (
        abs(fit(choices, 0.01, Caution(np.zeros(3), np.array([0, 0, spread]))).weights[2]) for spread in (0, 0.25)
    )
    assert careless > 3
    assert careful < careless / 2
