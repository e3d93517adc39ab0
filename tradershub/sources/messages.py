"""Reads a whole message in named fields: one instruction, or an envelope of several that share what stands outside."""

from collections.abc import Callable, Iterable
from typing import Final

from tradershub.domain.errors import SignalRefused
from tradershub.domain.signals import Reading, Signal
from tradershub.ports.dialect import Body, Habits
from tradershub.sources.fields import Given
from tradershub.sources.instruction import read_instruction
from tradershub.sources.manner import Aside, Manner
from tradershub.sources.strict_json import broken_json
from tradershub.sources.values import kind_of

MOST_INSTRUCTIONS: Final = 8
_TELLING: Final = 8

Spread = Callable[[dict[str, object]], Iterable[tuple[str, object]]]
Complete = Callable[[Given, Aside], Given]


def read_message(
    body: Body,
    manner: Manner,
    habits: Habits,
    *,
    secret: str | None,
    spread: Spread = dict.items,
    complete: Complete | None = None,
) -> Reading:
    """Return what the message says, all instructions or none; a refusal never repeats the secret.

    `spread` brings nested fields to one level, `complete` adds what follows from several fields together.
    """
    if body.data is None:
        advice = f"expected a JSON object in the {manner.dialect} form"
        raise broken_json(body) or SignalRefused("unknown_dialect", None, advice, status=400)
    aside = Aside()
    try:
        givens = _instructions(body.data, manner, spread)
        if complete is not None:
            givens = [complete(given, aside) for given in givens]
        signals = tuple(read_instruction(given, manner, habits, aside) for given in givens)
    except SignalRefused as refused:
        if secret and _tells(secret, refused):
            raise SignalRefused(refused.code, None, refused.advice, status=refused.status) from None
        raise
    return _reading(signals, givens, aside)


def _instructions(data: dict[str, object], manner: Manner, spread: Spread) -> list[Given]:
    shared = manner.table.sort(spread(data))
    _check_secret(shared)
    inner = shared.get("signals")
    if inner is None:
        return [shared]
    key = shared.key("signals")
    if not isinstance(inner, list):
        raise SignalRefused("wrong_type", key, "expected a list of instructions", got=kind_of(inner))
    if not inner:
        raise SignalRefused("missing", key, "expected at least one instruction in the list")
    if len(inner) > MOST_INSTRUCTIONS:
        raise SignalRefused("too_many_instructions", key, f"expected at most {MOST_INSTRUCTIONS} instructions")
    return [_inner(item, f"{key}[{at}]", at, shared, manner, spread) for at, item in enumerate(inner)]


def _inner(item: object, key: str, at: int, shared: Given, manner: Manner, spread: Spread) -> Given:
    if not isinstance(item, dict):
        raise SignalRefused("wrong_type", key, "expected an instruction as an object", got=kind_of(item))
    own = manner.table.sort(spread(item), f"{key}.")
    for name in ("signals", "secret"):
        if name in own.values:
            raise SignalRefused("contradictory", own.key(name), "this belongs outside the list, once")
    whole = own.over(shared)
    # Each instruction is known by an id of its own: one id for all would make the second a repeat of the first.
    if "id" not in own.values and isinstance(shared.get("id"), str) and shared.get("id") != "":
        return whole.having(id=f"{shared.get('id')}/{at + 1}")
    return whole


def _check_secret(given: Given) -> None:
    if not isinstance(given.values.get("secret", ""), str):
        raise SignalRefused("wrong_type", given.key("secret"), "expected the secret as a text")


def _reading(signals: tuple[Signal, ...], givens: list[Given], aside: Aside) -> Reading:
    ignored = dict.fromkeys(key for given in givens for key in given.ignored)
    ignored.update(dict.fromkeys(aside.ignored))
    return Reading(signals=signals, ignored=tuple(ignored), notes=tuple(dict.fromkeys(aside.notes)))


def _tells(secret: str, refused: SignalRefused) -> bool:
    if len(secret) < _TELLING:
        return refused.got == secret
    # A part of a secret is too much as well: what is shown of a value was cut.
    told = f"{refused.got or ''} {refused.field or ''}"
    return any(secret[at : at + _TELLING] in told for at in range(len(secret) - _TELLING + 1))
