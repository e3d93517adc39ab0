"""Identifiers: one type each, and the order id that is the same however often it is worked out."""

import base64
import hashlib
from typing import NewType

SignalId = NewType("SignalId", str)
OrderId = NewType("OrderId", str)
AccountId = NewType("AccountId", str)
StrategyName = NewType("StrategyName", str)
PositionId = NewType("PositionId", str)
TradeId = NewType("TradeId", str)
KillId = NewType("KillId", str)

ORDER_ID_LENGTH = 14
_BASE32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
_PAIRS = tuple(first + second for first in _BASE32 for second in _BASE32)


def order_id(cause: str, account: str, leg: str, attempt: int = 1) -> OrderId:
    """Return `TH` and 12 base32 characters of a hash of what makes the order this order and no other.

    14 of [A-Z2-7] fit the smallest field of every platform (MT5 comment, 25 to 31 characters; NT8 order name).
    """
    named = "\x1f".join((cause, account, leg, str(attempt)))
    number = int.from_bytes(hashlib.blake2b(named.encode(), digest_size=8).digest(), "big")
    # As base64.b32encode writes the first 60 bits, without its detour over bytes: every order passes here.
    return OrderId("TH" + "".join([_PAIRS[number >> shift & 1023] for shift in (54, 44, 34, 24, 14, 4)]))


def derived_id(prefix: str, *parts: str) -> str:
    """Return a short id worked out of its parts, for rows that must be the same after a replay."""
    digest = hashlib.blake2b("\x1f".join(parts).encode(), digest_size=10).digest()
    return prefix + base64.b32encode(digest).decode()


def platform_of(account: str) -> str:
    """Return the platform of an account id: `nt8` of `nt8:Sim101`."""
    return account.partition(":")[0]
