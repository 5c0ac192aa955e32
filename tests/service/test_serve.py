"""`matcher serve` as a process: real encoder, real port; the lines of docs/api.md run against it."""

from __future__ import annotations

import json
import re
import shutil
import signal
import socket
import subprocess
import time
from pathlib import Path
from urllib.error import HTTPError, URLError
from urllib.request import urlopen

import pytest

from tests.service.conftest import MATCHER

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "api.md"
LINES = re.findall(r"^    (.*\bcurl .+)$", DOCUMENT.read_text(encoding="utf-8"), re.MULTILINE)
PATIENCE_S = 400


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for(url: str) -> None:
    end = time.monotonic() + PATIENCE_S
    while time.monotonic() < end:
        try:
            with urlopen(url, timeout=5) as answer:  # noqa: S310
                if answer.status == 200:
                    return
        except (HTTPError, URLError, ConnectionError, TimeoutError):
            time.sleep(0.2)
    raise AssertionError(f"{url} did not answer")


@pytest.fixture(scope="module")
def served(environment, tmp_path_factory):
    """A server and a manager's key; at the end the server is told to stop, and must do so."""
    folder = tmp_path_factory.mktemp("served")
    url = f"sqlite:///{folder / 'matcher.db'}"
    made = subprocess.run(  # noqa: S603
        [MATCHER, "keys", "create", "--role", "manager", "--database-url", url],
        env=environment,
        capture_output=True,
        encoding="utf-8",
        check=True,
    )
    port = free_port()
    with (folder / "log").open("w") as log:
        server = subprocess.Popen(  # noqa: S603
            [MATCHER, "serve", "--port", str(port), "--database-url", url], env=environment, stderr=log
        )
        address = f"http://127.0.0.1:{port}"
        try:
            wait_for(f"{address}/readyz")
            yield address, made.stdout.splitlines()[-1]
        finally:
            server.send_signal(signal.SIGTERM)
            assert server.wait(60) in (0, -signal.SIGTERM)
    messages = [json.loads(line)["message"] for line in (folder / "log").read_text().splitlines()]
    assert "Application shutdown complete." in messages


@pytest.mark.skipif(not shutil.which("curl"), reason="there is no curl on this machine")
@pytest.mark.parametrize("line", LINES)
def test_every_line_of_the_document_works(served, line):
    address, key = served
    bash = shutil.which("bash")
    done = subprocess.run(  # noqa: S603
        [str(bash), "-o", "pipefail", "-c", line.replace("curl -s", "curl -s --fail-with-body")],
        env={"URL": address, "KEY": key, "PATH": "/usr/bin:/bin"},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    if "/v1/match" in line:
        assert json.loads(done.stdout)["matches"][0]["expert"] == "eun"
    if "/v1/assign" in line:
        assert json.loads(done.stdout)["pairs"] == [["s1", "e1", 0.5]]


def test_the_document_has_lines():
    assert {"/v1/match", "/v1/assign", "/healthz"} <= {path for line in LINES for path in re.findall(r"URL(\S+)", line)}
