"""What a person, the API or a page may ask of the running hub. Documents are in the shapes of api.md.

Every call that changes something takes `who` (the user or token that asked) for the audit. What cannot be done raises
RequestRefused with the HTTP status, code and advice; what has the wrong shape raises RequestRefused 422 with `field`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

from tradershub.domain.platform_config import PlatformInfo
from tradershub.ports.views import Row

Document = Mapping[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Created:
    """The row, and whether the call made it (True) or found it as it is (False)."""

    row: Row
    is_new: bool


class Platforms(Protocol):
    def rows(self) -> tuple[Row, ...]: ...

    async def toggle(self, name: str, enabled: object, *, who: str) -> Row: ...

    async def configure(self, name: str, config: Document, *, who: str) -> Row:
        """Merge `config` per key; secrets are write-only."""
        ...


class Collection(Protocol):
    """One kind of settings row: strategies, accounts or sources."""

    def rows(self) -> tuple[Row, ...]: ...

    def row(self, key: str) -> Row | None: ...

    async def create(self, document: Document, *, who: str) -> Row: ...

    async def replace(self, key: str, document: Document, *, who: str) -> Row: ...

    async def delete(self, key: str, *, who: str) -> None: ...


class Strategies(Collection, Protocol):
    async def set_status(self, name: str, document: Document, *, who: str) -> Row: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class NewSecret:
    """A secret in clear, shown once. `path`: the webhook path with the token, where the source allows it."""

    secret_id: str
    secret: str
    path: str | None


class Sources(Collection, Protocol):
    async def rotate(self, name: str, document: Document, *, who: str) -> NewSecret:
        """Make a new secret; `{strategy?, overlap_s?}` in the document."""
        ...

    def endpoint_names(self) -> frozenset[str]:
        """Return the names of enabled sources that `/webhook/{source}` answers for."""
        ...


class PositionDesk(Protocol):
    def rows(
        self,
        *,
        account: str | None = None,
        strategy: str | None = None,
        symbol: str | None = None,
        platform: str | None = None,
    ) -> tuple[Row, ...]: ...

    async def close(self, position_id: str, document: Document, *, who: str, key: str | None) -> Row:
        """Send an exit; `{quantity?}`. Answers `{orders: [...]}`; the same `key` again gives the first answer."""
        ...


class KillDesk(Protocol):
    def row(self) -> Row:
        """Return `{gates, sweep}`."""
        ...

    async def kill(self, document: Document, *, who: str) -> Created:
        """Close a gate and latch it: `{level, scope, reason}`; returns after the latch is on disk."""
        ...

    async def reset(self, document: Document, *, who: str, second_factor: bool) -> Row: ...


class Explainer(Protocol):
    async def explain(self, document: Document) -> Row: ...


class QuoteDesk(Protocol):
    def put(self, document: Document, *, who: str) -> Row:
        """Take one quote; answers `{used: bool}`."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveEvent:
    """One change for a page: `topic` as in `/api/events?topics=`, `name` of the event, its JSON-ready payload."""

    event_id: str
    topic: str
    name: str
    payload: Row


class LiveFeed(Protocol):
    def snapshot(self, topics: frozenset[str]) -> LiveEvent: ...

    def subscribe(
        self, topics: frozenset[str], after: str | None, receiver: Callable[[LiveEvent], None]
    ) -> Callable[[], None]:
        """Call `receiver` on the event loop for each change; returns how to stop. `after` replays what is kept."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Control:
    """Everything the web may ask of the hub, in one place."""

    platforms: Platforms
    accounts: Collection
    strategies: Strategies
    sources: Sources
    positions: PositionDesk
    kill: KillDesk
    explainer: Explainer
    quotes: QuoteDesk
    live: LiveFeed
    instruments: Callable[[], tuple[Row, ...]]
    symbol_map: Callable[[str], Row | None]
    status: Callable[[], Row]
    """`{mode: paper|live, gate, platforms_up, platforms, accounts, demo, version, started_at, last_signal_at}`.

    Also, where it is known: `day_pnl, currency, day_pnl_partial` (in the currency of the most accounts) and `in_doubt`.
    """
    not_ready: Callable[[], tuple[str, ...]]
    platform_info: Callable[[str], PlatformInfo | None]
    """What a platform is called, what it needs and how it can be configured; None for a name that is no platform."""
