"""A program's view of the hub: calls of the API with a token, on one connection that is kept."""

from __future__ import annotations

import http.client
import json
import threading
import time
from typing import Any

from tests.support.raw_http import Reply


class ApiClient:
    """Synchronous; may be shared by threads, which then wait for each other."""

    def __init__(self, port: int, token: str | None) -> None:
        self.port = port
        self.token = token
        self._connection: http.client.HTTPConnection | None = None
        self._lock = threading.Lock()

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def call(
        self, method: str, path: str, document: object = None, *, body: bytes | None = None, **headers: str
    ) -> Reply:
        """Send one request; a kept connection that the hub has closed meanwhile is opened again once."""
        content = body if body is not None else None if document is None else json.dumps(document).encode()
        wanted = {name.replace("_", "-"): value for name, value in headers.items()}
        if content is not None:
            wanted.setdefault("Content-Type", "application/json")
        if self.token is not None:
            wanted["Authorization"] = f"Bearer {self.token}"
        with self._lock:
            is_kept = self._connection is not None
            try:
                return self._once(method, path, content, wanted)
            except (ConnectionError, http.client.HTTPException):
                self.close()
                if not is_kept:
                    raise
                return self._once(method, path, content, wanted)

    def _once(self, method: str, path: str, content: bytes | None, headers: dict[str, str]) -> Reply:
        if self._connection is None:
            self._connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        started = time.perf_counter()
        try:
            self._connection.request(method, path, content, headers)
            response = self._connection.getresponse()
            content = response.read()
        except OSError:
            self.close()
            raise
        found = {name.lower(): value for name, value in response.getheaders()}
        return Reply(response.status, found, content, time.perf_counter() - started)

    def get(self, path: str) -> Any:
        return self._good(self.call("GET", path), "GET", path)

    def post(self, path: str, document: object = None) -> Any:
        return self._good(self.call("POST", path, document), "POST", path)

    def put(self, path: str, document: object) -> Any:
        return self._good(self.call("PUT", path, document), "PUT", path)

    def delete(self, path: str) -> None:
        self._good(self.call("DELETE", path), "DELETE", path)

    def items(self, path: str, *, most: int = 100_000) -> list[Any]:
        """Return all rows of a list, newest first, page by page."""
        rows: list[Any] = []
        separator = "&" if "?" in path else "?"
        cursor: str | None = ""
        while cursor is not None and len(rows) < most:
            page = self.get(f"{path}{separator}limit=500" + (f"&cursor={cursor}" if cursor else ""))
            rows += page["items"]
            cursor = page["next"]
        return rows

    def _good(self, reply: Reply, method: str, path: str) -> Any:
        if not 200 <= reply.status < 300:
            raise AssertionError(f"{method} {path} was answered {reply.status}: {reply.text[:500]}")
        return reply.document
