"""Platforms as a person sees and switches them; each enabled one has a runner."""

import asyncio
from collections.abc import Callable, Mapping

from tradershub.domain.accounts import PlatformSettings
from tradershub.domain.errors import ConfigurationError, RequestRefused
from tradershub.domain.platform_config import FieldKind, PlatformInfo, read_config
from tradershub.hub.account_documents import account_row, config_of, platform_document
from tradershub.hub.document_reader import refused
from tradershub.hub.platform_runner import PlatformRunner, PlatformState
from tradershub.hub.registry import Registry
from tradershub.hub.settings_desk import SettingsDesk, not_found
from tradershub.ports.clock import Clock
from tradershub.ports.journal import Journal
from tradershub.ports.settings import Vault
from tradershub.ports.views import Row

_SEALED = "sealed:"


class PlatformDesk:
    """Implements ports.control.Platforms. A change of configuration restarts the platform's executor."""

    def __init__(
        self,
        *,
        infos: Mapping[str, PlatformInfo],
        registry: Registry,
        journal: Journal,
        clock: Clock,
        vault: Vault,
        runner: Callable[[str, PlatformState], PlatformRunner],
    ) -> None:
        self._infos = infos
        self._registry = registry
        self._vault = vault
        self._runner = runner
        self._lock = asyncio.Lock()
        self._states: dict[str, PlatformState] = {name: PlatformState() for name in infos}
        self._running: dict[str, tuple[PlatformRunner, asyncio.Task[None]]] = {}
        self._desk = SettingsDesk[PlatformSettings](
            table="execution_config",
            rows=registry.platforms,
            write=platform_document,
            journal=journal,
            clock=clock,
        )

    def rows(self) -> tuple[Row, ...]:
        return tuple(self._row(info) for info in self._infos.values())

    def state(self, name: str) -> str:
        if not self._infos[name].installed:
            return "not_installed"
        if not self._registry.platform_is_enabled(name):
            return "disabled"
        return "up" if self._states[name].up else "down"

    async def toggle(self, name: str, enabled: object, *, who: str) -> Row:
        info = self._known(name)
        if not isinstance(enabled, bool):
            raise refused("enabled", enabled, "expected true or false")
        if enabled and not info.installed:
            raise RequestRefused(409, "not_installed", info.advice, field="enabled")
        async with self._lock:
            settings = self._registry.platforms[name]
            await self._desk.store(name, PlatformSettings(name=name, enabled=enabled, config=settings.config), who=who)
            await self._restart(name)
        return self._row(info)

    async def configure(self, name: str, config: Mapping[str, object], *, who: str) -> Row:
        info = self._known(name)
        written = {key: value for key, value in dict(config).items() if value is not None}
        async with self._lock:
            settings = self._registry.platforms[name]
            merged = {**dict(settings.config), **dict(config_of(written, "config"))}
            self._check(info, merged)
            secrets = {field.name for field in info.fields if field.kind is FieldKind.SECRET}
            sealed = {key: self._seal(value) if key in secrets else value for key, value in merged.items()}
            stored = PlatformSettings(name=name, enabled=settings.enabled, config=tuple(sorted(sealed.items())))
            await self._desk.store(name, stored, who=who)
            if settings.enabled:
                await self._restart(name)
        return self._row(info)

    def opened_config(self, name: str) -> tuple[tuple[str, str], ...]:
        """Return a platform's settings with its secrets readable, for its executor alone."""
        return tuple((key, self._open(value)) for key, value in self._registry.platforms[name].config)

    async def start(self) -> None:
        for name, info in self._infos.items():
            if info.installed and self._registry.platform_is_enabled(name):
                await self._restart(name)

    async def stop(self) -> None:
        for name in tuple(self._running):
            await self._end(name)

    def account_changed(self, platform: str) -> None:
        """Bring a new account into agreement, if its platform runs."""
        running = self._running.get(platform)
        if running is not None:
            running[0].reconcile_soon()

    async def _restart(self, name: str) -> None:
        await self._end(name)
        if not self._registry.platform_is_enabled(name):
            return
        self._states[name] = PlatformState()
        runner = self._runner(name, self._states[name])
        self._running[name] = (runner, asyncio.ensure_future(runner.run()))

    async def _end(self, name: str) -> None:
        running = self._running.pop(name, None)
        if running is None:
            return
        running[1].cancel()
        await asyncio.gather(running[1], return_exceptions=True)
        self._states[name].up = False

    def _check(self, info: PlatformInfo, merged: Mapping[str, str]) -> None:
        try:
            read_config(info.name, info.fields, ((key, self._open(value)) for key, value in merged.items()))
        except ConfigurationError as error:
            mistake = error.mistakes[0]
            raise refused(f"config.{mistake.key}", None, f"{mistake.problem}: {mistake.remedy}") from error

    def _seal(self, value: str) -> str:
        return value if value.startswith(_SEALED) else _SEALED + self._vault.seal(value.encode()).decode("ascii")

    def _open(self, value: str) -> str:
        if not value.startswith(_SEALED):
            return value
        return self._vault.unseal(value.removeprefix(_SEALED).encode("ascii")).decode()

    def _known(self, name: str) -> PlatformInfo:
        info = self._infos.get(name)
        if info is None:
            raise not_found("platform", name)
        return info

    def _row(self, info: PlatformInfo) -> Row:
        settings, state = self._registry.platforms[info.name], self._states[info.name]
        config = dict(settings.config)
        shown: dict[str, object] = {}
        for field in info.fields:
            if field.kind is FieldKind.SECRET:
                shown[field.name] = {"set": field.name in config}
            else:
                shown[field.name] = config.get(field.name, field.default)
        return {
            "name": info.name,
            "installed": info.installed,
            "enabled": settings.enabled,
            "state": self.state(info.name),
            "accounts": [account_row(account) for account in self._registry.accounts_of(info.name)],
            "last_error": state.last_error,
            "config": shown,
        }
