"""What a message would come to: the same reading and the same plan as the real thing, with nothing kept or sent."""

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass, replace

import msgspec

from tradershub.domain.errors import RequestRefused, SignalRefused
from tradershub.domain.ids import SignalId, StrategyName
from tradershub.domain.orders import OrderState
from tradershub.domain.quantities import decimal_text
from tradershub.domain.signals import Action, Reading, Signal
from tradershub.domain.sources import Source
from tradershub.hub import answers
from tradershub.hub.document_reader import DocumentReader, refused
from tradershub.hub.pipeline import Moment, Pipeline, Plan
from tradershub.hub.registry import Registry
from tradershub.hub.secret_book import SecretBook
from tradershub.hub.signal_rows import signal_row
from tradershub.ports.clock import Clock
from tradershub.ports.dialect import Body, Dialect, Habits, MessageReader
from tradershub.ports.intake import Transport
from tradershub.ports.views import Row

_MAX_BYTES = 65_536


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What a person asks to have explained."""

    raw: bytes
    source: Source | None
    dialect: str | None


class Explainer:
    """Implements ports.control.Explainer. A message is judged without regard to its age and secret."""

    def __init__(
        self, *, registry: Registry, reader: MessageReader, pipeline: Pipeline, secret_book: SecretBook, clock: Clock
    ) -> None:
        self._registry = registry
        self._reader = reader
        self._pipeline = pipeline
        self._secrets = secret_book
        self._clock = clock

    async def explain(self, document: Mapping[str, object]) -> Row:
        question = self._question(document)
        source = question.source or Source(name="explain")
        dialect: Dialect | None = None
        try:
            body = self._reader.read(question.raw)
            dialect = self._dialect(question, body)
            secret = self._secret(source, question, body, dialect)
            reading = dialect.parse(body, self._habits(source))
        except SignalRefused as refusal:
            return _refused(refusal, dialect, "missing" if dialect is None else self._told(question, dialect))
        return self._planned(source, dialect, reading, secret)

    def _question(self, document: Mapping[str, object]) -> Question:
        reader = DocumentReader(document)
        raw = _body_of(reader)
        name = reader.optional_text("source")
        source = None if name is None else self._registry.sources.get(name)
        if name is not None and source is None:
            raise refused("source", name, f"expected one of {', '.join(sorted(self._registry.sources))}")
        dialect = reader.optional_text("dialect")
        if dialect is not None and self._reader.named(dialect) is None:
            raise refused("dialect", dialect, "this is not a dialect of the hub")
        reader.choice("transport", Transport, Transport.HTTP)
        reader.optional_text("content_type")
        reader.finish()
        return Question(raw=raw, source=source, dialect=dialect)

    def _dialect(self, question: Question, body: Body) -> Dialect:
        named = None if question.dialect is None else self._reader.named(question.dialect)
        if named is not None:
            return named
        if question.source is None:
            return self._reader.choose(body, "", ())
        return self._reader.choose(body, question.source.name, question.source.dialects)

    def _told(self, question: Question, dialect: Dialect) -> str:
        try:
            body = self._reader.read(question.raw)
        except SignalRefused:
            return "missing"
        return self._secret(question.source or Source(name="explain"), question, body, dialect)

    def _secret(self, source: Source, question: Question, body: Body, dialect: Dialect) -> str:
        offered = dialect.secret(body)
        sources = [source] if question.source is not None else list(self._registry.sources.values())
        states = [self._secrets.admit(s, (offered,), self._clock.now()).state.value for s in sources]
        return next((state for state in ("ok", "wrong") if state in states), "missing")

    def _habits(self, source: Source) -> Habits:
        return Habits(
            zone=source.zone,
            default_strategy=source.default_strategy,
            default_symbol=source.default_symbol,
            received_at=self._clock.now(),
        )

    def _planned(self, source: Source, dialect: Dialect, reading: Reading, secret: str) -> Row:
        plans: list[Plan] = []
        named = tuple(self._ageless(signal, source, index) for index, signal in enumerate(reading.signals))
        moment = Moment(at=self._clock.now(), perf=self._clock.perf())
        try:
            for signal in named:
                plans.append(self._pipeline.plan(signal, source, moment))
            receipt = answers.stored(tuple(s.signal_id for s in named), plans, reading.ignored)
            rows = [row for plan in plans for row in _plan_rows(plan)]
            rounded = [
                {"field": r.field, "from": r.was, "to": r.became} for plan in plans for r in plan.resolved.rounded
            ]
        except SignalRefused as refusal:
            # The message was understood; what is wrong is what it asks of this instrument or this configuration.
            return self._unplanned(refusal, dialect, reading, named, secret)
        finally:
            for plan in reversed(plans):
                self._pipeline.undo(plan)
        shown = [
            {**signal_row(replace(plan.resolved.signal, sent_at=read.sent_at)), "signal_id": None}
            for plan, read in zip(plans, reading.signals, strict=True)
        ]
        answer = msgspec.json.decode(receipt.body)
        for key in ("signal_id", "signals"):
            answer[key] = None
        return {
            "parse": _parse(reading, dialect, rounded),
            "secret": secret,
            "signals": shown,
            "plan": rows,
            "answer": {"http": receipt.http_status, "body": answer},
        }

    def _unplanned(
        self, refusal: SignalRefused, dialect: Dialect, reading: Reading, named: tuple[Signal, ...], secret: str
    ) -> Row:
        parse = dict(_parse(reading, dialect, []))
        if parse["status"] == "accept":
            parse["status"] = "needs_context" if refusal.code in ("missing", "cannot_size") else "reject"
        parse["code"], parse["message"] = refusal.code, refusal.advice
        kept = parse["status"] == "needs_context"
        return {
            "parse": parse,
            "secret": secret,
            "signals": [{**signal_row(signal), "signal_id": None} for signal in named] if kept else [],
            "plan": [],
            "answer": _answer(refusal),
        }

    def _ageless(self, signal: Signal, source: Source, index: int) -> Signal:
        strategy = signal.strategy or source.default_strategy
        return replace(
            signal,
            signal_id=SignalId(f"explained-{index}"),
            source=source.name,
            strategy=None if strategy is None else StrategyName(strategy),
            sent_at=None,
        )


def _body_of(reader: DocumentReader) -> bytes:
    if reader.given("body") == reader.given("body_b64"):
        raise RequestRefused(422, "missing", "state either body (text) or body_b64", field="body")
    text, coded = reader.raw("body"), reader.raw("body_b64")
    try:
        raw = text.encode() if isinstance(text, str) else base64.b64decode(str(coded), validate=True)
    except (binascii.Error, UnicodeEncodeError) as error:
        raise refused("body_b64" if text is None else "body", None, "expected text, or base64 of the bytes") from error
    if len(raw) > _MAX_BYTES:
        raise RequestRefused(413, "too_large", "a message has at most 64 KiB", field="body")
    return raw


def _parse(reading: Reading, dialect: Dialect, rounded: list[dict[str, str]]) -> Row:
    needs = sorted({need for signal in reading.signals for need in signal.needs})
    return {
        "status": "needs_context" if needs else "accept",
        "dialect": dialect.name,
        "code": "needs_context" if needs else None,
        "message": f"the message leaves to the hub's settings: {', '.join(needs)}" if needs else None,
        "ignored": list(reading.ignored),
        "rounded": rounded,
        "notes": list(reading.notes),
    }


def _refused(refusal: SignalRefused, dialect: Dialect | None, secret: str) -> Row:
    return {
        "parse": {
            "status": "reject",
            "dialect": None if dialect is None else dialect.name,
            "code": refusal.code,
            "message": refusal.advice,
            "ignored": [],
            "rounded": [],
            "notes": [],
        },
        "secret": secret,
        "signals": [],
        "plan": [],
        "answer": _answer(refusal),
    }


def _answer(refusal: SignalRefused) -> Row:
    body = {"code": refusal.code, "field": refusal.field, "got": refusal.got, "advice": refusal.advice}
    return {"http": refusal.status, "body": body}


def _plan_rows(plan: Plan) -> list[Row]:
    signal = plan.resolved.signal
    rows: list[Row] = [
        {
            "signal": signal.signal_id,
            "account": record.order.account,
            "symbol": record.order.symbol,
            "side": record.order.side.value,
            "quantity": decimal_text(record.order.quantity),
            "order_type": record.order.order_type.value,
            "verdict": "block" if record.view.state is OrderState.BLOCKED else "send",
            "rule": None if record.view.reason is None else record.view.reason.rule or record.view.reason.code,
            "numbers": dict(record.view.reason.numbers) if record.view.reason else {},
        }
        for record in plan.records
    ]
    refusals = [("skip", skipped.account, skipped.reason) for skipped in plan.skipped]
    if plan.reason is not None and not rows and not refusals:
        refusals = [("block", "", plan.reason)]
    rows.extend(
        {
            "signal": signal.signal_id,
            "account": account or None,
            "symbol": signal.symbol,
            "side": signal.action.value if signal.action in (Action.BUY, Action.SELL) else None,
            "quantity": None if signal.quantity is None else decimal_text(signal.quantity.value),
            "order_type": None if signal.order_type is None else signal.order_type.value,
            "verdict": verdict,
            "rule": reason.code,
            "numbers": dict(reason.numbers),
        }
        for verdict, account, reason in refusals
    )
    return rows
