"""Home: what needs attention, the way to the first order, the day, and the latest signals."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Final

from litestar import get
from litestar.handlers import HTTPRouteHandler

from tradershub.domain.clock import Nanos
from tradershub.ports.control import Control
from tradershub.ports.views import Query, Row, Views
from tradershub.web.page_log import newest_rows
from tradershub.web.pages_common import (
    PAGE,
    alert_command,
    given,
    part,
    show,
    ticks_of,
    webhook_path,
)
from tradershub.web.requests import Answer, HubRequest
from tradershub.web.services import Services
from tradershub.web.status_bar import gates_of
from tradershub.web.trading_day import day_start

_MOST_TRADE_PAGES: Final = 4
_MOST_ALARMS: Final = 3
_RANK: Final = {"critical": 0, "warning": 1, "info": 2}


@get("/", opt=PAGE)
async def home(request: HubRequest) -> Answer:
    services = request.services
    control, views = services.control, services.views
    since = day_start(services.clock.now())
    figures = await services.day.today()
    positions = control.positions.rows()
    recent = await newest_rows(views, 20)
    unknown = await views.unknown_strategies(since)
    context = {
        "setup": await _setup(services),
        "attention": attention(control, unknown, await _alarms(views, since)),
        "days": await _days(control, views, since),
        "positions": positions,
        "recent": recent,
        "platforms": control.platforms.rows(),
        "sources": [_source(row, part(figures, "sources", str(row["name"]))) for row in control.sources.rows()],
        "ticks": ticks_of(control, (*positions, *recent)),
    }
    return await show(request, "home.html", "home", context)


def attention(control: Control, unknown: Iterable[Row], alarms: Iterable[Row]) -> list[Row]:
    """Return what a person should look at, the worst first."""
    items = [_item("critical", f"The hub takes no messages: {reason}") for reason in control.not_ready()]
    items += [_item("critical", str(row["message"]), f"Noted at {row['at']}.") for row in alarms]
    for gate in gates_of(control):
        if gate["gate"] != "active":
            words = f"Stopped: {gate['scope']} is {str(gate['gate']).replace('_', ' ')}"
            items.append(_item("warning", words, "Entries don't leave until it is re-armed.", "/stop"))
    for platform in control.platforms.rows():
        if platform["enabled"] and platform["state"] == "down":
            advice = "Its orders wait and expire; exits too. See its last error."
            items.append(_item("critical", f"{platform['name']} is down", advice, "/platforms"))
    in_doubt = control.status().get("in_doubt")
    if in_doubt:
        advice = "Whether they reached the platform is being asked; nothing is sent again."
        items.append(_item("critical", f"{in_doubt} orders in doubt", advice, "/positions"))
    outside = sum(row["strategy"] is None for row in control.positions.rows())
    if outside:
        advice = "No strategy of the hub owns them, and no stop of the hub protects them."
        items.append(_item("warning", f"{outside} positions from outside the hub", advice, "/positions"))
    names = [str(row["name"]) for row in unknown]
    if names:
        advice = f"Signals of {', '.join(names[:3])} are stored and blocked."
        items.append(_item("info", f"{len(names)} unknown strategy names", advice, "/strategies"))
    return sorted(items, key=lambda item: _RANK[str(item["severity"])])


async def _alarms(views: Views, since: Nanos) -> list[Row]:
    """Return the latest alarms of the day; gates are shown as they are, not as they were."""
    page = await views.notices(Query(limit=20, state="alarm", since=since))
    return [row for row in page.items if not str(row["kind"]).startswith("gate_")][:_MOST_ALARMS]


def _item(severity: str, message: str, advice: str | None = None, href: str | None = None) -> dict[str, object]:
    return {"severity": severity, "message": message, "advice": advice, "href": href}


async def _setup(services: Services) -> Row:
    control, options = services.control, services.options
    sources = [str(row["name"]) for row in control.sources.rows() if row["enabled"]]
    name = "tradingview" if "tradingview" in sources or not sources else sources[0]
    url = options.webhook_base + webhook_path(name)
    has_secret = bool(await services.settings.secrets())
    platform = _platform_with_account(control)
    strategy = next((str(row["name"]) for row in control.strategies.rows() if _has_route(row)), None)
    first = (await services.views.signals(Query(limit=1, state="accepted"))).items
    signal_id = first[0]["signal_id"] if first else None
    has_factor = await services.people.second_factor.is_enrolled(options.user_name)
    done = (has_secret, platform is not None, strategy is not None, signal_id is not None, has_factor)
    return {
        "complete": all(done),
        "source": {
            "done": has_secret,
            "name": name,
            "webhook_url": url,
            "curl": alert_command(url, "YOUR_SECRET", strategy or "momentum"),
            "secret_masked": True,
        },
        "platform": {"done": platform is not None, "name": platform},
        "strategy": {"done": strategy is not None, "name": strategy},
        "signal": {"done": signal_id is not None, "signal_id": signal_id},
        "second_factor": {"done": has_factor},
    }


def _platform_with_account(control: Control) -> str | None:
    with_account = {row["platform"] for row in control.accounts.rows() if row["enabled"]}
    enabled = (row["name"] for row in control.platforms.rows() if row["enabled"])
    return next((str(name) for name in enabled if name in with_account), None)


def _has_route(strategy: Row) -> bool:
    routes = strategy["routes"]
    return isinstance(routes, list | tuple) and any(route["enabled"] for route in routes)


def _source(row: Row, today: Row) -> Row:
    return {
        "name": row["name"],
        "enabled": row["enabled"],
        "last_message_at": today.get("last_message_at"),
        "accepted": given(today, "accepted", 0),
        "blocked": given(today, "blocked", 0),
        "refused": given(today, "refused", 0),
    }


async def _days(control: Control, views: Views, since: Nanos) -> list[Row]:
    enabled = {row["name"] for row in control.platforms.rows() if row["enabled"]}
    accounts = [row for row in control.accounts.rows() if row["enabled"] and row["platform"] in enabled]
    realised, is_whole = await _realised(views, since)
    positions = control.positions.rows()
    return [_day(row, realised.get(str(row["id"]), Decimal(0)), is_whole, positions) for row in accounts]


async def _realised(views: Views, since: Nanos) -> tuple[dict[str, Decimal], bool]:
    """Return what the round trips of the day brought, by account, and whether that is all of them."""
    sums: dict[str, Decimal] = {}
    cursor: str | None = None
    for _ in range(_MOST_TRADE_PAGES):
        page = await views.trades(Query(limit=500, since=since, cursor=cursor))
        for row in page.items:
            account = str(row["account"])
            sums[account] = sums.get(account, Decimal(0)) + Decimal(str(row["net"]))
        cursor = page.next
        if cursor is None:
            return sums, True
    return sums, False


def _day(account: Row, realised: Decimal, is_whole: bool, positions: Iterable[Row]) -> Row:  # noqa: FBT001 -- internal
    own = [row for row in positions if row["account"] == account["id"]]
    same = [row for row in own if row["currency"] == account["currency"] and row["unrealised"] is not None]
    unrealised = sum((Decimal(str(row["unrealised"])) for row in same), Decimal(0))
    return {
        "account": account["id"],
        "label": account["label"],
        "mode": account["mode"],
        "currency": account["currency"],
        "realised": f"{realised:f}",
        "unrealised": f"{unrealised:f}",
        "total": f"{realised + unrealised:f}",
        "balance": account.get("balance"),
        "as_of": None,
        "partial": not is_whole or len(same) < len(own),
    }


ROUTES: tuple[HTTPRouteHandler, ...] = (home,)
