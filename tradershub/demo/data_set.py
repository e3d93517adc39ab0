"""What the demo starts with: accounts, strategies and a paper broker with everyday frictions."""

import json
from collections.abc import Mapping
from importlib import resources
from typing import Any, Final

from tradershub.domain.errors import RequestRefused
from tradershub.ports.control import Collection, Control

WHO: Final = "demo"
_FILE: Final = "data_set.json"


def read() -> Mapping[str, Any]:
    """Return the documents of the data set, in the shapes of the API."""
    found: Mapping[str, Any] = json.loads(
        resources.files("tradershub.demo").joinpath(_FILE).read_text(encoding="utf-8")
    )
    return found


async def install(control: Control, *, seed: int) -> None:
    """Give a hub the demo's settings through the same desks as the API; what is there already is left as it is."""
    documents = read()
    await control.platforms.configure("paper", {**documents["paper"], "seed": seed}, who=WHO)
    for account in documents["accounts"]:
        if control.accounts.row(account["id"]) is None:
            await control.accounts.create(account, who=WHO)
        else:
            # The hub has made its first account itself.
            await _relabel(control.accounts, account)
    for strategy in documents["strategies"]:
        if control.strategies.row(strategy["name"]) is None:
            await control.strategies.create(strategy, who=WHO)


async def _relabel(accounts: Collection, account: Mapping[str, Any]) -> None:
    present = accounts.row(account["id"])
    if present is not None and present["label"] != account["label"]:
        try:
            await accounts.replace(account["id"], {**present, **account}, who=WHO)
        except RequestRefused as refused:
            # A kept demo may have a position there, which is no reason to have no demo.
            if refused.code != "in_use":
                raise
