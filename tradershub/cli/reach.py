"""Follows a message from the public name to this hub, hop by hop, and says at which one it gets lost."""

import http.client
import json
import socket
import ssl
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Final
from urllib.parse import SplitResult, urlsplit

from tradershub.cli.local_http import Response, request

_SECONDS: Final = 10.0
_REACHED_BY_SERVICES: Final = (80, 443)
_GATEWAY: Final = frozenset((502, 503, 504, 520, 521, 522, 523, 524, 525, 526, 530))
_PROBE_PATH: Final = "/webhook/native"


class Hop(StrEnum):
    """What a message passes on its way."""

    ADDRESS = "address"
    DNS = "dns"
    TCP = "tcp"
    TLS = "tls"
    HTTP = "http"
    HUB = "hub"
    WEBHOOK = "webhook"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    hop: Hop
    is_fine: bool
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalHub:
    """What is known of the hub on this machine: where it answers, and its webhooks-only listener if that is on."""

    is_running: bool
    ui: str
    hooks: str | None

    @property
    def advice(self) -> str:
        """What a proxy that reaches nothing should be pointed at."""
        if not self.is_running:
            return "no hub runs on this data folder: start it with `tradershub run`"
        if self.hooks is None:
            return f"the hooks listener is off: set hooks.enabled, or point the proxy or tunnel at {self.ui}"
        return f"point the proxy or tunnel at {self.hooks}"


def follow(url: str, local: LocalHub) -> Iterator[Finding]:
    """Yield what is found at each hop, ending with the first that fails."""
    parts = urlsplit(url.rstrip("/"))
    steps: tuple[Callable[[SplitResult, LocalHub], Finding], ...] = (_address, _dns, _tcp, _tls, _hub, _webhook)
    for step in steps:
        finding = step(parts, local)
        yield finding
        if not finding.is_fine:
            return


def _fine(hop: Hop, text: str) -> Finding:
    return Finding(hop=hop, is_fine=True, text=text)


def _lost(hop: Hop, text: str) -> Finding:
    return Finding(hop=hop, is_fine=False, text=text)


def port_of(parts: SplitResult) -> int:
    return parts.port or (443 if parts.scheme == "https" else 80)


def _address(parts: SplitResult, _local: LocalHub) -> Finding:
    try:
        port = port_of(parts)
    except ValueError:
        port = 0
    if parts.scheme not in ("http", "https") or not parts.hostname or not port:
        return _lost(Hop.ADDRESS, "is no web address: write it as https://hooks.example.com")
    if parts.path or parts.query:
        return _lost(Hop.ADDRESS, "give the address without a path: the webhook paths are tried by this check")
    if port not in _REACHED_BY_SERVICES:
        return _fine(Hop.ADDRESS, f"port {port}: TradingView reaches 80 and 443 only")
    return _fine(Hop.ADDRESS, f"{parts.scheme}, port {port}")


def _dns(parts: SplitResult, _local: LocalHub) -> Finding:
    host = parts.hostname or ""
    try:
        found = socket.getaddrinfo(host, port_of(parts), type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        return _lost(Hop.DNS, f"{host} has no address ({error}): make the DNS record, or wait until it is known")
    addresses = dict.fromkeys(str(entry[4][0]) for entry in found)
    return _fine(Hop.DNS, ", ".join(addresses))


def _tcp(parts: SplitResult, local: LocalHub) -> Finding:
    host, port = parts.hostname or "", port_of(parts)
    try:
        with socket.create_connection((host, port), timeout=_SECONDS):
            return _fine(Hop.TCP, f"port {port} answers")
    except TimeoutError:
        return _lost(Hop.TCP, f"nothing answers on port {port}: a firewall or router drops it, or forwards it nowhere")
    except OSError as error:
        reason = error.strerror or str(error)
        return _lost(Hop.TCP, f"port {port}: {reason}: nothing listens there; {local.advice}")


def _tls(parts: SplitResult, _local: LocalHub) -> Finding:
    if parts.scheme != "https":
        return _fine(Hop.TLS, "not used: secrets travel in clear, use https")
    host = parts.hostname or ""
    try:
        with (
            socket.create_connection((host, port_of(parts)), timeout=_SECONDS) as plain,
            ssl.create_default_context().wrap_socket(plain, server_hostname=host) as secured,
        ):
            return _fine(Hop.TLS, f"{secured.version()}, the certificate is good for {host}")
    except ssl.SSLCertVerificationError as error:
        return _lost(Hop.TLS, f"the certificate is not accepted ({error.verify_message}): senders will refuse it too")
    except (ssl.SSLError, OSError) as error:
        return _lost(Hop.TLS, f"no TLS on port {port_of(parts)} ({error}): does the proxy speak https there?")


def _hub(parts: SplitResult, local: LocalHub) -> Finding:
    answer = _ask("GET", parts, "/healthz")
    if isinstance(answer, str):
        return _lost(Hop.HTTP, answer)
    if answer.status in _GATEWAY:
        return _lost(Hop.HTTP, f"the proxy answers HTTP {answer.status}: it does not reach the hub; {local.advice}")
    if 300 <= answer.status < 400:
        where = answer.headers.get("location", "elsewhere")[:100]
        return _lost(Hop.HTTP, f"redirected to {where}: give that address; senders do not follow a redirected POST")
    if answer.status in (401, 403):
        return _lost(Hop.HTTP, f"HTTP {answer.status}: something before the hub asks for a sign-in; exempt the hub")
    if answer.status != 200 or _object(answer) != {"status": "ok"}:
        server = answer.headers.get("server", "unnamed")[:60]
        return _lost(Hop.HUB, f"another server answers there (HTTP {answer.status}, {server}); {local.advice}")
    return _fine(Hop.HUB, "a hub answers")


def _webhook(parts: SplitResult, _local: LocalHub) -> Finding:
    """Post an empty message: a hub refuses it by a code of its own, before any secret is looked at."""
    answer = _ask("POST", parts, _PROBE_PATH)
    if isinstance(answer, str):
        return _lost(Hop.WEBHOOK, answer)
    code = _object(answer).get("code")
    if answer.status == 400 and code == "empty_body":
        pages = _ask("GET", parts, "/readyz")
        shows_pages = not isinstance(pages, str) and pages.status != 404
        hint = "; the pages are reachable there too, the hooks listener would show webhooks only" if shows_pages else ""
        return _fine(Hop.WEBHOOK, f"messages arrive{hint}")
    if answer.status == 503:
        return _lost(Hop.WEBHOOK, "the hub is there and not ready yet: see `tradershub status`")
    return _lost(Hop.WEBHOOK, f"HTTP {answer.status} {code or ''}: something between changes what is posted".rstrip())


def _ask(method: str, parts: SplitResult, path: str) -> Response | str:
    """Return the answer, or what went wrong."""
    try:
        return request(
            method,
            f"{parts.scheme}://{parts.netloc}{path}",
            body=b"" if method == "POST" else None,
            headers={"User-Agent": "tradershub-check"},
            timeout_s=_SECONDS,
        )
    except TimeoutError:
        return f"no answer within {_SECONDS:.0f} s"
    except (OSError, http.client.HTTPException) as error:
        return f"the connection broke ({str(error) or type(error).__name__})"


def _object(answer: Response) -> dict[str, object]:
    try:
        found = json.loads(answer.body)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
