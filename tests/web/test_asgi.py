"""Which address is answered by whom, and what a log may show of it."""

import logging
from typing import Any

import pytest

from tests.web.web_shell import GOOD, SOURCES, a_shell, both_parsers, head
from tradershub.web.asgi import OutermostApp, redacted
from tradershub.web.http_protocol import ParserName
from tradershub.web.peer_limits import PeerAddresses

TOKEN = "Zx9-secret_token-of-the-path"


class EchoingFramework:
    """Stands for the framework: answers 200 and keeps the scopes it saw."""

    def __init__(self, raises: Exception | None = None) -> None:
        self.scopes: list[dict[str, Any]] = []
        self.raises = raises

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        self.scopes.append(scope)
        if self.raises is not None:
            raise self.raises
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]})
        await send({"type": "http.response.body", "body": b"ok"})


@pytest.mark.parametrize(
    ("path", "source"),
    [
        ("/tradingview-webhook", "tradingview"),
        ("/tradingview-webhook/", "tradingview"),
        (f"/tradingview-webhook/{TOKEN}", "tradingview"),
        ("/copy-trade", "tradingview"),
        (f"/copy-trade/{TOKEN}", "tradingview"),
        ("/webhook/native", "native"),
        ("/webhook/tradingview", "tradingview"),
        (f"/webhook/tradingview/{TOKEN}", "tradingview"),
    ],
)
async def test_each_webhook_path_leads_to_its_source(path: str, source: str) -> None:
    async with a_shell() as shell:
        assert (await shell.post(GOOD, path)).status == 202
        assert shell.intake.messages[0].source == source


@pytest.mark.parametrize(
    "path",
    [
        "/tradestation-webhook",
        f"/multicharts-webhook/{TOKEN}",
        "/webhook",
        "/webhook/",
        "/webhook/tradestation",
        "/webhook/copy-trade",
        f"/webhook/native/{TOKEN}/more",
        f"/copy-trade/{TOKEN}/more",
    ],
)
@pytest.mark.parametrize("hooks_only", [False, True])
async def test_a_webhook_path_without_a_source_is_404_and_stays_out_of_the_framework(
    path: str, hooks_only: bool
) -> None:
    framework = EchoingFramework()
    async with a_shell(framework=framework, hooks_only=hooks_only) as shell:
        reply = await shell.post(GOOD, path)
        assert (reply.status, reply.error["code"]) == (404, "unknown_source")
        assert TOKEN.encode() not in reply.body
        assert (framework.scopes, shell.intake.messages) == ([], [])


async def test_a_source_counts_from_the_request_after_it_was_enabled() -> None:
    sources = dict(SOURCES)
    async with a_shell(sources=sources) as shell:
        assert (await shell.post(GOOD, "/tradestation-webhook")).status == 404
        sources["tradestation-webhook"] = "tradestation"
        assert (await shell.post(GOOD, "/tradestation-webhook")).status == 202
        assert (await shell.post(GOOD, "/webhook/tradestation")).status == 202


@both_parsers
async def test_everything_else_goes_to_the_framework(parser: ParserName) -> None:
    framework = EchoingFramework()
    async with a_shell(parser, framework=framework) as shell:
        for path in ("/", "/api/signals", "/copy-traders", "/healthz/more"):
            assert (await shell.send(head("GET", path))).body == b"ok"
    assert [scope["path"] for scope in framework.scopes] == ["/", "/api/signals", "/copy-traders", "/healthz/more"]


async def test_until_the_framework_is_there_pages_wait_and_webhooks_work() -> None:
    async with a_shell() as shell:
        page = await shell.send(head("GET", "/"))
        assert (page.status, page.headers["retry-after"], page.error["code"]) == (503, "1", "starting")
        assert (await shell.post(GOOD)).status == 202
        shell.app.mount(EchoingFramework())
        assert (await shell.send(head("GET", "/"))).status == 200


async def test_until_the_doors_are_open_messages_are_503_and_nothing_is_stored() -> None:
    async with a_shell(doors_open=False) as shell:
        reply = await shell.post(GOOD)
        assert (reply.status, reply.headers["retry-after"]) == (503, "1")
        assert shell.intake.messages == []


async def test_the_process_is_healthy_while_it_lives_and_ready_once_nothing_is_missing() -> None:
    async with a_shell() as shell:
        shell.reasons.extend(("the store is not open", "the journal is behind"))
        assert (await shell.send(head("GET", "/healthz"))).error == {"status": "ok"}
        waiting = await shell.send(head("GET", "/readyz"))
        assert waiting.status == 503
        assert waiting.error["reasons"] == ["the store is not open", "the journal is behind"]
        assert waiting.error["code"] == "not_ready"
        shell.reasons.clear()
        assert (await shell.send(head("GET", "/readyz"))).status == 200


async def test_health_is_only_read() -> None:
    async with a_shell() as shell:
        reply = await shell.post(GOOD, "/healthz")
        assert (reply.status, reply.headers["allow"]) == (405, "get, head")


@pytest.mark.parametrize("path", ["/", "/readyz", "/api/kill", "/login", "/metrics"])
async def test_the_hooks_listener_serves_webhooks_and_healthz_only(path: str) -> None:
    framework = EchoingFramework()
    async with a_shell(framework=framework, hooks_only=True) as shell:
        assert (await shell.send(head("GET", path))).status == 404
        assert (await shell.send(head("GET", "/healthz"))).status == 200
        assert (await shell.post(GOOD)).status == 202
    assert framework.scopes == []


@both_parsers
async def test_a_fault_of_the_framework_is_500_without_details(
    parser: ParserName, caplog: pytest.LogCaptureFixture
) -> None:
    async with a_shell(parser, framework=EchoingFramework(raises=RuntimeError("inner words"))) as shell:
        reply = await shell.send(head("GET", "/log", Host="evil.example"))
    assert (reply.status, reply.error["code"]) == (500, "internal")
    assert b"inner" not in reply.body
    assert "evil" not in str(reply)
    assert len([record for record in caplog.records if record.levelno >= logging.ERROR]) == 1


async def test_the_framework_sees_the_sender_behind_a_listed_proxy() -> None:
    framework = EchoingFramework()
    said = {"X_Forwarded_For": "203.0.113.9", "X_Forwarded_Proto": "https"}
    async with a_shell(framework=framework, proxies=("127.0.0.1",)) as shell:
        await shell.send(head("GET", "/", **said))
    async with a_shell(framework=framework) as shell:
        await shell.send(head("GET", "/", **said))
    behind, direct = framework.scopes
    assert (behind["client"], behind["scheme"]) == (("203.0.113.9", 0), "https")
    assert (direct["client"][0], direct["scheme"]) == ("127.0.0.1", "http")


async def test_a_web_socket_is_closed() -> None:
    app = OutermostApp(sources=lambda: SOURCES, reasons=tuple, peers=PeerAddresses())
    sent: list[Any] = []

    async def send(event: Any) -> None:
        sent.append(event)

    async def receive() -> Any:
        raise AssertionError("nothing is read")

    await app({"type": "websocket", "path": "/"}, receive, send)
    await app({"type": "lifespan"}, receive, send)
    assert sent == [{"type": "websocket.close", "code": 1000}]


async def test_an_offer_of_a_web_socket_is_answered_as_a_plain_request() -> None:
    async with a_shell(framework=EchoingFramework()) as shell:
        offer = head("GET", "/", Connection="Upgrade", Upgrade="websocket", Sec_WebSocket_Version="13")
        assert (await shell.send(offer)).status == 200


async def test_the_access_log_shows_no_token_and_no_query(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, logger="tradershub.access")
    async with a_shell() as shell:
        for path in (f"/copy-trade/{TOKEN}", f"/webhook/native/{TOKEN}", f"/webhook/other/{TOKEN}", f"/{TOKEN}"):
            await shell.post(GOOD, f"{path}?secret=hidden")
    lines = [record.getMessage() for record in caplog.records if record.name == "tradershub.access"]
    assert lines == [
        "POST /copy-trade/*** 202",
        "POST /webhook/native/*** 202",
        "POST /webhook/other/*** 404",
        "POST /*** 503",
    ]


async def test_requests_are_not_logged_at_info(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    async with a_shell() as shell:
        await shell.post(GOOD)
    assert caplog.records == []


@pytest.mark.parametrize(
    ("path", "shown"),
    [
        ("/", "/"),
        ("/api/signals/7", "/api/signals/7"),
        ("/a\n2026 INFO forged", "/a?2026 INFO forged"),
        ("/copy-trade/short", "/copy-trade/***"),
        ("/tradestation-webhook/short", "/tradestation-webhook/***"),
        ("/webhook/native", "/webhook/native"),
        ("/webhook/native/short/more", "/webhook/native/***"),
        (f"/webhook/{TOKEN}", "/webhook/***"),
        (f"/tradingview/{TOKEN}", "/tradingview/***"),
    ],
)
def test_a_path_is_logged_without_what_may_be_secret(path: str, shown: str) -> None:
    assert redacted(path) == shown
