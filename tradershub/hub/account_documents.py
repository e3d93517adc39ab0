"""Accounts, sources and a platform's configuration as documents of the API, and back."""

from decimal import Decimal

from tradershub.domain.accounts import Account, AccountMode, PlatformSettings, SessionDay
from tradershub.domain.ids import AccountId, platform_of
from tradershub.domain.quantities import decimal_text
from tradershub.domain.sources import Source, SourceAuth
from tradershub.domain.trading_days import check_session
from tradershub.hub.document_reader import DocumentReader, refused
from tradershub.hub.strategy_documents import ACCOUNT
from tradershub.ports.views import Row


def read_account(document: object, *, account_id: str | None = None) -> Account:
    """Read a whole account; `account_id`: the one in the address, if any."""
    reader = DocumentReader(document)
    written = AccountId(reader.text("id", account_id, pattern=ACCOUNT))
    platform = platform_of(written)
    if account_id is not None and written != account_id:
        raise refused("id", written, f'the address names "{account_id}"; an account cannot be renamed')
    if reader.text("platform", platform) != platform:
        raise refused("platform", reader.raw("platform"), f'expected "{platform}", as in the id')
    account = Account(
        id=written,
        platform=platform,
        label=reader.text("label", written.partition(":")[2], longest=64),
        mode=reader.choice("mode", AccountMode, AccountMode.PAPER if platform == "paper" else AccountMode.DEMO),
        enabled=reader.boolean("enabled", default=True),
        currency=reader.text("currency", "USD", pattern="[A-Z]{3}"),
        starting_balance=reader.decimal("starting_balance", Decimal(50_000)) or Decimal(50_000),
        session=_session(reader.part("session")),
        config=config_of(reader.raw("config"), "config"),
    )
    reader.finish()
    if (account.mode is AccountMode.PAPER) != (platform == "paper"):
        raise refused("mode", account.mode, "accounts of the platform paper are paper, all others demo or live")
    return account


def _session(reader: DocumentReader) -> SessionDay:
    plain = SessionDay()
    session = SessionDay(zone=reader.text("zone", plain.zone), reset=reader.text("reset", plain.reset))
    reader.finish()
    try:
        check_session(session.zone, session.reset)
    except ValueError as error:
        raise refused(reader.place("zone"), f"{session.zone} {session.reset}", str(error)) from error
    return session


def config_of(value: object, place: str) -> tuple[tuple[str, str], ...]:
    """Read a platform's own settings: an object of plain values, kept as text."""
    if value is None:
        return ()
    if not isinstance(value, dict) or len(value) > 100:
        raise refused(place, value, "expected an object of up to 100 plain values")
    return tuple(sorted((str(key), _plain(item, f"{place}.{key}")) for key, item in value.items()))


def _plain(value: object, place: str) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str | int | float | Decimal) and len(str(value)) <= 1000:
        return str(value)
    raise refused(place, value, "expected text, a number or true or false")


def account_row(account: Account) -> Row:
    return {
        "id": account.id,
        "platform": account.platform,
        "label": account.label,
        "mode": account.mode.value,
        "enabled": account.enabled,
        "currency": account.currency,
        "starting_balance": decimal_text(account.starting_balance),
        "session": {"zone": account.session.zone, "reset": account.session.reset},
        "config": dict(account.config),
    }


def read_source(document: object, *, name: str) -> Source:
    """Read a whole source; its name is the one in the address."""
    reader = DocumentReader(document)
    if reader.text("name", name) != name:
        raise refused("name", reader.raw("name"), f'the address names "{name}"; a source cannot be renamed')
    plain = Source(name=name)
    source = Source(
        name=name,
        enabled=reader.boolean("enabled", default=True),
        dialects=reader.texts("dialects"),
        auth=reader.choice("auth", SourceAuth, plain.auth),
        path_token=reader.boolean("path_token", plain.path_token),
        zone=reader.optional_text("zone"),
        default_strategy=reader.optional_text("default_strategy"),
        default_symbol=reader.optional_text("default_symbol"),
        dedupe_window_s=reader.integer("dedupe_window_s", plain.dedupe_window_s, most=3600),
        max_ahead_s=reader.integer("max_ahead_s", plain.max_ahead_s, most=3600),
        addresses=reader.texts("addresses"),
    )
    reader.finish()
    if source.zone is not None:
        try:
            check_session(source.zone, "00:00")
        except ValueError as error:
            raise refused("zone", source.zone, str(error)) from error
    return source


def source_row(source: Source) -> Row:
    return {
        "name": source.name,
        "enabled": source.enabled,
        "dialects": list(source.dialects),
        "auth": source.auth.value,
        "path_token": source.path_token,
        "zone": source.zone,
        "default_strategy": source.default_strategy,
        "default_symbol": source.default_symbol,
        "dedupe_window_s": source.dedupe_window_s,
        "max_ahead_s": source.max_ahead_s,
        "addresses": list(source.addresses),
    }


def read_platform(document: object, *, name: str) -> PlatformSettings:
    reader = DocumentReader(document)
    reader.text("name", name)
    settings = PlatformSettings(
        name=name,
        enabled=reader.boolean("enabled", default=False),
        config=config_of(reader.raw("config"), "config"),
    )
    reader.finish()
    return settings


def platform_document(settings: PlatformSettings) -> Row:
    return {"name": settings.name, "enabled": settings.enabled, "config": dict(settings.config)}
