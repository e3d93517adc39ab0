"""Secrets, seals and send marks that are kept in memory, for tests of the hub that need no disk."""

from tradershub.domain.clock import Nanos
from tradershub.domain.errors import ConfigurationError, Mistake
from tradershub.domain.ids import OrderId
from tradershub.hub.secret_book import hash_secret
from tradershub.ports.settings import StoredSecret

SECRET = "a-webhook-secret-for-tests-only"  # noqa: S105 -- opens nothing outside a test
COMMON_SECRET = hash_secret(SECRET)
_SEAL = b"sealed for a test:"


class MemorySecrets:
    """The part of ports.settings.SettingsStore that the hub needs itself."""

    def __init__(self) -> None:
        self.kept: dict[str, StoredSecret] = {}

    async def secrets(self) -> tuple[StoredSecret, ...]:
        return tuple(self.kept.values())

    async def put_secret(self, secret: StoredSecret) -> None:
        self.kept[secret.secret_id] = secret

    async def delete_secret(self, secret_id: str) -> None:
        self.kept.pop(secret_id, None)


class PlainVault:
    """Implements ports.settings.Vault: turns bytes round, so that nothing sealed is readable by accident."""

    def seal(self, plain: bytes) -> bytes:
        return (_SEAL + plain[::-1]).hex().encode()

    def unseal(self, sealed: bytes) -> bytes:
        try:
            opened = bytes.fromhex(sealed.decode())
        except ValueError:
            opened = b""
        if not opened.startswith(_SEAL):
            raise ConfigurationError(Mistake("vault", "key", "was not sealed here", "enter the secret again"))
        return opened.removeprefix(_SEAL)[::-1]


class MemoryMarks:
    """Implements ports.send_marks.SendMarks; it outlives the hubs that write into it. `lost`: its proof is gone."""

    def __init__(self) -> None:
        self.marked: list[OrderId] = []
        self.lost = False

    def mark(self, order_id: OrderId) -> None:
        self.marked.append(order_id)

    def surely_not_sent(self, order_id: OrderId, sending_since: Nanos) -> bool:
        return not self.lost and order_id not in self.marked
