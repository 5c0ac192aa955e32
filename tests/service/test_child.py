"""A child process answers, fails and ends as a call would, and can be stopped when a call could not."""

from __future__ import annotations

import math
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from matcher.errors import Infeasible, OutOfTime, ProcessLost
from service.child import run_in_child
from tests.service import child_work


def ignore(stage: str) -> None:
    pass


def is_alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True


@pytest.mark.parametrize("seconds", [60.0, math.inf])
def test_the_answer_comes_back_after_the_reports(seconds: float) -> None:
    reports: list[str] = []
    assert run_in_child(child_work.add, 2, 3, seconds=seconds, report=reports.append) == 5
    assert reports == ["adding"]


def test_what_the_work_raises_is_raised_with_its_conflict() -> None:
    with pytest.raises(Infeasible, match="too few places") as caught:
        run_in_child(child_work.refuse, seconds=60, report=ignore)
    assert caught.value.conflict is not None
    assert caught.value.conflict.startups == ("s1",)


def test_a_child_is_ended_when_its_time_is_over() -> None:
    processes: list[str] = []
    with pytest.raises(OutOfTime, match="no assignment was found in the time"):
        run_in_child(child_work.sleep, seconds=5, report=processes.append)
    assert all(not is_alive(int(one)) for one in processes)


def test_ctrl_c_ends_the_child() -> None:
    """A native solver never looks at signals (OR 370, ORM 239: no cancel)."""
    processes: list[int] = []

    def interrupt(process: str) -> None:
        processes.append(int(process))
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_in_child(child_work.sleep, seconds=60, report=interrupt)
    assert len(processes) == 1
    assert not is_alive(processes[0])


def test_a_child_that_dies_is_an_error_and_no_result() -> None:
    with pytest.raises(ProcessLost, match="exit code 7"):
        run_in_child(child_work.die, seconds=60, report=ignore)


def test_what_a_library_prints_does_not_reach_stdout(capfd: pytest.CaptureFixture[str]) -> None:
    assert run_in_child(child_work.print_as_a_library_does, seconds=60, report=ignore) == "done"
    printed = capfd.readouterr()
    assert printed.out == ""
    assert "native library" in printed.err


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a process of its parent's end")
def test_a_child_ends_with_a_parent_that_is_killed() -> None:
    asks = "from service.child import run_in_child; from tests.service import child_work; import sys; "
    asks += "run_in_child(child_work.sleep, seconds=600, report=lambda at: print(at, flush=True))"
    parent = subprocess.Popen([sys.executable, "-c", asks], stdout=subprocess.PIPE)  # noqa: S603
    assert parent.stdout is not None
    child = int(parent.stdout.readline())
    parent.kill()
    parent.wait()
    parent.stdout.close()
    end = time.monotonic() + 60
    while is_running(child):
        assert time.monotonic() < end
        time.sleep(0.05)


def is_running(process: int) -> bool:
    """Whether there is such a process that has not ended yet; one that nobody has waited for is a zombie."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
