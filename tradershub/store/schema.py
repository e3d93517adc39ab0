"""The tables of trading: the journal, and the projections that are written with it in one transaction.

One schema for SQLite and PostgreSQL: decimals are text without exponent, instants are integer nanoseconds, enumerations
are lower snake text, JSON is text. A column that must not repeat is never nullable: SQLite allows many NULLs.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
    and_,
)

METADATA = MetaData()
Big = BigInteger().with_variant(Integer(), "sqlite")
"""SQLite makes only a column of the type INTEGER the row's own number."""

FINAL = ("blocked", "filled", "canceled", "expired", "rejected", "not_placed")
"""Order states that end; the partial index of open orders leaves them out."""


def text(name: str) -> Column[str]:
    return Column(name, Text, nullable=False)


def optional(name: str) -> Column[str]:
    return Column(name, Text)


def big(name: str) -> Column[int]:
    return Column(name, Big, nullable=False)


events = Table(
    "events", METADATA, Column("seq", Big, primary_key=True), big("at"), text("kind"), text("subject"), text("payload")
)

signals = Table(
    "signals",
    METADATA,
    Column("signal_id", Text, primary_key=True),
    text("group_id"),
    Column("idx", Integer, nullable=False),
    Column("dedupe_key", Text, nullable=False, unique=True),
    text("content_hash"),
    text("source"),
    text("dialect"),
    optional("strategy"),
    optional("symbol"),
    optional("symbol_as_written"),
    text("action"),
    text("status"),
    optional("reason"),
    big("received_at"),
    optional("message_id"),
    text("doc"),
    text("raw"),
    text("ignored"),
    text("rounded"),
    text("notes"),
    text("transport"),
    text("peer"),
    big("parsed_us"),
    big("planned_us"),
    Column("stored_us", Big),
    Column("answered_us", Big),
)
# Time first: the index only ever grows at its end, so a long history costs a new signal nothing.
Index("ix_signals_received_at", signals.c.received_at, signals.c.signal_id, signals.c.content_hash)

orders = Table(
    "orders",
    METADATA,
    Column("order_id", Text, primary_key=True),
    Column("signal_id", Text, ForeignKey("signals.signal_id")),
    text("cause"),
    text("leg"),
    Column("attempt", Integer, nullable=False),
    optional("strategy"),
    text("account"),
    text("platform"),
    text("symbol"),
    text("platform_symbol"),
    text("side"),
    text("intent"),
    text("quantity"),
    text("hub_quantity"),
    text("order_type"),
    optional("limit_price"),
    optional("stop_price"),
    text("time_in_force"),
    text("state"),
    text("filled"),
    optional("average_price"),
    text("commission"),
    Column("conflict", Boolean, nullable=False),
    optional("reason"),
    optional("platform_order_id"),
    text("origin"),
    text("carrier"),
    Column("automated", Boolean, nullable=False),
    text("doc"),
    text("facts"),
    Column("sent_us", Big),
    Column("acknowledged_us", Big),
    Column("filled_us", Big),
    big("created_at"),
    big("updated_at"),
)
Index("ix_orders_signal_id", orders.c.signal_id)
Index("ix_orders_created_at", orders.c.created_at, orders.c.order_id)
# Each state is named: only then may SQLite and PostgreSQL use the index for a query that names them too.
_is_open = and_(*(orders.c.state != state for state in FINAL))
Index("ix_orders_open", orders.c.created_at, sqlite_where=_is_open, postgresql_where=_is_open)
_is_known = orders.c.platform_order_id.is_not(None)
Index(
    "ix_orders_platform_order_id",
    orders.c.account,
    orders.c.platform_order_id,
    sqlite_where=_is_known,
    postgresql_where=_is_known,
)

fills = Table(
    "fills",
    METADATA,
    Column("fill_id", Text, primary_key=True),
    Column("order_id", Text, ForeignKey("orders.order_id"), nullable=False),
    text("account"),
    text("platform"),
    optional("strategy"),
    text("symbol"),
    text("platform_symbol"),
    text("side"),
    text("quantity"),
    text("hub_quantity"),
    text("price"),
    text("commission"),
    text("currency"),
    big("at"),
)
Index("ix_fills_at", fills.c.at, fills.c.fill_id)
Index("ix_fills_order_id", fills.c.order_id)

trades = Table(
    "trades",
    METADATA,
    Column("trade_id", Text, primary_key=True),
    text("account"),
    text("platform"),
    optional("strategy"),
    text("symbol"),
    text("side"),
    text("quantity"),
    text("hub_quantity"),
    text("entry_price"),
    text("exit_price"),
    big("opened_at"),
    big("closed_at"),
    text("gross"),
    text("commission"),
    text("net"),
    text("currency"),
    Column("fills", Integer, nullable=False),
)
Index("ix_trades_closed_at", trades.c.closed_at, trades.c.trade_id)
Index("ix_trades_strategy", trades.c.strategy, trades.c.closed_at)
Index("ix_trades_account", trades.c.account, trades.c.closed_at)

positions = Table(
    "positions",
    METADATA,
    Column("position_key", Text, primary_key=True),
    text("position_id"),
    optional("strategy"),
    text("account"),
    text("platform"),
    text("symbol"),
    optional("ticket"),
    text("quantity"),
    text("average_price"),
    big("as_of"),
    text("doc"),
)

gates = Table(
    "gates",
    METADATA,
    Column("scope", Text, primary_key=True),
    text("gate"),
    text("level"),
    text("kill_id"),
    text("set_by"),
    text("reason"),
    big("at"),
)

execution_log = Table(
    "execution_log",
    METADATA,
    Column("seq", Big, nullable=False),
    Column("idx", Integer, nullable=False),
    text("order_id"),
    text("account"),
    text("platform"),
    text("outcome"),
    big("at"),
    Column("latency_us", Big),
    optional("reason"),
    PrimaryKeyConstraint("seq", "idx"),
    sqlite_with_rowid=False,
)
Index("ix_execution_log_at", execution_log.c.at)

refused_messages = Table(
    "refused_messages",
    METADATA,
    Column("seq", Big, primary_key=True),
    big("at"),
    text("source"),
    optional("dialect"),
    Column("http_status", Integer, nullable=False),
    text("code"),
    optional("field"),
    optional("got"),
    text("advice"),
    text("raw"),
    text("peer"),
)

notices = Table(
    "notices",
    METADATA,
    Column("seq", Big, primary_key=True),
    big("at"),
    text("kind"),
    text("severity"),
    text("message"),
    optional("subject"),
    text("details"),
)

settings_audit = Table(
    "settings_audit",
    METADATA,
    Column("seq", Big, primary_key=True),
    big("at"),
    text("table_name"),
    text("key"),
    text("who"),
    optional("before"),
    optional("after"),
)

strategy_performance = Table(
    "strategy_performance",
    METADATA,
    text("strategy"),
    big("day"),
    text("currency"),
    Column("trades", Integer, nullable=False),
    Column("wins", Integer, nullable=False),
    Column("losses", Integer, nullable=False),
    text("gross"),
    text("commission"),
    text("net"),
    PrimaryKeyConstraint("strategy", "day", "currency"),
)
"""`day`: the instant the trading day began, at the default session of an account."""

daily_risk_tracker = Table(
    "daily_risk_tracker",
    METADATA,
    text("scope"),
    big("day"),
    text("currency"),
    Column("fills", Integer, nullable=False),
    Column("trades", Integer, nullable=False),
    text("gross"),
    text("commission"),
    text("net"),
    PrimaryKeyConstraint("scope", "day", "currency"),
)
"""`commission` counts as it is paid, fill by fill; `net` is that of the trades that ended."""

copier_log = Table(
    "copier_log",
    METADATA,
    Column("seq", Big, nullable=False),
    Column("idx", Integer, nullable=False),
    big("at"),
    text("group_id"),
    text("lead_order_id"),
    text("account"),
    text("verdict"),
    optional("order_id"),
    optional("reason"),
    PrimaryKeyConstraint("seq", "idx"),
)
