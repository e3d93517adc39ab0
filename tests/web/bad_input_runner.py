"""Sends a case to a real hub on paper and checks the answer, the effect, and that the hub is as good as before."""

from __future__ import annotations

import html
import json
import re
import threading
import time
from collections.abc import Sequence
from typing import Any

from tests.support.furnishing import add_strategy, put_quote
from tests.support.hub_process import HubProcess
from tests.support.messages import SECRET, native_bytes, now_text
from tests.support.page_client import PageClient
from tests.support.raw_http import Reply, exchange, request_bytes
from tests.support.waiting import until
from tests.web.bad_input_case import JSON, SYMBOL, Case, Writer, digest

ANSWER_SECONDS = 3.0
CUT_SECONDS = 12.0
PATH = "/webhook/native"
NEVER_LEFT = ("blocked", "expired")
ON_THE_WAY = ("ready", "sending", "cancel_pending", "modify_pending")


def furnish(hub: HubProcess) -> Runner:
    """Prepare what every case supposes: a live strategy on paper that wants a stop."""
    add_strategy(hub.api, instruments=[SYMBOL], require_stop=True, max_age_s=30)
    return Runner(hub)


def furnish_signed(hub: HubProcess) -> Runner:
    """Prepare a hub whose native source takes signed messages and nothing else."""
    furnish(hub)
    source = hub.api.get("/api/sources/native")
    hub.api.put("/api/sources/native", {**source, "auth": "hmac"})
    return Runner(hub, signing_key=hub.api.post("/api/sources/native/rotate", {})["secret"])


class Runner:
    """Runs cases one after another on one hub; each begins flat."""

    def __init__(self, hub: HubProcess, *, signing_key: str = "") -> None:
        self._hub = hub
        self._signing_key = signing_key
        self._log_read = 0
        self._began = ""

    def run(self, case: Case) -> None:
        self._began = now_text()
        self._begin_flat()
        if case.effect == "no_flip":
            self._trade_once()
        writer = Writer(case=case, signing_key=self._signing_key)
        if case.before_body is not None:
            before = exchange(self._hub.port, writer.request(PATH, body=case.before_body))
            assert before.status == 202, before.text
        known = self._settled_orders()
        replies = self._send(case, writer)
        self._check_answers(case, replies)
        self._check_effect(case, [row for row_id, row in self._settled_orders().items() if row_id not in known])
        self._check_output(case, writer)
        self._trade_once()

    def _send(self, case: Case, writer: Writer) -> Sequence[Reply]:
        if case.drip_seconds:
            return [self._drip(case, writer)]
        if case.parallel > 1:
            return self._at_once(case, writer)
        replies = []
        for copy in range(1, case.repeat + 1):
            if copy > 1 and case.restart_between:
                self._hub.restart()
                put_quote(self._hub.api, SYMBOL)
            replies.append(exchange(self._hub.port, writer.request(PATH, copy=copy)))
        return replies

    def _drip(self, case: Case, writer: Writer) -> Reply:
        """Send byte by byte, and see meanwhile that others are answered as ever."""
        found: list[Reply] = []
        request = writer.request(PATH)
        slow = threading.Thread(
            target=lambda: found.append(
                exchange(self._hub.port, request, drip_seconds=case.drip_seconds, seconds=CUT_SECONDS)
            )
        )
        slow.start()
        reply = self._hub.signal(native_bytes(secret="another-secret-that-is-wrong"))
        slow.join()
        assert reply.status in (401, 429)
        assert reply.seconds < ANSWER_SECONDS
        assert found, "the slow sender was not cut off"
        assert found[0].seconds < CUT_SECONDS, f"the slow sender was kept for {found[0].seconds:.1f} s"
        return found[0]

    def _at_once(self, case: Case, writer: Writer) -> Sequence[Reply]:
        replies: list[Reply] = []
        start = threading.Barrier(case.parallel)

        def send(copy: int) -> None:
            request = writer.request(PATH, copy=copy)
            start.wait()
            replies.append(exchange(self._hub.port, request))

        senders = [threading.Thread(target=send, args=(copy,)) for copy in range(1, case.parallel + 1)]
        for sender in senders:
            sender.start()
        for sender in senders:
            sender.join()
        assert len(replies) == case.parallel, "a sender got no answer at all"
        return replies

    def _check_answers(self, case: Case, replies: Sequence[Reply]) -> None:
        for reply in replies:
            found = f"{reply.status // 100}xx" if reply.status else "close"
            assert found in case.statuses, f"{case.name}: {reply.status} {reply.text[:300]}"
            assert case.drip_seconds or reply.seconds < ANSWER_SECONDS, f"answered after {reply.seconds:.1f} s"
            assert SECRET not in reply.text
            assert "Traceback" not in reply.text
            if 400 <= reply.status < 500:
                check_refusal(reply)

    def _check_effect(self, case: Case, orders: Sequence[Any]) -> None:
        asked_for = [row for row in orders if row["origin"] in ("signal", "copier")]
        left = [row for row in asked_for if row["state"] not in NEVER_LEFT]
        states = [(row["side"], row["quantity"], row["state"], row["reason"]) for row in left]
        match case.effect.removesuffix("+inert"):
            case "no_order":
                assert not left, states
            case "one_order":
                assert [row["state"] for row in left] == ["filled"], states
            case "at_most_one_order":
                assert len(left) <= 1, states
            case "no_flip":
                rows = self._hub.api.get("/api/positions")["items"]
                assert all(row["side"] == "long" for row in rows), rows
            case other:
                raise AssertionError(f"unknown effect {other!r}")

    def _check_output(self, case: Case, writer: Writer) -> None:
        log = self._hub.log()
        new, self._log_read = log[self._log_read :], len(log)
        assert SECRET not in new
        assert "Traceback" not in new, new[-3000:]
        if case.is_inert:
            name = json.loads(writer.request(PATH).partition(b"\r\n\r\n")[2])["strategy_name"]
            check_inert(name, new, PageClient.signed_in(self._hub.port).pages("/signals", "/", "/strategies"))

    def _trade_once(self) -> None:
        """See that a good message trades, and trades once."""
        known = self._settled_orders()
        price = {"price": "5000", "stop_loss": "4980", "take_profit": "5040"}
        reply = self._post_good(native_bytes(symbol=SYMBOL, **price))
        assert reply.status == 202, reply.text
        assert reply.document["status"] == "accepted", reply.text
        new = [row for row_id, row in self._settled_orders().items() if row_id not in known]
        assert [row["state"] for row in new if row["origin"] == "signal"] == ["filled"], reply.text

    def _post_good(self, body: bytes) -> Reply:
        headers = dict(JSON)
        if self._signing_key:
            stamp = str(int(time.time()))
            headers |= {"X-Timestamp": stamp, "X-Signature": digest(self._signing_key, stamp.encode(), body)}
        return exchange(self._hub.port, request_bytes("POST", PATH, body, headers.items()))

    def _begin_flat(self) -> None:
        put_quote(self._hub.api, SYMBOL)
        for row in self._hub.api.get("/api/positions")["items"]:
            self._hub.api.post(f"/api/positions/{row['id']}/close", {})
        until(lambda: not self._hub.api.get("/api/positions")["items"], "the account is flat", every=0.005)

    def _settled_orders(self) -> dict[str, Any]:
        """Return the orders since the case began by id, once none of them is on its way."""

        def look() -> tuple[dict[str, Any]] | None:
            rows = self._hub.api.get(f"/api/orders?limit=200&since={self._began}")["items"]
            is_moving = any(row["state"] in ON_THE_WAY for row in rows)
            return None if is_moving else ({row["order_id"]: row for row in rows},)

        return until(look, "no order is on its way", every=0.005)[0]


def check_refusal(reply: Reply) -> None:
    """See that a refusal has the shape that programs rely on; one by the HTTP parser itself has at least a status."""
    if not reply.headers.get("content-type", "").startswith("application/json"):
        return
    document = reply.document
    assert set(document) >= {"code", "field", "got", "advice"}, document
    assert len(document["got"] or "") <= 64


def check_inert(text: str, log: str, pages: Sequence[str]) -> None:
    """See that a hostile text is nowhere more than text."""
    assert "\x1b" not in log, "a control sequence reached the log"
    first, *others = re.split(r"[\r\n]+", text)
    assert not any(line.startswith(other) for line in log.splitlines() for other in others if other), first
    for page in pages:
        if html.escape(text) != text:
            assert text not in page, f"{text!r} stands in a page as it was sent"
        assert "49{" not in page
