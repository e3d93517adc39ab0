"""What is refused below the framework, the same by both parsers."""

import asyncio
import logging
import socket

import pytest

from tests.web.web_shell import GOOD, STORED, a_shell, both_parsers, head, post
from tradershub.ports.clock import SystemClock
from tradershub.web.http_protocol import ParserName, build_server, protocol_class
from tradershub.web.listen_socket import CannotListen, PortInUse, holder_in_lsof, holder_of, listen, pid_in_netstat
from tradershub.web.request_guard import HttpLimits

QUICK = HttpLimits(request_seconds=0.3, linger_seconds=0.2)


@both_parsers
async def test_a_good_request_is_answered_and_the_connection_stays(parser: ParserName) -> None:
    async with a_shell(parser) as shell, shell.connection() as wire:
        for _ in range(3):
            wire.write(post(GOOD))
            assert (await wire.reply()).body == STORED
        assert len(shell.intake.stored) == 3


@both_parsers
async def test_an_answer_has_a_date_and_no_server_name(parser: ParserName) -> None:
    async with a_shell(parser) as shell:
        reply = await shell.post(GOOD)
        assert "date" in reply.headers
        assert "server" not in reply.headers


@both_parsers
async def test_a_chunked_body_in_pieces_is_put_together(parser: ParserName) -> None:
    async with a_shell(parser) as shell, shell.connection() as wire:
        await wire.write_and_drain(head(Transfer_Encoding="chunked"))
        for piece in (GOOD[:9], GOOD[9:]):
            await wire.write_and_drain(b"%x\r\n%s\r\n" % (len(piece), piece))
        wire.write(b"0\r\nX-Trailer: ignored\r\n\r\n")
        assert (await wire.reply()).status == 202
        assert shell.intake.stored[0].body == GOOD


@both_parsers
async def test_an_offer_to_upgrade_is_ignored_and_its_body_kept(parser: ParserName) -> None:
    async with a_shell(parser) as shell, shell.connection() as wire:
        offer = post(GOOD, Connection="Upgrade, HTTP2-Settings", Upgrade="h2c", HTTP2_Settings="AAMA")
        await wire.write_and_drain(offer[:-20])
        await wire.write_and_drain(offer[-20:])
        assert (await wire.reply()).status == 202
        wire.write(post(GOOD))
        assert (await wire.reply()).status == 202
        assert [message.body for message in shell.intake.stored] == [GOOD, GOOD]


@both_parsers
async def test_blank_lines_between_requests_do_no_harm(parser: ParserName) -> None:
    async with a_shell(parser) as shell, shell.connection() as wire:
        for _ in range(2):
            wire.write(b"\r\n", post(GOOD))
            assert (await wire.reply()).status == 202


@both_parsers
@pytest.mark.parametrize("connection", ["keep-alive", "close"])
async def test_a_blank_line_behind_a_body_does_no_harm(parser: ParserName, connection: str) -> None:
    async with a_shell(parser) as shell:
        assert (await shell.send(post(GOOD, Connection=connection) + b"\r\n")).status == 202


@both_parsers
@pytest.mark.parametrize(
    "sent",
    [
        pytest.param(head(Content_Length="5", Transfer_Encoding="chunked") + b"0\r\n\r\n", id="both"),
        pytest.param(
            b"POST /webhook/native HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nContent-Length: 7\r\n\r\n{}", id="two"
        ),
        pytest.param(head(Content_Length="-2") + b"{}", id="negative"),
        pytest.param(head(Content_Length="+2") + b"{}", id="signed"),
        pytest.param(head(Content_Length="0x2") + b"{}", id="hex"),
        pytest.param(head(Content_Length="1" * 25) + b"{}", id="beyond any integer"),
        pytest.param(head(Transfer_Encoding="gzip, chunked") + b"0\r\n\r\n", id="other coding"),
        pytest.param(head(Transfer_Encoding="chunked") + b"zz\r\n{}\r\n0\r\n\r\n", id="chunk size"),
        pytest.param(b"POST /webhook/native HTTP/1.1\r\nContent-Length: 2\r\n\r\n{}", id="no host"),
        pytest.param(b"POST /webhook/native HTTP/1.1\r\nHost: a\r\nHost: b\r\nContent-Length: 2\r\n\r\n{}", id="hosts"),
        pytest.param(b"POST /webhook/native HTTP/1.1\r\nHost: a\r\nX Y: 1\r\n\r\n", id="blank in a name"),
        pytest.param(b"CONNECT hub:443 HTTP/1.1\r\nHost: a\r\n\r\n", id="connect"),
        pytest.param(b"GET http://evil.example/ HTTP/1.1\r\nHost: a\r\n\r\n", id="as a proxy"),
        pytest.param(b"GET /\xff HTTP/1.1\r\nHost: a\r\n\r\n", id="path bytes"),
        pytest.param(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", id="tls"),
        pytest.param(b"HELO mail.example\r\n\r\n", id="another protocol"),
    ],
)
async def test_a_malformed_request_is_400_and_closes(
    parser: ParserName, sent: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    async with a_shell(parser) as shell, shell.connection() as wire:
        wire.write(sent)
        reply = await wire.reply()
        assert reply.status == 400
        assert set(reply.error) == {"code", "field", "got", "advice"}
        assert await wire.rest() == b""
        assert shell.intake.messages == []
    assert not [record for record in caplog.records if record.exc_info or "Traceback" in record.getMessage()]


@both_parsers
@pytest.mark.parametrize("connection", ["keep-alive", "close"])
@pytest.mark.parametrize("surplus", [GOOD, post(GOOD)], ids=["garbage", "request"])
async def test_bytes_behind_the_declared_end_spoil_the_whole_request(
    parser: ParserName, connection: str, surplus: bytes
) -> None:
    async with a_shell(parser) as shell, shell.connection() as wire:
        wire.write(post(GOOD, Connection=connection) + surplus)
        reply = await wire.reply()
        assert reply.status == 400
        assert await wire.rest() == b""
        assert shell.intake.messages == []


@both_parsers
async def test_a_content_length_shorter_than_the_body_starts_nothing(parser: ParserName) -> None:
    async with a_shell(parser) as shell:
        assert (await shell.post(GOOD, Content_Length="10")).status == 400
        assert shell.intake.messages == []


@both_parsers
async def test_a_request_sent_before_the_answer_ends_the_connection_after_it(parser: ParserName) -> None:
    async with a_shell(parser) as shell, shell.connection() as wire:
        shell.intake.hold = asyncio.Event()
        await wire.write_and_drain(post(GOOD))
        while not shell.intake.messages:
            await asyncio.sleep(0.005)
        await wire.write_and_drain(post(GOOD))
        await asyncio.sleep(0.05)
        shell.intake.hold.set()
        assert (await wire.reply()).status == 202
        assert await wire.rest() == b""
        assert len(shell.intake.messages) == 1


@both_parsers
@pytest.mark.parametrize("sent", [b"POST /webho", head(), post(GOOD)[:-1]], ids=["line", "no length", "body"])
async def test_a_request_that_drips_is_cut_and_others_are_not(parser: ParserName, sent: bytes) -> None:
    async with a_shell(parser, limits=QUICK) as shell, shell.connection() as slow:
        begun = asyncio.get_running_loop().time()
        sent = sent if sent != head() else head(Content_Length="900")
        slow.write(sent)
        assert (await shell.post(GOOD)).status == 202
        reply = await slow.reply()
        assert reply.status == 408
        assert await slow.rest() == b""
        assert asyncio.get_running_loop().time() - begun < 2
        assert len(shell.intake.messages) == 1


@both_parsers
async def test_dripping_does_not_prolong_the_time_of_a_request(parser: ParserName) -> None:
    async with a_shell(parser, limits=QUICK) as shell, shell.connection() as slow:
        await slow.write_and_drain(head(Content_Length="900"))
        answered = asyncio.create_task(slow.reply())
        dripped = 0
        while not answered.done():
            await slow.write_and_drain(b"x")
            dripped += 1
            await asyncio.sleep(0.05)
        assert (await answered).status == 408
        assert dripped < 20


@both_parsers
async def test_a_connection_that_says_nothing_is_closed(parser: ParserName) -> None:
    async with a_shell(parser, limits=QUICK) as shell, shell.connection() as wire:
        assert await wire.rest() == b""


@both_parsers
async def test_the_clock_of_a_request_starts_anew_for_the_next(parser: ParserName) -> None:
    async with a_shell(parser, limits=QUICK) as shell, shell.connection() as wire:
        for _ in range(4):
            wire.write(post(GOOD))
            assert (await wire.reply()).status == 202
            await asyncio.sleep(0.15)


@both_parsers
@pytest.mark.parametrize(
    "sent",
    [
        pytest.param(head(X_Long="a" * 17_000, Content_Length="0"), id="one long, complete"),
        pytest.param(head(X_Long="a" * 17_000)[:-4], id="one long, without end"),
        pytest.param(b"GET /" + b"a" * 17_000, id="target without end"),
        pytest.param(head(**{f"X_{number}": "1" for number in range(101)}), id="many"),
    ],
)
async def test_headers_beyond_the_bound_are_431(parser: ParserName, sent: bytes) -> None:
    async with a_shell(parser) as shell:
        assert (await shell.send(sent)).status == 431


@both_parsers
async def test_headers_just_below_the_bound_are_read(parser: ParserName) -> None:
    async with a_shell(parser) as shell:
        assert (await shell.post(GOOD, X_Long="a" * 15_000)).status == 202


@both_parsers
async def test_connections_beyond_the_bound_are_503(parser: ParserName) -> None:
    async with (
        a_shell(parser, limits=HttpLimits(connections=2)) as shell,
        shell.connection() as first,
        shell.connection() as second,
        shell.connection() as third,
    ):
        for busy in (first, second):
            await busy.write_and_drain(post(GOOD)[:-1])
        reply = await third.reply()
        assert (reply.status, reply.headers["retry-after"]) == (503, "1")
        assert await third.rest() == b""
        for busy in (first, second):
            busy.write(GOOD[-1:])
            assert (await busy.reply()).status == 202


@both_parsers
async def test_an_unused_connection_makes_room_for_a_new_one(parser: ParserName) -> None:
    async with a_shell(parser, limits=HttpLimits(connections=1)) as shell, shell.connection() as unused:
        unused.write(post(GOOD))
        assert (await unused.reply()).status == 202
        assert (await shell.post(GOOD)).status == 202
        assert await unused.rest() == b""


@both_parsers
async def test_a_refused_large_body_is_taken_off_the_wire_and_the_answer_read(parser: ParserName) -> None:
    async with a_shell(parser) as shell, shell.connection() as wire:
        await wire.write_and_drain(post(b"x" * 1_500_000))
        assert (await wire.reply()).status == 413
        wire.write(post(GOOD))
        assert (await wire.reply()).status == 202
        assert len(shell.intake.messages) == 1


@both_parsers
async def test_the_next_request_may_follow_the_rest_of_a_refused_body(parser: ParserName) -> None:
    body = b"x" * 100_000
    async with a_shell(parser) as shell, shell.connection() as wire:
        wire.write(post(body)[:-5])
        assert (await wire.reply()).status == 413
        following = post(GOOD)
        await wire.write_and_drain(body[-5:] + following[:30])
        await asyncio.sleep(0.02)
        wire.write(following[30:])
        assert (await wire.reply()).status == 202


@both_parsers
async def test_a_refused_body_without_end_is_not_read_for_ever(parser: ParserName) -> None:
    async with a_shell(parser, limits=HttpLimits(drained_bytes=100_000)) as shell, shell.connection() as wire:
        wire.write(head(Content_Length="999999999"))
        assert (await wire.reply()).status == 413
        with pytest.raises(ConnectionError):
            await wire.write_until_refused(b"x" * 100_000)


@both_parsers
async def test_a_refused_body_that_never_comes_is_not_waited_for(parser: ParserName) -> None:
    async with a_shell(parser, limits=QUICK) as shell, shell.connection() as wire:
        wire.write(head(Content_Length="999999999"))
        assert (await wire.reply()).status == 413
        assert await wire.rest() == b""


@both_parsers
async def test_two_listeners_run_in_one_loop_and_stop_by_themselves(parser: ParserName) -> None:
    async with a_shell(parser) as ui:
        async with a_shell(parser, hooks_only=True) as hooks:
            assert (await ui.post(GOOD)).status == (await hooks.post(GOOD)).status == 202
        assert (await ui.post(GOOD)).status == 202


@both_parsers
async def test_a_stop_closes_connections_that_are_not_in_use(parser: ParserName) -> None:
    async with a_shell(parser) as shell, shell.connection() as wire:
        wire.write(post(GOOD))
        await wire.reply()
        shell.server.should_exit = True
        assert await wire.rest() == b""


def test_a_busy_port_is_reported_before_anything_is_served() -> None:
    with listen("127.0.0.1", 0) as taken:
        port = taken.getsockname()[1]
        server = build_server(_nobody, host="127.0.0.1", port=port, clock=SystemClock())
        with pytest.raises(PortInUse) as refused:
            server.bind()
        assert str(port) in str(refused.value)
        assert "--port" in str(refused.value)
        assert refused.value.holder == holder_of(port)


@pytest.mark.skipif("linux" not in __import__("sys").platform, reason="reads /proc")
def test_the_holder_of_a_port_is_named() -> None:
    with listen("127.0.0.1", 0) as taken:
        holder = holder_of(taken.getsockname()[1])
    assert holder is not None
    assert "process" in holder


def test_a_bound_port_can_be_given_back() -> None:
    server = build_server(_nobody, host="127.0.0.1", port=0, clock=SystemClock())
    host, port = server.bind()
    assert server.bind() == (host, port)
    server.release()
    with listen("127.0.0.1", port):
        pass


def test_an_address_that_is_not_ours_is_no_busy_port() -> None:
    with pytest.raises(CannotListen) as refused:
        listen("192.0.2.1", 0)
    assert not isinstance(refused.value, PortInUse)


async def test_an_ipv6_address_is_listened_on() -> None:
    if not socket.has_ipv6:
        pytest.skip("this machine has no IPv6")
    try:
        listen("::1", 0).close()
    except CannotListen:
        pytest.skip("this machine has no IPv6 loopback")
    async with a_shell(host="::1") as shell:
        assert (await shell.post(GOOD)).status == 202
        assert shell.intake.messages[0].peer == "::1"


def test_the_holder_is_read_from_netstat_whatever_its_language() -> None:
    text = (
        "  Proto  Lokale Adresse         Remoteadresse          Status           PID\r\n"
        "  TCP    127.0.0.1:87870        0.0.0.0:0              ABHÖREN         1\r\n"
        "  TCP    127.0.0.1:8787         10.0.0.9:50112         HERGESTELLT     2\r\n"
        "  TCP    127.0.0.1:8787         0.0.0.0:0              ABHÖREN         4312\r\n"
    )
    assert pid_in_netstat(text.replace("\r\n", "\n"), 8787) == 4312
    assert pid_in_netstat(text.replace("\r\n", "\n"), 80) is None


def test_the_holder_is_read_from_lsof() -> None:
    assert holder_in_lsof("p812\ncpython3.12\nf9\n") == "python3.12 (process 812)"
    assert holder_in_lsof("") is None


def test_auto_takes_the_fast_parser_where_it_is_installed() -> None:
    assert protocol_class("auto") is protocol_class("httptools")
    assert protocol_class("auto") is not protocol_class("h11")


def test_uvicorn_is_quiet_below_errors() -> None:
    build_server(_nobody, host="127.0.0.1", port=0, clock=SystemClock())
    assert not logging.getLogger("uvicorn.error").isEnabledFor(logging.WARNING)


async def _nobody(scope: object, receive: object, send: object) -> None:
    raise AssertionError("nothing is served")
