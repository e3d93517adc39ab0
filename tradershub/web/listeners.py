"""The two doors of a hub: pages, API and webhooks on one; webhooks alone on the other."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from tradershub.ports.clock import Clock
from tradershub.ports.intake import Intake
from tradershub.web.asgi import OutermostApp
from tradershub.web.asgi_types import AsgiApp
from tradershub.web.http_protocol import Listener, TlsFiles, build_server
from tradershub.web.peer_limits import FailedSecrets, PeerAddresses
from tradershub.web.request_guard import HttpLimits
from tradershub.web.webhooks import WebhookEndpoint

ENDPOINTS: Mapping[str, str] = {
    "tradingview-webhook": "tradingview",
    "copy-trade": "tradingview",
    "webhook/native": "native",
}
"""Webhook paths and the source that each belongs to."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Door:
    """Where one listener is."""

    host: str
    port: int
    tls: TlsFiles | None = None


class Doors:
    """Both listeners. Ports are taken at once, so that a busy one is known before anything else is done."""

    def __init__(
        self,
        *,
        ui: Door,
        hooks: Door | None,
        proxies: tuple[str, ...],
        limits: HttpLimits,
        clock: Clock,
        reasons: Callable[[], tuple[str, ...]],
    ) -> None:
        self._clock = clock
        self._peers = PeerAddresses(proxies)
        self._apps = [OutermostApp(sources=lambda: ENDPOINTS, reasons=reasons, peers=self._peers)]
        doors = [ui]
        if hooks is not None:
            self._apps.append(
                OutermostApp(sources=lambda: ENDPOINTS, reasons=reasons, peers=self._peers, hooks_only=True)
            )
            doors.append(hooks)
        self.listeners: tuple[Listener, ...] = tuple(
            build_server(app, host=door.host, port=door.port, clock=clock, limits=limits, tls=door.tls)
            for app, door in zip(self._apps, doors, strict=True)
        )
        self._endpoint: WebhookEndpoint | None = None

    def bind(self) -> tuple[tuple[str, int], ...]:
        """Take the ports; raises PortInUse or CannotListen, and then has taken none."""
        try:
            return tuple(listener.bind() for listener in self.listeners)
        except BaseException:
            self.release()
            raise

    def release(self) -> None:
        for listener in self.listeners:
            listener.release()

    def take_messages(self, intake: Intake) -> None:
        """Take messages from now on."""
        failures = FailedSecrets(self._clock.monotonic)
        self._endpoint = WebhookEndpoint(intake=intake, clock=self._clock, peers=self._peers, failures=failures)
        for app in self._apps:
            app.open_doors(self._endpoint)

    def mount(self, framework: AsgiApp) -> None:
        """Serve pages and API from now on."""
        self._apps[0].mount(framework)

    def close(self) -> None:
        """Ask the listeners to end."""
        for listener in self.listeners:
            listener.should_exit = True

    async def drain(self, seconds: float) -> None:
        """Let messages that were taken in be answered."""
        if self._endpoint is not None:
            await self._endpoint.drain(seconds)
