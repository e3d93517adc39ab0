"""The tables of instruments and platform names: the shipped ones, with what the settings add or replace."""

import sysconfig
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tradershub.domain.errors import ConfigurationError, Mistake
from tradershub.domain.instruments import Instrument, Instruments, instruments_from_json
from tradershub.domain.symbol_map import SymbolMap, identity_map, symbol_map_from_json
from tradershub.settings.configuration import Reference

MAPPED_PLATFORMS: Final = ("nt8", "mt5", "ctrader")
_PAPER: Final = "paper"
_BESIDE_THE_PACKAGE: Final = Path(__file__).resolve().parents[2] / "config"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReferenceFiles:
    """Files that add to the shipped tables or replace entries of them; `maps` as (platform, file)."""

    instruments: tuple[Path, ...] = ()
    maps: tuple[tuple[str, Path], ...] = ()


def shipped_file(name: str) -> Path:
    """Return a file of the shipped `config` folder, in a clone or in an installation."""
    beside = _BESIDE_THE_PACKAGE / name
    if beside.exists():
        return beside
    return Path(sysconfig.get_path("data")) / "share" / "tradershub" / "config" / name


def load_reference(files: ReferenceFiles, mistakes: list[Mistake]) -> Reference:
    """Read every table; what is wrong in one is added to `mistakes`, and the table is left out."""
    instruments = _instruments(files.instruments, mistakes)
    maps = [_map(platform, files, instruments, mistakes) for platform in MAPPED_PLATFORMS]
    for platform, file in files.maps:
        if platform not in MAPPED_PLATFORMS:
            known = ", ".join(MAPPED_PLATFORMS)
            mistakes.append(Mistake(str(file), f"reference.maps.{platform}", "is no such platform", f"known: {known}"))
    return Reference(
        instruments=instruments,
        maps=(identity_map(_PAPER, instruments), *(symbol_map for symbol_map in maps if symbol_map is not None)),
    )


def _instruments(own: Iterable[Path], mistakes: list[Mistake]) -> Instruments:
    """Return the shipped instruments; an own file replaces what has the same root and adds the rest."""
    shipped = shipped_file("instruments.json")
    by_root: dict[str, Instrument] = {}
    for file in (shipped, *own):
        try:
            found = instruments_from_json(_text(file), file=str(file))
        except ConfigurationError as error:
            mistakes += error.mistakes
            continue
        merged = {**by_root, **{instrument.root: instrument for instrument in found}}
        try:
            Instruments(merged.values())
        except ValueError as error:
            mistakes.append(Mistake(str(file), "instruments", str(error), "give each name to one instrument only"))
            continue
        by_root = merged
    return Instruments(by_root.values())


def _map(platform: str, files: ReferenceFiles, instruments: Instruments, mistakes: list[Mistake]) -> SymbolMap | None:
    """Return a platform's shipped map; an own file replaces what has the same symbol and adds the rest."""
    merged: SymbolMap | None = None
    for file in (shipped_file(f"{platform}_instruments.json"), *(own for name, own in files.maps if name == platform)):
        try:
            found = symbol_map_from_json(platform, _text(file), instruments, file=str(file))
        except ConfigurationError as error:
            mistakes += error.mistakes
            continue
        merged = found if merged is None else merged.with_entries(found.entries)
    return merged


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(
            Mistake(str(file), "the whole file", f"cannot be read ({error})", "name a readable UTF-8 file")
        ) from error
