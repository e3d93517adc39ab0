"""The secrets that the environment gives: long enough, and none that was copied from an example."""

import base64
from collections.abc import Mapping
from typing import Final

from tradershub.domain.errors import Mistake
from tradershub.domain.secrets import Secret
from tradershub.settings.configuration import GivenSecrets
from tradershub.settings.origins import ENVIRONMENT

ADMIN_PASSWORD: Final = "TRADERSHUB_ADMIN_PASSWORD"  # noqa: S105 -- the name of a variable
API_TOKEN: Final = "TRADERSHUB_API_TOKEN"  # noqa: S105 -- the name of a variable
WEBHOOK_SECRET: Final = "TRADERSHUB_WEBHOOK_SECRET"  # noqa: S105 -- the name of a variable
KEY: Final = "TRADERSHUB_KEY"
SECRET_VARIABLES: Final = (ADMIN_PASSWORD, API_TOKEN, WEBHOOK_SECRET, KEY)
SHORTEST: Final = {ADMIN_PASSWORD: 12, API_TOKEN: 24, WEBHOOK_SECRET: 16, KEY: 44}
LONGEST: Final = 256
_KEY_BYTES: Final = 32

_EXAMPLE_WORDS: Final = (
    *("changeme", "changethis", "replaceme", "replacethis", "yoursecret", "yourpassword", "yourtoken", "example"),
    *("placeholder", "insert", "mysecret", "mypassword", "secrethere", "tokenhere", "passwordhere"),
)
_RUNS: Final = ("0123456789" * 4, "abcdefghijklmnopqrstuvwxyz" * 2, "qwertyuiopasdfghjklzxcvbnm")
_FEWEST_LETTERS: Final = 5


def given_secrets(environment: Mapping[str, str], mistakes: list[Mistake]) -> GivenSecrets:
    """Return the secrets that are set; what is wrong with one is added to `mistakes`, never the secret itself."""
    given: dict[str, Secret | None] = {}
    for name in SECRET_VARIABLES:
        text = environment.get(name, "")
        problem = None if name not in environment else _problem(name, text)
        if problem is not None:
            remedy = f"use {SHORTEST[name]} or more random characters, or leave it out: the first start makes one"
            mistakes.append(Mistake(ENVIRONMENT, name, problem, remedy))
        given[name] = Secret(text) if text else None
    return GivenSecrets(
        admin_password=given[ADMIN_PASSWORD],
        api_token=given[API_TOKEN],
        webhook_secret=given[WEBHOOK_SECRET],
        key=given[KEY],
    )


def _problem(name: str, text: str) -> str | None:
    if not text:
        return "is set and empty"
    if len(text) < SHORTEST[name]:
        return f"is too short: {len(text)} characters, {SHORTEST[name]} are the least"
    if len(text) > LONGEST:
        return f"is too long: {len(text)} characters, {LONGEST} are the most"
    if not text.isprintable() or text != text.strip():
        return "holds a line break, a control character or a blank at one end"
    if name == KEY and not all(_is_key(part.strip()) for part in text.split(",")):
        return "is no key: 32 random bytes in url-safe base64, several with commas between"
    if is_example(text):
        return "is an example or a run of keys, which everybody tries first"
    return None


def _is_key(text: str) -> bool:
    try:
        return len(base64.b64decode(text, altchars="-_", validate=True)) == _KEY_BYTES
    except ValueError:
        return False


def is_example(text: str) -> bool:
    """Say whether a secret was copied from an example or typed as a run."""
    plain = "".join(letter for letter in text.lower() if letter.isalnum())
    if len(set(plain)) < _FEWEST_LETTERS:
        return True
    return any(word in plain for word in _EXAMPLE_WORDS) or any(plain in run or plain in run[::-1] for run in _RUNS)
