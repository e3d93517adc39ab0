"""Secrets are gone before a message is stored."""

import json

import pytest

from tradershub.sources.redaction import MASK, SECRET_KEYS, carried_secret, scrub, without_secrets
from tradershub.sources.registry import read_body

SECRET = "kS9-vv_31TqXw8LmZ0aa"


def kept(text: str) -> str:
    return without_secrets(read_body(text.encode()))


def test_a_message_without_a_secret_is_kept_as_it_is() -> None:
    text = '{"symbol" : "MES",\n "price": 5000.250}'
    assert kept(text) == text


def test_only_the_secret_is_changed() -> None:
    assert kept(f'{{"key" : "{SECRET}",\n "price": 5000.250}}') == f'{{"key" : "{MASK}",\n "price": 5000.250}}'


def test_a_copy_of_the_secret_elsewhere_is_masked_too() -> None:
    assert SECRET not in kept(json.dumps({"secret": SECRET, "comment": f"my secret is {SECRET}", "list": [SECRET]}))
    assert SECRET not in kept(json.dumps({"secret": SECRET, "comment": f"a \n break and {SECRET}"}))


@pytest.mark.parametrize("key", sorted(SECRET_KEYS))
def test_every_key_of_a_secret_is_masked_at_every_depth(key: str) -> None:
    assert SECRET not in kept(json.dumps({key.upper(): SECRET, "data": [{"inner": {key: SECRET + "2"}}]}))


def test_a_short_secret_is_masked_where_it_stands_and_nothing_else() -> None:
    assert kept('{"secret": "buy", "action": "buy"}') == f'{{"secret": "{MASK}", "action": "buy"}}'


def test_a_secret_that_is_no_text_is_masked() -> None:
    assert json.loads(kept('{"secret": [123456], "token": 987654, "quantity": 1.50}')) == {
        "secret": MASK,
        "token": MASK,
        "quantity": 1.5,
    }


@pytest.mark.parametrize(
    "text",
    [
        f'{{"secret": "{SECRET}", "action": "buy",}}',
        f"{{'secret': '{SECRET}'}}",
        f'{{"secret": "{SECRET}',
        f"key={SECRET};command=PLACE;",
        f"KEY = {SECRET}",
        f"action=buy&token={SECRET}",
        f"{{ “passphrase”: “{SECRET}” }}",
    ],
)
def test_a_text_that_could_not_be_read_is_scrubbed(text: str) -> None:
    assert SECRET not in scrub(text)
    assert SECRET not in kept(text)


def test_scrubbing_leaves_words_that_only_contain_a_key() -> None:
    assert scrub("monkey: banana, keynote=5") == "monkey: banana, keynote=5"


def test_the_secret_is_the_first_key_that_is_there_and_a_text() -> None:
    body = read_body(b'{"KEY": "b", "secret": "a"}')
    assert carried_secret(body, ("secret", "key")) == "a"
    assert carried_secret(body, ("key",)) == "b"
    assert carried_secret(read_body(b'{"secret": ["a"]}'), ("secret", "key")) is None
    assert carried_secret(read_body(b"secret=a"), ("secret",)) is None
