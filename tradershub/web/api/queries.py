"""Reads the query of a list call: what it may name, and nothing else."""

from collections.abc import Callable, Iterable
from typing import Final

from litestar.datastructures import MultiDict

from tradershub.domain.clock import Nanos, ZoneMissingError, parse_instant
from tradershub.domain.errors import RequestRefused
from tradershub.ports.views import Page, Query, Row

PAGING: Final = frozenset(("limit", "cursor"))
TIMES: Final = frozenset(("since", "until"))
LARGEST_LIMIT: Final = 500
DEFAULT_LIMIT: Final = 50
_LONGEST: Final = 200

Parameters = MultiDict[str]


def only(parameters: Parameters, allowed: Iterable[str]) -> dict[str, str]:
    """Return the parameters by name; refuses one that the call does not know, and one that is there twice."""
    known = frozenset(allowed)
    found: dict[str, str] = {}
    for name, value in parameters.multi_items():
        if name not in known:
            advice = f"unknown parameter; known here: {', '.join(sorted(known)) or 'none'}"
            raise RequestRefused(422, "unknown_parameter", advice, field=name[:64])
        if name in found:
            raise RequestRefused(422, "invalid", "give each parameter once", field=name)
        if not value.isprintable() or len(value) > _LONGEST:
            advice = f"expected up to {_LONGEST} printable characters"
            raise RequestRefused(422, "invalid", advice, field=name, got=ascii(value))
        found[name] = value
    return found


def list_query(parameters: Parameters, fields: frozenset[str]) -> Query:
    """Read paging, times and the given filters."""
    found = only(parameters, PAGING | TIMES | fields)
    texts = {name: value for name, value in found.items() if name in fields}
    return Query(
        limit=_limit(found.get("limit")),
        cursor=found.get("cursor"),
        since=_instant("since", found.get("since")),
        until=_instant("until", found.get("until")),
        **texts,
    )


def page_of(rows: Iterable[Row], parameters: Parameters, key: Callable[[Row], str]) -> Page:
    """Return a page of rows that are in memory; the cursor is the key of the last row that was given."""
    found = only(parameters, PAGING)
    return cut(rows, limit=_limit(found.get("limit")), cursor=found.get("cursor"), key=key)


def cut(rows: Iterable[Row], *, limit: int, cursor: str | None, key: Callable[[Row], str]) -> Page:
    waiting = list(rows)
    if cursor is not None:
        places = [place for place, row in enumerate(waiting) if key(row) == cursor]
        if not places:
            raise RequestRefused(
                422, "invalid", "this cursor is no longer good: begin anew", field="cursor", got=cursor
            )
        waiting = waiting[places[0] + 1 :]
    items = tuple(waiting[:limit])
    return Page(items=items, next=key(items[-1]) if len(waiting) > limit else None)


def limit_of(text: str | None) -> int:
    return _limit(text)


def _limit(text: str | None) -> int:
    if text is None:
        return DEFAULT_LIMIT
    if not (text.isascii() and text.isdigit() and 1 <= int(text[:6]) <= LARGEST_LIMIT):
        raise RequestRefused(422, "invalid", f"expected a number from 1 to {LARGEST_LIMIT}", field="limit", got=text)
    return int(text)


def _instant(field: str, text: str | None) -> Nanos | None:
    if text is None:
        return None
    try:
        # A plus sign that was not percent-encoded has become a blank.
        return parse_instant("+".join(text.rsplit(" ", 1)) if text.count(":") == 3 else text, None)
    except ZoneMissingError as error:
        raise RequestRefused(422, "zone_missing", "end the time with Z or an offset", field=field, got=text) from error
    except ValueError as error:
        raise RequestRefused(422, "invalid", str(error), field=field, got=text) from error
