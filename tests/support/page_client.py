"""A person's view of the hub without a browser: signs in by the form and reads pages."""

from __future__ import annotations

import re
from urllib.parse import urlencode

from tests.support.hub_process import PASSWORD
from tests.support.raw_http import Reply, exchange, request_bytes

_FORM_TOKEN = re.compile(r'name="_csrf_token"[^>]*value="([^"]*)"')


class PageClient:
    """Keeps the cookies of one session; every page is asked for on a connection of its own."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._cookies: dict[str, str] = {}

    @classmethod
    def signed_in(cls, port: int, *, user: str = "admin", password: str = PASSWORD) -> PageClient:
        client = cls(port)
        reply = client.submit("/login", {"username": user, "password": password})
        if reply.status not in (302, 303):
            raise AssertionError(f"signing in was answered {reply.status}: {reply.text[:500]}")
        return client

    def get(self, path: str) -> Reply:
        return self._send(request_bytes("GET", path, headers=self._headers("none"), host=self._host))

    def page(self, path: str) -> str:
        reply = self.get(path)
        if reply.status != 200:
            raise AssertionError(f"{path} was answered {reply.status}: {reply.text[:500]}")
        return reply.text

    def pages(self, *paths: str) -> tuple[str, ...]:
        return tuple(self.page(path) for path in paths)

    def submit(self, path: str, fields: dict[str, str]) -> Reply:
        """Send a form with the token that its page holds."""
        token = _FORM_TOKEN.search(self.get(path).text)
        form = {**fields, "_csrf_token": token.group(1) if token else ""}
        headers = [
            *self._headers("same-origin"),
            ("Origin", f"http://{self._host}"),
            ("Content-Type", "application/x-www-form-urlencoded"),
        ]
        return self._send(request_bytes("POST", path, urlencode(form).encode(), headers, host=self._host))

    @property
    def cookie(self) -> str:
        return "; ".join(f"{name}={value}" for name, value in self._cookies.items())

    @property
    def _host(self) -> str:
        return f"127.0.0.1:{self._port}"

    def _headers(self, site: str) -> list[tuple[str, str]]:
        headers = [("Sec-Fetch-Site", site), ("Accept", "text/html")]
        return [*headers, ("Cookie", self.cookie)] if self._cookies else headers

    def _send(self, request: bytes) -> Reply:
        reply = exchange(self._port, request)
        for cookie in reply.cookies:
            name, _, value = cookie.partition(";")[0].partition("=")
            self._cookies[name] = value
        return reply
