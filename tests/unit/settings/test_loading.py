"""The settings are read from every place, and every mistake in them is listed at once."""

from __future__ import annotations

import os
import re
import tomllib
from pathlib import Path

import pytest

from tests.architecture.tree import REPOSITORY
from tradershub.domain.errors import ConfigurationError, Mistake
from tradershub.settings.configuration import Configuration, LogLevel
from tradershub.settings.data_folder import default_folder
from tradershub.settings.environment import variables
from tradershub.settings.file_model import keys_of_sections
from tradershub.settings.loading import Arguments, load_configuration
from tradershub.settings.secret_checks import SECRET_VARIABLES

EXAMPLE = REPOSITORY / "config" / "tradershub.example.toml"
PASSWORD = {"TRADERSHUB_ADMIN_PASSWORD": "plum-ferry-oak-42"}

ALL_WRONG = """
prot = 1
[ui]
port = 99999
prt = 1
trusted_proxies = ["all"]
[hooks]
enabled = "yes"
tls_key = "missing.pem"
[log]
level = "loud"
[trading]
zone = "Mars/Base"
reset = "25:00"
[reference]
instruments = ["mine.json"]
maps = { mt6 = "x.json" }
[secrets]
webhook_secret = "hidden-value"
"""


def load(folder: Path, text: str = "", environment: dict[str, str] | None = None, **said: object) -> Configuration:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "tradershub.toml").write_text(text, encoding="utf-8")
    return load_configuration(environment or {}, Arguments(home=folder, **said))  # type: ignore[arg-type]


def mistakes(folder: Path, text: str = "", environment: dict[str, str] | None = None) -> tuple[Mistake, ...]:
    with pytest.raises(ConfigurationError) as caught:
        load(folder, text, environment)
    return caught.value.mistakes


def test_without_a_file_everything_has_its_default(tmp_path: Path) -> None:
    loaded = load_configuration({"TRADERSHUB_HOME": str(tmp_path / "new")})
    assert loaded.source is None
    assert (loaded.ui.host, loaded.ui.port, loaded.hooks.enabled) == ("127.0.0.1", 8787, False)
    assert loaded.backups == tmp_path / "new" / "backups"
    assert not (tmp_path / "new").exists()


def test_the_shipped_tables_come_with_the_configuration(tmp_path: Path) -> None:
    reference = load(tmp_path).reference
    assert reference.instruments.get("MES") is not None
    assert [symbol_map.platform for symbol_map in reference.maps] == ["paper", "nt8", "mt5", "ctrader"]


def test_the_file_the_environment_and_the_command_line_are_heard_in_that_order(tmp_path: Path) -> None:
    text = '[ui]\nport = 1111\nhost = "localhost"\n[log]\nlevel = "warning"\n'
    assert load(tmp_path, text).ui.port == 1111
    said = {"TRADERSHUB_PORT": "2222", "TRADERSHUB_LOG__LEVEL": "debug"}
    loaded = load(tmp_path, text, said)
    assert (loaded.ui.port, loaded.ui.host, loaded.log.level) == (2222, "localhost", LogLevel.DEBUG)
    assert load(tmp_path, text, said, port=3333).ui.port == 3333


def test_variables_are_read_as_what_their_key_is(tmp_path: Path) -> None:
    said = {
        "TRADERSHUB_HOOKS__ENABLED": "true",
        "TRADERSHUB_HTTP__REQUEST_SECONDS": "5.5",
        "TRADERSHUB_UI__TRUSTED_PROXIES": "10.0.0.1, 10.1.0.0/16",
        "TRADERSHUB_UI__PUBLIC_URL": "https://hub.example.com/",
    }
    loaded = load(tmp_path, environment=said)
    assert loaded.hooks.enabled
    assert loaded.http.request_seconds == 5.5
    assert loaded.ui.trusted_proxies == ("10.0.0.1", "10.1.0.0/16")
    assert loaded.ui.public_url == "https://hub.example.com"
    assert loaded.webhook_base == "https://hub.example.com"


def test_every_mistake_is_listed_at_once_with_its_place_and_remedy(tmp_path: Path) -> None:
    said = {"TRADERSHUB_HTTP__CONNECTIONS": "many", "TRADERSHUB_WEBHOOK_SECRET": "short"}
    found = mistakes(tmp_path, ALL_WRONG, said)
    file = str(tmp_path / "tradershub.toml")
    assert {(mistake.file, mistake.key) for mistake in found} == {
        (file, "prot"),
        (file, "ui.port"),
        (file, "ui.prt"),
        (file, "ui.trusted_proxies"),
        (file, "hooks.enabled"),
        (file, "hooks.tls_key"),
        (file, "hooks.tls_certificate"),
        (file, "log.level"),
        (file, "trading.zone"),
        (file, "trading.reset"),
        (file, "secrets"),
        (str(tmp_path / "mine.json"), "the whole file"),
        (str(tmp_path / "x.json"), "reference.maps.mt6"),
        ("environment", "TRADERSHUB_HTTP__CONNECTIONS"),
        ("environment", "TRADERSHUB_WEBHOOK_SECRET"),
    }
    assert all(mistake.problem and mistake.remedy for mistake in found)
    assert "hidden-value" not in str(found)


def test_a_misspelt_key_is_met_with_the_right_one(tmp_path: Path) -> None:
    text = "prot = 1\nport = 8787\n[ui]\nprt = 1\ntls_certifcate = ''\nstrict_ticks = true\n"
    remedies = {mistake.key: mistake.remedy for mistake in mistakes(tmp_path, text)}
    assert remedies == {
        "prot": "did you mean ui.port?",
        "port": "did you mean ui.port?",
        "ui.prt": "did you mean ui.port?",
        "ui.tls_certifcate": "did you mean ui.tls_certificate?",
        "ui.strict_ticks": "did you mean trading.strict_ticks?",
    }


def test_a_misspelt_variable_is_a_mistake_and_a_foreign_one_is_not(tmp_path: Path) -> None:
    said = {"TRADERSHUB_WEBHOOK_SECRT": "x", "TRADERSHUB_UI__PRT": "1", "TRADERSHUB_SOMETHING_OF_MINE": "1"}
    found = mistakes(tmp_path, environment=said)
    assert [mistake.key for mistake in found] == ["TRADERSHUB_WEBHOOK_SECRT", "TRADERSHUB_UI__PRT"]
    assert "TRADERSHUB_WEBHOOK_SECRET" in found[0].remedy


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("[ui\nport=1", "not valid TOML"),
        ("[ui]\nport=1\nport=2", "not valid TOML"),
        ("x = '" + "a" * 300_000 + "'", "larger than"),
    ],
)
def test_a_file_that_cannot_be_read_is_one_clear_mistake(tmp_path: Path, text: str, part: str) -> None:
    (found,) = mistakes(tmp_path, text)
    assert part in found.problem


def test_a_file_in_another_encoding_is_one_clear_mistake(tmp_path: Path) -> None:
    (tmp_path / "tradershub.toml").write_bytes(b"# caf\xe9\n")
    with pytest.raises(ConfigurationError, match="UTF-8"):
        load_configuration({}, Arguments(home=tmp_path))


def test_a_file_with_a_byte_order_mark_is_read(tmp_path: Path) -> None:
    (tmp_path / "tradershub.toml").write_bytes(b"\xef\xbb\xbf[ui]\nport = 1234\n")
    assert load_configuration({}, Arguments(home=tmp_path)).ui.port == 1234


def test_a_named_file_that_is_not_there_is_a_mistake(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"gone\.toml"):
        load_configuration({}, Arguments(home=tmp_path, config=tmp_path / "gone.toml"))


def test_a_data_folder_that_is_a_file_is_a_mistake(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(ConfigurationError, match="is a file where a folder is needed"):
        load_configuration({}, Arguments(home=tmp_path / "file" / "deeper"))


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="this user may write anywhere")
def test_a_data_folder_that_cannot_be_written_is_a_mistake(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(ConfigurationError, match="cannot be written"):
        load_configuration({}, Arguments(home=tmp_path))


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.5", "hub.example.com"])
def test_pages_for_others_without_tls_or_proxy_are_refused(tmp_path: Path, host: str) -> None:
    (found,) = mistakes(tmp_path, f'[ui]\nhost = "{host}"\n', PASSWORD)
    assert found.key == "ui.host"
    assert "without TLS" in found.problem


def test_pages_for_others_without_a_password_of_ones_own_are_refused(tmp_path: Path) -> None:
    text = '[ui]\nhost = "0.0.0.0"\ntrusted_proxies = ["10.0.0.1"]\n'
    (found,) = mistakes(tmp_path, text)
    assert "TRADERSHUB_ADMIN_PASSWORD" in found.remedy
    assert load(tmp_path, text, PASSWORD).ui.host == "0.0.0.0"
    (tmp_path / "tradershub.db").touch()
    assert load(tmp_path, text).ui.host == "0.0.0.0"


def test_pages_for_others_by_tls_are_served(tmp_path: Path) -> None:
    for name in ("chain.pem", "key.pem"):
        (tmp_path / name).write_text("PEM", encoding="utf-8")
    text = '[ui]\nhost = "0.0.0.0"\ntls_certificate = "chain.pem"\ntls_key = "key.pem"\n'
    loaded = load(tmp_path, text, PASSWORD)
    assert loaded.ui.tls is not None
    assert loaded.ui.tls.certificate == tmp_path / "chain.pem"
    assert loaded.ui_url == "https://127.0.0.1:8787"


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "::1", "127.9.9.9"])
def test_this_machine_needs_nothing(tmp_path: Path, host: str) -> None:
    assert load(tmp_path, f'[ui]\nhost = "{host}"\n').ui.host == host


@pytest.mark.parametrize("host", ["", "127.0.0.256", "http://localhost", "a b", "10.1", "-x"])
def test_what_is_no_host_is_refused_once(tmp_path: Path, host: str) -> None:
    assert [mistake.key for mistake in mistakes(tmp_path, f'[ui]\nhost = "{host}"\n', PASSWORD)] == ["ui.host"]


@pytest.mark.parametrize("network", ["0.0.0.0/0", "::/0", "proxy.local", ""])
def test_a_proxy_is_an_address_and_never_everybody(tmp_path: Path, network: str) -> None:
    (found,) = mistakes(tmp_path, f'[ui]\ntrusted_proxies = ["{network}"]\n')
    assert found.key == "ui.trusted_proxies"


@pytest.mark.parametrize(
    "url",
    ["hub.example.com", "ftp://x", "https://x/path", "https://x?q=1", "https://a:b@x", "https://x:99999", "https://"],
)
def test_a_public_address_is_a_host_with_a_scheme(tmp_path: Path, url: str) -> None:
    (found,) = mistakes(tmp_path, f'[hooks]\npublic_url = "{url}"\n')
    assert found.key == "hooks.public_url"


def test_both_listeners_on_one_port_are_refused(tmp_path: Path) -> None:
    (found,) = mistakes(tmp_path, "[hooks]\nenabled = true\nport = 8787\n")
    assert found.key == "hooks.port"


@pytest.mark.parametrize(
    "secret",
    [
        *("", "f4k3x", "changeme-changeme-changeme", "your-webhook-secret-here", "example-secret-1234567"),
        *(
            "0123456789012345678901234",
            "aaaaaaaaaaaaaaaaaaaaaaaaaaaa",
            "abababababababababababab",
            "qwertyuiopasdfghjkl",
        ),
        *(" leading-blank-4f9a8b7c6d5e", "with\nnewline-4f9a8b7c6d5e", "x9" * 200),
    ],
)
@pytest.mark.parametrize("name", ["TRADERSHUB_WEBHOOK_SECRET", "TRADERSHUB_API_TOKEN", "TRADERSHUB_ADMIN_PASSWORD"])
def test_example_and_short_secrets_are_refused_and_never_repeated(tmp_path: Path, name: str, secret: str) -> None:
    (found,) = mistakes(tmp_path, environment={name: secret})
    assert found.key == name
    assert not secret or secret not in str(found)


@pytest.mark.parametrize("key", ["k" * 20 + "9a8b7c6d5e4f3a2b1c0d9e8f", "Zm9vYmFy" * 6, "!" * 44 + "4f9a8b7c"])
def test_a_key_is_32_bytes_and_nothing_else(tmp_path: Path, key: str) -> None:
    (found,) = mistakes(tmp_path, environment={"TRADERSHUB_KEY": key})
    assert "32 random bytes" in found.problem


def test_good_secrets_are_taken_and_never_printed(tmp_path: Path) -> None:
    said = {"TRADERSHUB_WEBHOOK_SECRET": "Zk3vQm81LxwT0pRs", "TRADERSHUB_API_TOKEN": "th_9vPq2LmX7cRt5WzYbN4kJd8s"}
    loaded = load(tmp_path, environment=said)
    assert loaded.secrets.webhook_secret is not None
    assert loaded.secrets.webhook_secret.reveal() == "Zk3vQm81LxwT0pRs"
    assert "Zk3vQm81" not in repr(loaded)


def test_own_tables_add_to_the_shipped_ones(tmp_path: Path) -> None:
    (tmp_path / "mine.json").write_text(
        '{"rolls": {}, "instruments": [{"root": "DAX40X", "name": "DAX", "asset_class": "index_cfd", "exchange": "OTC",'
        '"currency": "EUR", "tick": "0.1", "point_value": "1", "calendar": "cfd_24x5"}]}',
        encoding="utf-8",
    )
    (tmp_path / "map.json").write_text(
        '{"instruments": [{"symbol": "EURUSD", "platform_symbol": "EURUSD.raw"}]}', encoding="utf-8"
    )
    text = '[reference]\ninstruments = ["mine.json"]\nmaps = { mt5 = "map.json" }\n'
    reference = load(tmp_path, text).reference
    assert reference.instruments.get("DAX40X") is not None
    mt5 = next(symbol_map for symbol_map in reference.maps if symbol_map.platform == "mt5")
    mapped = mt5.to_platform("EURUSD")
    assert mapped is not None
    assert mapped.platform_symbol == "EURUSD.raw"
    assert mt5.to_platform("GBPUSD") is not None


def test_mistakes_in_own_tables_name_their_file(tmp_path: Path) -> None:
    (tmp_path / "mine.json").write_text('{"instruments": [{"root": "mes"}]}', encoding="utf-8")
    found = mistakes(tmp_path, '[reference]\ninstruments = ["mine.json"]\n')
    assert len(found) > 3
    assert {mistake.file for mistake in found} == {str(tmp_path / "mine.json")}


def test_the_example_is_the_default(tmp_path: Path) -> None:
    with_example = load(tmp_path, EXAMPLE.read_text(encoding="utf-8"))
    without = load_configuration({}, Arguments(home=tmp_path, config=empty(tmp_path)))
    for name in ("ui", "hooks", "http", "log", "session_day", "backups", "strict_ticks"):
        assert getattr(with_example, name) == getattr(without, name), name


def empty(folder: Path) -> Path:
    file = folder / "empty.toml"
    file.touch()
    return file


def test_the_example_names_every_key_and_no_other() -> None:
    example = tomllib.loads(EXAMPLE.read_text(encoding="utf-8"))
    assert {name: tuple(keys) for name, keys in example.items()} == keys_of_sections()


def test_the_documents_explain_every_key_and_variable() -> None:
    text = (REPOSITORY / "docs" / "operations.md").read_text(encoding="utf-8")
    named = set(re.findall(r"`([^`\s]+)`", text))
    keys = {f"{section}.{key}" for section, names in keys_of_sections().items() for key in names}
    assert keys - named == set()
    assert {*SECRET_VARIABLES, "TRADERSHUB_HOME", "TRADERSHUB_PORT"} - named == set()


def test_every_key_but_a_map_has_its_variable() -> None:
    count = sum(len(keys) for keys in keys_of_sections().values())
    assert len(variables()) == count


@pytest.mark.parametrize(
    ("system", "said", "expected"),
    [
        ("linux", {}, "home/.local/share/tradershub"),
        ("linux", {"XDG_DATA_HOME": "/data"}, "/data/tradershub"),
        ("linux", {"XDG_DATA_HOME": "relative"}, "home/.local/share/tradershub"),
        ("darwin", {}, "home/Library/Application Support/TradersHub"),
        ("win32", {"LOCALAPPDATA": "local"}, "local/TradersHub"),
        ("win32", {}, "home/AppData/Local/TradersHub"),
        ("linux", {"TRADERSHUB_HOME": "mine"}, "mine"),
    ],
)
def test_each_system_keeps_its_data_where_programs_do(system: str, said: dict[str, str], expected: str) -> None:
    assert default_folder(said, system=system, home=Path("home")) == Path(expected)


def test_the_demo_lives_beneath_the_data_folder(tmp_path: Path) -> None:
    assert load_configuration({}, Arguments(home=tmp_path, demo=True)).folder.root == tmp_path / "demo"
