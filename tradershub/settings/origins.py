"""Where each setting was said: the file, a variable or the command line; a mistake names the place it was made in."""

from pathlib import Path
from typing import Final

from tradershub.domain.errors import Mistake

Key = tuple[str, str]
"""Section and key, as in the settings file."""

ENVIRONMENT: Final = "environment"
COMMAND_LINE: Final = "command line"


class Origins:
    def __init__(self, file: Path) -> None:
        self._file = str(file)
        self._elsewhere: dict[Key, tuple[str, str]] = {}

    def note(self, key: Key, place: str, name: str) -> None:
        """Remember that a key was said elsewhere than in the file, by the given name."""
        self._elsewhere[key] = (place, name)

    def mistake(self, key: Key, problem: str, remedy: str) -> Mistake:
        place, name = self._elsewhere.get(key, (self._file, ".".join(key)))
        return Mistake(place, name, problem, remedy)

    def in_file(self, name: str, problem: str, remedy: str) -> Mistake:
        return Mistake(self._file, name, problem, remedy)
