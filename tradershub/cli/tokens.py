"""`tradershub token`: tokens for programs that use the API; made through a running hub, else in its database."""

import asyncio
import http.client
import json
from collections.abc import Awaitable, Callable, Iterable
from typing import Annotated, Any, Final, TypeVar

import typer

from tradershub.cli.local_http import Response, request
from tradershub.cli.terminal import ExitCode, Home, OfDemo, environment, fail, one_line
from tradershub.domain.errors import HubAlreadyRunning
from tradershub.ports.clock import SystemClock
from tradershub.settings.data_folder import DataFolder, chosen_folder
from tradershub.settings.endpoint import read_endpoint
from tradershub.store.database import open_database
from tradershub.store.store import open_store
from tradershub.web.access import Scope
from tradershub.web.tokens import Tokens

T = TypeVar("T")
Row = dict[str, Any]

_TOKEN_VARIABLE: Final = "TRADERSHUB_API_TOKEN"  # noqa: S105 -- the name of a variable
_WHO: Final = "command line"

Name = Annotated[str, typer.Argument(help="What the token is for.")]
Scopes = Annotated[
    list[Scope], typer.Option("--scope", help="What it may do; repeat for more. kill can only stop trading.")
]


def create(name: Name, *, scope: Scopes = [Scope.READ], home: Home = None, demo: OfDemo = False) -> None:  # noqa: B006 -- typer wants a list and copies it
    """Make a token and print it; it is not shown again."""
    folder = _folder(home, demo)
    document = {"name": name, "scopes": [one.value for one in scope]}

    async def offline(tokens: Tokens) -> str:
        return (await tokens.create(name, document["scopes"], who=_WHO)).token

    online = _through_hub(folder, "POST", "/api/tokens", document)
    print(online["token"] if online is not None else _in_database(folder, offline))


def show(*, home: Home = None, demo: OfDemo = False) -> None:
    """List the tokens: id, name, scopes, when they were made and last used."""
    folder = _folder(home, demo)

    async def offline(tokens: Tokens) -> list[Row]:
        return [dict(row) for row in await tokens.rows()]

    online = _through_hub(folder, "GET", "/api/tokens?limit=500", None)
    _print(online["items"] if online is not None else _in_database(folder, offline))


def revoke(
    token_id: Annotated[str, typer.Argument(metavar="ID", help="The id that `token list` shows.")],
    *,
    home: Home = None,
    demo: OfDemo = False,
) -> None:
    """Take a token back; it is refused from now on."""
    folder = _folder(home, demo)

    async def offline(tokens: Tokens) -> None:
        await tokens.delete(token_id, who=_WHO)

    if _through_hub(folder, "DELETE", f"/api/tokens/{token_id}", None) is None:
        _in_database(folder, offline)
    print(f"revoked {token_id}")


def _folder(home: Any, is_demo: bool) -> DataFolder:  # noqa: FBT001 -- passes an option on
    with one_line():
        return chosen_folder(environment(), home=home, is_demo=is_demo)


def _print(rows: Iterable[Row]) -> None:
    for row in rows:
        used = row["last_used_at"] or "never"
        print(f"{row['id']}  {row['name']:<24} {' '.join(row['scopes']):<12} made {row['created_at']}  used {used}")


def _in_database(folder: DataFolder, work: Callable[[Tokens], Awaitable[T]]) -> T:
    """Do it in the database of a stopped hub."""

    async def on_store() -> T:
        clock = SystemClock()
        store = open_store(await asyncio.to_thread(open_database, folder.root, clock=clock))
        try:
            return await work(Tokens(settings=store.settings, clock=clock))
        finally:
            await store.close()

    with one_line():
        if not folder.database.exists():
            fail(f"there is no hub in {folder.root}: start it once, or name its folder with --home")
        try:
            return asyncio.run(on_store())
        except HubAlreadyRunning:
            advice = f"a hub is running: set {_TOKEN_VARIABLE} to an admin token, or use the Settings page"
            fail(advice, ExitCode.FOLDER_IN_USE)


def _through_hub(folder: DataFolder, method: str, path: str, document: Row | None) -> Row | None:
    """Ask the running hub, if there is one and the environment holds an admin token; None if not."""
    endpoint, token = read_endpoint(folder), environment().get(_TOKEN_VARIABLE)
    if endpoint is None or not token:
        return None
    body = None if document is None else json.dumps(document).encode()
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    try:
        answer = request(method, endpoint.url + path, body=body, headers=headers, is_local=True)
    except (OSError, http.client.HTTPException):
        return None
    return _answered(answer)


def _answered(answer: Response) -> Row:
    try:
        found = json.loads(answer.body or b"{}")
    except ValueError:
        found = None
    if not isinstance(found, dict) or not 200 <= answer.status < 300:
        advice = found.get("advice", "") if isinstance(found, dict) else ""
        fail(f"the hub refused with HTTP {answer.status} {advice}".rstrip())
    return found
