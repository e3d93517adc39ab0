"""Takes secrets out of messages before they are stored or shown."""

import re
from collections.abc import Iterator
from typing import Final

import msgspec

from tradershub.ports.dialect import Body

SECRET_KEYS: Final = frozenset({
    "access_token", "api_key", "api_secret", "apikey", "apisecret", "auth", "auth_token", "authorization", "bearer",
    "email_token", "key", "pass", "passphrase", "password", "passwd", "private_key", "secret", "secret_key",
    "signature", "token", "webhook_key", "webhook_passphrase", "webhook_password", "webhook_secret", "webhook_token",
})  # fmt: skip
"""Keys, in small letters, whose value is taken out wherever it stands, whether a dialect compares it or not."""
MASK: Final = "***"

_LONG_ENOUGH_TO_BE_UNIQUE = 8
_ENCODER = msgspec.json.Encoder(decimal_format="number")
_NAMES = "|".join(sorted(SECRET_KEYS, key=len, reverse=True))
_WRITTEN = re.compile(
    rf"(?<![a-z0-9_])((?:{_NAMES})[\"'”]?\s{{0,8}}[:=]\s{{0,8}})(\"[^\"]*\"?|'[^']*'?|“[^”]*”?|[^\s,;|}}]+)",
    re.IGNORECASE,
)


def carried_secret(body: Body, keys: tuple[str, ...]) -> str | None:
    """Return the value of the first of the keys that the message holds at its top; None if that is no text."""
    if body.data is None:
        return None
    for key in keys:
        if key in body.data:
            value = body.data[key]
            return value if isinstance(value, str) else None
    lowered = {key.lower(): value for key, value in body.data.items() if key.isascii()}
    found = next((lowered[key] for key in keys if key in lowered), None)
    return found if isinstance(found, str) else None


def without_secrets(body: Body) -> str:
    """Return the message's text with every secret masked, and nothing else changed where that can be done safely."""
    if body.data is None:
        return scrub(body.text)
    secrets = tuple(_secrets(body.data))
    if not secrets:
        return body.text
    texts = [value for _, value in secrets if isinstance(value, str)]
    # With an escape in it, the text may spell a secret in another way than its value.
    if len(texts) < len(secrets) or "\\" in body.text:
        return _ENCODER.encode(_masked(body.data, tuple(texts))).decode()
    text = body.text
    for value in sorted(texts, key=len, reverse=True):
        if len(value) >= _LONG_ENOUGH_TO_BE_UNIQUE:
            text = text.replace(value, MASK)
    if any(len(value) < _LONG_ENOUGH_TO_BE_UNIQUE for value in texts):
        text = _WRITTEN.sub(rf'\1"{MASK}"', text)
    return text


def scrub(text: str) -> str:
    """Mask what is written like a secret in a text that no dialect could read."""
    return _WRITTEN.sub(rf"\1{MASK}", text)


def _secrets(data: dict[str, object]) -> Iterator[tuple[str, object]]:
    waiting: list[object] = [data]
    while waiting:
        value = waiting.pop()
        if isinstance(value, dict):
            for key, inner in value.items():
                if key.lower() in SECRET_KEYS:
                    if inner not in (None, ""):
                        yield key, inner
                elif isinstance(inner, dict | list):
                    waiting.append(inner)
        elif isinstance(value, list):
            waiting.extend(value)


def _masked(value: object, secrets: tuple[str, ...]) -> object:
    if isinstance(value, dict):
        return {key: MASK if key.lower() in SECRET_KEYS else _masked(inner, secrets) for key, inner in value.items()}
    if isinstance(value, list):
        return [_masked(inner, secrets) for inner in value]
    if isinstance(value, str):
        for secret in secrets:
            if len(secret) >= _LONG_ENOUGH_TO_BE_UNIQUE:
                value = value.replace(secret, MASK)
    return value
