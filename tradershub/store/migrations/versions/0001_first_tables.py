"""The first tables."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

TEXT = sa.Text()
COUNT = sa.Integer()
BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
FLAG = sa.Boolean()
BYTES = sa.LargeBinary()


def _columns(kind: sa.types.TypeEngine, names: str, *, nullable: bool = False) -> list[sa.Column]:
    return [sa.Column(name, kind, nullable=nullable) for name in names.split()]


def upgrade() -> None:
    _make_journal()
    _make_signals()
    _make_orders()
    _make_fills_and_trades()
    _make_holdings()
    _make_logs()
    _make_audits()
    _make_sums()
    _make_documents()
    _make_market_documents()
    _make_rules()
    _make_private()


def _make_journal() -> None:
    op.create_table(
        "events",
        sa.Column("seq", BIG, primary_key=True),
        *_columns(BIG, "at"),
        *_columns(TEXT, "kind subject payload"),
    )


def _make_signals() -> None:
    op.create_table(
        "signals",
        sa.Column("signal_id", TEXT, primary_key=True),
        *_columns(TEXT, "group_id"),
        *_columns(COUNT, "idx"),
        sa.Column("dedupe_key", TEXT, nullable=False, unique=True),
        *_columns(TEXT, "content_hash source dialect"),
        *_columns(TEXT, "strategy symbol symbol_as_written", nullable=True),
        *_columns(TEXT, "action status"),
        *_columns(TEXT, "reason", nullable=True),
        *_columns(BIG, "received_at"),
        *_columns(TEXT, "message_id", nullable=True),
        *_columns(TEXT, "doc raw ignored rounded notes transport peer"),
        *_columns(BIG, "parsed_us planned_us"),
        *_columns(BIG, "stored_us answered_us", nullable=True),
    )
    op.create_index("ix_signals_received_at", "signals", ["received_at", "signal_id", "content_hash"])


def _make_orders() -> None:
    op.create_table(
        "orders",
        sa.Column("order_id", TEXT, primary_key=True),
        sa.Column("signal_id", TEXT, sa.ForeignKey("signals.signal_id")),
        *_columns(TEXT, "cause leg"),
        *_columns(COUNT, "attempt"),
        *_columns(TEXT, "strategy", nullable=True),
        *_columns(TEXT, "account platform symbol platform_symbol side intent quantity hub_quantity order_type"),
        *_columns(TEXT, "limit_price stop_price", nullable=True),
        *_columns(TEXT, "time_in_force state filled"),
        *_columns(TEXT, "average_price", nullable=True),
        *_columns(TEXT, "commission"),
        *_columns(FLAG, "conflict"),
        *_columns(TEXT, "reason platform_order_id", nullable=True),
        *_columns(TEXT, "origin carrier"),
        *_columns(FLAG, "automated"),
        *_columns(TEXT, "doc facts"),
        *_columns(BIG, "sent_us acknowledged_us filled_us", nullable=True),
        *_columns(BIG, "created_at updated_at"),
    )
    op.create_index("ix_orders_created_at", "orders", ["created_at", "order_id"])
    where = sa.text(
        "state != 'blocked' AND state != 'filled' AND state != 'canceled'"
        " AND state != 'expired' AND state != 'rejected' AND state != 'not_placed'"
    )
    op.create_index("ix_orders_open", "orders", ["created_at"], sqlite_where=where, postgresql_where=where)
    where = sa.text("platform_order_id IS NOT NULL")
    op.create_index(
        "ix_orders_platform_order_id",
        "orders",
        ["account", "platform_order_id"],
        sqlite_where=where,
        postgresql_where=where,
    )
    op.create_index("ix_orders_signal_id", "orders", ["signal_id"])


def _make_fills_and_trades() -> None:
    op.create_table(
        "fills",
        sa.Column("fill_id", TEXT, primary_key=True),
        sa.Column("order_id", TEXT, sa.ForeignKey("orders.order_id"), nullable=False),
        *_columns(TEXT, "account platform"),
        *_columns(TEXT, "strategy", nullable=True),
        *_columns(TEXT, "symbol platform_symbol side quantity hub_quantity price commission currency"),
        *_columns(BIG, "at"),
    )
    op.create_index("ix_fills_at", "fills", ["at", "fill_id"])
    op.create_index("ix_fills_order_id", "fills", ["order_id"])
    op.create_table(
        "trades",
        sa.Column("trade_id", TEXT, primary_key=True),
        *_columns(TEXT, "account platform"),
        *_columns(TEXT, "strategy", nullable=True),
        *_columns(TEXT, "symbol side quantity hub_quantity entry_price exit_price"),
        *_columns(BIG, "opened_at closed_at"),
        *_columns(TEXT, "gross commission net currency"),
        *_columns(COUNT, "fills"),
    )
    op.create_index("ix_trades_account", "trades", ["account", "closed_at"])
    op.create_index("ix_trades_closed_at", "trades", ["closed_at", "trade_id"])
    op.create_index("ix_trades_strategy", "trades", ["strategy", "closed_at"])


def _make_holdings() -> None:
    op.create_table(
        "positions",
        sa.Column("position_key", TEXT, primary_key=True),
        *_columns(TEXT, "position_id"),
        *_columns(TEXT, "strategy", nullable=True),
        *_columns(TEXT, "account platform symbol"),
        *_columns(TEXT, "ticket", nullable=True),
        *_columns(TEXT, "quantity average_price"),
        *_columns(BIG, "as_of"),
        *_columns(TEXT, "doc"),
    )
    op.create_table(
        "gates",
        sa.Column("scope", TEXT, primary_key=True),
        *_columns(TEXT, "gate level kill_id set_by reason"),
        *_columns(BIG, "at"),
    )


def _make_logs() -> None:
    op.create_table(
        "execution_log",
        *_columns(BIG, "seq"),
        *_columns(COUNT, "idx"),
        *_columns(TEXT, "order_id account platform outcome"),
        *_columns(BIG, "at"),
        *_columns(BIG, "latency_us", nullable=True),
        *_columns(TEXT, "reason", nullable=True),
        sa.PrimaryKeyConstraint("seq", "idx"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_execution_log_at", "execution_log", ["at"])
    op.create_table(
        "refused_messages",
        sa.Column("seq", BIG, primary_key=True),
        *_columns(BIG, "at"),
        *_columns(TEXT, "source"),
        *_columns(TEXT, "dialect", nullable=True),
        *_columns(COUNT, "http_status"),
        *_columns(TEXT, "code"),
        *_columns(TEXT, "field got", nullable=True),
        *_columns(TEXT, "advice raw peer"),
    )


def _make_audits() -> None:
    op.create_table(
        "notices",
        sa.Column("seq", BIG, primary_key=True),
        *_columns(BIG, "at"),
        *_columns(TEXT, "kind severity message"),
        *_columns(TEXT, "subject", nullable=True),
        *_columns(TEXT, "details"),
    )
    op.create_table(
        "settings_audit",
        sa.Column("seq", BIG, primary_key=True),
        *_columns(BIG, "at"),
        *_columns(TEXT, "table_name key who"),
        *_columns(TEXT, "before after", nullable=True),
    )
    op.create_table(
        "copier_log",
        *_columns(BIG, "seq"),
        *_columns(COUNT, "idx"),
        *_columns(BIG, "at"),
        *_columns(TEXT, "group_id lead_order_id account verdict"),
        *_columns(TEXT, "order_id reason", nullable=True),
        sa.PrimaryKeyConstraint("seq", "idx"),
    )


def _make_sums() -> None:
    op.create_table(
        "strategy_performance",
        *_columns(TEXT, "strategy"),
        *_columns(BIG, "day"),
        *_columns(TEXT, "currency"),
        *_columns(COUNT, "trades wins losses"),
        *_columns(TEXT, "gross commission net"),
        sa.PrimaryKeyConstraint("strategy", "day", "currency"),
    )
    op.create_table(
        "daily_risk_tracker",
        *_columns(TEXT, "scope"),
        *_columns(BIG, "day"),
        *_columns(TEXT, "currency"),
        *_columns(COUNT, "fills trades"),
        *_columns(TEXT, "gross commission net"),
        sa.PrimaryKeyConstraint("scope", "day", "currency"),
    )


def _make_documents() -> None:
    op.create_table(
        "strategies",
        sa.Column("name", TEXT, primary_key=True),
        *_columns(TEXT, "category status"),
        *_columns(FLAG, "paused"),
        *_columns(TEXT, "doc"),
    )
    op.create_table(
        "execution_config",
        sa.Column("platform", TEXT, primary_key=True),
        *_columns(FLAG, "enabled"),
        *_columns(TEXT, "config doc"),
    )
    op.create_table(
        "accounts",
        sa.Column("account", TEXT, primary_key=True),
        *_columns(TEXT, "platform mode"),
        *_columns(FLAG, "enabled"),
        *_columns(TEXT, "doc"),
    )


def _make_market_documents() -> None:
    op.create_table(
        "sources",
        sa.Column("name", TEXT, primary_key=True),
        *_columns(TEXT, "doc"),
    )
    op.create_table(
        "instruments",
        sa.Column("symbol", TEXT, primary_key=True),
        *_columns(TEXT, "doc"),
    )
    op.create_table(
        "symbol_maps",
        sa.Column("key", TEXT, primary_key=True),
        *_columns(TEXT, "doc"),
    )
    op.create_table(
        "preferences",
        sa.Column("key", TEXT, primary_key=True),
        *_columns(TEXT, "doc"),
    )


def _make_rules() -> None:
    op.create_table(
        "copier_config",
        sa.Column("group_id", TEXT, primary_key=True),
        *_columns(TEXT, "name lead mode"),
        *_columns(FLAG, "enabled"),
        *_columns(TEXT, "doc"),
    )
    op.create_table(
        "risk_limits",
        *_columns(TEXT, "scope rule value params action"),
        *_columns(FLAG, "enabled"),
        sa.PrimaryKeyConstraint("scope", "rule"),
    )


def _make_private() -> None:
    op.create_table(
        "secrets",
        sa.Column("secret_id", TEXT, primary_key=True),
        *_columns(TEXT, "source"),
        *_columns(TEXT, "strategy", nullable=True),
        *_columns(BYTES, "hashed"),
        *_columns(BYTES, "sealed", nullable=True),
        *_columns(BIG, "created_at"),
        *_columns(BIG, "expires_at", nullable=True),
    )
    op.create_table(
        "tokens",
        sa.Column("token_id", TEXT, primary_key=True),
        *_columns(TEXT, "name scope"),
        *_columns(BYTES, "hashed"),
        *_columns(BIG, "created_at"),
        *_columns(BIG, "last_used_at", nullable=True),
    )
    op.create_table(
        "users",
        sa.Column("name", TEXT, primary_key=True),
        *_columns(TEXT, "password_hash"),
        *_columns(BYTES, "totp_sealed", nullable=True),
        *_columns(COUNT, "totp_last_step"),
        *_columns(BIG, "changed_at"),
    )
    op.create_table(
        "sessions",
        sa.Column("session_hash", BYTES, primary_key=True),
        *_columns(TEXT, "user"),
        *_columns(BIG, "created_at seen_at"),
        *_columns(TEXT, "peer agent"),
    )
    op.create_table(
        "meta",
        sa.Column("key", TEXT, primary_key=True),
        *_columns(TEXT, "value"),
    )
