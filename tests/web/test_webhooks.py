"""What the webhook door takes, what it refuses before the intake, and what it hands over."""

import asyncio
import gzip
import json
import logging

import pytest

from tests.web.web_shell import GOOD, STORED, WRONG, Shell, a_shell, both_parsers, head, post
from tradershub.ports.clock import SystemClock
from tradershub.ports.intake import Signature, Transport
from tradershub.web.http_protocol import ParserName
from tradershub.web.webhooks import WebhookLimits


async def test_the_intake_gets_the_message_as_it_came() -> None:
    clock = SystemClock()
    async with a_shell() as shell:
        before, began = clock.now(), clock.perf()
        reply = await shell.post(GOOD, "/copy-trade", Content_Type="text/plain; charset=utf-8")
        after, ended = clock.now(), clock.perf()
        (raw,) = shell.intake.messages
    assert (reply.status, reply.body) == (202, STORED)
    assert (raw.source, raw.body, raw.content_type) == ("tradingview", GOOD, "text/plain; charset=utf-8")
    assert (raw.transport, raw.path_token, raw.signature, raw.peer) == (Transport.HTTP, None, None, "127.0.0.1")
    assert before <= raw.received_at <= after
    assert began <= raw.received_perf <= ended


async def test_the_time_of_a_message_is_that_of_its_last_byte() -> None:
    clock = SystemClock()
    async with a_shell() as shell, shell.connection() as wire:
        await wire.write_and_drain(post(GOOD)[:-1])
        await asyncio.sleep(0.05)
        last = clock.perf()
        wire.write(GOOD[-1:])
        await wire.reply()
        assert shell.intake.messages[0].received_perf >= last


async def test_a_receipt_is_answered_with_safe_headers() -> None:
    async with a_shell() as shell:
        reply = await shell.post(GOOD)
    assert reply.headers["content-type"] == "application/json"
    assert reply.headers["x-content-type-options"] == "nosniff"
    assert reply.headers["cache-control"] == "no-store"
    assert reply.headers["content-length"] == str(len(STORED))


async def test_a_path_token_and_a_signature_are_handed_over() -> None:
    token = "t" * 32
    async with a_shell() as shell:
        await shell.post(GOOD, f"/tradingview-webhook/{token}", X_Timestamp="1790000000", X_Signature="00ff")
        await shell.post(GOOD, f"/webhook/native/{token}")
        signed, plain = shell.intake.messages
    assert (signed.source, signed.path_token) == ("tradingview", token)
    assert signed.signature == Signature(timestamp="1790000000", digest="00ff")
    assert (plain.source, plain.path_token, plain.signature) == ("native", token, None)


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "OPTIONS", "PATCH"])
async def test_only_post_is_taken(method: str) -> None:
    async with a_shell() as shell:
        reply = await shell.send(head(method, "/webhook/native?secret=open+sesame&action=sell", Content_Length="0"))
        assert (reply.status, reply.headers["allow"]) == (405, "post")
        assert shell.intake.messages == []


async def test_a_secret_in_the_query_is_no_secret() -> None:
    body = json.dumps({"symbol": "MNQ", "action": "sell"}).encode()
    async with a_shell() as shell:
        assert (await shell.post(body, "/webhook/native?secret=open+sesame")).status == 401
        assert shell.intake.messages[0].path_token is None


@both_parsers
async def test_an_empty_body_is_400(parser: ParserName) -> None:
    async with a_shell(parser) as shell:
        assert (await shell.post(b"")).error["code"] == "empty_body"
        assert (await shell.send(head())).status == 400
        assert shell.intake.messages == []


@pytest.mark.parametrize(
    "content_type",
    ["application/xml", "text/xml", "multipart/form-data; boundary=x", "application/x-www-form-urlencoded", "x"],
)
async def test_a_type_that_is_never_a_message_is_415(content_type: str) -> None:
    async with a_shell() as shell:
        reply = await shell.post(GOOD, Content_Type=content_type)
        assert (reply.status, reply.error["field"], reply.error["got"]) == (415, "content-type", content_type)
        assert shell.intake.messages == []


@pytest.mark.parametrize("content_type", ["", "TEXT/PLAIN", "application/json;charset=UTF-8"])
async def test_a_type_that_may_be_a_message_is_left_to_the_body(content_type: str) -> None:
    async with a_shell() as shell:
        assert (await shell.post(GOOD, Content_Type=content_type)).status == 202


async def test_without_a_type_the_body_decides() -> None:
    async with a_shell() as shell:
        assert (await shell.send(head(Content_Length=str(len(GOOD))) + GOOD)).status == 202
        assert (await shell.send(head(Content_Length="9") + b"\0\1 noise\2")).status == 400
        assert [raw.content_type for raw in shell.intake.messages] == [None, None]


@pytest.mark.parametrize("encoding", ["gzip", "gzip, gzip", "deflate", "br", "identity, gzip"])
async def test_an_encoded_body_is_never_unpacked(encoding: str) -> None:
    async with a_shell() as shell:
        for body in (GOOD, gzip.compress(bytes(1_000_000))):
            assert (await shell.post(body, Content_Encoding=encoding)).status == 415
        assert shell.intake.messages == []


async def test_the_identity_encoding_is_none() -> None:
    async with a_shell() as shell:
        assert (await shell.post(GOOD, Content_Encoding="identity")).status == 202


@both_parsers
async def test_a_body_beyond_the_limit_is_413_before_it_is_read(parser: ParserName) -> None:
    async with a_shell(parser) as shell:
        reply = await shell.send(head(Content_Length="65537"))
        assert (reply.status, reply.error["code"]) == (413, "too_large")
        assert shell.intake.messages == []


@both_parsers
async def test_a_body_that_grows_beyond_the_limit_is_413(parser: ParserName) -> None:
    async with a_shell(parser) as shell, shell.connection() as wire:
        await wire.write_and_drain(head(Transfer_Encoding="chunked"))
        for _ in range(9):
            await wire.write_and_drain(b"2000\r\n" + b"x" * 0x2000 + b"\r\n")
            await asyncio.sleep(0)
        assert (await wire.reply()).status == 413
        assert shell.intake.messages == []


@both_parsers
async def test_a_body_at_the_limit_is_taken(parser: ParserName) -> None:
    async with a_shell(parser) as shell:
        body = GOOD + b" " * (64 * 1024 - len(GOOD))
        assert (await shell.post(body)).status == 202
        assert len(shell.intake.stored[0].body) == 64 * 1024


async def test_another_method_or_host_in_a_header_changes_nothing() -> None:
    async with a_shell() as shell:
        reply = await shell.post(GOOD, Host="evil.example", X_HTTP_Method_Override="DELETE")
        assert reply.status == 202
        assert "evil" not in str(reply)


async def test_wrong_secrets_are_401_and_then_429_with_a_growing_delay() -> None:
    now = [0]
    async with a_shell(monotonic_ns=lambda: now[0]) as shell:
        assert [(await shell.post(WRONG)).status for _ in range(20)] == [401] * 20
        first = await shell.post(WRONG)
        now[0] += 61 * 10**9
        for _ in range(20):
            await shell.post(WRONG)
        second = await shell.post(WRONG)
    assert (first.status, first.headers["retry-after"], first.error["code"]) == (429, "60", "too_many_failures")
    assert (second.status, second.headers["retry-after"]) == (429, "120")


async def test_a_valid_secret_is_never_refused_by_count() -> None:
    async with a_shell() as shell:
        for _ in range(25):
            last = await shell.post(WRONG)
        assert last.status == 429
        assert [(await shell.post(GOOD)).status for _ in range(30)] == [202] * 30


@pytest.mark.parametrize(
    "claims",
    [
        {"X_Forwarded_For": "127.0.0.1"},
        {"X_Forwarded_For": "198.51.100.@"},
        {"Forwarded": "for=127.0.0.1", "X_Real_IP": "127.0.0.1"},
    ],
)
async def test_a_claimed_address_does_not_make_a_stranger_another_peer(claims: dict[str, str]) -> None:
    async with a_shell() as shell:
        for number in range(21):
            last = await shell.post(WRONG, **{name: value.replace("@", str(number)) for name, value in claims.items()})
        assert last.status == 429
        assert {raw.peer for raw in shell.intake.messages} == {"127.0.0.1"}


async def test_behind_a_listed_proxy_each_sender_is_a_peer_of_its_own() -> None:
    async with a_shell(proxies=("127.0.0.1",)) as shell:
        for _ in range(21):
            blamed = await shell.post(WRONG, X_Forwarded_For="203.0.113.9")
        other = await shell.post(WRONG, X_Forwarded_For="203.0.113.10")
        assert (blamed.status, other.status) == (429, 401)
        assert shell.intake.messages[-1].peer == "203.0.113.10"


@both_parsers
async def test_a_slow_intake_is_answered_in_time_and_not_cancelled(parser: ParserName) -> None:
    async with a_shell(parser, webhook_limits=WebhookLimits(answer_seconds=0.05)) as shell:
        shell.intake.hold = asyncio.Event()
        reply = await shell.post(GOOD)
        assert (reply.status, reply.headers["retry-after"], reply.error["code"]) == (503, "5", "busy")
        assert shell.intake.stored == []
        shell.intake.hold.set()
        await _until_stored(shell, 1)


async def test_a_sender_that_hangs_up_does_not_undo_its_message() -> None:
    async with a_shell() as shell:
        shell.intake.hold = asyncio.Event()
        async with shell.connection() as wire:
            await wire.write_and_drain(post(GOOD))
            while not shell.intake.messages:
                await asyncio.sleep(0.005)
        shell.intake.hold.set()
        await _until_stored(shell, 1)


@both_parsers
async def test_a_sender_that_hangs_up_in_its_body_sends_nothing(parser: ParserName) -> None:
    async with a_shell(parser) as shell:
        async with shell.connection() as wire:
            await wire.write_and_drain(post(GOOD)[:-1])
        assert (await shell.post(GOOD)).status == 202
        assert len(shell.intake.messages) == 1


async def test_a_fault_of_ours_is_500_without_details_and_logged_once(caplog: pytest.LogCaptureFixture) -> None:
    async with a_shell() as shell:
        shell.intake.raises = RuntimeError("open sesame is in here")
        reply = await shell.post(GOOD)
        shell.intake.raises = None
        assert (await shell.post(GOOD)).status == 202
    assert (reply.status, reply.error["code"], reply.error["field"], reply.error["got"]) == (
        500,
        "internal",
        None,
        None,
    )
    assert b"sesame" not in reply.body
    assert b"Traceback" not in reply.body
    (record,) = [record for record in caplog.records if record.levelno >= logging.ERROR]
    assert record.getMessage().split()[1] in reply.error["advice"]


async def _until_stored(shell: Shell, count: int) -> None:
    async with asyncio.timeout(2):
        while len(shell.intake.stored) < count:
            await asyncio.sleep(0.005)
