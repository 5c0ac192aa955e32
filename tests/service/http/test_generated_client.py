"""A client made from the OpenAPI document by a generator has every route but one, and talks with the service."""

from __future__ import annotations

import json
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest
from starlette.testclient import TestClient

CONFIG = {"package_name_override": "made_client", "post_hooks": []}
# A file of rows is csv, jsonl or xlsx: the generator makes no function for a body of several types.
BY_HAND = {"relations_and_imports_import_rows"}


@pytest.fixture
def made(client: TestClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Make the client, ready for import, and return what its generator said."""
    (tmp_path / "openapi.json").write_text(client.get("/openapi.json").text, encoding="utf-8")
    (tmp_path / "config.json").write_text(json.dumps(CONFIG), encoding="utf-8")
    command = [str(Path(sys.executable).with_name("openapi-python-client")), "generate", "--meta", "none"]
    command += ["--path", "openapi.json", "--config", "config.json", "--output-path", "made_client"]
    told = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)  # noqa: S603
    monkeypatch.syspath_prepend(tmp_path)
    return told.stdout + told.stderr


def test_a_generated_client_has_every_route_and_works(made: str, client: TestClient, tmp_path: Path) -> None:
    assert made.count("WARNING") == len(BY_HAND), made
    document = client.get("/openapi.json").json()
    routes = {operation["operationId"] for path in document["paths"].values() for operation in path.values()}
    files = {path.stem for path in (tmp_path / "made_client" / "api").rglob("*.py")} - {"__init__"}
    assert files == routes - BY_HAND

    models = import_module("made_client.models")
    talking = import_module("made_client").Client(base_url="http://testserver").set_httpx_client(client)

    def call(place: str, **given: object):
        return import_module(f"made_client.api.{place}").sync(client=talking, **given)

    startup = models.StartupRow.from_dict({"id": "s1", "needs": ["robot arms"]})
    expert = models.ExpertRow.from_dict({"id": "e1", "kind": "professor", "expertise": ["robot arms"]})
    body = models.MatchBody(startups=[startup], experts=[expert])
    assert call("stateless.stateless_match", body=body).matches[0]["expert"] == "e1"
    problem = {"startups": [{"id": "s1"}], "experts": [{"id": "e1", "max": 1}], "scores": [[0.5]]}
    answer = call("stateless.stateless_assign", body=models.AssignBody.from_dict(problem))
    assert (answer.status, answer.total) == ("optimal", 0.5)

    assert call("programs.programs_create", body=models.ProgramBody(id="spring")).id == "spring"
    put = models.StartupBody.from_dict({"needs": ["로봇 팔"]})
    assert call("startups.startups_put", p="spring", id="잎/1", body=put).id == "잎/1"
    rows = "id,kind,expertise\n민,professor,로봇 팔\n".encode()
    file = {"content": rows, "headers": {"Content-Type": "text/csv"}, "params": {"what": "experts"}}
    assert talking.get_httpx_client().post("/v1/programs/spring/import", **file).json()["new"] == 1
    told = call("suggestions.suggestions_for_startup", p="spring", id="잎/1")
    assert told.suggestions[0]["expert"] == "민"
    assert call("runs.runs_list_all", p="spring").items == []
