"""The composition root: builds every object of a hub once, in order, and ends them in the opposite order."""

import asyncio
import gc
import importlib
import logging
import secrets
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack
from typing import Any

from tradershub import __version__
from tradershub.domain.clock import iso
from tradershub.domain.errors import Mistake
from tradershub.domain.secrets import Secret
from tradershub.executors.registry import PLATFORMS
from tradershub.hub.market import Market
from tradershub.hub.secret_book import hash_secret
from tradershub.hub.stored_settings import begin, check, load_registry
from tradershub.hub.supervisor import Supervisor
from tradershub.hub.surroundings import Surroundings
from tradershub.ports.clock import Clock, SystemClock
from tradershub.ports.executor import Executor
from tradershub.ports.executor_parts import ExecutorParts
from tradershub.ports.settings import StoredSecret, Vault
from tradershub.settings.configuration import Configuration, Tls
from tradershub.settings.endpoint import remove_endpoint, write_endpoint
from tradershub.settings.first_run import FirstSecrets, first_secrets, vault_key
from tradershub.settings.private_files import write_private
from tradershub.sources.reader import DialectReader
from tradershub.store.database import open_database
from tradershub.store.send_marks import SendMarkRing
from tradershub.store.store import Store, open_store
from tradershub.store.writer import StoreHooks
from tradershub.web.http_protocol import TlsFiles
from tradershub.web.listeners import ENDPOINTS, Door, Doors
from tradershub.web.request_guard import HttpLimits

logger = logging.getLogger(__name__)

LOADED_BY_NAME = {
    "demo": ("tradershub.demo.start", "run_demo"),
    "framework": ("tradershub.web.framework", "build_app"),
    "options": ("tradershub.web.options", "WebOptions"),
    "password": ("tradershub.web.first_access", "give_password"),
    "token": ("tradershub.web.first_access", "give_token"),
    "vault": ("tradershub.store.vault", "FernetVault"),
}
"""Parts that are not needed for the first order, or not at all: loaded when they are."""

_USER = "admin"
_EVERY_SOURCE = ""
"""The source name under which the secret of all sources is kept."""
_DRAIN_S = 2.0


def load(part: str) -> Any:
    """Load one part of the table above."""
    module, name = LOADED_BY_NAME[part]
    return getattr(importlib.import_module(module), name)


def build_executor(parts: ExecutorParts) -> Executor:
    """Load and build the executor of an installed platform."""
    info = next(info for info in PLATFORMS if info.name == parts.platform)
    if info.module is None:
        raise ValueError(f"{parts.platform} is not installed")
    executor: Executor = importlib.import_module(info.module).build(parts)
    return executor


class LazyVault:
    """The vault, loaded with the first thing that has to be sealed or opened."""

    def __init__(self, configuration: Configuration) -> None:
        self._configuration = configuration
        self._vault: Vault | None = None

    def seal(self, plain: bytes) -> bytes:
        return self._opened().seal(plain)

    def unseal(self, sealed: bytes) -> bytes:
        return self._opened().unseal(sealed)

    def _opened(self) -> Vault:
        if self._vault is None:
            key = vault_key(self._configuration.folder, self._configuration.secrets)
            self._vault = load("vault")(self._configuration.folder.root, {"TRADERSHUB_KEY": key.reveal()})
        return self._vault


class Hub:
    """One running hub. Build it with `start`; `wait` returns when it was told to stop, or must."""

    def __init__(self, configuration: Configuration, *, demo: bool, hooks: StoreHooks | None, clock: Clock) -> None:
        self.configuration = configuration
        self.clock = clock
        self.first: FirstSecrets | None = None
        self._demo = demo
        self._hooks = hooks
        self._vault = LazyVault(configuration)
        self._told: asyncio.Future[BaseException | None] = asyncio.get_running_loop().create_future()
        self._exits = AsyncExitStack()
        self._supervisor: Supervisor | None = None

    @property
    def supervisor(self) -> Supervisor:
        assert self._supervisor is not None  # noqa: S101 -- there once `start` has returned
        return self._supervisor

    async def start(self) -> None:
        """Open ports, store and doors, in that order; on any failure everything that was opened is closed."""
        try:
            await self._start()
        except BaseException:
            await self._exits.aclose()
            raise

    async def wait(self) -> None:
        """Return when someone called `stop`; raises what made going on impossible."""
        try:
            error = await self._told
        finally:
            await self._exits.aclose()
        if error is not None:
            raise error

    def stop(self, error: BaseException | None = None) -> None:
        if not self._told.done():
            self._told.set_result(error)

    async def _start(self) -> None:
        configuration, clock = self.configuration, self.clock
        doors = _doors(configuration, clock, self._not_ready)
        url = _reached_at(configuration, doors.bind()[0])
        self._exits.callback(doors.release)
        serving = [asyncio.ensure_future(listener.serve()) for listener in doors.listeners]
        self._exits.push_async_callback(_served, doors, serving)
        database = await asyncio.to_thread(open_database, configuration.folder.root, clock=clock)
        store = open_store(database, hooks=self._hooks)
        store.journal.halted.add_done_callback(lambda halted: self.stop(halted.result()))
        self._exits.push_async_callback(store.close)
        marks = SendMarkRing(configuration.folder.root, clock)
        self._exits.callback(marks.close)
        surroundings = await self._surroundings(store, marks)
        self._supervisor = supervisor = Supervisor(surroundings)
        await supervisor.start()
        self._exits.push_async_callback(supervisor.stop)
        doors.take_messages(supervisor.intake)
        self._exits.push_async_callback(doors.drain, _DRAIN_S)
        write_endpoint(configuration.folder, url)
        self._exits.callback(remove_endpoint, configuration.folder)
        framework = await asyncio.to_thread(self._framework, store, supervisor)
        doors.mount(framework)
        _calm_the_collector()
        self._exits.callback(framework.end_streams)

    async def _surroundings(self, store: Store, marks: SendMarkRing) -> Surroundings:
        configuration, clock = self.configuration, self.clock
        mistakes: list[Mistake] = []
        registry = await load_registry(store.settings, mistakes=mistakes)
        check(mistakes)
        await begin(
            registry,
            platforms=[info.name for info in PLATFORMS],
            sources=sorted(set(ENDPOINTS.values())),
            session=configuration.session_day,
            journal=store.journal,
            clock=clock,
        )
        common = await self._first_access(store)
        reader = DialectReader()
        reference = configuration.reference
        return Surroundings(
            folder=configuration.folder.root,
            clock=clock,
            journal=store.journal,
            views=store.views,
            settings=store.settings,
            vault=self._vault,
            marks=marks,
            reader=reader,
            dialects=reader.of_source,
            newest=store.journal.last_seq,
            registry=registry,
            market=Market(reference.instruments, {symbol_map.platform: symbol_map for symbol_map in reference.maps}),
            infos={info.name: info for info in PLATFORMS},
            build_executor=build_executor,
            endpoints=ENDPOINTS,
            secrets=tuple(s for s in await store.settings.secrets() if s.source != _EVERY_SOURCE),
            common_secret=common,
            strict_ticks=configuration.strict_ticks,
            demo=self._demo,
            version=__version__,
            fatal=self.stop,
        )

    async def _first_access(self, store: Store) -> bytes | None:
        """Make what a new hub needs to be reached; return the hash of the secret that every source honours."""
        given, clock, settings = self.configuration.secrets, self.clock, store.settings
        stored = [secret for secret in await settings.secrets() if secret.source == _EVERY_SOURCE]
        if await settings.user(_USER) is None:
            self.first = first = first_secrets(given)
            await load("password")(settings, clock, user=_USER, password=first.admin_password.reveal())
            await load("token")(settings, clock, name="first token", scope="admin", text=first.api_token.reveal())
            await self._give_kill_token(store)
            stored = [await self._keep_secret(store, first.webhook_secret)]
        elif given.api_token is not None:
            await load("token")(settings, clock, name="first token", scope="admin", text=given.api_token.reveal())
        if given.webhook_secret is not None:
            return hash_secret(given.webhook_secret.reveal())
        return stored[0].hashed if stored else None

    async def _keep_secret(self, store: Store, secret: Secret) -> StoredSecret:
        kept = StoredSecret(
            secret_id=secrets.token_hex(8),
            source=_EVERY_SOURCE,
            strategy=None,
            hashed=hash_secret(secret.reveal()),
            sealed=None,
            created_at=self.clock.now(),
            expires_at=None,
        )
        await store.settings.put_secret(kept)
        return kept

    async def _give_kill_token(self, store: Store) -> None:
        text = secrets.token_urlsafe(32)
        write_private(self.configuration.folder.kill_token, text + "\n")
        await load("token")(store.settings, self.clock, name="kill command", scope="kill", text=text)

    def _framework(self, store: Store, supervisor: Supervisor) -> Any:
        """Load and build pages and API; in a thread, since messages are taken in meanwhile."""
        options = load("options")(
            version=__version__,
            started_at=iso(self.clock.now()),
            demo=self._demo,
            webhook_base=self.configuration.webhook_base,
            user_name=_USER,
            database=str(store.database.file),
            data_folder=str(self.configuration.folder.root),
        )
        return load("framework")(
            control=supervisor.control,
            views=store.views,
            settings=store.settings,
            vault=self._vault,
            clock=self.clock,
            options=options,
        )

    def _not_ready(self) -> tuple[str, ...]:
        if self._supervisor is None:
            return ("the store is being opened",)
        return self._supervisor.control.not_ready()


def _calm_the_collector() -> None:
    """Leave what lives as long as the hub out of every collection, and collect the rest less often.

    An order makes a hundred objects and no cycles: at the default threshold a tenth of its time went into looking.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(25_000, 20, 20)


def _doors(configuration: Configuration, clock: Clock, reasons: Callable[[], tuple[str, ...]]) -> Doors:
    ui, hooks, http = configuration.ui, configuration.hooks, configuration.http
    limits = HttpLimits(
        connections=http.connections, request_seconds=http.request_seconds, idle_seconds=http.idle_seconds
    )
    return Doors(
        ui=Door(host=ui.host, port=ui.port, tls=_tls(ui.tls)),
        hooks=Door(host=hooks.host, port=hooks.port, tls=_tls(hooks.tls)) if hooks.enabled else None,
        proxies=ui.trusted_proxies,
        limits=limits,
        clock=clock,
        reasons=reasons,
    )


def _reached_at(configuration: Configuration, bound: tuple[str, int]) -> str:
    """Return where this machine reaches the pages: with the port that was given, if any port would do."""
    return configuration.ui_url if configuration.ui.port else f"{configuration.ui_url.removesuffix(':0')}:{bound[1]}"


def _tls(files: Tls | None) -> TlsFiles | None:
    return None if files is None else TlsFiles(certificate=files.certificate, key=files.key)


async def _served(doors: Doors, serving: Sequence["asyncio.Future[None]"]) -> None:
    doors.close()
    await asyncio.gather(*serving, return_exceptions=True)


async def start_hub(
    configuration: Configuration, *, demo: bool = False, hooks: StoreHooks | None = None, clock: Clock | None = None
) -> Hub:
    """Return a running hub, ready for messages; call `stop` and await `wait` to end it.

    Raises PortInUse, ConfigurationError, HubAlreadyRunning or StoreError; then nothing runs.
    """
    hub = Hub(configuration, demo=demo, hooks=hooks, clock=clock or SystemClock())
    await hub.start()
    return hub
