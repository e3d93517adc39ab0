"""The variables that say what the settings file says: TRADERSHUB_PORT, and TRADERSHUB_SECTION__KEY for every key."""

import difflib
from collections.abc import Iterator, Mapping
from typing import Final

from tradershub.domain.errors import Mistake
from tradershub.settings.data_folder import HOME_VARIABLE
from tradershub.settings.file_model import FileModel, keys_of_sections
from tradershub.settings.origins import ENVIRONMENT, Key
from tradershub.settings.secret_checks import SECRET_VARIABLES

PREFIX: Final = "TRADERSHUB_"
PORT_VARIABLE: Final = "TRADERSHUB_PORT"
_CLOSE: Final = 0.85
_BOOLEANS: Final = {"true": True, "false": False}


def variables() -> dict[str, Key]:
    """Return every variable that stands for a key; maps of files are written in the file only."""
    named = {
        f"{PREFIX}{section}__{key}".upper(): (section, key)
        for section, keys in keys_of_sections().items()
        for key in keys
        if _kind(section, key) is not dict
    }
    return {**named, PORT_VARIABLE: ("ui", "port")}


def overlay(environment: Mapping[str, str]) -> Iterator[tuple[Key, str, object]]:
    """Yield key, variable and value of each variable that is set and not empty."""
    for name, key in variables().items():
        text = environment.get(name, "").strip()
        if text:
            yield key, name, _value(text, _kind(*key))


def unknown_variables(environment: Mapping[str, str]) -> Iterator[Mistake]:
    """Yield variables that look like a misspelt one of ours; others with our prefix are somebody else's."""
    known = {HOME_VARIABLE, *SECRET_VARIABLES, *variables()}
    for name in environment:
        if name in known or not name.startswith(PREFIX):
            continue
        close = difflib.get_close_matches(name, known, n=1, cutoff=_CLOSE)
        if close or "__" in name:
            meant = f"did you mean {close[0]}?" if close else "docs/operations.md lists the names"
            yield Mistake(ENVIRONMENT, name, "is no known variable", f"{meant} Rename it or take it away")


def _kind(section: str, key: str) -> object:
    """Return the plain type of a key: bool, int, float, str, list or dict."""
    part = FileModel.model_fields[section].default
    return type(getattr(part, key))


def _value(text: str, kind: object) -> object:
    """Return a text as the type of its key; what cannot be one stays text, and is a mistake found with all others."""
    if kind is bool:
        return _BOOLEANS.get(text.lower(), text)
    if kind is list:
        return [part.strip() for part in text.split(",") if part.strip()]
    if kind in (int, float):
        try:
            return int(text) if kind is int else float(text)
        except ValueError:
            return text
    return text
