"""What the journal keeps of a message: its signals with their plans, when they were answered, or why it was refused."""

from dataclasses import dataclass

from tradershub.domain.clock import Nanos
from tradershub.domain.errors import SignalRefused
from tradershub.domain.events import MessageRefused, SignalStored, SignalTimed
from tradershub.domain.ids import SignalId
from tradershub.domain.signals import Reading, Signal
from tradershub.hub.plans import Plan
from tradershub.ports.intake import RawMessage

_KEPT_TEXT = 16_384
"""Characters of a message that are kept for the Log."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Parsed:
    """A message that was read. `text` is the message without its secret; `content` the hash of what it says."""

    raw: RawMessage
    text: str
    reading: Reading
    signals: tuple[Signal, ...]
    content: str
    parsed_us: int


def signal_stored(parsed: Parsed, index: int, plan: Plan, *, key: str, planned_us: int) -> SignalStored:
    """Return the event of one signal of a message."""
    raw, reading = parsed.raw, parsed.reading
    return SignalStored(
        at=raw.received_at,
        signal=plan.resolved.signal,
        status=plan.status,
        reason=plan.reason,
        orders=plan.planned_orders,
        group=parsed.signals[0].signal_id,
        index=index,
        dedupe_key=key,
        content_hash=parsed.content,
        raw=parsed.text[:_KEPT_TEXT] if index == 0 else "",
        transport=raw.transport.value,
        peer=raw.peer,
        ignored=reading.ignored,
        rounded=plan.resolved.rounded,
        notes=reading.notes + plan.resolved.notes,
        parsed_us=parsed.parsed_us,
        planned_us=planned_us,
    )


def signals_timed(ids: tuple[SignalId, ...], *, at: Nanos, stored_us: int, answered_us: int) -> tuple[SignalTimed, ...]:
    return tuple(
        SignalTimed(at=at, signal_id=signal_id, stored_us=stored_us, answered_us=answered_us) for signal_id in ids
    )


def message_refused(refusal: SignalRefused, raw: RawMessage, *, dialect: str | None, text: str) -> MessageRefused:
    return MessageRefused(
        at=raw.received_at,
        source=raw.source,
        dialect=dialect,
        http_status=refusal.status,
        code=refusal.code,
        field=refusal.field,
        got=refusal.got,
        advice=refusal.advice,
        raw=text[:_KEPT_TEXT],
        peer=raw.peer,
    )
