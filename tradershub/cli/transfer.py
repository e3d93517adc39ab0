"""`tradershub export` and `import`: the settings as one JSON document, without a secret in it."""

import asyncio
import json
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from tradershub import __version__
from tradershub.cli.terminal import ExitCode, Home, OfDemo, environment, fail, one_line
from tradershub.domain.errors import ConfigurationError, HubAlreadyRunning, Mistake, RequestRefused, StoreError
from tradershub.domain.events import SettingChanged
from tradershub.domain.platform_config import FieldKind
from tradershub.executors.registry import PLATFORMS
from tradershub.hub.account_documents import (
    account_row,
    platform_document,
    read_account,
    read_platform,
    read_source,
    source_row,
)
from tradershub.hub.strategy_documents import read_strategy, strategy_row
from tradershub.ports.clock import SystemClock
from tradershub.settings.data_folder import DataFolder, chosen_folder
from tradershub.store.database import open_database
from tradershub.store.documents import stored_documents
from tradershub.store.store import open_store

Document = Mapping[str, Any]
Row = Mapping[str, object]
_FORMAT: Final = 1
_WHO: Final = "import"
_SEALED: Final = "sealed:"
_LARGEST: Final = 16 * 1024 * 1024
_TABLES: Final = {
    "accounts": "accounts",
    "platforms": "execution_config",
    "sources": "sources",
    "strategies": "strategies",
}
"""Part of the document, and the table it stands for; in the order in which they depend on each other."""


def export(*, home: Home = None, demo: OfDemo = False) -> None:
    """Print accounts, platforms, sources and strategies as JSON; secrets are left out. The hub may run."""
    with one_line():
        folder = chosen_folder(environment(), home=home, is_demo=demo)
        stored = stored_documents(folder.database)
    parts = {part: [_shown(part, json.loads(text)) for _, text in stored[table]] for part, table in _TABLES.items()}
    print(json.dumps({"tradershub": __version__, "format": _FORMAT, **parts}, indent=2))


def import_settings(
    file: Annotated[Path, typer.Argument(help="What export printed; - reads it from the standard input.")],
    *,
    home: Home = None,
    demo: OfDemo = False,
) -> None:
    """Add and replace settings on a stopped hub; nothing is deleted, and no platform is switched on by it."""
    with one_line():
        folder = chosen_folder(environment(), home=home, is_demo=demo)
        document = _read(file)
        try:
            count = asyncio.run(_store(folder, document, str(file)))
        except HubAlreadyRunning as error:
            fail(str(error), ExitCode.FOLDER_IN_USE)
    print(f"imported: {count} settings changed")


def _shown(part: str, row: dict[str, Any]) -> dict[str, Any]:
    if part != "platforms":
        return row
    secret = _secret_fields(row["name"])
    config = {
        key: value
        for key, value in row.get("config", {}).items()
        if key not in secret and not str(value).startswith(_SEALED)
    }
    return {**row, "config": config}


def _secret_fields(platform: str) -> frozenset[str]:
    fields = next((info.fields for info in PLATFORMS if info.name == platform), ())
    return frozenset(field.name for field in fields if field.kind is FieldKind.SECRET)


def _read(file: Path) -> Document:
    text = sys.stdin.buffer.read(_LARGEST) if str(file) == "-" else file.read_bytes()
    try:
        found = json.loads(text)
    except ValueError as error:
        fail(f"{file} is no JSON: {error}")
    if not isinstance(found, dict) or found.get("format") != _FORMAT:
        fail(f'{file} is no export of this version: expected "format": {_FORMAT}')
    unknown = set(found) - {"tradershub", "format", *_TABLES}
    if unknown:
        fail(f"{file} holds unknown parts: {', '.join(sorted(unknown))}")
    return found


async def _store(folder: DataFolder, document: Document, file: str) -> int:
    """Check all of it, then write what differs as one group of events."""
    clock = SystemClock()
    store = open_store(await asyncio.to_thread(open_database, folder.root, clock=clock))
    try:
        present = {table: dict(await store.settings.documents(table)) for table in _TABLES.values()}
        rows = _checked(document, present, file)
        events = [
            SettingChanged(at=clock.now(), table=table, key=key, who=_WHO, before=present[table].get(key), after=text)
            for table, key, text in rows
            if not _same(present[table].get(key), text)
        ]
        if events:
            await store.journal.append(*events)
        return len(events)
    finally:
        await store.close()


def _checked(document: Document, present: Mapping[str, Mapping[str, str]], file: str) -> list[tuple[str, str, str]]:
    """Return (table, key, JSON text) of every row; raises ConfigurationError with every mistake."""
    mistakes: list[Mistake] = []
    rows: list[tuple[str, str, str]] = []
    accounts = set(present["accounts"])
    for part, table in _TABLES.items():
        for number, written in enumerate(document.get(part, ()), 1):
            place = f"{part}[{number}]"
            try:
                key, row = _READERS[part](written, present[table])
            except (RequestRefused, TypeError, KeyError, AttributeError) as error:
                mistakes.append(Mistake(file, place, str(error), "mend it in the file; nothing was imported"))
                continue
            if part == "accounts":
                accounts.add(key)
            if part == "strategies":
                mistakes += _without_account(row, accounts, file, place)
            rows.append((table, key, json.dumps(row)))
    if mistakes:
        raise ConfigurationError(*mistakes)
    return rows


def _without_account(row: Row, accounts: set[str], file: str, place: str) -> list[Mistake]:
    routes: Any = row["routes"]
    missing = [route["account"] for route in routes if route["account"] not in accounts]
    return [
        Mistake(file, place, f"routes to {account}, which is no account", "add the account to the file")
        for account in missing
    ]


def _account(written: Any, _present: Mapping[str, str]) -> tuple[str, Row]:
    account = read_account(written)
    return account.id, account_row(account)


def _source(written: Any, _present: Mapping[str, str]) -> tuple[str, Row]:
    source = read_source(written, name=written["name"])
    return source.name, source_row(source)


def _strategy(written: Any, _present: Mapping[str, str]) -> tuple[str, Row]:
    strategy = read_strategy(written)
    return strategy.name, strategy_row(strategy)


def _platform(written: Any, present: Mapping[str, str]) -> tuple[str, Row]:
    """Read a platform: its secrets stay those that are here, and so does whether it is on."""
    name = written["name"]
    if name not in {info.name for info in PLATFORMS}:
        raise RequestRefused(422, "unknown_platform", "there is no such platform", field="name", got=name)
    here = json.loads(present.get(name, "{}"))
    kept = {key: value for key, value in here.get("config", {}).items() if str(value).startswith(_SEALED)}
    config = {**written.get("config", {}), **kept}
    settings = read_platform({**written, "enabled": bool(here.get("enabled", False)), "config": config}, name=name)
    return name, platform_document(settings)


_READERS: Final[Mapping[str, Callable[[Any, Mapping[str, str]], tuple[str, Row]]]] = {
    "accounts": _account,
    "platforms": _platform,
    "sources": _source,
    "strategies": _strategy,
}


def _same(before: str | None, after: str) -> bool:
    try:
        return before is not None and json.loads(before) == json.loads(after)
    except ValueError as error:
        raise StoreError(f"a stored setting is no JSON: {error}") from error
