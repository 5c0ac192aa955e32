"""While the database is away every request is told so, and all is as before once it is back."""

from __future__ import annotations

import pytest

from tests.service.http.both import serve
from tests.service.http.test_runs import RUNS
from tests.service.http.test_suggestions import URL, program
from tests.service.store.outage import gone

__all__ = ["program", "serve"]


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_a_database_that_is_away_is_told_and_forgotten_once_it_is_back(program, database_url):
    assert program.get(f"{URL}/startups/s1/suggestions").status_code == 200
    asks = [
        ("GET", f"{URL}/startups/s1/suggestions"),
        ("PUT", f"{URL}/startups/s1"),
        ("POST", RUNS),
        ("GET", "/readyz"),
    ]
    with gone(database_url):
        for method, path in asks:
            answer = program.request(method, path, json={"needs": ["x"]})
            assert (answer.status_code, answer.headers["retry-after"]) == (503, "5"), path
            assert answer.headers["content-type"] == "application/problem+json"
        assert program.get("/healthz").status_code == 200
        assert program.get("/metrics").status_code == 200
    assert program.get(f"{URL}/startups/s1").json()["needs"] == [{"text": "robot arm control"}]
    statuses = [program.request(method, path, json={}).status_code for method, path in asks[:3]]
    assert statuses == [200, 422, 202]
