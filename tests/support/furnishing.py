"""Furnishes a hub for a test: quotes, accounts, strategies with their routes, and the link to a recorder."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from tests.support.api_client import ApiClient
from tests.support.waiting import until

DAY_SECONDS = 86_400


def put_quote(
    api: ApiClient, symbol: str = "MES", *, bid: str = "4999.75", ask: str = "5000", last: str = "5000"
) -> Any:
    return api.post("/api/quotes", {"symbol": symbol, "bid": bid, "ask": ask, "last": last})


def route(account: str, **changes: Any) -> dict[str, Any]:
    return {"account": account, **changes}


def add_strategy(
    api: ApiClient, accounts: Iterable[str] = ("paper:main",), name: str = "momentum", **changes: Any
) -> Any:
    """Create a live strategy with a route to each account."""
    document = {
        "name": name,
        "status": "live",
        "instruments": ["MES"],
        "routes": [route(account) for account in accounts],
        **changes,
    }
    return api.post("/api/strategies", document)


def add_account(api: ApiClient, account: str, **changes: Any) -> Any:
    platform = account.partition(":")[0]
    mode = "paper" if platform == "paper" else "demo"
    return api.post("/api/accounts", {"id": account, "mode": mode, **changes})


def add_accounts(api: ApiClient, platform: str, count: int, *, prefix: str = "Sim") -> tuple[str, ...]:
    """Create numbered accounts of a platform."""
    names = tuple(f"{platform}:{prefix}{101 + number}" for number in range(count))
    for name in names:
        add_account(api, name)
    return names


def configure(api: ApiClient, platform: str, **config: Any) -> Any:
    return api.put(f"/api/platforms/{platform}/config", config)


def enable(api: ApiClient, platform: str, *, enabled: bool = True) -> Any:
    return api.post(f"/api/platforms/{platform}/toggle", {"enabled": enabled})


def platform_row(api: ApiClient, platform: str) -> Any:
    return next(row for row in api.get("/api/platforms")["items"] if row["name"] == platform)


def wait_until_up(api: ApiClient, platform: str, *, seconds: float = 15.0) -> None:
    until(
        lambda: platform_row(api, platform)["state"] == "up",
        f"the platform {platform} is up",
        seconds=seconds,
    )


def link_recorder(api: ApiClient, port: int, *, accounts: int = 1, **config: Any) -> tuple[str, ...]:
    """Point the nt8 link at a recorder, make its accounts and wait until the link is up."""
    configure(api, "nt8", host="127.0.0.1", port=port, **config)
    names = add_accounts(api, "nt8", accounts)
    enable(api, "nt8")
    wait_until_up(api, "nt8")
    return names


def record_strategy(api: ApiClient, accounts: Sequence[str], **changes: Any) -> Any:
    """Create the strategy of crash tests and the bench: it takes old messages, so that none expires meanwhile."""
    ages = {"max_age_s": DAY_SECONDS, "exit_max_age_s": DAY_SECONDS}
    return add_strategy(api, accounts, **{**ages, **changes})
