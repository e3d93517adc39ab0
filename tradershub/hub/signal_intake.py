"""The door behind every webhook and file: secret, dialect, duplicates, plan, one durable write; then orders leave."""

import asyncio

from tradershub.domain.errors import DuplicateSignal, SignalRefused, StoreError
from tradershub.domain.events import Event
from tradershub.domain.fingerprints import content_hash
from tradershub.hub import answers
from tradershub.hub.aftermath import Aftermath
from tradershub.hub.doorkeeper import Admitted, Doorkeeper
from tradershub.hub.duplicates import Duplicates, Seen, dedupe_key
from tradershub.hub.message_events import Parsed, message_refused, signal_stored, signals_timed
from tradershub.hub.pipeline import Pipeline
from tradershub.hub.plans import Moment, Plan
from tradershub.hub.surroundings import Surroundings
from tradershub.ports.intake import RawMessage, Receipt


class SignalIntake:
    """Implements ports.intake.Intake: the message alone decides 4xx, the hub's set-up and state decide 202."""

    def __init__(
        self,
        given: Surroundings,
        *,
        pipeline: Pipeline,
        doorkeeper: Doorkeeper,
        duplicates: Duplicates,
        aftermath: Aftermath,
    ) -> None:
        self._journal = given.journal
        self._views = given.views
        self._clock = given.clock
        self._pipeline = pipeline
        self._doorkeeper = doorkeeper
        self._duplicates = duplicates
        self._aftermath = aftermath

    async def receive(self, raw: RawMessage) -> Receipt:
        """Store, decide and answer one message. What is answered is durable; what is not stored is said to be so."""
        message: Admitted | None = None
        try:
            message = self._doorkeeper.admit(raw)
            return await self._take(message)
        except SignalRefused as refusal:
            if message is not None:
                self._keep_refused(refusal, message)
            return answers.refused(refusal)
        except StoreError:
            return answers.not_stored()

    async def _take(self, message: Admitted) -> Receipt:
        raw = message.raw
        reading, signals = self._doorkeeper.read(message)
        parsed = Parsed(
            raw=raw,
            text=message.text,
            reading=reading,
            signals=signals,
            content=content_hash(*signals),
            parsed_us=self._elapsed_us(raw),
        )
        first = signals[0]
        key = dedupe_key(first, 0, parsed.content, first.signal_id)
        seen = self._duplicates.find(key, parsed.content, message.source.dedupe_window_s, raw.received_at)
        if seen is not None:
            return await self._repeated(seen, parsed)
        seen = Seen(first.signal_id, parsed.content, raw.received_at, asyncio.get_running_loop().create_future())
        self._duplicates.remember(key, seen)
        try:
            receipt = await self._store(message, parsed)
        except BaseException as error:
            self._duplicates.forget(key, seen)
            seen.stored.set_result(False)
            if isinstance(error, DuplicateSignal):
                return await self._known_by_key(error.key, parsed)
            raise
        seen.stored.set_result(True)
        return receipt

    async def _store(self, message: Admitted, parsed: Parsed) -> Receipt:
        raw = parsed.raw
        plans, events = self._decide(message, parsed)
        follows = [self._aftermath.foresee(plan) for plan in plans]
        try:
            await self._journal.append(*events, *(one.event for each in follows for one in each))
        except BaseException:
            for plan in reversed(plans):
                self._pipeline.undo(plan)
            raise
        stored_us = self._elapsed_us(raw)
        for plan, consequences in zip(plans, follows, strict=True):
            self._aftermath.carry_out(plan, consequences)
        ids = tuple(signal.signal_id for signal in parsed.signals)
        receipt = answers.stored(ids, plans, parsed.reading.ignored)
        timed = signals_timed(ids, at=self._clock.now(), stored_us=stored_us, answered_us=self._elapsed_us(raw))
        self._journal.append_soon(*timed)
        return receipt

    def _decide(self, message: Admitted, parsed: Parsed) -> tuple[list[Plan], list[Event]]:
        raw = parsed.raw
        moment = Moment(at=raw.received_at, perf=raw.received_perf)
        plans: list[Plan] = []
        events: list[Event] = []
        try:
            for index, signal in enumerate(parsed.signals):
                plan = self._pipeline.plan(signal, message.source, moment)
                plans.append(plan)
                key = dedupe_key(signal, index, parsed.content, signal.signal_id)
                events.append(signal_stored(parsed, index, plan, key=key, planned_us=self._elapsed_us(raw)))
        except BaseException:
            for plan in reversed(plans):
                self._pipeline.undo(plan)
            raise
        return plans, events

    async def _repeated(self, seen: Seen, parsed: Parsed) -> Receipt:
        if seen.content != parsed.content:
            raise answers.conflicting(seen.group, parsed.signals[0].message_id)
        # Equal messages in parallel wait for the first one's commit: a duplicate of nothing is no answer.
        if not await asyncio.shield(seen.stored):
            return answers.not_stored()
        return answers.duplicate(seen.group)

    async def _known_by_key(self, key: str, parsed: Parsed) -> Receipt:
        known = await self._views.known_signal(key)
        if known is None:
            return answers.not_stored()
        if known.content_hash != parsed.content:
            raise answers.conflicting(known.group, parsed.signals[0].message_id)
        return answers.duplicate(known.group)

    def _keep_refused(self, refusal: SignalRefused, message: Admitted) -> None:
        dialect = None if message.dialect is None else message.dialect.name
        self._journal.append(message_refused(refusal, message.raw, dialect=dialect, text=message.text))

    def _elapsed_us(self, raw: RawMessage) -> int:
        return (self._clock.perf() - raw.received_perf) // 1000
