"""What pydantic found in the settings, in words that name the place, what is wrong and what to do."""

import difflib
from typing import Final

from pydantic_core import ErrorDetails

from tradershub.domain.errors import Mistake
from tradershub.settings.file_model import keys_of_sections
from tradershub.settings.origins import Origins

_EXPECTED: Final = {
    "string_type": "write a text in quotes",
    "int_type": "write a whole number without quotes",
    "int_from_float": "write a whole number without quotes",
    "float_type": "write a number without quotes",
    "bool_type": "write true or false without quotes",
    "list_type": 'write a list such as ["a", "b"]',
    "dict_type": 'write a table such as { nt8 = "my_nt8.json" }',
    "model_type": "write it as a section: its name in brackets, then one key a line",
}
_SECRET_WORDS: Final = ("password", "secret", "token")


def describe(error: ErrorDetails, origins: Origins) -> Mistake:
    """Return one of pydantic's errors as a mistake."""
    place = tuple(str(part) for part in error["loc"])
    if error["type"] == "extra_forbidden":
        return _unknown(place, origins)
    shown = ".".join(place)
    problem = f"cannot be {str(error['input'])[:64]!r}"
    remedy = _EXPECTED.get(error["type"]) or _bound(error) or error["msg"]
    if len(place) == 1:
        return origins.in_file(shown, problem, remedy)
    mistake = origins.mistake((place[0], place[1]), problem, remedy)
    deeper = "".join(f".{part}" for part in place[2:])
    return Mistake(mistake.file, mistake.key + deeper, mistake.problem, mistake.remedy)


def _bound(error: ErrorDetails) -> str | None:
    context = error.get("ctx", {})
    words = {"ge": "at least", "le": "at most", "max_length": "entries at most:"}
    for name, word in words.items():
        if name in context:
            return f"write {word} {context[name]}"
    if "expected" in context:
        return f"write {context['expected']}"
    return None


def _unknown(place: tuple[str, ...], origins: Origins) -> Mistake:
    sections = keys_of_sections()
    shown = ".".join(place)
    if any(word in place[-1].lower() for word in _SECRET_WORDS):
        remedy = "secrets are not kept in this file: set the TRADERSHUB_… variable, or change it on the Settings page"
        return origins.in_file(shown, "is no known key", remedy)
    if len(place) == 1:
        homes = [f"{section}.{place[0]}" for section, keys in sections.items() if place[0] in keys]
        known = tuple(sections)
        every = [f"{section}.{key}" for section, keys in sections.items() for key in keys]
        close = homes or difflib.get_close_matches(place[0], known, n=1)
        close = close or [name for name in every if difflib.get_close_matches(place[0], [name.partition(".")[2]])]
    else:
        known = sections[place[0]]
        close = [f"{place[0]}.{name}" for name in difflib.get_close_matches(place[-1], known, n=1)]
        close = close or [f"{section}.{place[-1]}" for section, keys in sections.items() if place[-1] in keys][:1]
    remedy = f"did you mean {close[0]}?" if close else f"known here: {', '.join(known)}"
    return origins.in_file(shown, "is no known key", remedy)
