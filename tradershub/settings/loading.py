"""Reads the settings file and the environment, checks all of it, and answers with a Configuration or every mistake."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pydantic import ValidationError

from tradershub.domain.accounts import SessionDay
from tradershub.domain.errors import ConfigurationError, Mistake
from tradershub.settings import checks, configuration, secret_checks
from tradershub.settings.configuration import Configuration, Reference, Tls
from tradershub.settings.data_folder import chosen_folder
from tradershub.settings.environment import overlay, unknown_variables
from tradershub.settings.file_mistakes import describe
from tradershub.settings.file_model import FileModel
from tradershub.settings.origins import COMMAND_LINE, ENVIRONMENT, Origins
from tradershub.settings.reference_files import ReferenceFiles, load_reference

Table = dict[str, object]
_LARGEST_FILE: Final = 256 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Arguments:
    """What the command line said; None: nothing. `config`: a file instead of `tradershub.toml` in the data folder."""

    home: Path | None = None
    config: Path | None = None
    port: int | None = None
    demo: bool = False


def load_configuration(environment: Mapping[str, str], arguments: Arguments | None = None) -> Configuration:
    """Return what the hub is to do; raises ConfigurationError with the mistakes of every place at once."""
    arguments = arguments or Arguments()
    folder = chosen_folder(environment, home=arguments.home, is_demo=arguments.demo)
    file = folder.configuration if arguments.config is None else arguments.config.expanduser().absolute()
    origins = Origins(file)
    mistakes: list[Mistake] = []
    table = _read(file, origins, mistakes, is_required=arguments.config is not None)
    _overlay(table, environment, arguments, origins)
    model = _validated(table, origins, mistakes)
    secrets = secret_checks.given_secrets(environment, mistakes)
    mistakes += unknown_variables(environment)
    checked = checks.Checked(
        model=model,
        origins=origins,
        folder=folder,
        base=file.parent,
        has_password=secrets.admin_password is not None,
    )
    mistakes += checks.mistakes_of(checked)
    reference = load_reference(_reference_files(checked), mistakes)
    if mistakes:
        raise ConfigurationError(*mistakes)
    return _configuration(checked, secrets, reference, file if file.is_file() else None)


def _read(file: Path, origins: Origins, mistakes: list[Mistake], *, is_required: bool) -> Table:
    try:
        if not is_required and not file.exists():
            return {}
        with file.open("rb") as handle:
            text = handle.read(_LARGEST_FILE + 1)
        if len(text) > _LARGEST_FILE:
            mistakes.append(origins.in_file("the whole file", "is larger than 256 KiB", "is this the settings file?"))
            return {}
        return tomllib.loads(text.decode("utf-8-sig"))
    except tomllib.TOMLDecodeError as error:
        remedy = "correct that line; config/tradershub.example.toml shows every key"
        mistakes.append(origins.in_file("the whole file", f"is not valid TOML: {error}", remedy))
    except UnicodeDecodeError as error:
        mistakes.append(origins.in_file("the whole file", f"is not UTF-8 ({error.reason})", "save it as UTF-8"))
    except OSError as error:
        reason = error.strerror or str(error)
        mistakes.append(origins.in_file("the whole file", f"cannot be read: {reason}", "name a readable file"))
    return {}


def _overlay(table: Table, environment: Mapping[str, str], arguments: Arguments, origins: Origins) -> None:
    """Lay what variables and the command line say over what the file says."""
    said = [(key, ENVIRONMENT, name, value) for key, name, value in overlay(environment)]
    if arguments.port is not None:
        said.append((("ui", "port"), COMMAND_LINE, "--port", arguments.port))
    for key, place, name, value in said:
        section = table.setdefault(key[0], {})
        if isinstance(section, dict):
            section[key[1]] = value
            origins.note(key, place, name)


def _validated(table: Table, origins: Origins, mistakes: list[Mistake]) -> FileModel:
    """Return the settings; wrong keys are noted and count as not given, so that all others can still be checked."""
    try:
        return FileModel.model_validate(table)
    except ValidationError as error:
        for detail in error.errors(include_url=False, include_context=True):
            mistakes.append(describe(detail, origins))
            _drop(table, tuple(str(part) for part in detail["loc"][:2]))
    return FileModel.model_validate(table)


def _drop(table: Table, place: tuple[str, ...]) -> None:
    section = table.get(place[0])
    if len(place) == 1 or not isinstance(section, dict):
        table.pop(place[0], None)
    else:
        section.pop(place[1], None)


def _reference_files(checked: checks.Checked) -> ReferenceFiles:
    section, base = checked.model.reference, checked.base
    return ReferenceFiles(
        instruments=tuple(checks.in_folder(base, name) for name in section.instruments),
        maps=tuple((name, checks.in_folder(base, file)) for name, file in section.maps.items()),
    )


def _configuration(
    checked: checks.Checked, secrets: configuration.GivenSecrets, reference: Reference, source: Path | None
) -> Configuration:
    model, base = checked.model, checked.base
    ui, hooks, http, log = model.ui, model.hooks, model.http, model.log
    backups = checks.in_folder(base, model.backup.folder) if model.backup.folder else checked.folder.backups
    return Configuration(
        folder=checked.folder,
        source=source,
        ui=configuration.UiListener(
            host=ui.host,
            port=ui.port,
            tls=_tls(base, ui.tls_certificate, ui.tls_key),
            trusted_proxies=tuple(ui.trusted_proxies),
            public_url=ui.public_url.rstrip("/") or None,
        ),
        hooks=configuration.HooksListener(
            enabled=hooks.enabled,
            host=hooks.host,
            port=hooks.port,
            tls=_tls(base, hooks.tls_certificate, hooks.tls_key),
            public_url=hooks.public_url.rstrip("/") or None,
        ),
        http=configuration.HttpSettings(**http.model_dump()),
        log=configuration.LogSettings(**log.model_dump()),
        reference=reference,
        secrets=secrets,
        session_day=SessionDay(zone=model.trading.zone, reset=model.trading.reset),
        backups=backups,
        strict_ticks=model.trading.strict_ticks,
    )


def _tls(base: Path, certificate: str, key: str) -> Tls | None:
    if not certificate or not key:
        return None
    return Tls(certificate=checks.in_folder(base, certificate), key=checks.in_folder(base, key))
