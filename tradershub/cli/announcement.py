"""What the terminal shows once when a hub is up: where it is, how to get in, and a first alert to try."""

import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass

from tradershub.domain.secrets import Secret
from tradershub.settings.configuration import Configuration


@dataclass(frozen=True, slots=True, kw_only=True)
class Announcement:
    """`shown`: (what it is, secret) of the secrets to be shown. `webhook_secret`: None where it is not known."""

    configuration: Configuration
    version: str
    is_demo: bool
    shown: tuple[tuple[str, Secret], ...]
    webhook_secret: Secret | None

    def lines(self) -> Iterator[str]:
        """Yield the lines for the terminal, secrets in clear: never for a log."""
        configuration = self.configuration
        yield f"TradersHub {self.version}" + ("  DEMO: simulated prices, nothing is real" if self.is_demo else "")
        yield ""
        yield _line("pages", f"{configuration.ui_url}  (user admin)")
        for name, secret in self.shown:
            yield _line(name, secret.reveal())
        if self.shown and not self.is_demo:
            yield _line("", "shown this once: keep them in a password manager")
        if configuration.hooks.enabled:
            yield _line("webhooks only", f"http://{configuration.hooks.host}:{configuration.hooks.port}")
        yield _line("data folder", str(configuration.folder.root))
        if self.is_demo and self.webhook_secret is not None:
            yield ""
            yield "A first alert of your own, to be found on the Log page:"
            yield "  " + curl(configuration.ui_url, self.webhook_secret)
        yield ""
        yield "Ctrl-C ends it."


def curl(url: str, secret: Secret) -> str:
    """Return a command that sends an alert as TradingView would, in the quoting of this system's usual shell."""
    message = {
        "secret": secret.reveal(),
        "strategy_name": "momentum",
        "symbol": "MES1!",
        "action": "buy",
        "quantity": 1,
    }
    text, kind = json.dumps(message), "Content-Type: application/json"
    if sys.platform == "win32":
        quoted = text.replace('"', '\\"')
        return f'curl.exe -H "{kind}" -d "{quoted}" {url}/tradingview-webhook'
    return f"curl -H '{kind}' -d '{text}' {url}/tradingview-webhook"


def _line(name: str, value: str) -> str:
    return f"  {name:<15} {value}"
