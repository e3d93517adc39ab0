"""The JSON socket link as a platform: one line an order, to a receiver that may acknowledge it; no fill is claimed."""

import logging
from collections.abc import AsyncIterator
from random import Random

from tradershub.domain.clock import Nanos
from tradershub.domain.errors import PlatformUnavailable
from tradershub.domain.ids import AccountId, OrderId
from tradershub.domain.orders import FactKind, Order, OrderChange, Reason
from tradershub.executors.event_stream import EventStream
from tradershub.executors.json_socket_link import JsonSocketLink
from tradershub.executors.json_socket_lookup import JsonSocketLookup
from tradershub.executors.json_socket_settings import JsonSocketSettings
from tradershub.executors.json_socket_wire import Acknowledgement, NotExpressible, decode_line, encode_order
from tradershub.executors.timers import Timers
from tradershub.ports import executor as contract
from tradershub.ports.executor_parts import ExecutorParts

logger = logging.getLogger(__name__)
_REMEMBERED = 10_000
_UNCONFIRMED = contract.Unknown(
    reason=Reason(
        code="unconfirmed",
        message="sent; this link confirms by an acknowledgement line, if the receiver sends one",
    )
)


class JsonSocketExecutor:
    """Hands each line to the socket and says Unknown: what it became, only an acknowledgement or a lookup tells."""

    def __init__(self, parts: ExecutorParts, *, settings: JsonSocketSettings, random: Random) -> None:
        self._parts, self._settings, self._clock, self._marks = parts, settings, parts.clock, parts.marks
        self._capabilities = settings.capabilities
        self._stream = EventStream()
        self._sent: dict[OrderId, AccountId] = {}
        self._complained: set[str] = set()
        self._timers = Timers(parts.clock)
        self._link = JsonSocketLink(
            settings.host,
            settings.port,
            per_order=settings.per_order,
            buffer_limit=settings.buffer_limit,
            clock=parts.clock,
            random=random,
            received=self._on_line,
            changed=self._on_change,
        )
        self._lookup = JsonSocketLookup(self._link, self._timers)

    @property
    def platform(self) -> str:
        return self._parts.platform

    @property
    def capabilities(self) -> contract.Capabilities:
        return self._capabilities

    async def connect(self) -> None:
        await self._link.connect()

    async def close(self) -> None:
        await self._link.close()
        self._lookup.fail("the link was closed")
        await self._timers.close()
        self._stream.close()

    async def submit(self, order: Order) -> contract.Outcome:
        if order.order_id in self._sent:
            return _UNCONFIRMED
        try:
            line = self._line_of(order)
        except NotExpressible as problem:
            return contract.Rejected(reason=Reason(code="unsupported", message=str(problem)))
        refusal = self._link.refusal(len(line))
        if refusal is not None:
            return contract.NotSent(reason=Reason(code="link_down", message=refusal))
        try:
            self._marks.mark(order.order_id)
        except OSError as error:
            return contract.NotSent(reason=Reason(code="not_marked", message=f"the mark cannot be written: {error}"))
        self._link.write(line)
        self._remember(order)
        if self._settings.per_order:
            # The bytes have left; the next order needs the next connection.
            await self._link.ready()
        return _UNCONFIRMED

    async def modify(self, order: Order, change: OrderChange, number: int) -> contract.Outcome:
        return _cannot("change")

    async def cancel(self, order: Order, number: int) -> contract.Outcome:
        return _cannot("cancel")

    async def snapshot(self, account_id: AccountId, since: Nanos) -> contract.Snapshot:
        """Return what the receiver knows of orders in doubt. It tells neither positions nor fills nor a balance."""
        if not self._settings.lookup:
            raise PlatformUnavailable("this link cannot be asked")
        if self._settings.per_order:
            await self._link.ready()
        refusal = self._link.refusal(0)
        if refusal is not None:
            raise PlatformUnavailable(refusal)
        answers = await self._lookup.ask(self._parts.unsettled(account_id))
        now = self._clock.now()
        return contract.Snapshot(
            account=account_id,
            at=now,
            orders=tuple(_report(answer, account_id, now) for answer in answers if not answer.is_unknown),
            positions=(),
            balance=None,
            currency=self._currency(account_id),
        )

    def events(self) -> AsyncIterator[contract.PlatformEvent]:
        return self._stream.read()

    def _line_of(self, order: Order) -> bytes:
        if order.time_in_force not in self._capabilities.times_in_force:
            raise NotExpressible(f"this link has no {order.time_in_force} orders")
        return encode_order(order, account=self._name_of(order.account), sent_at=self._clock.now())

    def _name_of(self, account_id: AccountId) -> str:
        account = self._parts.account_of(account_id)
        configured = dict(account.config).get("account") if account is not None else None
        return configured or account_id.partition(":")[2]

    def _currency(self, account_id: AccountId) -> str:
        account = self._parts.account_of(account_id)
        return "USD" if account is None else account.currency

    def _remember(self, order: Order) -> None:
        self._sent[order.order_id] = order.account
        if len(self._sent) > _REMEMBERED:
            del self._sent[next(iter(self._sent))]

    def _on_line(self, line: bytes) -> None:
        try:
            answer = decode_line(line)
        except ValueError as problem:
            self._complain("unreadable", f"a line of the receiver cannot be read ({problem}) and is ignored")
            return
        self._lookup.answered(answer)
        if answer.kind is None:
            if not answer.is_unknown:
                self._complain(answer.status, f"the status {answer.status!r} of the receiver is not known and ignored")
            return
        account = self._account_of(answer)
        if account is None:
            self._complain("account", f"the receiver speaks of {answer.order_id}, which was not sent on this link")
            return
        self._stream.put(_report(answer, account, self._clock.now()))

    def _account_of(self, answer: Acknowledgement) -> AccountId | None:
        sent = self._sent.get(answer.order_id)
        if sent is not None or answer.account is None:
            return sent
        named = AccountId(f"{self.platform}:{answer.account}")
        return None if self._parts.account_of(named) is None else named

    def _complain(self, about: str, message: str) -> None:
        """Log each kind of oddity once, and no more than a few kinds."""
        if about not in self._complained and len(self._complained) < 20:
            self._complained.add(about)
            logger.warning("%s: %s", self.platform, message)

    def _on_change(self, problem: str | None) -> None:
        if problem is not None:
            self._lookup.fail(problem)
        state = contract.LinkState.UP if problem is None else contract.LinkState.DOWN
        self._stream.put(contract.LinkChange(state=state, at=self._clock.now(), reason=problem))


def build(parts: ExecutorParts) -> JsonSocketExecutor:
    """Make the link of its configuration; raises ConfigurationError with every mistake in it."""
    return JsonSocketExecutor(parts, settings=JsonSocketSettings.of(parts.platform, parts.config), random=Random())  # noqa: S311 -- spreads reconnects


def _report(answer: Acknowledgement, account: AccountId, at: Nanos) -> contract.OrderReport:
    reason = None
    if answer.kind is FactKind.REJECTED:
        reason = Reason(code="rejected_by_receiver", message=answer.reason or "the receiver refused the order")
    return contract.OrderReport(account=account, order_id=answer.order_id, kind=answer.kind, at=at, reason=reason)


def _cannot(verb: str) -> contract.Rejected:
    return contract.Rejected(reason=Reason(code="unsupported", message=f"this link cannot {verb} an order"))
