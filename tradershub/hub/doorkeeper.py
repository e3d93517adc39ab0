"""Lets a message in: its source is open, its secret right, its dialect known; names what it says."""

import random
import secrets
from dataclasses import dataclass, replace

from tradershub.domain.clock import Nanos
from tradershub.domain.errors import SignalRefused
from tradershub.domain.ids import SignalId, StrategyName
from tradershub.domain.signals import Reading, Signal
from tradershub.domain.sources import Source, SourceAuth
from tradershub.hub.secret_book import Admission, SecretBook, SecretState
from tradershub.hub.surroundings import Surroundings
from tradershub.ports.dialect import Body, Dialect, Habits
from tradershub.ports.intake import RawMessage


@dataclass(frozen=True, slots=True, kw_only=True)
class Admitted:
    """A message whose secret was right. `unknown` says why its dialect is not known, if it is not."""

    raw: RawMessage
    source: Source
    body: Body
    dialect: Dialect | None
    unknown: SignalRefused | None
    admission: Admission

    @property
    def text(self) -> str:
        """The message without its secret; nothing of a message whose secret cannot be found in it."""
        return "" if self.dialect is None else self.dialect.without_secret(self.body)


class Doorkeeper:
    def __init__(self, given: Surroundings, secret_book: SecretBook) -> None:
        self._registry = given.registry
        self._reader = given.reader
        self._clock = given.clock
        self._secrets = secret_book
        # An id is no secret: asking the system for each one's bits costs more than reading the message.
        self._random = random.Random(secrets.randbits(128))  # noqa: S311

    def admit(self, raw: RawMessage) -> Admitted:
        """Return the message if it may come in; raises SignalRefused 401 or 404, or 400 for what is no text."""
        source = self._registry.sources.get(raw.source)
        if source is None or not source.enabled:
            raise SignalRefused("not_found", None, "this source is not enabled", status=404)
        body = self._reader.read(raw.body)
        dialect, unknown = self._dialect_of(body, source)
        admission = self._admission(raw, source, body, dialect)
        if admission.state is not SecretState.OK:
            raise _no_entry(admission)
        return Admitted(raw=raw, source=source, body=body, dialect=dialect, unknown=unknown, admission=admission)

    def read(self, message: Admitted) -> tuple[Reading, tuple[Signal, ...]]:
        """Parse a message and give each signal its id, source and strategy; raises SignalRefused."""
        source = message.source
        if message.dialect is None:
            raise message.unknown or SignalRefused("unknown_dialect", None, "of no known form", status=400)
        habits = Habits(
            zone=source.zone,
            default_strategy=source.default_strategy,
            default_symbol=source.default_symbol,
            received_at=message.raw.received_at,
        )
        reading = message.dialect.parse(message.body, habits)
        return reading, tuple(self._named(signal, message) for signal in reading.signals)

    def _named(self, signal: Signal, message: Admitted) -> Signal:
        """Give a signal its id and source; a secret that belongs to one strategy admits no other."""
        only = message.admission.strategy
        strategy = signal.strategy or message.source.default_strategy
        if only is not None and strategy is not None and strategy != only:
            raise SignalRefused("unauthorised", None, "this secret belongs to another strategy", status=401)
        meant = only or strategy
        return replace(
            signal,
            signal_id=self._new_id(message.raw.received_at),
            source=message.source.name,
            strategy=None if meant is None else StrategyName(meant),
        )

    def _new_id(self, at: Nanos) -> SignalId:
        """Return a signal id that sorts by time: milliseconds, then 40 random bits."""
        return SignalId(f"S{at // 1_000_000:011x}{self._random.getrandbits(40):010x}")

    def _dialect_of(self, body: Body, source: Source) -> tuple[Dialect | None, SignalRefused | None]:
        try:
            return self._reader.choose(body, source.name, source.dialects), None
        except SignalRefused as refusal:
            return None, refusal

    def _admission(self, raw: RawMessage, source: Source, body: Body, dialect: Dialect | None) -> Admission:
        now = self._clock.now()
        if source.auth is SourceAuth.HMAC:
            return self._secrets.admit_signed(source, raw.signature, raw.body, now)
        in_path = raw.path_token if source.path_token else None
        in_body = None if dialect is None else dialect.secret(body)
        return self._secrets.admit(source, (in_path, in_body), now)


def _no_entry(admission: Admission) -> SignalRefused:
    missing = admission.state is SecretState.MISSING
    advice = "send the source's secret in the message, or its token as the last part of the address"
    return SignalRefused("secret_missing" if missing else "secret_wrong", None, advice, status=401)
