"""Rows of the settings tables, from the JSON documents that a person's changes carry."""

from collections.abc import Mapping

import msgspec

from tradershub.domain.errors import StoreError
from tradershub.ports.settings import DOCUMENT_TABLES
from tradershub.store.changes import Change, Verb


def document_change(table: str, key: str, text: str | None) -> Change | None:
    """Return what a changed document does to its table; None for tables that keep no documents."""
    if table not in DOCUMENT_TABLES:
        return None
    if text is None:
        return Change(Verb.DROP, table, (key,))
    document = _decoded(table, key, text)
    columns = document if isinstance(document, Mapping) else {}
    return Change(Verb.PUT, table, (key, *_columns(table, key, columns), text))


def _decoded(table: str, key: str, text: str) -> object:
    try:
        return msgspec.json.decode(text)
    except msgspec.DecodeError as error:
        raise StoreError(f"the document {key!r} of {table} is no JSON: {error}") from error


def _columns(table: str, key: str, document: Mapping[str, object]) -> tuple[object, ...]:
    """Return what is kept beside the document, so that a table can be read without opening it."""
    match table:
        case "strategies":
            status = str(document.get("status", "development"))
            return (str(document.get("category", "")), status, int(bool(document.get("paused", False))))
        case "accounts":
            platform = str(document.get("platform", key.partition(":")[0]))
            return (platform, str(document.get("mode", "paper")), int(bool(document.get("enabled", True))))
        case "execution_config":
            config = msgspec.json.encode(document.get("config", {})).decode()
            return (int(bool(document.get("enabled", False))), config)
        case _:
            return ()
