import datetime as dt

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from matcher.co_investment import CoInvestment
from matcher.profiles import Document, Expert, Kind
from matcher.track_record import TrackRecord, track_record


def record(rounds: list[set[int]], experts: int = 5) -> TrackRecord:
    """Each round is who took part in it; one a day, each with a company of its own."""
    documents = [
        tuple(
            Document(f"Company {at}", date=dt.date(2020, 1, 1 + at)) for at, round_ in enumerate(rounds) if e in round_
        )
        for e in range(experts)
    ]
    return track_record([Expert(str(e), Kind.INVESTOR, documents=documents[e]) for e in range(experts)])


def everything(found: TrackRecord) -> np.ndarray:
    return np.ones(len(found.owners), dtype=bool)


@settings(deadline=None)
@given(st.lists(st.sets(st.integers(0, 4), min_size=1), min_size=1, max_size=8), st.permutations(range(5)))
def test_neighbours_pass_on_what_the_formula_says(rounds, values):
    found = record(rounds)
    near, deals = np.zeros((5, 5)), np.array([sum(e in round_ for round_ in rounds) for e in range(5)])
    for round_ in rounds:
        for one in round_:
            for other in round_ - {one}:
                near[one, other] += 1 / len(round_)
    near /= np.sqrt(np.outer(deals + 1, deals + 1))
    passed = CoInvestment(found, everything(found)).of_neighbours(np.array(values, dtype=float))
    assert np.allclose(passed, near @ np.array(values))


def test_who_invests_alone_has_no_neighbours():
    found = record([{0}, {1}, {2, 3}])
    assert CoInvestment(found, everything(found)).of_neighbours(np.ones(5))[[0, 1, 4]].tolist() == [0, 0, 0]


def test_what_does_not_count_ties_nobody():
    found = record([{0, 1}, {2, 3}])
    counts = ~found.is_with("Company 0")
    passed = CoInvestment(found, counts).of_neighbours(np.ones(5))
    assert passed[:2].tolist() == [0, 0]
    assert (passed[2:4] > 0).all()
