"""The outermost callable of each listener: webhooks and health are answered here, the rest by the framework."""

import logging
import secrets
from collections.abc import Callable, Mapping
from typing import Final, cast

import msgspec

from tradershub.web.answers import Answer, error_body, internal_error, refusal, retry_after, send_answer
from tradershub.web.asgi_types import AsgiApp, Event, Receive, Scope, Send
from tradershub.web.peer_limits import PeerAddresses
from tradershub.web.webhooks import WebhookEndpoint

access = logging.getLogger("tradershub.access")
logger = logging.getLogger(__name__)

# Also while their source is not there: a path that may hold a token must not reach a framework that logs paths.
_WEBHOOK_NAMES: Final = frozenset(
    ("tradingview-webhook", "tradestation-webhook", "multicharts-webhook", "copy-trade", "webhook")
)
_SHORTEST_TOKEN: Final = 24

_ALIVE: Final = Answer(status=200, body=msgspec.json.encode({"status": "ok"}))
_READY: Final = Answer(status=200, body=msgspec.json.encode({"status": "ready"}))
_NO_SUCH_WEBHOOK: Final = refusal(404, "unknown_source", "no such webhook here; the Sources page lists the addresses")
_NOT_FOUND: Final = refusal(404, "not_found", "this address takes webhooks only")
_ONLY_GET: Final = refusal(405, "method_not_allowed", "ask with GET", headers=((b"allow", b"GET, HEAD"),))
_STARTING: Final = refusal(503, "starting", "the hub is starting: try again in a second", headers=retry_after(1))

Sources = Callable[[], Mapping[str, str]]


class OutermostApp:
    """One listener's ASGI application.

    `sources()` maps each webhook path, without its leading slash, to its source: `{"copy-trade": "tradingview",
    "webhook/native": "native"}`; every source named there is also reached as `/webhook/{source}`. It is called for
    each request, so what it returns is kept by its owner, not built. `reasons()` says why the hub is not ready yet.
    """

    def __init__(
        self,
        *,
        sources: Sources,
        reasons: Callable[[], tuple[str, ...]],
        peers: PeerAddresses,
        webhooks: WebhookEndpoint | None = None,
        hooks_only: bool = False,
    ) -> None:
        self._sources = sources
        self._reasons = reasons
        self._peers = peers
        self._webhooks = webhooks
        self._hooks_only = hooks_only
        self._framework: AsgiApp | None = None

    def open_doors(self, webhooks: WebhookEndpoint) -> None:
        """Take messages from now on; until then they are answered 503 with nothing stored."""
        self._webhooks = webhooks

    def mount(self, framework: AsgiApp) -> None:
        """Give everything that is neither a webhook nor health to `framework` from now on; until then it is 503."""
        self._framework = framework

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            if scope["type"] == "websocket":
                await send({"type": "websocket.close", "code": 1000})
            return
        first, _, rest = scope["path"][1:].partition("/")
        hook = self._hook(first, rest)
        if hook is not None:
            status = await self._signal(scope, receive, send, *hook)
        elif not rest and first in ("healthz", "readyz") and not (self._hooks_only and first == "readyz"):
            status = await _sent(send, self._health(scope["method"], first))
        elif self._hooks_only:
            status = await _sent(send, _NOT_FOUND)
        else:
            status = await self._page(scope, receive, send)
        if access.isEnabledFor(logging.DEBUG):
            access.debug("%s %s %d", scope["method"], redacted(scope["path"]), status)

    def _hook(self, first: str, rest: str) -> tuple[str | None, str | None] | None:
        """Return source and token of a webhook path, (None, None) for one without a source, None for other paths."""
        sources = self._sources()
        source = sources.get(first)
        token = rest
        if first == "webhook":
            name, _, token = rest.partition("/")
            source = name if name in sources.values() else sources.get(f"webhook/{name}")
        if source is None:
            return (None, None) if first in _WEBHOOK_NAMES else None
        return (None, None) if "/" in token else (source, token or None)

    async def _signal(self, scope: Scope, receive: Receive, send: Send, source: str | None, token: str | None) -> int:
        if source is None:
            return await _sent(send, _NO_SUCH_WEBHOOK)
        if self._webhooks is None:
            return await _sent(send, _STARTING)
        return await self._webhooks.receive_signal(scope, receive, send, source=source, path_token=token)

    def _health(self, method: str, name: str) -> Answer:
        if method not in ("GET", "HEAD"):
            return _ONLY_GET
        if name == "healthz":
            return _ALIVE
        reasons = self._reasons()
        if not reasons:
            return _READY
        body = msgspec.json.decode(error_body("not_ready", "; ".join(reasons)))
        body |= {"status": "not_ready", "reasons": reasons}
        return Answer(status=503, body=msgspec.json.encode(body), headers=retry_after(1))

    async def _page(self, scope: Scope, receive: Receive, send: Send) -> int:
        if self._framework is None:
            return await _sent(send, _STARTING)
        status = 0

        async def watched(event: Event) -> None:
            nonlocal status
            if event["type"] == "http.response.start":
                status = event["status"]
            await send(event)

        try:
            await self._framework(self._as_seen_by_the_proxy(scope), receive, watched)
        except Exception:  # noqa: BLE001 -- the web request border: what the framework lets through ends here
            error_id = secrets.token_hex(4)
            logger.exception("error %s while answering %s", error_id, redacted(scope["path"]))
            if status == 0:
                return await _sent(send, internal_error(error_id))
        return status

    def _as_seen_by_the_proxy(self, scope: Scope) -> Scope:
        client, headers = scope["client"], scope["headers"]
        if not self._peers.is_proxy(client):
            return scope
        seen = cast("Scope", dict(scope))
        seen["client"] = (self._peers.peer(client, headers), 0)
        seen["scheme"] = self._peers.scheme(client, headers) or scope["scheme"]
        return seen


async def _sent(send: Send, answer: Answer) -> int:
    await send_answer(send, answer)
    return answer.status


def redacted(path: str) -> str:
    """Return a path fit for a log: nothing behind a webhook's name, nothing long enough for a token, no controls."""
    first, _, rest = path[1:].partition("/")
    if first in _WEBHOOK_NAMES:
        source, _, token = rest.partition("/") if first == "webhook" else ("", "", rest)
        shown = [first, *filter(None, (source, "***" if token else ""))]
    else:
        shown = [first, *rest.split("/")] if rest else [first]
    return "/" + "/".join("***" if len(part) >= _SHORTEST_TOKEN else _printable(part) for part in shown)


def _printable(text: str) -> str:
    return "".join(letter if letter.isprintable() else "?" for letter in text)
