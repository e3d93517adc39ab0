"""A new hub makes its secrets once, and keeps what it must in files of its owner."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from tradershub.domain.secrets import Secret
from tradershub.settings.configuration import GivenSecrets
from tradershub.settings.data_folder import DataFolder
from tradershub.settings.endpoint import Endpoint, read_endpoint, remove_endpoint, write_endpoint
from tradershub.settings.first_run import first_secrets, vault_key
from tradershub.settings.private_files import read_private, write_private
from tradershub.settings.secret_checks import given_secrets, is_example


def test_what_is_not_given_is_made_and_shown() -> None:
    made = first_secrets(GivenSecrets(api_token=Secret("th_given")))
    assert made.api_token.reveal() == "th_given"
    lines = "\n".join(made.lines())
    assert made.admin_password.reveal() in lines
    assert made.webhook_secret.reveal() in lines
    assert "th_given" not in lines


def test_no_two_hubs_get_the_same_secrets() -> None:
    one, other = first_secrets(GivenSecrets()), first_secrets(GivenSecrets())
    assert one.admin_password != other.admin_password
    assert one.webhook_secret != other.webhook_secret


def test_what_is_made_would_be_accepted_if_it_were_given() -> None:
    made = first_secrets(GivenSecrets())
    assert len(made.admin_password.reveal()) >= 12
    # A webhook token in the address has 24 url-safe characters or more.
    assert len(made.webhook_secret.reveal()) >= 24
    assert not any(is_example(secret.reveal()) for _, secret in made.made)


def test_the_key_is_made_once_and_kept(tmp_path: Path) -> None:
    folder = DataFolder(root=tmp_path / "new")
    key = vault_key(folder, GivenSecrets())
    assert given_secrets({"TRADERSHUB_KEY": key.reveal()}, []).key == key
    assert vault_key(folder, GivenSecrets()) == key
    assert vault_key(folder, GivenSecrets(key=Secret("given"))).reveal() == "given"


@pytest.mark.skipif(os.name != "posix", reason="modes are of POSIX systems")
def test_private_files_are_for_their_owner_alone(tmp_path: Path) -> None:
    write_private(tmp_path / "deeper" / "key", "one")
    write_private(tmp_path / "deeper" / "key", "two")
    assert stat.S_IMODE((tmp_path / "deeper" / "key").stat().st_mode) == 0o600
    assert read_private(tmp_path / "deeper" / "key") == "two"
    assert [file.name for file in (tmp_path / "deeper").iterdir()] == ["key"]


def test_the_hub_says_where_it_answers_and_takes_it_back(tmp_path: Path) -> None:
    folder = DataFolder(root=tmp_path)
    assert read_endpoint(folder) is None
    write_endpoint(folder, "http://127.0.0.1:8787")
    assert read_endpoint(folder) == Endpoint(url="http://127.0.0.1:8787", pid=os.getpid())
    remove_endpoint(folder)
    remove_endpoint(folder)
    assert read_endpoint(folder) is None


@pytest.mark.parametrize("text", ["", "{", "[]", "null", '{"url": 1, "pid": 2}', '{"url": "file:///x", "pid": 2}'])
def test_an_endpoint_that_cannot_be_read_counts_as_none(tmp_path: Path, text: str) -> None:
    folder = DataFolder(root=tmp_path)
    folder.endpoint.write_text(text, encoding="utf-8")
    assert read_endpoint(folder) is None
