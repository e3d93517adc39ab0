"""Changes of settings: checked, made durable as an event, then in force; one way for every kind of row."""

from collections.abc import Callable, MutableMapping
from typing import Generic, TypeVar

import msgspec

from tradershub.domain.errors import RequestRefused
from tradershub.domain.events import SettingChanged
from tradershub.ports.clock import Clock
from tradershub.ports.journal import Journal
from tradershub.ports.views import Row

Setting = TypeVar("Setting")


class SettingsDesk(Generic[Setting]):
    """The rows of one settings table. `write` gives the row of the API, which is also what is stored."""

    def __init__(
        self,
        *,
        table: str,
        rows: MutableMapping[str, Setting],
        write: Callable[[Setting], Row],
        journal: Journal,
        clock: Clock,
    ) -> None:
        self._table = table
        self._rows = rows
        self._write = write
        self._journal = journal
        self._clock = clock

    def all(self) -> tuple[Row, ...]:
        return tuple(self._write(self._rows[key]) for key in sorted(self._rows))

    def one(self, key: str) -> Row | None:
        setting = self._rows.get(key)
        return None if setting is None else self._write(setting)

    async def store(self, key: str, setting: Setting, *, who: str) -> Row:
        """Make a row durable, then let it count."""
        await self._change(key, self._write(setting), who)
        self._rows[key] = setting
        return self._write(setting)

    async def remove(self, key: str, *, who: str) -> None:
        await self._change(key, None, who)
        del self._rows[key]

    def changed(self, key: str, after: Row | None, *, who: str) -> SettingChanged:
        """Return the event of a change, for a transaction that it is to be part of."""
        return SettingChanged(
            at=self._clock.now(), table=self._table, key=key, who=who, before=_json(self.one(key)), after=_json(after)
        )

    async def _change(self, key: str, after: Row | None, who: str) -> None:
        await self._journal.append(self.changed(key, after, who=who))


def _json(row: Row | None) -> str | None:
    return None if row is None else msgspec.json.encode(row).decode()


def not_found(kind: str, key: str) -> RequestRefused:
    return RequestRefused(404, "not_found", f"there is no {kind} of this name", field="id", got=key)


def already_there(kind: str, key: str) -> RequestRefused:
    return RequestRefused(409, "exists", f"there is already {kind} of this name", field="id", got=key)


def in_use(kind: str, key: str) -> RequestRefused:
    advice = f"{kind} has an open position or a working order: close and cancel first"
    return RequestRefused(409, "in_use", advice, field="id", got=key)
