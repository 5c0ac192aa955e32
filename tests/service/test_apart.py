"""Models in a process of their own compute what they compute here; that process may end at any moment."""

from __future__ import annotations

import multiprocessing
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
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


def is_imported(module: str) -> bool:
    return module in sys.modules


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


def test_it_can_load_what_it_needs_before_it_is_asked() -> None:
    with ModelProcess(at_once=True).started() as there:
        (child,) = multiprocessing.active_children()
        assert there.ask(os.getpid) == child.pid
        assert there.ask(is_imported, "sentence_transformers")
        assert list(there.cutter().words(TEXTS)) == list(Cutter().words(TEXTS))


def test_one_that_was_started_is_ended_in_the_middle_of_loading() -> None:
    with ModelProcess(at_once=True).started():
        (child,) = multiprocessing.active_children()
    assert child.exitcode == -signal.SIGKILL


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


class Awkward(Exception):
    """Cannot be put together again from its arguments."""

    def __init__(self, *, found: str) -> None:
        super().__init__(f"found {found}")


def fail_awkwardly() -> None:
    raise Awkward(found="something")


def panic() -> None:
    class Panic(BaseException):
        """Cannot be pickled either."""

    raise Panic("no such token")


@pytest.mark.parametrize(
    ("work", "told"), [(fail_awkwardly, "Awkward: found something"), (panic, "Panic: no such token")]
)
def test_what_cannot_be_sent_is_told_with_where_it_happened(there: ModelProcess, work, told: str) -> None:
    first = there.ask(os.getpid)
    with pytest.raises(RuntimeError, match=told) as raised:
        there.ask(work)
    assert work.__name__ in "".join(raised.value.__notes__)
    assert there.ask(os.getpid) == first


def test_what_stops_a_whole_group_of_processes_leaves_it_to_whoever_started_it(there: ModelProcess) -> None:
    first = there.ask(os.getpid)
    for number in (signal.SIGTERM, signal.SIGINT):
        os.kill(first, number)
    assert there.ask(os.getpid) == first


def test_it_can_be_ended_in_the_middle_of_its_work(there: ModelProcess) -> None:
    first = there.ask(os.getpid)
    with ThreadPoolExecutor(1) as pool:
        asked = pool.submit(there.ask, time.sleep, 600)
        while not asked.running():
            time.sleep(0.01)
        there.interrupt()
        with pytest.raises(ProcessLost, match=r"exit code -9\); it may have run out of memory"):
            asked.result(60)
    assert there.ask(os.getpid) != first


def test_a_process_whose_parent_is_gone_before_it_began_ends(tmp_path: Path) -> None:
    code = """if True:
        import os, sys, threading, time
        from service.apart import ModelProcess
        there = ModelProcess()
        threading.Thread(target=there.ask, args=(time.sleep, 600), daemon=True).start()
        while there._running is None: time.sleep(0.001)
        print(there._running[0].pid, flush=True)
        os.kill(os.getpid(), 9)
    """
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)  # noqa: S603
    left = int(done.stdout)
    end = time.monotonic() + 60
    while _lives(left):
        assert time.monotonic() < end
        time.sleep(0.05)


def _lives(pid: int) -> bool:
    try:
        return "Z" not in Path(f"/proc/{pid}/status").read_text().split("State:")[1].split()[0]
    except (OSError, IndexError):
        return False


def test_a_process_that_is_lost_is_told_and_the_next_text_starts_another(there: ModelProcess) -> None:
    first = there.ask(os.getpid)
    with pytest.raises(ProcessLost, match=r"the encoder's process ended without an answer \(exit code 3\)"):
        there.ask(os._exit, 3)
    assert there.ask(os.getpid) != first
