"""A strategy as a document of the API, and back."""

from decimal import Decimal

from tradershub.domain.ids import AccountId, StrategyName
from tradershub.domain.quantities import decimal_text
from tradershub.domain.signals import DistanceUnit, PositionSide, Protection
from tradershub.domain.strategies import (
    Allow,
    Defaults,
    OnMismatch,
    Opposite,
    Route,
    Sizing,
    SizingKind,
    Strategy,
    StrategyStatus,
    Window,
)
from tradershub.hub.document_reader import DocumentReader, refused
from tradershub.ports.views import Row

NAME = r"[A-Za-z0-9][A-Za-z0-9 _.()#-]{0,63}"
ACCOUNT = r"[a-z0-9]{1,16}:[A-Za-z0-9_.-]{1,48}"
_TIME = r"([01]\d|2[0-3]):[0-5]\d"
_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def read_strategy(document: object, *, name: str | None = None) -> Strategy:
    """Read a whole strategy; omitted fields take the documented defaults. `name`: the one in the address, if any."""
    reader = DocumentReader(document)
    written = reader.text("name", name, pattern=NAME)
    if name is not None and written != name:
        raise refused("name", written, f'the address names "{name}"; a strategy cannot be renamed')
    plain = Strategy(name=StrategyName(written))
    strategy = Strategy(
        name=plain.name,
        category=reader.text("category", ""),
        status=reader.choice("status", StrategyStatus, plain.status),
        paused=reader.boolean("paused", default=False),
        instruments=reader.texts("instruments"),
        timeframes=reader.texts("timeframes"),
        platforms=reader.texts("platforms"),
        defaults=_defaults(reader.part("defaults")),
        require_stop=reader.boolean("require_stop", default=False),
        max_age_s=reader.integer("max_age_s", plain.max_age_s, least=1, most=86_400),
        exit_max_age_s=reader.integer("exit_max_age_s", plain.exit_max_age_s, least=1, most=86_400),
        allow=_allow(reader.part("allow")),
        on_mismatch=reader.choice("on_mismatch", OnMismatch, plain.on_mismatch),
        opposite=reader.choice("opposite", Opposite, plain.opposite),
        windows=tuple(_window(part) for part in reader.parts("windows")),
        routes=tuple(_route(part) for part in reader.parts("routes")),
    )
    reader.finish()
    accounts = [route.account for route in strategy.routes]
    if len(set(accounts)) < len(accounts):
        raise refused("routes", None, "expected at most one route to an account")
    return strategy


def _defaults(reader: DocumentReader) -> Defaults:
    defaults = Defaults(
        quantity=reader.decimal("quantity"),
        stop_loss=_protection(reader, "stop_loss"),
        take_profit=_protection(reader, "take_profit"),
    )
    reader.finish()
    return defaults


def _protection(reader: DocumentReader, key: str) -> Protection | None:
    """Read a default stop or target: a bare number is a distance in points, since a price would be nobody's default."""
    value = reader.raw(key)
    if value is None:
        return None
    if not isinstance(value, dict):
        return Protection(value=_distance(reader, key), unit=DistanceUnit.POINTS)
    part = reader.part(key)
    number = _distance(part, "value")
    unit = part.choice("unit", DistanceUnit, DistanceUnit.POINTS)
    if unit in (DistanceUnit.PRICE, DistanceUnit.EA_SETTING):
        raise refused(part.place("unit"), unit, "a default is a distance: points, ticks, pips, percent or cash")
    protection = Protection(value=number, unit=unit, trailing=part.decimal("trailing"))
    part.finish()
    return protection


def _distance(reader: DocumentReader, key: str) -> Decimal:
    number = reader.decimal(key)
    if number is None:
        raise refused(reader.place(key), None, "expected a distance above zero", code="missing")
    return number


def _allow(reader: DocumentReader) -> Allow:
    plain = Allow()
    allow = Allow(
        accounts=reader.boolean("accounts", plain.accounts),
        flatten=reader.boolean("flatten", plain.flatten),
        order_type=reader.boolean("order_type", plain.order_type),
        stops=reader.boolean("stops", plain.stops),
    )
    reader.finish()
    return allow


def _window(reader: DocumentReader) -> Window:
    days = reader.texts("days", _DAYS[:5])
    if set(days) - set(_DAYS):
        raise refused(reader.place("days"), days, f"expected days of {', '.join(_DAYS)}")
    window = Window(
        days=days,
        start=reader.text("from", pattern=_TIME),
        end=reader.text("to", pattern=_TIME),
        zone=reader.text("zone", "America/New_York"),
        close_at_end=reader.boolean("close_at_end", default=False),
    )
    reader.finish()
    return window


def _route(reader: DocumentReader) -> Route:
    sizing = reader.part("sizing")
    directions = reader.texts("directions", ("long", "short"))
    if not directions or set(directions) - {"long", "short"}:
        raise refused(reader.place("directions"), directions, "expected long, short or both")
    route = Route(
        account=AccountId(reader.text("account", pattern=ACCOUNT)),
        sizing=Sizing(
            kind=sizing.choice("kind", SizingKind, SizingKind.AS_SIGNALLED),
            value=sizing.decimal("value", Sizing().value) or Sizing().value,
        ),
        max_quantity=reader.decimal("max_quantity"),
        directions=tuple(PositionSide(direction) for direction in directions),
        instruments=reader.texts("instruments"),
        windows=tuple(_window(part) for part in reader.parts("windows")),
        enabled=reader.boolean("enabled", default=True),
    )
    sizing.finish()
    reader.finish()
    return route


def strategy_row(strategy: Strategy) -> Row:
    """Return a strategy in the shape of the API, every field present."""
    return {
        "name": strategy.name,
        "category": strategy.category,
        "status": strategy.status.value,
        "paused": strategy.paused,
        "instruments": list(strategy.instruments),
        "timeframes": list(strategy.timeframes),
        "platforms": list(strategy.platforms),
        "defaults": {
            "quantity": None if strategy.defaults.quantity is None else decimal_text(strategy.defaults.quantity),
            "stop_loss": _protection_row(strategy.defaults.stop_loss),
            "take_profit": _protection_row(strategy.defaults.take_profit),
        },
        "require_stop": strategy.require_stop,
        "max_age_s": strategy.max_age_s,
        "exit_max_age_s": strategy.exit_max_age_s,
        "allow": {
            "accounts": strategy.allow.accounts,
            "flatten": strategy.allow.flatten,
            "order_type": strategy.allow.order_type,
            "stops": strategy.allow.stops,
        },
        "on_mismatch": strategy.on_mismatch.value,
        "opposite": strategy.opposite.value,
        "windows": [_window_row(window) for window in strategy.windows],
        "routes": [_route_row(route) for route in strategy.routes],
    }


def _protection_row(protection: Protection | None) -> Row | None:
    if protection is None:
        return None
    trailing = None if protection.trailing is None else decimal_text(protection.trailing)
    return {"value": decimal_text(protection.value), "unit": protection.unit.value, "trailing": trailing}


def _window_row(window: Window) -> Row:
    return {
        "days": list(window.days),
        "from": window.start,
        "to": window.end,
        "zone": window.zone,
        "close_at_end": window.close_at_end,
    }


def _route_row(route: Route) -> Row:
    return {
        "account": route.account,
        "sizing": {"kind": route.sizing.kind.value, "value": decimal_text(route.sizing.value)},
        "max_quantity": None if route.max_quantity is None else decimal_text(route.max_quantity),
        "directions": [side.value for side in route.directions],
        "instruments": list(route.instruments),
        "windows": [_window_row(window) for window in route.windows],
        "enabled": route.enabled,
    }
