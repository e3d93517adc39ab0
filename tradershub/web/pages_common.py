"""What every page's handlers share: showing a page, sending the browser on, and rows that several pages need."""

import asyncio
from collections.abc import Iterable, Mapping
from contextlib import suppress
from typing import Final
from urllib.parse import quote, urlsplit

from litestar import MediaType
from litestar.response import Response

from tradershub.domain.errors import RequestRefused, StoreError
from tradershub.ports.control import Control
from tradershub.ports.views import Query, Row, Views
from tradershub.web.access import Access
from tradershub.web.faults import sentence
from tradershub.web.requests import Answer, HubRequest

_WITHOUT_STORE: Final = frozenset(("stop.html", "login.html"))
PAGE: Final[dict[str, object]] = {"access": Access.PAGE}
WORKING_STATES: Final = (
    *("ready", "sending", "in_doubt", "accepted"),
    *("partially_filled", "cancel_pending", "modify_pending"),
)
_MOST_WORKING: Final = 500
_MONTHS: Final = "FGHJKMNQUVXZ"
_LONGEST_PATH: Final = 500


async def show(
    request: HubRequest, template: str, page: str, context: Mapping[str, object], *, status: int = 200
) -> Answer:
    rendering = request.services.rendering
    await rendering.load(template)
    if template not in _WITHOUT_STORE:
        # For the status bar; a figure that cannot be read is left out there and called partial.
        with suppress(StoreError):
            await request.services.day.today()
    principal = request.scope.get("user")
    html = rendering.render(template, page=page, principal=principal, context=context)
    return Response(html, status_code=status, media_type=MediaType.HTML, headers={"cache-control": "no-store"})


def see_other(path: str) -> Answer:
    """Send the browser on to a page of ours; never to an address with a host in it."""
    return Response(
        b"", status_code=303, media_type=MediaType.TEXT, headers={"location": path, "cache-control": "no-store"}
    )


def local_path(text: str | None) -> str | None:
    """Return a path to go on to after signing in, None for anything that leads elsewhere."""
    if not text or len(text) > _LONGEST_PATH or not text.startswith("/") or text.startswith("//"):
        return None
    if "\\" in text or not text.isprintable() or not text.isascii():
        return None
    try:
        parts = urlsplit(text)
    except ValueError:
        return None
    return None if parts.scheme or parts.netloc or parts.path in ("/login", "/logout") else text


def path_to(*parts: str) -> str:
    return "/" + "/".join(quote(part, safe="") for part in parts)


def told(refused: RequestRefused) -> str:
    """Return a refusal as it stands beside a field."""
    return sentence(refused.advice)


def flash_refusal(request: HubRequest, what_did_not_happen: str, refused: RequestRefused) -> None:
    request.flash("error", what_did_not_happen, detail=told(refused))


async def working_orders(views: Views, **filters: str | None) -> list[Row]:
    """Return the orders that are not final, newest first."""
    pages = await asyncio.gather(
        *(views.orders(Query(limit=_MOST_WORKING, state=state, **filters)) for state in WORKING_STATES)  # type: ignore[arg-type]
    )
    return sorted((row for page in pages for row in page.items), key=lambda row: str(row["created_at"]), reverse=True)


def ticks_of(control: Control, rows: Iterable[Row]) -> dict[str, str]:
    """Return the tick of each symbol in these rows, so that prices are written with its decimals."""
    symbols = {row["symbol"] for row in rows if isinstance(row.get("symbol"), str)}
    known = {str(row["root"]): str(row["tick"]) for row in control.instruments()} if symbols else {}
    ticks = {str(symbol): known.get(root_of(str(symbol))) for symbol in symbols}
    return {symbol: tick for symbol, tick in ticks.items() if tick is not None}


def root_of(symbol: str) -> str:
    """Return `MES` of `MESZ2026`; a symbol without a contract month is its own root."""
    is_contract = len(symbol) > 5 and symbol[-4:].isdigit() and symbol[-5] in _MONTHS
    return symbol[:-5] if is_contract else symbol


def given(row: Row, key: str, default: object = None) -> object:
    """Return what a row says, or the default where it says nothing."""
    value = row.get(key)
    return default if value is None else value


def part(row: Row, *keys: str) -> Row:
    """Return an object within a row; an empty one where it is not there."""
    found: object = row
    for key in keys:
        found = found.get(key) if isinstance(found, Mapping) else None
    return found if isinstance(found, Mapping) else {}


def webhook_path(source: str) -> str:
    """Return the path of a source: the well-known ones have their own."""
    return f"/{source}-webhook" if source in ("tradingview", "tradestation", "multicharts") else f"/webhook/{source}"


def alert_command(url: str, secret: str, strategy: str) -> str:
    """Return a command that posts one alert; the price lets the paper platform fill without a quote."""
    body = (
        f'{{"secret": "{secret}", "strategy_name": "{strategy}", "symbol": "MES1!", "action": "buy", '
        '"quantity": "1", "price": "6000.25"}'
    )
    return f"curl -X POST {url} -H 'Content-Type: application/json' -d '{body}'"
