"""Models in a process of their own compute what they compute here; that process may end at any moment."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from matcher.encoding import Role
from matcher.errors import BadInput, ProcessLost
from models.encoders import open_encoder
from models.sentence_encoder import NumberFormat
from models.words import Cutter
from service.apart import ModelProcess

TEXTS = ["robot arm control", "로봇 팔 제어를 위한 GPT4 모델 1,200개", ""]


@pytest.fixture
def there() -> Iterator[ModelProcess]:
    process = ModelProcess()
    yield process
    process.end()


def fail() -> None:
    raise BadInput("found nothing, expected something")


def test_the_vectors_are_those_of_an_encoder_here(there: ModelProcess, tmp_path: Path) -> None:
    opened = [
        open_encoder("all-minilm-l6-v2", tmp_path / name, NumberFormat.FLOAT32, **kept)
        for name, kept in (("here", {}), ("there", {"loader": there}))
    ]
    here, away = (one.encode(TEXTS, Role.PASSAGE) for one in opened)
    np.testing.assert_array_equal(here, away)
    assert away.dtype == np.float32


def test_the_words_are_those_of_a_cutter_here_and_equal_ones_are_one_string(there: ModelProcess) -> None:
    cutter = there.cutter()
    first, again = list(cutter.words(TEXTS)), list(cutter.words(TEXTS))
    assert first == list(Cutter().words(TEXTS))
    for one, other in zip(first, again, strict=True):
        assert all(word.form is twin.form for word, twin in zip(one, other, strict=True))


def test_one_process_serves_until_it_is_ended_and_the_next_text_starts_another(there: ModelProcess) -> None:
    first = there.ask(os.getpid)
    assert first != os.getpid()
    assert there.ask(os.getpid) == first
    there.cutter().release()
    assert there.ask(os.getpid) not in (first, os.getpid())


def test_what_fails_there_is_raised_here_and_the_process_goes_on(there: ModelProcess) -> None:
    first = there.ask(os.getpid)
    with pytest.raises(BadInput, match="found nothing"):
        there.ask(fail)
    assert there.ask(os.getpid) == first


def test_a_process_that_is_lost_is_told_and_the_next_text_starts_another(there: ModelProcess) -> None:
    first = there.ask(os.getpid)
    with pytest.raises(ProcessLost, match=r"the encoder's process ended without an answer \(exit code 3\)"):
        there.ask(os._exit, 3)
    assert there.ask(os.getpid) != first
