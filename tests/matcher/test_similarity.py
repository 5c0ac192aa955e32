"""How well an expert answers a passage: the mean of the best three sources, each by its best chunk."""

from __future__ import annotations

import datetime as dt
from statistics import fmean
from typing import NamedTuple

import numpy as np
import pytest

from matcher.calibration import Worth
from matcher.corpus import Corpus
from matcher.languages import Language
from matcher.passages import Field, Passage
from matcher.similarity import build_comparer
from tests.fakes import TODAY, fake_comparer, plain_calibration

LANGUAGES = list(Language)


def random_corpus(draw: np.random.Generator, profiles: int, empty: float = 0.2) -> Corpus:
    """Return profiles of up to six sources of up to three chunks each, with random unit vectors."""
    passages = []
    first = [0]
    for owner in range(profiles):
        for item in range(draw.integers(0, 7) * (draw.random() > empty)):
            field = Field.EXPERTISE if item % 2 else Field.DOCUMENT
            passages += [
                Passage(owner, field, item, "text", LANGUAGES[draw.integers(3)]) for _ in range(draw.integers(1, 4))
            ]
        first.append(len(passages))
    vectors = draw.normal(size=(len(passages), 8)).astype(np.float32)
    unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    return Corpus(tuple(passages), unit, ((),) * len(passages), np.array(first))


def by_hand(startups: Corpus, row: int, experts: Corpus, expert: int) -> list[float | None]:
    """Return for each passage of the startup the mean of the expert's best three sources, in plain loops."""
    answers = []
    for ask in range(startups.first[row], startups.first[row + 1]):
        best_of_source: dict[tuple[Field, int], float] = {}
        for answer in range(experts.first[expert], experts.first[expert + 1]):
            worth = min(max(float(startups.vectors[ask] @ experts.vectors[answer]), 0.0), 1.0)
            source = experts.passages[answer].field, experts.passages[answer].item
            best_of_source[source] = max(worth, best_of_source.get(source, 0.0))
        best = sorted(best_of_source.values(), reverse=True)[:3]
        answers.append(fmean(best) if best else None)
    return answers


@pytest.mark.parametrize("seed", range(25))
def test_answers_agree_with_plain_loops(seed: int) -> None:
    draw = np.random.default_rng(seed)
    startups, experts = random_corpus(draw, 3), random_corpus(draw, 8)
    chosen = np.flatnonzero(draw.random(8) < 0.6)
    comparer = build_comparer(startups, experts, plain_calibration(8), TODAY)
    for row in range(3):
        answered = comparer.answered(row, chosen)
        for at, expert in enumerate(chosen):
            expected = [np.nan if one is None else one for one in by_hand(startups, row, experts, int(expert))]
            np.testing.assert_allclose(answered[:, at], expected, atol=1e-6)


class Compared(NamedTuple):
    worth: Worth
    answered: Worth


def compared(expert: list[Passage]) -> Compared:
    asking = [[Passage(0, Field.NEED, 0, "robot arm", Language.ENGLISH)]]
    comparer = fake_comparer(asking, [expert])
    return Compared(comparer.worth(0), comparer.answered(0, np.array([0])))


def test_chunks_of_one_document_count_once() -> None:
    once = compared([Passage(0, Field.DOCUMENT, 0, "robot arm", Language.ENGLISH)])
    chunked = [Passage(0, Field.DOCUMENT, 0, text, Language.ENGLISH) for text in ("robot arm", "ship", "tax law")]
    assert compared(chunked).answered[0, 0] == pytest.approx(once.answered[0, 0]) == pytest.approx(1.0)


def test_one_lucky_line_among_three_counts_a_third() -> None:
    lines = [Passage(0, Field.EXPERTISE, at, "robot arm" if at == 1 else "", Language.ENGLISH) for at in range(3)]
    worths = compared(lines).worth[0]
    assert compared(lines).answered[0, 0] == pytest.approx(worths.mean())


def test_a_long_career_beside_the_best_three_sources_costs_nothing() -> None:
    three = [Passage(0, Field.DOCUMENT, at, "robot arm", Language.ENGLISH) for at in range(3)]
    career = [Passage(0, Field.DOCUMENT, 3 + at, "tax law", Language.ENGLISH) for at in range(50)]
    assert compared([*three, *career]).answered[0, 0] == pytest.approx(1.0)


def test_an_expert_without_text_is_unknown_and_not_0() -> None:
    assert np.isnan(compared([]).answered).all()


def shown(date: dt.date | None) -> Compared:
    return compared([Passage(0, Field.DOCUMENT, 0, "robot arm", Language.ENGLISH, date=date)])


@pytest.mark.parametrize(
    ("date", "counts"),
    [
        (TODAY, 1.0),
        (TODAY - dt.timedelta(days=7305), 0.75),
        (TODAY - dt.timedelta(days=2 * 7305), 0.625),
        (TODAY - dt.timedelta(days=10 * 7305), 0.5 + 0.5**11),
        (TODAY + dt.timedelta(days=1), 1.0),
        (TODAY + dt.timedelta(days=4000), 1.0),
        (None, 1.0),
    ],
)
def test_what_a_document_shows_fades_to_three_quarters_in_20_years_and_never_below_a_half(
    date: dt.date | None, counts: float
) -> None:
    assert shown(date).worth[0, 0] == pytest.approx(counts, abs=1e-6)
    assert shown(date).answered[0, 0] == pytest.approx(counts, abs=1e-6)


def test_a_later_document_never_counts_less_and_the_oldest_still_counts_half() -> None:
    days = [0, 1, 30, 365, 3650, 7305, 36500, 300_000, 700_000]
    found = [float(shown(TODAY - dt.timedelta(days=age)).worth[0, 0]) for age in days]
    assert found == sorted(found, reverse=True)
    assert found[-1] == pytest.approx(0.5, abs=1e-6)
    assert min(found) >= 0.5 * found[0]


def test_the_date_of_one_document_does_not_touch_another() -> None:
    old = Passage(0, Field.DOCUMENT, 0, "robot arm", Language.ENGLISH, date=TODAY - dt.timedelta(days=7305))
    new = Passage(0, Field.DOCUMENT, 1, "robot arm", Language.ENGLISH, date=TODAY)
    other = Passage(0, Field.EXPERTISE, 0, "robot arm", Language.ENGLISH)
    np.testing.assert_allclose(compared([old, new, other]).worth[0], [0.75, 1, 1], atol=1e-6)
    assert compared([old, new, other]).answered[0, 0] == pytest.approx(2.75 / 3, abs=1e-6)
