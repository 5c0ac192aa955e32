import datetime as dt
import json
from dataclasses import replace

import numpy as np
import pytest

from matcher.choice_model import ChoiceModel
from matcher.deal_features import FEATURES
from matcher.errors import BadInput
from matcher.evaluation import Measure
from matcher.learning import Learned
from matcher.profiles import Kind
from matcher.ranker import Ranker
from matcher.spread import Spread
from models.ranker import load_rankers, ranker_file

MODEL = ChoiceModel(np.linspace(-1, 1, len(FEATURES)), 0.9, 2.5)
MEASURE = Measure("nDCG@10", 0.3, 0.2, 0.4, np.empty((0, 2)), "startups")
LEARNED = Learned(
    Ranker(Kind.INVESTOR, MODEL, "encoder@1"),
    60,
    130,
    dt.date(2020, 1, 1),
    dt.date(2021, 1, 1),
    "date",
    {"ranker": (MEASURE,)},
    {"ranker": Spread(0.2, 0.4)},
)


@pytest.fixture
def saved(tmp_path):
    """Return the file of the ranker, in a folder of its own."""
    name, content = ranker_file(LEARNED, "ab" * 32)
    (tmp_path / name).write_bytes(content)
    return tmp_path / name


def test_what_is_loaded_is_what_was_saved(saved):
    (ranker,) = load_rankers(saved.parent).values()
    assert ranker.kind is Kind.INVESTOR
    assert ranker.evidence_fingerprint == "encoder@1"
    assert np.array_equal(ranker.model.weights, MODEL.weights)
    assert (ranker.model.slope, ranker.model.intercept) == (0.9, 2.5)


def test_the_file_says_where_it_comes_from(saved):
    trained = json.loads(saved.read_text())["trained"]
    assert (trained["first"], trained["last"], trained["data_hash"]) == ("2020-01-01", "2021-01-01", "ab" * 32)
    assert trained["measures"] == {"ranker": {"nDCG@10": [0.3, 0.2, 0.4]}}
    assert trained["spreads"] == {"ranker": {"coverage": 0.2, "busiest": 0.4}}


def change(path, **fields):
    path.write_text(json.dumps({**json.loads(path.read_text()), **fields}))


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"feature_schema": "deals-0"}, "has the features 'deals-0', expected 'deals-6 like_deals_lately"),
        ({"feature_schema": "deals-0", "weights": {"charm": 1.0}, "charm": 1}, "has the features 'deals-0', expected"),
        ({"weights": {"activity": 1.0}}, "is no ranker: weights: found none of co_investor_activity, co_investors, "),
        ({"kind": "professor"}, "holds a ranker of professors, expected the kind that its name says"),
        ({"slope": None}, "is no ranker: slope"),
        ({"weights": {"charm": 1.0}}, "is no ranker: weights"),
        ({"what": "a poem"}, "is no ranker: what"),
    ],
)
def test_what_does_not_fit_is_refused(saved, fields, message):
    change(saved, **fields)
    with pytest.raises(BadInput, match=message):
        load_rankers(saved.parent)


def test_a_file_that_is_no_json_is_refused(saved):
    saved.write_bytes(b"\xff\x00")
    with pytest.raises(BadInput, match="is no ranker: the file"):
        load_rankers(saved.parent)


def test_a_folder_in_the_place_of_a_file_is_refused(saved):
    saved.unlink()
    saved.mkdir()
    with pytest.raises(BadInput, match=r"investor-ranker.json cannot be read: Is a directory; expected a file of"):
        load_rankers(saved.parent)


def test_a_ranker_of_undated_outcomes_is_loaded(tmp_path):
    name, content = ranker_file(replace(LEARNED, first=None, last=None), "ab" * 32)
    (tmp_path / name).write_bytes(content)
    assert json.loads(content)["trained"]["first"] is None
    assert load_rankers(tmp_path).keys() == {Kind.INVESTOR}


def test_a_folder_without_a_ranker_is_refused(tmp_path):
    with pytest.raises(BadInput, match="holds no ranker, expected a folder that `matcher train --out` wrote"):
        load_rankers(tmp_path)
