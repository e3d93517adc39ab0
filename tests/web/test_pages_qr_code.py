"""The QR code of an authenticator is drawn by the standard."""

from __future__ import annotations

import pytest

from tradershub.web.qr_code import QUIET_ZONE, check_bytes, qr_matrix

FINDER = ("1111111", "1000001", "1011101", "1011101", "1011101", "1000001", "1111111")


def test_check_bytes_are_those_of_a_known_code() -> None:
    """The sixteen data bytes of HELLO WORLD at size 1, level M, with the check bytes that every tutorial works out."""
    data = bytes((32, 91, 11, 120, 209, 114, 220, 77, 67, 64, 236, 17, 236, 17, 236, 17))
    assert check_bytes(data, 10) == bytes((196, 35, 39, 119, 235, 215, 231, 226, 93, 23))


@pytest.mark.parametrize(("length", "side"), [(1, 21), (14, 21), (15, 25), (84, 37), (85, 41), (106, 41)])
def test_the_smallest_size_that_fits_is_taken(length: int, side: int) -> None:
    matrix = qr_matrix("x" * length)
    assert len(matrix) == side + 2 * QUIET_ZONE
    assert {len(row) for row in matrix} == {len(matrix)}


def test_a_text_that_is_too_long_is_refused() -> None:
    with pytest.raises(ValueError, match="too long"):
        qr_matrix("x" * 107)


@pytest.mark.parametrize("text", ["x", "otpauth://totp/TradersHub:admin?secret=JBSWY3DPEHPK3PXP&issuer=TradersHub"])
def test_the_patterns_that_scanners_look_for_are_there(text: str) -> None:
    inner = [row[QUIET_ZONE:-QUIET_ZONE] for row in qr_matrix(text)[QUIET_ZONE:-QUIET_ZONE]]
    side = len(inner)
    for top, left in ((0, 0), (0, side - 7), (side - 7, 0)):
        drawn = tuple("".join(map(str, row[left : left + 7])) for row in inner[top : top + 7])
        assert drawn == FINDER
    assert [inner[6][place] for place in range(8, side - 8)] == [1 - place % 2 for place in range(8, side - 8)]
    assert inner[side - 8][8] == 1
    assert format_bits(inner) == "101010000010010"


def format_bits(inner: list[tuple[int, ...]]) -> str:
    """Read the format beside the upper left finder: first along the row, then up the column."""
    along = [inner[8][column] for column in (0, 1, 2, 3, 4, 5, 7, 8)]
    up = [inner[row][8] for row in (7, 5, 4, 3, 2, 1, 0)]
    return "".join(map(str, along + up))


def test_the_data_can_be_read_back() -> None:
    """Undo the mask along the way the standard prescribes: mode, length, then the text."""
    inner = [row[QUIET_ZONE:-QUIET_ZONE] for row in qr_matrix("HUB")[QUIET_ZONE:-QUIET_ZONE]]
    side = len(inner)
    bits = ""
    columns = [20, 18, 16, 14]
    for turn, right in enumerate(columns):
        rows = range(side - 1, 8, -1) if turn % 2 == 0 else range(9, side)
        for row in rows:
            for column in (right, right - 1):
                bits += str(inner[row][column] ^ (1 - (row + column) % 2))
    assert bits[:4] == "0100"
    assert int(bits[4:12], 2) == 3
    assert bytes(int(bits[12 + 8 * n : 20 + 8 * n], 2) for n in range(3)) == b"HUB"
