"""What each call of the API declares: who may ask, what it reads and answers. The guard and the schema both read it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from tradershub.web.access import Access

FILTERS: Final = frozenset(("account", "platform", "strategy", "symbol"))
DESCRIPTION: Final = "tradershub.call"


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One call for the schema. `query` names its parameters; `body` and `answer` name schemas, "" = none."""

    summary: str
    tag: str
    status: int = 200
    query: frozenset[str] = frozenset()
    body: str = ""
    answer: str = "Row"
    body_is_optional: bool = False
    also: Mapping[int, str] | None = None


def described(access: Access, call: Call) -> dict[str, object]:
    """Return the `opt` of a route."""
    return {"access": access, DESCRIPTION: call}
