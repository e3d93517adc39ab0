"""One good, bad or hostile request, how it is written out, and what is expected of the hub."""

from __future__ import annotations

import base64
import gzip
import hashlib
import hmac
import json
import re
import secrets
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.support.messages import SECRET
from tests.support.raw_http import request_bytes

SYMBOL = "MES"
JSON = {"Content-Type": "application/json"}
_MEBIBYTE = 1024 * 1024
_INSTANT = re.compile(r"\{\{(NOW|NOW_UNIX)([+-]\d+)?\}\}")


@dataclass(frozen=True, kw_only=True)
class Case:
    """`statuses` holds classes such as `2xx`, and `close` for a connection that ends without an answer."""

    name: str
    statuses: frozenset[str]
    effect: str
    method: str = "POST"
    query: str = ""
    headers: Mapping[str, str] = field(default_factory=lambda: JSON)
    body: bytes = b""
    fill: tuple[str, int] | None = None
    transform: str | None = None
    repeat: int = 1
    parallel: int = 1
    vary: str | None = None
    before_body: bytes | None = None
    restart_between: bool = False
    drip_seconds: float = 0.0
    is_signed: bool = False

    @property
    def is_inert(self) -> bool:
        return self.effect.endswith("+inert")


def read_case(record: Mapping[str, Any]) -> Case:
    """Read a case of the shared samples."""
    generated = record.get("body_gen")
    body = generated["template"].encode() if generated else _body_of(record)
    before = record.get("before_body")
    return Case(
        name=f"{record['id']} {record['title']}",
        statuses=frozenset(record["expect_status_class"].split("|")),
        effect=record["expect_effect"],
        method=record.get("method", "POST"),
        query=record.get("query", ""),
        headers=record.get("headers", {}),
        body=body,
        fill=(generated["fill"], generated["count"]) if generated else None,
        transform=record.get("transform"),
        repeat=record.get("repeat", 1),
        parallel=record.get("parallel", 1),
        vary=record.get("vary"),
        before_body=before.encode() if before is not None else None,
        restart_between=record.get("restart_between", False),
        drip_seconds=record.get("drip_s", 0.0),
        is_signed=record.get("source") == "hmac",
    )


def _body_of(record: Mapping[str, Any]) -> bytes:
    if "body_b64" in record:
        return base64.b64decode(record["body_b64"])
    return str(record.get("body", "")).encode("utf-8", "surrogatepass")


@dataclass(frozen=True, kw_only=True)
class Writer:
    """Writes the requests of one case: the same id in every copy, the same instant in every place."""

    case: Case
    signing_key: str
    now: datetime = field(default_factory=lambda: datetime.now(UTC))
    message_id: str = field(default_factory=lambda: uuid.uuid4().hex)

    def request(self, path: str, *, copy: int = 1, body: bytes | None = None) -> bytes:
        """Return the bytes of one copy, numbered from 1; `body` replaces that of the case."""
        content = self._content(copy) if body is None else self._filled(body)
        headers = [(name, self._signed(value, content)) for name, value in self.case.headers.items()]
        query = self._filled(self.case.query.encode()).decode()
        return request_bytes(self.case.method, f"{path}?{query}" if query else path, content, headers)

    def _content(self, copy: int) -> bytes:
        body = self._filled(self.case.body).replace(b"@@N@@", str(copy).encode())
        if self.case.fill is not None:
            text, count = self.case.fill
            body = body.replace(b"@@", text.encode() * count)
        if self.case.vary is not None:
            document = json.loads(body)
            document[self.case.vary] = f"{self.message_id}-{copy}"
            body = json.dumps(document).encode()
        return self._transformed(body)

    def _transformed(self, body: bytes) -> bytes:
        match self.case.transform:
            case None:
                return body
            case "utf-16-le-bom":
                return b"\xff\xfe" + body.decode().encode("utf-16-le")
            case "utf-8-bom":
                return b"\xef\xbb\xbf" + body
            case "gzip_zeros_50MiB":
                return gzip.compress(bytes(50 * _MEBIBYTE))
            case "add_10000_keys":
                document = json.loads(body) if body else self._plain()
                document.update({f"unknown_{number}": number for number in range(10_000)})
                return json.dumps(document).encode()
            case other:
                raise AssertionError(f"unknown transform {other!r} in {self.case.name}")

    def _plain(self) -> dict[str, Any]:
        wanted = ("id", "secret", "symbol", "action", "quantity")
        values = (self.message_id, SECRET, SYMBOL, "buy", 1)
        return dict(zip(wanted, values, strict=True))

    def _filled(self, body: bytes) -> bytes:
        text = body.decode("utf-8", "surrogateescape")
        for name, value in self._placeholders().items():
            text = text.replace(name, value)
        return _INSTANT.sub(self._instant, text).encode("utf-8", "surrogateescape")

    def _placeholders(self) -> dict[str, str]:
        return {
            "{{SECRET}}": SECRET,
            "{{UUID}}": self.message_id,
            "{{SECRET_SWAPCASE}}": SECRET.swapcase(),
            "{{WRONG_SAME_LEN}}": "w" * len(SECRET),
            "{{OTHER_SECRET}}": secrets.token_urlsafe(24),
            "{{REVOKED_SECRET}}": secrets.token_urlsafe(24),
        }

    def _instant(self, match: re.Match[str]) -> str:
        at = self.now + timedelta(seconds=int(match.group(2) or 0))
        if match.group(1) == "NOW_UNIX":
            return str(int(at.timestamp()))
        return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")

    def _signed(self, value: str, content: bytes) -> str:
        value = _INSTANT.sub(self._instant, value)
        if "{{HMAC" not in value:
            return value
        stamp = _INSTANT.sub(self._instant, self.case.headers["X-Timestamp"]).encode()
        right = digest(self.signing_key, stamp, content)
        return value.replace("{{HMAC}}", right).replace(
            "{{HMAC_OF_OTHER_BODY}}", digest(self.signing_key, stamp, bytes((content[0] ^ 1,)) + content[1:])
        )


def digest(key: str, stamp: bytes, content: bytes) -> str:
    """Sign as a source with `auth: hmac` expects it."""
    return hmac.new(key.encode(), stamp + b"." + content, hashlib.sha256).hexdigest()
