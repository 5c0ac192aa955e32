"""Requests made up from the OpenAPI document itself: whatever is sent, nothing is a 500 and all is as documented.

On PostgreSQL too, with fewer of each: what one database keeps and the other refuses shows at the first odd text.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import response_schema_conformance, status_code_conformance
from starlette.testclient import TestClient

from service import use_cases
from service.http.app import create_app
from service.settings import Settings
from service.store.keys import Role
from tests.service.conftest import open_words
from tests.service.http.conftest import key_for

CHECKS = (not_a_server_error, status_code_conformance, response_schema_conformance)
# What is there, so that not every made-up id is unknown.
THERE = {"p": "p", "id": "s", "startup": "s", "expert": "e"}
ROUTES = 31
EXAMPLES = {"sqlite": 10, "postgresql": 4}
PATIENT = settings(
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)


@pytest.fixture
def client(tmp_path: Path, database_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[TestClient]:
    """An application with a program in it, and an admin's key."""
    monkeypatch.setattr(use_cases, "open_models", open_words)
    app = create_app(
        Settings(
            database_url=database_url,
            cache_folder=tmp_path / "cache",
            workers=0,
            rate_limit="1000000 per minute",
            largest_body=100_000,
            solve_seconds=5.0,
        )
    )
    with TestClient(app, raise_server_exceptions=False) as client:
        client.headers.update(key_for(app, Role.ADMIN))
        client.post("/v1/programs", json={"id": "p"})
        client.put("/v1/programs/p/startups/s", json={"needs": ["robot arms"]})
        client.put("/v1/programs/p/experts/e", json={"kind": "professor", "expertise": ["robot arms"]})
        yield client


def test_whatever_is_sent_is_answered_as_documented(client: TestClient) -> None:
    schema = schemathesis.openapi.from_asgi("/openapi.json", client.app)
    operations = [found.ok() for found in schema.get_all_operations()]
    assert len(operations) >= ROUTES
    # The last two tell nothing as JSON.
    silent = ("/metrics", "/v1/programs/{p}/runs/{r}/events")
    wrong = [told for one in operations if one.path not in silent for told in _mistakes(one, client)]
    assert wrong == []


def _mistakes(operation, client: TestClient) -> list[str]:
    """Return what is not as documented of one operation."""
    try:
        _send(operation, client)
    except (AssertionError, BaseExceptionGroup) as error:
        return [f"{operation.label}: {error!r}"[:1500]]
    return []


def _send(operation, client: TestClient) -> None:
    @settings(PATIENT, max_examples=EXAMPLES[client.app.state.shared.database.dialect.name])
    @given(operation.as_strategy())
    def send(case) -> None:
        if operation.method.upper() != "DELETE" and len(str(case.body)) % 2:
            known = {name: id_ for name, id_ in THERE.items() if name in case.path_parameters}
            case.path_parameters = {**case.path_parameters, **known}
        response = case.call(headers={"Authorization": client.headers["Authorization"]})
        case.validate_response(response, checks=CHECKS)

    send()


def test_the_container_is_in_order() -> None:
    root = Path(__file__).resolve().parents[3]
    hadolint = Path(sys.executable).with_name("hadolint")
    lint = [str(hadolint), "--failure-threshold", "warning", str(root / "Dockerfile")]
    done = subprocess.run(lint, check=False, capture_output=True, text=True)  # noqa: S603
    assert done.returncode == 0, done.stdout
