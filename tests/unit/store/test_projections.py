"""What the tables hold after an event, column by column."""

from dataclasses import replace

from tests.unit.store.support import rows
from tests.unit.store.test_views import GATE, a_refusal
from tradershub.domain.events import Event, FactsRecorded, GateReset, GateSet, PositionsAdopted
from tradershub.domain.orders import Fact, FactKind, Reason, derive
from tradershub.domain.quantities import decimal_text
from tradershub.domain.risk import Gate
from tradershub.domain.signals import Side
from tradershub.store.statements import REFUSED_KEPT
from tradershub.store.store import Store
from tradershub.testing.journal_samples import a_stored_signal, accepted, an_order, created, filled, instant


async def test_every_column_of_an_order_holds_what_it_says(store: Store) -> None:
    stored = a_stored_signal(1)
    order = stored.orders[0].order
    await store.journal.append(stored)
    names = [row[1] for row in rows(store.database.file, "PRAGMA table_info(orders)")]
    row = dict(zip(names, rows(store.database.file, "SELECT * FROM orders")[0], strict=True))
    same = {
        *("order_id", "signal_id", "cause", "leg", "attempt", "strategy", "account", "platform", "symbol"),
        *("platform_symbol", "side", "intent", "order_type", "time_in_force", "origin", "carrier", "created_at"),
    }
    assert {name: row[name] for name in same} == {name: getattr(order, name) for name in same}
    assert (row["quantity"], row["hub_quantity"], row["limit_price"], row["stop_price"]) == ("2", "2", "5000.25", None)
    assert (row["state"], row["filled"], row["commission"], row["average_price"]) == ("sending", "0", "0", None)
    assert (row["conflict"], row["automated"], row["reason"], row["platform_order_id"]) == (0, 1, None, None)
    assert (row["sent_us"], row["acknowledged_us"], row["filled_us"], row["updated_at"]) == (
        None,
        None,
        None,
        instant(1),
    )


async def test_every_column_of_a_signal_holds_what_it_says(store: Store) -> None:
    stored = a_stored_signal(1)
    await store.journal.append(stored)
    names = [row[1] for row in rows(store.database.file, "PRAGMA table_info(signals)")]
    row = dict(zip(names, rows(store.database.file, "SELECT * FROM signals")[0], strict=True))
    same = {"source", "dialect", "strategy", "symbol", "symbol_as_written", "action", "message_id", "signal_id"}
    assert {name: row[name] for name in same} == {name: getattr(stored.signal, name) for name in same}
    own = {"dedupe_key", "content_hash", "raw", "transport", "peer", "parsed_us", "planned_us", "status"}
    assert {name: row[name] for name in own} == {name: getattr(stored, name) for name in own}
    assert (row["group_id"], row["idx"], row["received_at"]) == (stored.group, 0, instant(1))
    assert (row["ignored"], row["rounded"], row["notes"]) == ('["colour"]', "[]", "[]")


async def test_the_log_holds_one_row_an_outcome(store: Store) -> None:
    order = an_order(1)
    refused = Fact(kind=FactKind.REJECTED, at=instant(3), reason=Reason(code="margin", message="too poor"))
    facts = (*accepted(order, 2).all_facts, refused)
    late = FactsRecorded(
        at=instant(3), order_id=order.order_id, facts=(refused,), all_facts=facts, view=derive(order, facts)
    )
    await store.journal.append(created(order), accepted(order, 2), late)
    assert rows(store.database.file, "SELECT * FROM execution_log") == [
        (2, 0, order.order_id, "paper:main", "paper", "accepted", instant(2), 1500, None),
        (
            3,
            0,
            order.order_id,
            "paper:main",
            "paper",
            "rejected",
            instant(3),
            None,
            '{"code":"margin","message":"too poor","numbers":[]}',
        ),
    ]


async def test_a_flat_position_leaves_its_table(store: Store) -> None:
    first, second = an_order(1), replace(an_order(2), side=Side.SELL)
    opening = filled(first, 3)
    await store.journal.append(created(first), created(second), opening)
    assert rows(store.database.file, "SELECT account, quantity FROM positions") == [("paper:main", "2")]
    moved = replace(opening.positions[0], stop_loss=opening.positions[0].average_price)
    await store.journal.append(PositionsAdopted(at=instant(4), positions=(moved,), reason="stop moved"))
    assert (await store.views.recovery(instant(0))).positions == (moved,)
    await store.journal.append(filled(second, 5, position=opening.positions[0]))
    assert rows(store.database.file, "SELECT * FROM positions") == []


async def test_tickets_of_one_symbol_are_rows_of_their_own(store: Store) -> None:
    order = an_order(1)
    (position,) = filled(order, 2).positions
    tickets = tuple(replace(position, ticket=ticket) for ticket in ("1", "2"))
    await store.journal.append(PositionsAdopted(at=instant(1), positions=tickets, reason="adopted"))
    assert len((await store.views.recovery(instant(0))).positions) == 2


async def test_sums_of_a_day_are_exact_and_per_scope(store: Store) -> None:
    events: list[Event] = []
    for number in range(0, 6, 2):
        stored = a_stored_signal(number)
        entry = stored.orders[0].order
        leave = replace(an_order(number + 1), side=Side.SELL, strategy=entry.strategy)
        opening = filled(entry, number)
        closing = filled(leave, number + 1, price=f"500{number}.25", position=opening.positions[0])
        events += [stored, created(leave), opening, closing]
    for event in events:
        await store.journal.append(event)
    performance = rows(
        store.database.file,
        "SELECT strategy, currency, trades, wins, losses, gross, commission, net FROM strategy_performance",
    )
    # Gross 0, 20 and 40, less 1.24 each.
    assert performance == [("momentum", "USD", 3, 2, 1, "60", "3.72", "56.28")]
    tracker = rows(
        store.database.file, "SELECT scope, fills, trades, gross, commission, net FROM daily_risk_tracker ORDER BY 1"
    )
    assert tracker == [
        ("account:paper:main", 6, 3, "60", "3.72", "56.28"),
        ("strategy:momentum", 6, 3, "60", "3.72", "56.28"),
    ]
    assert decimal_text(filled(an_order(1), 1).fills[0].commission) == "0.62"


async def test_a_gate_is_a_row_until_it_is_reset(store: Store) -> None:
    await store.journal.append(GateSet(at=instant(1), row=GATE))
    await store.journal.append(GateSet(at=instant(2), row=replace(GATE, gate=Gate.HALTED)))
    assert [row.gate for row in (await store.views.recovery(instant(0))).gates] == [Gate.HALTED]
    await store.journal.append(GateReset(at=instant(3), scope=GATE.scope, who="admin", reason="back"))
    assert (await store.views.recovery(instant(0))).gates == ()


async def test_only_the_newest_refused_messages_are_kept(store: Store) -> None:
    for begin in range(0, REFUSED_KEPT + 100, 1000):
        await store.journal.append(*(a_refusal(begin + n) for n in range(1000)))
    found = rows(store.database.file, "SELECT count(*), min(seq), max(seq) FROM refused_messages")
    assert found == [(REFUSED_KEPT, 1001, REFUSED_KEPT + 1000)]
