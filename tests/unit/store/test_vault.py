"""What was sealed is opened with the right key, and with no other."""

import os
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from tradershub.domain.errors import ConfigurationError
from tradershub.store.vault import KEY_FILE, KEY_VARIABLE, FernetVault


def test_a_secret_comes_back_after_a_restart(tmp_path: Path) -> None:
    sealed = FernetVault(tmp_path, {}).seal(b"signing key")
    assert b"signing key" not in sealed
    assert FernetVault(tmp_path, {}).unseal(sealed) == b"signing key"


@pytest.mark.skipif(os.name != "posix", reason="Windows keeps the rights of the user's own folder")
def test_only_the_owner_can_read_the_key(tmp_path: Path) -> None:
    FernetVault(tmp_path, {})
    assert (tmp_path / KEY_FILE).stat().st_mode & 0o777 == 0o600
    (tmp_path / KEY_FILE).chmod(0o644)
    FernetVault(tmp_path, {})
    assert (tmp_path / KEY_FILE).stat().st_mode & 0o777 == 0o600


def test_the_environment_wins_over_the_file(tmp_path: Path) -> None:
    FernetVault(tmp_path, {KEY_VARIABLE: Fernet.generate_key().decode()})
    assert not (tmp_path / KEY_FILE).exists()


def test_an_old_key_still_opens_and_the_new_one_seals(tmp_path: Path) -> None:
    old, new = (Fernet.generate_key().decode() for _ in range(2))
    sealed = FernetVault(tmp_path, {KEY_VARIABLE: old}).seal(b"x")
    both = FernetVault(tmp_path, {KEY_VARIABLE: f"{new}, {old}"})
    assert both.unseal(sealed) == b"x"
    assert FernetVault(tmp_path, {KEY_VARIABLE: new}).unseal(both.seal(b"y")) == b"y"


def test_a_lost_key_is_said_with_its_remedy(tmp_path: Path) -> None:
    sealed = FernetVault(tmp_path, {KEY_VARIABLE: Fernet.generate_key().decode()}).seal(b"x")
    with pytest.raises(ConfigurationError, match="sealed with another key; bring the old key back"):
        FernetVault(tmp_path, {KEY_VARIABLE: Fernet.generate_key().decode()}).unseal(sealed)


def test_a_key_that_is_none_is_refused_without_showing_it(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError) as refused:
        FernetVault(tmp_path, {KEY_VARIABLE: "hunter2"})
    assert "hunter2" not in str(refused.value)


def test_an_empty_key_file_is_not_taken_for_a_new_one(tmp_path: Path) -> None:
    (tmp_path / KEY_FILE).write_bytes(b"")
    with pytest.raises(ConfigurationError, match="empty"):
        FernetVault(tmp_path, {})
