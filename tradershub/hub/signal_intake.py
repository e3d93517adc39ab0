"""The door behind every webhook and file: secret, dialect, duplicates, plan, one durable write; then orders leave."""

import asyncio
import logging
import secrets
from collections.abc import Callable
from dataclasses import dataclass, replace

from tradershub.domain.clock import Nanos
from tradershub.domain.errors import CommitUnknown, DuplicateSignal, SignalRefused, StoreError
from tradershub.domain.events import Event, MessageRefused, SignalStored, SignalTimed
from tradershub.domain.fingerprints import content_hash
from tradershub.domain.ids import SignalId, StrategyName
from tradershub.domain.signals import Reading, Signal
from tradershub.domain.sources import Source, SourceAuth
from tradershub.hub import answers
from tradershub.hub.aftermath import Aftermath
from tradershub.hub.duplicates import Duplicates, Seen, dedupe_key
from tradershub.hub.pipeline import Moment, Pipeline, Plan
from tradershub.hub.registry import Registry
from tradershub.hub.secret_book import Admission, SecretBook, SecretState
from tradershub.ports.clock import Clock
from tradershub.ports.dialect import Body, Dialect, Habits, MessageReader
from tradershub.ports.intake import RawMessage, Receipt
from tradershub.ports.journal import Journal
from tradershub.ports.views import Views

logger = logging.getLogger(__name__)

_KEPT_TEXT = 16_384
"""Characters of a message that are kept for the Log."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Understood:
    """A message whose secret was right and whose dialect is known."""

    raw: RawMessage
    source: Source
    body: Body
    dialect: Dialect
    admission: Admission


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """One signal of a message with its plan and the event that will be stored."""

    signal: Signal
    plan: Plan
    event: SignalStored
    key: str


class SignalIntake:
    """Implements ports.intake.Intake: the message alone decides 4xx, the hub's set-up and state decide 202."""

    def __init__(
        self,
        *,
        registry: Registry,
        secret_book: SecretBook,
        reader: MessageReader,
        pipeline: Pipeline,
        duplicates: Duplicates,
        journal: Journal,
        views: Views,
        clock: Clock,
        aftermath: Aftermath,
        fatal: Callable[[BaseException], None],
    ) -> None:
        self._registry = registry
        self._secrets = secret_book
        self._reader = reader
        self._pipeline = pipeline
        self._duplicates = duplicates
        self._journal = journal
        self._views = views
        self._clock = clock
        self._aftermath = aftermath
        self._fatal = fatal

    async def receive(self, raw: RawMessage) -> Receipt:
        """Store, decide and answer one message. What is answered is durable; what is not stored is said to be so."""
        source = self._registry.sources.get(raw.source)
        if source is None or not source.enabled:
            return answers.refused(SignalRefused("not_found", None, "this source is not enabled", status=404))
        dialect: Dialect | None = None
        body: Body | None = None
        secret_was_right = False
        try:
            body = self._reader.read(raw.body)
            dialect, unknown = self._dialect_of(body, source)
            admission = self._admit(raw, source, body, dialect)
            if admission.state is not SecretState.OK:
                return answers.refused(_no_entry(admission))
            secret_was_right = True
            if dialect is None:
                raise unknown or SignalRefused("unknown_dialect", None, "the message is of no known form", status=400)
            understood = Understood(raw=raw, source=source, body=body, dialect=dialect, admission=admission)
            return await self._take(understood)
        except SignalRefused as refusal:
            if secret_was_right and body is not None:
                self._keep_refused(refusal, raw, body, dialect)
            return answers.refused(refusal)
        except CommitUnknown as error:
            self._fatal(error)
            return answers.not_stored()
        except StoreError:
            return answers.not_stored()

    def _dialect_of(self, body: Body, source: Source) -> tuple[Dialect | None, SignalRefused | None]:
        try:
            return self._reader.choose(body, source.name, source.dialects), None
        except SignalRefused as refusal:
            return None, refusal

    def _admit(self, raw: RawMessage, source: Source, body: Body, dialect: Dialect | None) -> Admission:
        now = self._clock.now()
        if source.auth is SourceAuth.HMAC:
            return self._secrets.admit_signed(source, raw.signature, raw.body, now)
        in_path = raw.path_token if source.path_token else None
        in_body = None if dialect is None else dialect.secret(body)
        return self._secrets.admit(source, (in_path, in_body), now)

    async def _take(self, message: Understood) -> Receipt:
        source, raw = message.source, message.raw
        habits = Habits(
            zone=source.zone,
            default_strategy=source.default_strategy,
            default_symbol=source.default_symbol,
            received_at=raw.received_at,
        )
        reading = message.dialect.parse(message.body, habits)
        parsed_us = (self._clock.perf() - raw.received_perf) // 1000
        signals = _named(reading, message)
        content = content_hash(*signals)
        key = dedupe_key(signals[0], 0, content, signals[0].signal_id)
        seen = self._duplicates.find(key, content, source.dedupe_window_s, raw.received_at)
        if seen is not None:
            return await self._repeated(seen, content, signals[0].message_id)
        seen = Seen(signals[0].signal_id, content, raw.received_at, asyncio.get_running_loop().create_future())
        self._duplicates.remember(key, seen)
        try:
            receipt = await self._store(message, reading, signals, content, parsed_us)
        except BaseException as error:
            self._duplicates.forget(key, seen)
            seen.stored.set_result(False)
            if isinstance(error, DuplicateSignal):
                return await self._known_by_key(error.key, content, signals[0].message_id)
            raise
        seen.stored.set_result(True)
        return receipt

    async def _store(
        self, message: Understood, reading: Reading, signals: tuple[Signal, ...], content: str, parsed_us: int
    ) -> Receipt:
        raw = message.raw
        decided = self._decide(message, reading, signals, content, parsed_us)
        plans = tuple(d.plan for d in decided)
        try:
            events: tuple[Event, ...] = tuple(d.event for d in decided)
            await self._journal.append(*events)
        except BaseException:
            for plan in reversed(plans):
                self._pipeline.undo(plan)
            raise
        stored_us = (self._clock.perf() - raw.received_perf) // 1000
        for plan in plans:
            self._aftermath.carry_out(plan)
        receipt = answers.stored(tuple(s.signal_id for s in signals), plans, reading.ignored)
        answered_us = (self._clock.perf() - raw.received_perf) // 1000
        at = self._clock.now()
        self._journal.append(
            *(SignalTimed(at=at, signal_id=s.signal_id, stored_us=stored_us, answered_us=answered_us) for s in signals)
        )
        return receipt

    def _decide(
        self, message: Understood, reading: Reading, signals: tuple[Signal, ...], content: str, parsed_us: int
    ) -> tuple[Decided, ...]:
        raw = message.raw
        text = message.dialect.without_secret(message.body)[:_KEPT_TEXT]
        decided: list[Decided] = []
        try:
            for index, signal in enumerate(signals):
                plan = self._pipeline.plan(signal, message.source, Moment(at=raw.received_at, perf=raw.received_perf))
                key = dedupe_key(signal, index, content, signal.signal_id)
                event = SignalStored(
                    at=raw.received_at,
                    signal=plan.resolved.signal,
                    status=plan.status,
                    reason=plan.reason,
                    orders=plan.planned_orders,
                    group=signals[0].signal_id,
                    index=index,
                    dedupe_key=key,
                    content_hash=content,
                    raw=text if index == 0 else "",
                    transport=raw.transport.value,
                    peer=raw.peer,
                    ignored=reading.ignored,
                    rounded=plan.resolved.rounded,
                    notes=reading.notes + plan.resolved.notes,
                    parsed_us=parsed_us,
                    planned_us=(self._clock.perf() - raw.received_perf) // 1000,
                )
                decided.append(Decided(signal=signal, plan=plan, event=event, key=key))
        except BaseException:
            for done in reversed(decided):
                self._pipeline.undo(done.plan)
            raise
        return tuple(decided)

    async def _repeated(self, seen: Seen, content: str, message_id: str | None) -> Receipt:
        if seen.content != content:
            raise answers.conflicting(seen.group, message_id)
        # Equal messages in parallel wait for the first one's commit: a duplicate of nothing is no answer.
        if not await asyncio.shield(seen.stored):
            return answers.not_stored()
        return answers.duplicate(seen.group)

    async def _known_by_key(self, key: str, content: str, message_id: str | None) -> Receipt:
        known = await self._views.known_signal(key)
        if known is None:
            return answers.not_stored()
        if known.content_hash != content:
            raise answers.conflicting(known.group, message_id)
        return answers.duplicate(known.group)

    def _keep_refused(self, refusal: SignalRefused, raw: RawMessage, body: Body, dialect: Dialect | None) -> None:
        text = dialect.without_secret(body) if dialect is not None else ""
        self._journal.append(
            MessageRefused(
                at=raw.received_at,
                source=raw.source,
                dialect=None if dialect is None else dialect.name,
                http_status=refusal.status,
                code=refusal.code,
                field=refusal.field,
                got=refusal.got,
                advice=refusal.advice,
                raw=text[:_KEPT_TEXT],
                peer=raw.peer,
            )
        )


def new_signal_id(at: Nanos) -> SignalId:
    """Return a signal id that sorts by time: milliseconds, then 40 random bits."""
    return SignalId(f"S{at // 1_000_000:011x}{secrets.token_hex(5)}")


def _named(reading: Reading, message: Understood) -> tuple[Signal, ...]:
    """Give each signal its id and source; a secret that belongs to one strategy admits no other."""
    only = message.admission.strategy
    named = []
    for signal in reading.signals:
        strategy = signal.strategy or message.source.default_strategy
        if only is not None and strategy is not None and strategy != only:
            raise SignalRefused("unauthorised", None, "this secret belongs to another strategy", status=401)
        named.append(
            replace(
                signal,
                signal_id=new_signal_id(message.raw.received_at),
                source=message.source.name,
                strategy=None if (only or strategy) is None else StrategyName(only or strategy or ""),
            )
        )
    return tuple(named)


def _no_entry(admission: Admission) -> SignalRefused:
    missing = admission.state is SecretState.MISSING
    advice = "send the source's secret in the message, or its token as the last part of the address"
    return SignalRefused("secret_missing" if missing else "secret_wrong", None, advice, status=401)
