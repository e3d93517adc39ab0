"""Who asks, and what each route asks of them."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from tradershub.web.sessions import LiveSession


class Scope(StrEnum):
    """What a token may do. Each but `kill` includes those before it; `trade` and `admin` also include `kill`."""

    READ = "read"
    TRADE = "trade"
    ADMIN = "admin"
    KILL = "kill"


class Access(StrEnum):
    """What a route demands; a route that says nothing demands ADMIN."""

    PUBLIC = "public"
    READ = "read"
    TRADE = "trade"
    ADMIN = "admin"
    KILL = "kill"
    GATES = "gates"
    PAGE = "page"


_INCLUDED: Final = {
    Scope.READ: frozenset((Scope.READ,)),
    Scope.TRADE: frozenset((Scope.READ, Scope.TRADE, Scope.KILL)),
    Scope.ADMIN: frozenset(Scope),
    Scope.KILL: frozenset((Scope.KILL,)),
}
_ENOUGH: Final = {
    Access.READ: frozenset((Scope.READ,)),
    Access.TRADE: frozenset((Scope.TRADE,)),
    Access.ADMIN: frozenset((Scope.ADMIN,)),
    Access.KILL: frozenset((Scope.KILL,)),
    Access.GATES: frozenset((Scope.READ, Scope.KILL)),
    Access.PAGE: frozenset[Scope](),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Principal:
    """Who asks: `who` is written into the audit; `session` and its form token only for a person at a page."""

    who: str
    scopes: frozenset[Scope]
    session: LiveSession | None = None
    form_token: str = ""

    def may(self, access: Access) -> bool:
        if access is Access.PAGE:
            return self.session is not None
        return access is Access.PUBLIC or not self.scopes.isdisjoint(_ENOUGH[access])


def granted(scopes: Iterable[Scope]) -> frozenset[Scope]:
    """Return everything that a token with these scopes may do."""
    return frozenset(one for scope in scopes for one in _INCLUDED[scope])
