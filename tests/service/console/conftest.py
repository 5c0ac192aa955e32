from __future__ import annotations

import re
from collections.abc import Callable
from html import unescape
from urllib.parse import unquote, urljoin, urlsplit

import httpx
import pytest
from starlette.testclient import TestClient

from service.console import suggested
from service.store.keys import Grant, Role, create_key
from tests.service.http.conftest import client, serve

__all__ = ["client", "serve"]

LANGUAGE = {"Accept-Language": "en"}


class Browser:
    """A browser without JavaScript: it keeps cookies, follows links and sends the forms that a page has."""

    def __init__(self, client: TestClient) -> None:
        self.client = client
        self.page: httpx.Response | None = None

    @property
    def text(self) -> str:
        """What a reader sees, without tags."""
        body = re.sub(r"(?s)<(script|style).*?</\1>", " ", self.page.text)
        return unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", body)))

    def open(self, where: str, **headers: str) -> httpx.Response:
        self.page = self.client.get(where, headers={**LANGUAGE, **headers})
        return self.page

    def send(self, action: str, files: dict | None = None, **fields: object) -> httpx.Response:
        """Send the form with this action, its hidden fields as they are."""
        forms = re.findall(r"(?s)<form([^>]*)>(.*?)</form>", self.page.text)
        inside = next(
            body
            for attributes, body in forms
            if 'method="post"' in attributes and self._action(attributes) == (action or None)
        )
        hidden = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', inside)
        values = {name: unescape(value) for name, value in hidden} | fields
        where = action or str(self.page.url)
        self.page = self.client.post(where, data=values, files=files, headers=LANGUAGE)
        return self.page

    def press(self, do: str, startup: str) -> httpx.Response:
        """Press a button of the match list that is open, in the row of a startup."""
        rows = self.page.text.split("<article")[1:]
        row = next(row for row in rows if f'startups/{startup}"' in row)
        return self.send(f"{self.page.url.path}/steer", do=re.search(rf'value="({do}/[^"]+)"', row)[1])

    def _action(self, attributes: str) -> str | None:
        found = re.search(r'action="([^"]*)"', attributes)
        return unquote(urlsplit(urljoin(str(self.page.url), unescape(found[1]))).path) if found else None


SignIn = Callable[..., Browser]


@pytest.fixture
def sign_in(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> SignIn:
    """Sign in with a new key of a role. A page waits for its suggestions: what it shows before is tested for itself."""
    monkeypatch.setattr(suggested, "_PATIENCE_S", 60.0)
    del client.headers["Authorization"]

    def enter(role: Role = Role.ADMIN, program: str | None = None, party: str | None = None) -> Browser:
        browser = Browser(client)
        client.cookies.clear()
        browser.open("/")
        browser.secret = create_key(client.app.state.shared.database, Grant(role, program, party), "tests")[1]
        browser.send("/sign-in", key=browser.secret)
        assert browser.page.status_code == 200, browser.text
        return browser

    return enter
