"""Pages of a list, newest first: opaque cursors that name the last row seen, so new rows shift nothing."""

import base64
import binascii
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
from sqlalchemy import Column, Connection, Select, and_, or_
from sqlalchemy.engine import RowMapping

from tradershub.domain.errors import RequestRefused
from tradershub.ports.views import Page, Query, Row

MOST_ROWS = 500


@dataclass(frozen=True, slots=True)
class Listing:
    """What a list is sorted and bounded by: an instant, and a key that tells rows of the same instant apart."""

    name: str
    at: Column[int]
    key: Column[Any]


def page_of(
    connection: Connection,
    listing: Listing,
    question: Select[Any],
    query: Query,
    finish: Callable[[Connection, Sequence[RowMapping]], Sequence[Row]],
) -> Page:
    """Run a question for one page; `finish` makes the rows of what was found."""
    if not 1 <= query.limit <= MOST_ROWS:
        raise RequestRefused(422, "out_of_range", f"limit is 1 to {MOST_ROWS}", field="limit", got=query.limit)
    asked = _bounded(listing, question, query).limit(query.limit + 1)
    found = connection.execute(asked).mappings().all()
    shown = found[: query.limit]
    more = len(found) > query.limit
    return Page(items=tuple(finish(connection, shown)), next=_cursor(listing, shown[-1]) if more else None)


def _bounded(listing: Listing, question: Select[Any], query: Query) -> Select[Any]:
    at, key = listing.at, listing.key
    if query.since is not None:
        question = question.where(at >= query.since)
    if query.until is not None:
        question = question.where(at < query.until)
    if query.cursor is not None:
        last_at, last_key = _read_cursor(listing, query.cursor)
        question = question.where(and_(at <= last_at, or_(at < last_at, key < last_key)))
    return question.order_by(at.desc(), key.desc())


def _cursor(listing: Listing, row: RowMapping) -> str:
    named = msgspec.json.encode((listing.name, row[listing.at.name], row[listing.key.name]))
    return base64.urlsafe_b64encode(named).decode().rstrip("=")


def _read_cursor(listing: Listing, cursor: str) -> tuple[int, str | int]:
    try:
        named = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        name, at, key = msgspec.json.decode(named, type=tuple[str, int, str | int])
    except (binascii.Error, ValueError, msgspec.DecodeError) as error:
        raise _bad_cursor(cursor) from error
    if name != listing.name or not isinstance(key, listing.key.type.python_type) or abs(at) >= 1 << 63:
        raise _bad_cursor(cursor)
    return at, key


def _bad_cursor(cursor: str) -> RequestRefused:
    advice = "take the cursor as the list before gave it in `next`, or leave it out"
    return RequestRefused(422, "bad_cursor", advice, field="cursor", got=cursor)
