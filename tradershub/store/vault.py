"""Encrypts what must be read back, with a key from the environment or a file that only its owner can read."""

import os
from collections.abc import Mapping
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from tradershub.domain.errors import ConfigurationError, Mistake

KEY_VARIABLE = "TRADERSHUB_KEY"
KEY_FILE = "vault.key"


class FernetVault:
    """Implements ports.settings.Vault. The first key seals; every key opens, so a key can be replaced step by step."""

    def __init__(self, folder: Path, environment: Mapping[str, str]) -> None:
        """Take the keys of TRADERSHUB_KEY (several with commas between), else of the folder's key file, made here."""
        given = environment.get(KEY_VARIABLE, "").strip()
        self._where = KEY_VARIABLE if given else str(folder / KEY_FILE)
        text = given or _key_file(folder / KEY_FILE)
        self._fernet = MultiFernet(
            [self._key(key.strip()) for key in text.replace("\n", ",").split(",") if key.strip()]
        )

    def seal(self, plain: bytes) -> bytes:
        return self._fernet.encrypt(plain)

    def unseal(self, sealed: bytes) -> bytes:
        try:
            return self._fernet.decrypt(sealed)
        except InvalidToken as error:
            problem = "a stored credential was sealed with another key"
            raise self._mistake(
                problem, "bring the old key back (after a comma), or enter the credential again"
            ) from error

    def _key(self, key: str) -> Fernet:
        try:
            return Fernet(key)
        except ValueError as error:
            remedy = "give 32 random bytes in url-safe base64, several with commas between"
            raise self._mistake("this is no key", remedy) from error

    def _mistake(self, problem: str, remedy: str) -> ConfigurationError:
        return ConfigurationError(Mistake(file=self._where, key=KEY_VARIABLE, problem=problem, remedy=remedy))


def _key_file(file: Path) -> str:
    try:
        handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        if os.name == "posix":
            # Restored or copied files come with wider rights.
            file.chmod(0o600)
        return _written(file)
    with os.fdopen(handle, "wb") as made:
        key = Fernet.generate_key()
        made.write(key)
        made.flush()
        os.fsync(made.fileno())
    return key.decode()


def _written(file: Path) -> str:
    text = file.read_text(encoding="ascii", errors="replace").strip()
    if text:
        return text
    mistake = Mistake(
        file=str(file),
        key=KEY_VARIABLE,
        problem="the key file is empty",
        remedy="bring it back from a backup, or remove it",
    )
    raise ConfigurationError(mistake)
