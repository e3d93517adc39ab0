"""Builds the template environment: escaping, strictness, and how numbers, times and states are written on pages."""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from decimal import ROUND_HALF_EVEN, Decimal
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, pass_context
from jinja2.runtime import Context

from tradershub.web.waterfall import waterfall

MINUS = "\u2212"
NO_BREAK = "\u00a0"
NOTHING = "\u2013"
NO_CENTS = frozenset({"JPY", "KRW", "HUF"})
QUANTITY_KINDS = {
    "units": "",
    "lots": "lots",
    "base_units": "units of the base currency",
    "cash": "in cash",
    "risk_cash": "at risk",
    "risk_percent": "% at risk",
    "risk_setting": "as the platform's risk setting",
    "equity_percent": "% of equity",
    "equity_ratio": "× equity",
    "balance_percent": "% of balance",
    "margin_percent": "% of margin",
    "position_percent": "% of the position",
}
LEVEL_UNITS = {"price": "", "percent": "%", "cash": "in cash", "ea_setting": "as set on the platform"}
WORDS = {
    "nt8": "NinjaTrader 8",
    "mt5": "MetaTrader 5",
    "ctrader": "cTrader",
    "paper": "Paper",
    "not_installed": "not installed",
    "up": "up",
    "gtc": "GTC",
    "ioc": "IOC",
    "gtd": "GTD",
}


def build_templates(templates: Path, static: Path) -> Environment:
    """Build the one environment of the process; every static file is read once for its version."""
    environment = Environment(
        loader=FileSystemLoader(templates, encoding="utf-8"),
        autoescape=True,
        undefined=StrictUndefined,
        auto_reload=False,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    versions = {path.relative_to(static).as_posix(): _version(path) for path in static.rglob("*") if path.is_file()}

    def static_url(path: str) -> str:
        return f"/static/{path}?v={versions[path]}"

    manifest = json.loads((static / "vendor" / "manifest.json").read_text(encoding="utf-8"))
    environment.globals.update(
        static=static_url,
        vendored=tuple(manifest["packages"]),
        waterfall=waterfall,
        # A form sent twice carries the same key twice; the page drawn again gets another.
        idempotency_key=lambda: secrets.token_urlsafe(12),
    )
    environment.filters.update(
        money=money,
        price=price,
        qty=qty,
        sign=sign,
        ago=ago,
        iso_time=iso_time,
        utc=utc,
        ms=milliseconds,
        label=label,
        size=size,
        level=level,
        qr_path=qr_path,
        decimals=decimals,
    )
    return environment


def money(value: str | Decimal | None, currency: str | None = None, *, signed: bool = True) -> str:
    """Write an amount with its sign, thousands separators and currency; `signed=False` for balances."""
    if value is None:
        return NOTHING
    places = Decimal(1) if currency in NO_CENTS else Decimal("0.01")
    amount = Decimal(value).quantize(places, rounding=ROUND_HALF_EVEN)
    text = f"{abs(amount):,}"
    if amount < 0:
        text = MINUS + text
    elif amount > 0 and signed:
        text = "+" + text
    return f"{text}{NO_BREAK}{currency}" if currency else text


def decimals(tick: str | Decimal | None) -> int:
    """Return how many decimals a tick asks for."""
    exponent = Decimal(tick).normalize().as_tuple().exponent if tick is not None else 0
    return max(0, -exponent) if isinstance(exponent, int) else 0


def price(value: str | Decimal | None, tick: str | Decimal | None = None) -> str:
    """Write a price with the decimals of its tick, more if it has more; never rounded."""
    if value is None:
        return NOTHING
    exact = Decimal(value)
    places = max(decimals(tick), decimals(exact))
    return f"{exact:,.{places}f}".replace("-", MINUS)


def qty(value: str | Decimal | None) -> str:
    """Write a quantity without needless zeros."""
    if value is None:
        return NOTHING
    exact = Decimal(value)
    return f"{exact:,.{decimals(exact)}f}".replace("-", MINUS)


def sign(value: str | Decimal | None) -> str:
    """Name the side of zero that an amount is on: gain, loss or flat."""
    amount = Decimal(value) if value is not None else Decimal(0)
    if amount == 0:
        return "flat"
    return "gain" if amount > 0 else "loss"


def iso_time(value: str | datetime | None) -> str:
    """Write a time as ISO-8601 with Z, for `<time datetime>`; text is taken to be that already."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    return value or ""


def utc(value: str | datetime | None, style: str = "datetime") -> str:
    """Write a time for readers without script, in UTC: `time`, `ms` (to the millisecond), `date` or `datetime`."""
    if value is None:
        return NOTHING
    moment = _moment(value)
    written = {
        "date": f"{moment:%Y-%m-%d}",
        "time": f"{moment:%H:%M:%S} UTC",
        "ms": f"{moment:%Y-%m-%d %H:%M:%S}.{moment.microsecond // 1000:03d} UTC",
    }
    return written.get(style, f"{moment:%Y-%m-%d %H:%M:%S} UTC")


@pass_context
def ago(context: Context, value: str | datetime | None) -> str:
    """Write how long ago a time was, counted from the page's `now`."""
    if value is None:
        return NOTHING
    seconds = int((_moment(context["now"]) - _moment(value)).total_seconds())
    return duration(max(0, seconds)) + " ago"


def duration(seconds: int) -> str:
    for limit, divisor, unit in ((120, 1, "s"), (7200, 60, "min"), (172800, 3600, "h")):
        if seconds < limit:
            return f"{seconds // divisor}{NO_BREAK}{unit}"
    return f"{seconds // 86400}{NO_BREAK}days"


def milliseconds(microseconds: int | None) -> str:
    """Write microseconds as milliseconds with three significant digits."""
    if microseconds is None:
        return NOTHING
    value = Decimal(microseconds) / 1000
    places = 2 if value < 10 else 1 if value < 100 else 0
    return f"{value:,.{places}f}"


def label(value: str | None) -> str:
    """Write an enumeration's value as words."""
    if value is None:
        return NOTHING
    return WORDS.get(value, value.replace("_", " "))


def size(quantity: object) -> str:
    """Write the quantity of a signal in words: `2`, `50 % of the position`, `all`."""
    if quantity is None:
        return NOTHING
    kind = str(_key(quantity, "kind"))
    if kind == "all":
        return "all"
    value = _key(quantity, "value")
    number = qty(value) if isinstance(value, str | Decimal) else ""
    return f"{number} {QUANTITY_KINDS.get(kind, label(kind))}".strip()


def level(value: object) -> str:
    """Write a stop or target of a signal: `5,990.25`, `10 ticks`, `0.5 %, trailing`."""
    if value is None:
        return NOTHING
    if isinstance(value, Sequence) and not isinstance(value, str):
        return ", ".join(level(one) for one in value) or NOTHING
    unit = str(_key(value, "unit"))
    distance = _key(value, "value")
    number = price(distance) if isinstance(distance, str | Decimal) else ""
    words = f"{number} {LEVEL_UNITS.get(unit, label(unit))}".strip()
    return f"{words}, trailing" if _key(value, "trailing") else words


def qr_path(matrix: Sequence[Sequence[int]]) -> str:
    """Return the path of an SVG drawing of a QR code, one unit a module, one stroke a dark run."""
    return "".join(f"M{x} {y}h1v1h-1z" for y, row in enumerate(matrix) for x, module in enumerate(row) if module)


def _moment(value: str | datetime) -> datetime:
    return (value if isinstance(value, datetime) else datetime.fromisoformat(value)).astimezone(UTC)


def _key(row: object, name: str) -> object:
    return row[name] if isinstance(row, Mapping) else getattr(row, name)


def _version(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:12]
