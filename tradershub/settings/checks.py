"""What must be true of the settings before anything listens or is written."""

import os
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from tradershub.domain.errors import Mistake
from tradershub.domain.trading_days import check_session
from tradershub.settings.data_folder import HOME_VARIABLE, DataFolder
from tradershub.settings.file_model import FileModel, HooksSection, UiSection
from tradershub.settings.origins import Key, Origins
from tradershub.settings.secret_checks import ADMIN_PASSWORD

_HOST_NAME: Final = re.compile(r"(?=.{1,253}$)[A-Za-z0-9]([A-Za-z0-9-]{0,62})(\.[A-Za-z0-9][A-Za-z0-9-]{0,62})*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """What the checks look at. `base`: relative paths start there. `has_password`: the environment gives one."""

    model: FileModel
    origins: Origins
    folder: DataFolder
    base: Path
    has_password: bool


Check = Callable[[Checked], Iterator[Mistake]]


def mistakes_of(checked: Checked) -> list[Mistake]:
    return [mistake for check in _CHECKS for mistake in check(checked)]


def is_loopback(host: str) -> bool:
    """Say whether a host is this machine only; a name other than localhost may be anything."""
    if host.lower() == "localhost":
        return True
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def in_folder(base: Path, text: str) -> Path:
    """Return the path that a text of the settings file means."""
    path = Path(text).expanduser()
    return path if path.is_absolute() else base / path


def _hosts(checked: Checked) -> Iterator[Mistake]:
    for section, host in (("ui", checked.model.ui.host), ("hooks", checked.model.hooks.host)):
        if not _is_host(host):
            yield checked.origins.mistake(
                (section, "host"), f"{host[:64]!r} is no address", "write an address such as 127.0.0.1 or a host name"
            )


def _is_host(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        # A name whose last part is a number is a mistyped address, which a resolver may read as something else.
        return _HOST_NAME.fullmatch(text) is not None and not text.rpartition(".")[2].isdigit()
    return True


def _exposure(checked: Checked) -> Iterator[Mistake]:
    """Binding the pages wider needs TLS or listed proxies, and a password that nobody could have read on a screen."""
    ui = checked.model.ui
    if is_loopback(ui.host) or not _is_host(ui.host):
        return
    key: Key = ("ui", "host")
    if not (ui.tls_certificate and ui.tls_key) and not ui.trusted_proxies:
        yield checked.origins.mistake(
            key,
            f"{ui.host} would show the pages to others without TLS",
            "use 127.0.0.1 with a tunnel or proxy on this machine (docs/remote.md), or set ui.tls_certificate and "
            "ui.tls_key, or list the proxy in ui.trusted_proxies",
        )
    if not checked.has_password and not checked.folder.database.exists():
        yield checked.origins.mistake(
            key,
            f"{ui.host} is not this machine only, and no password is set yet",
            f"set {ADMIN_PASSWORD} for the first start, or make the first start on 127.0.0.1",
        )


def _tls(checked: Checked) -> Iterator[Mistake]:
    listeners: tuple[tuple[str, UiSection | HooksSection], ...] = (
        ("ui", checked.model.ui),
        ("hooks", checked.model.hooks),
    )
    for section, listener in listeners:
        files = {"tls_certificate": listener.tls_certificate, "tls_key": listener.tls_key}
        if any(files.values()) and not all(files.values()):
            missing = next(name for name, text in files.items() if not text)
            yield checked.origins.mistake(
                (section, missing), "is missing", "TLS needs both: the certificate with its chain, and its key"
            )
        for name, text in files.items():
            if text:
                yield from _readable(checked, (section, name), text)


def _readable(checked: Checked, key: Key, text: str) -> Iterator[Mistake]:
    file = in_folder(checked.base, text)
    if not file.is_file():
        yield checked.origins.mistake(key, f"there is no file {file}", "name an existing file, or take the key away")
    elif not os.access(file, os.R_OK):
        yield checked.origins.mistake(key, f"{file} cannot be read", "let the hub's user read it")


def _proxies(checked: Checked) -> Iterator[Mistake]:
    key: Key = ("ui", "trusted_proxies")
    for text in checked.model.ui.trusted_proxies:
        try:
            network = ip_network(text, strict=False)
        except ValueError:
            yield checked.origins.mistake(
                key, f"{text[:64]!r} is no address", "write addresses or networks such as 127.0.0.1 or 10.0.0.0/24"
            )
            continue
        if network.prefixlen == 0:
            yield checked.origins.mistake(
                key, f"{text} is everybody", "list the proxy's own address: whoever is listed may claim any sender"
            )


def _public_urls(checked: Checked) -> Iterator[Mistake]:
    for section, text in (("ui", checked.model.ui.public_url), ("hooks", checked.model.hooks.public_url)):
        if text and not _is_base_url(text):
            yield checked.origins.mistake(
                (section, "public_url"),
                f"{text[:64]!r} is no web address of a host",
                "write it as https://hub.example.com, without a path",
            )


def _is_base_url(text: str) -> bool:
    try:
        parts = urlsplit(text)
        has_port_in_range = parts.port is None or parts.port > 0
    except ValueError:
        return False
    bare = not (parts.query or parts.fragment or parts.username) and parts.path in ("", "/")
    return parts.scheme in ("http", "https") and bool(parts.hostname) and bare and has_port_in_range


def _ports(checked: Checked) -> Iterator[Mistake]:
    ui, hooks = checked.model.ui, checked.model.hooks
    if hooks.enabled and hooks.port == ui.port != 0:
        yield checked.origins.mistake(
            ("hooks", "port"), f"{hooks.port} is the port of the pages too", "give the hooks listener a port of its own"
        )


def _session(checked: Checked) -> Iterator[Mistake]:
    trading = checked.model.trading
    for key, zone, reset in (("zone", trading.zone, "00:00"), ("reset", "UTC", trading.reset)):
        try:
            check_session(zone, reset)
        except ValueError as error:
            problem, _, remedy = str(error).partition(": expected ")
            yield checked.origins.mistake(("trading", key), problem, f"write {remedy}")


def _folders(checked: Checked) -> Iterator[Mistake]:
    root = checked.folder.root
    problem = unusable(root)
    if problem is not None:
        yield Mistake(str(root), HOME_VARIABLE, problem, "choose a folder of your own, or change its owner")
    if checked.model.backup.folder:
        backups = in_folder(checked.base, checked.model.backup.folder)
        problem = unusable(backups)
        if problem is not None:
            yield checked.origins.mistake(("backup", "folder"), problem, "choose a folder the hub may write to")


def unusable(folder: Path) -> str | None:
    """Say why a folder could not be written to, None if it could; nothing is made."""
    nearest = folder
    while not nearest.exists() and nearest != nearest.parent:
        nearest = nearest.parent
    if not nearest.is_dir():
        return f"{nearest} is a file where a folder is needed"
    if not os.access(nearest, os.W_OK | os.X_OK):
        return f"{nearest} cannot be written to"
    return None


_CHECKS: Final[tuple[Check, ...]] = (*(_hosts, _exposure, _tls, _proxies, _public_urls, _ports, _session, _folders),)
