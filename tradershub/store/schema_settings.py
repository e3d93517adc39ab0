"""The tables of settings: documents that a person changes, and the secrets, tokens and users that no event carries."""

from sqlalchemy import Boolean, Column, Integer, LargeBinary, PrimaryKeyConstraint, Table, Text

from tradershub.store.schema import METADATA, Big, big, optional, text

strategies = Table(
    "strategies",
    METADATA,
    Column("name", Text, primary_key=True),
    text("category"),
    text("status"),
    Column("paused", Boolean, nullable=False),
    text("doc"),
)

execution_config = Table(
    "execution_config",
    METADATA,
    Column("platform", Text, primary_key=True),
    Column("enabled", Boolean, nullable=False),
    text("config"),
    text("doc"),
)

accounts = Table(
    "accounts",
    METADATA,
    Column("account", Text, primary_key=True),
    text("platform"),
    text("mode"),
    Column("enabled", Boolean, nullable=False),
    text("doc"),
)

sources = Table("sources", METADATA, Column("name", Text, primary_key=True), text("doc"))
instruments = Table("instruments", METADATA, Column("symbol", Text, primary_key=True), text("doc"))
symbol_maps = Table("symbol_maps", METADATA, Column("key", Text, primary_key=True), text("doc"))
preferences = Table("preferences", METADATA, Column("key", Text, primary_key=True), text("doc"))

copier_config = Table(
    "copier_config",
    METADATA,
    Column("group_id", Text, primary_key=True),
    text("name"),
    text("lead"),
    text("mode"),
    Column("enabled", Boolean, nullable=False),
    text("doc"),
)

risk_limits = Table(
    "risk_limits",
    METADATA,
    text("scope"),
    text("rule"),
    text("value"),
    text("params"),
    text("action"),
    Column("enabled", Boolean, nullable=False),
    PrimaryKeyConstraint("scope", "rule"),
)

secrets = Table(
    "secrets",
    METADATA,
    Column("secret_id", Text, primary_key=True),
    text("source"),
    optional("strategy"),
    Column("hashed", LargeBinary, nullable=False),
    Column("sealed", LargeBinary),
    big("created_at"),
    Column("expires_at", Big),
)

tokens = Table(
    "tokens",
    METADATA,
    Column("token_id", Text, primary_key=True),
    text("name"),
    text("scope"),
    Column("hashed", LargeBinary, nullable=False),
    big("created_at"),
    Column("last_used_at", Big),
)

users = Table(
    "users",
    METADATA,
    Column("name", Text, primary_key=True),
    text("password_hash"),
    Column("totp_sealed", LargeBinary),
    Column("totp_last_step", Integer, nullable=False),
    big("changed_at"),
)

sessions = Table(
    "sessions",
    METADATA,
    Column("session_hash", LargeBinary, primary_key=True),
    text("user"),
    big("created_at"),
    big("seen_at"),
    text("peer"),
    text("agent"),
)

meta = Table("meta", METADATA, Column("key", Text, primary_key=True), text("value"))
