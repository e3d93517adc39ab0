"""The secrets of a new hub: given by the environment, else random, made once and shown once."""

import base64
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from tradershub.domain.secrets import Secret
from tradershub.settings.configuration import GivenSecrets
from tradershub.settings.data_folder import DataFolder
from tradershub.settings.private_files import read_private, write_private

_KEY_BYTES: Final = 32
_WORD_LETTERS: Final = "abcdefghjkmnpqrstuvwxyz23456789"


@dataclass(frozen=True, slots=True, kw_only=True)
class FirstSecrets:
    """What a new hub starts with. `made` holds (what it is, secret) of those to be shown once; the rest was given."""

    admin_password: Secret
    webhook_secret: Secret
    api_token: Secret
    made: tuple[tuple[str, Secret], ...]

    def lines(self) -> Iterator[str]:
        """Yield what to show on the terminal, in clear: never into a log."""
        for name, secret in self.made:
            yield f"{name:<15} {secret.reveal()}"


def first_secrets(given: GivenSecrets) -> FirstSecrets:
    """Return the secrets of a new hub; the caller stores their hashes and shows what was made."""
    password = given.admin_password or Secret(_readable_password())
    webhook = given.webhook_secret or Secret(secrets.token_urlsafe(24))
    token = given.api_token or Secret(f"th_{secrets.token_urlsafe(32)}")
    shown = (
        ("admin password", password, given.admin_password),
        ("webhook secret", webhook, given.webhook_secret),
        ("API token", token, given.api_token),
    )
    return FirstSecrets(
        admin_password=password,
        webhook_secret=webhook,
        api_token=token,
        made=tuple((name, secret) for name, secret, known in shown if known is None),
    )


def vault_key(folder: DataFolder, given: GivenSecrets) -> Secret:
    """Return the key that stored credentials are encrypted with; the first need of it makes one in the data folder."""
    if given.key is not None:
        return given.key
    kept = read_private(folder.key)
    if kept is not None:
        return Secret(kept)
    made = base64.urlsafe_b64encode(secrets.token_bytes(_KEY_BYTES)).decode()
    write_private(folder.key, made + "\n")
    return Secret(made)


def _readable_password() -> str:
    """Return 80 bits in groups that can be typed from a screen."""
    groups = ("".join(secrets.choice(_WORD_LETTERS) for _ in range(4)) for _ in range(4))
    return "-".join(groups)
