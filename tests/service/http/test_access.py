"""Who may come in: keys before bodies, roles on every route, rates, and what browsers are told."""

from __future__ import annotations

import datetime as dt
import re
import time

import pytest

from service.http.access import Roles
from service.store.keys import Role, revoke_key
from service.store.tables import keys
from tests.service.http.conftest import SCOPES, key_for

MATCHED_BY_MANAGERS = {Role.ADMIN, Role.MANAGER}
OPEN = {"/healthz", "/readyz", "/metrics", "/docs", "/docs/oauth2-redirect", "/openapi.json", "/docs-files"}


def routes(app):
    """Yield every route that answers: path, methods and the roles it asks for."""
    found = list(app.openapi()["paths"].items())
    for path, methods in found:
        for method in methods:
            yield path, method.upper()


def roles_of(app, path, method):
    for route in app.routes:
        if getattr(route, "path", None) == path and method in (getattr(route, "methods", None) or ()):
            calls = [one.call for one in route.dependant.dependencies]
            return frozenset().union(*(call.roles for call in calls if isinstance(call, Roles)))
    raise AssertionError(path)


@pytest.mark.parametrize(
    "header",
    [None, "", "Bearer", "Bearer ", "Bearer mk_wrong", "Basic abc", "Bearer mk_\xe9", "bearer  ", "Bearer a b c"],
)
@pytest.mark.parametrize("path", ["/v1/match", "/v1/assign", "/v1/audit", "/v1/nothing", "/v1"])
def test_without_a_key_it_is_401_whatever_the_body_is(client, path, header):
    headers = {} if header is None else {"Authorization": header.encode("latin-1")}
    del client.headers["Authorization"]
    answer = client.post(path, headers=headers, content=b"{" * 100)
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"].startswith("Bearer")
    assert answer.headers["content-type"] == "application/problem+json"


def test_a_body_is_not_read_before_the_key_is_checked(client):
    def never():
        raise AssertionError("the body was read")
        yield b""

    del client.headers["Authorization"]
    assert client.post("/v1/match", content=b"", headers={"Content-Length": "99999999999"}).status_code == 401


def test_a_revoked_key_is_401_at_once(client):
    database = client.app.state.shared.database
    from service.store.keys import all_keys

    assert client.post("/v1/assign", json={}).status_code == 422
    revoke_key(database, all_keys(database)[0].id, "tests")
    assert client.post("/v1/assign", json={}).status_code == 401


def test_a_key_that_expires_between_two_requests_opens_nothing_more(client):
    """Nothing is written when it does, so that what is remembered of it has to be looked at again."""
    database = client.app.state.shared.database
    assert client.post("/v1/assign", json={}).status_code == 422
    soon = dt.datetime.now(dt.UTC) + dt.timedelta(seconds=2)
    with database.begin() as connection:
        connection.execute(keys.update().values(expires=soon))
    statuses = []
    while dt.datetime.now(dt.UTC) < soon:
        statuses.append(client.post("/v1/assign", json={}).status_code)
    assert client.post("/v1/assign", json={}).status_code == 401
    assert statuses.count(422) >= 1


def test_every_route_under_v1_names_its_roles_and_keeps_the_others_out(client):
    app = client.app
    headers = {role: key_for(app, role) for role in Role}
    guarded = [(path, method) for path, method in routes(app) if path.startswith("/v1")]
    filled = {"{p}": "spring", "{m}": "1", "{r}": "none", "{number}": "1"}
    assert len(guarded) >= 3
    for template, method in guarded:
        allowed = roles_of(app, template, method)
        assert allowed, f"{method} {template} has no rule"
        for role in Role:
            own = {**filled, "{id}": SCOPES[role].party or "s1"}
            path = template
            for name, value in own.items():
                path = path.replace(name, value)
            status = client.request(method, path, headers=headers[role], json={}).status_code
            assert (status == 403) == (role not in allowed), (method, path, role, status)
            assert status != 500, (method, path, role)


def test_startups_and_experts_match_nobody_and_read_no_log(client):
    app = client.app
    for path in ("/v1/match", "/v1/assign"):
        assert roles_of(app, path, "POST") == MATCHED_BY_MANAGERS
    assert roles_of(app, "/v1/audit", "GET") == {Role.ADMIN}


def test_routes_outside_of_v1_are_known(client):
    assert {path for path, _ in routes(client.app) if not path.startswith("/v1")} <= OPEN


def test_a_key_may_ask_so_often_and_is_told_when_to_come_back(serve):
    client = serve(rate_limit="2 per minute")
    statuses = [client.post("/v1/assign", json={}).status_code for _ in range(3)]
    assert statuses == [422, 422, 429]
    answer = client.post("/v1/assign", json={})
    assert 1 <= int(answer.headers["retry-after"]) <= 61
    other = key_for(client.app, Role.MANAGER)
    assert client.post("/v1/assign", json={}, headers=other).status_code == 422


def test_the_audit_log_is_read_page_by_page_by_admins(client):
    headers = key_for(client.app, Role.ADMIN)
    first = client.get("/v1/audit?limit=1", headers=headers).json()
    assert first["items"][0]["action"] == "key.create"
    second = client.get(f"/v1/audit?limit=1&cursor={first['next']}", headers=headers).json()
    assert second["items"][0]["id"] < first["items"][0]["id"]
    assert client.get("/v1/audit?limit=0", headers=headers).status_code == 422
    assert client.get("/v1/audit?cursor=99999999999999999999", headers=headers).status_code == 422


def test_every_answer_carries_an_id_and_a_policy(client):
    for path in ("/healthz", "/nothing", "/v1/nothing", "/docs", "/metrics", "/openapi.json"):
        for method in ("GET", "HEAD"):
            answer = client.request(method, path)
            assert re.fullmatch(r"[0-9a-f]{16}", answer.headers["x-request-id"])
            assert "default-src" in answer.headers["content-security-policy"]
            assert "http" not in answer.headers["content-security-policy"]
    assert client.get("/healthz", headers={"X-Request-ID": "mine-1"}).headers["x-request-id"] == "mine-1"
    assert client.get("/healthz", headers={"X-Request-ID": "<b>"}).headers["x-request-id"] != "<b>"


def test_the_docs_load_nothing_from_elsewhere(client):
    page = client.get("/docs").text
    links = re.findall(r'(?:src|href)="([^"]+)"', page) + re.findall(r"url: '([^']+)'", page)
    assert links
    for link in links:
        assert link.startswith("/"), link
        assert client.get(link).status_code == 200


def test_it_is_ready_once_the_models_are_open(client):
    assert client.get("/healthz").json() == {"status": "alive"}
    for _ in range(200):
        if client.get("/readyz").status_code == 200:
            break
        time.sleep(0.05)
    assert client.get("/readyz").json() == {"status": "ready"}
    client.app.state.shared.running._models = type("Never", (), {"done": lambda self: False})()
    assert client.get("/readyz").status_code == 503


def test_metrics_tell_runs_stages_and_indexes_and_no_id(client):
    client.post("/v1/programs", json={"id": "secret-program"})
    client.put("/v1/programs/secret-program/startups/secret-startup", json={"needs": ["arms"]})
    client.get("/v1/programs/secret-program/startups/secret-startup/suggestions")
    told = client.get("/metrics").text
    assert "matcher_index_profiles 1.0" in told
    assert 'matcher_runs{state="queued"} 0.0' in told
    assert "secret" not in told


def test_metrics_count_routes_and_not_paths(client):
    client.post("/v1/assign", json={})
    client.get("/v1/secret-name-of-somebody")
    told = client.get("/metrics").text
    assert 'matcher_requests_total{method="POST",route="/v1/assign",status="422"} 1.0' in told
    assert "somebody" not in told


def test_the_log_tells_no_text_of_a_profile(client, caplog):
    with caplog.at_level("INFO", logger="matcher.http"):
        client.post("/v1/match", json={"startups": [{"id": "s-secret", "needs": 4}], "experts": []})
        client.post("/v1/assign", json={}, headers={"Authorization": "Bearer mk_tried"})
    told = [record.__dict__ for record in caplog.records if record.name == "matcher.http"]
    assert {"request", "key refused"} <= {record["msg"] for record in told}
    assert "s-secret" not in repr(told)
    assert "mk_tried" not in repr(told)


def test_openapi_describes_bodies_answers_and_errors(client):
    document = client.get("/openapi.json").json()
    schemas = document["components"]["schemas"]
    for path in ("/v1/match", "/v1/assign"):
        operation = document["paths"][path]["post"]
        name = operation["requestBody"]["content"]["application/json"]["schema"]["$ref"].rpartition("/")[2]
        assert schemas[name]["examples"]
        assert {"200", "400", "401", "403", "413", "422", "429"} <= operation["responses"].keys()
    used = set(re.findall(r'"#/components/schemas/([^"]+)"', client.get("/openapi.json").text))
    assert used <= schemas.keys()


def test_the_examples_of_the_document_work(client):
    schemas = client.get("/openapi.json").json()["components"]["schemas"]
    assert client.post("/v1/match", json=schemas["MatchBody"]["examples"][0]).json()["matches"]
    assert client.post("/v1/assign", json=schemas["AssignBody"]["examples"][0]).json()["status"] == "optimal"
