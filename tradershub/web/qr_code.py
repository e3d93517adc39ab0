"""Draws the address of an authenticator as a QR code (ISO/IEC 18004): bytes, level M, sizes 1 to 6, which is enough."""

from collections.abc import Iterator
from typing import Final

Matrix = tuple[tuple[int, ...], ...]

QUIET_ZONE: Final = 4
# By size: check bytes of a block, number of blocks, data bytes of a block.
_SIZES: Final = {1: (10, 1, 16), 2: (16, 1, 28), 3: (26, 1, 44), 4: (18, 2, 32), 5: (24, 2, 43), 6: (16, 4, 27)}
_BYTE_MODE: Final = 0b0100
_FILLERS: Final = (0xEC, 0x11)
_FIELD: Final = 0x11D
# Level M and mask 0 with their check bits, already combined with the standard's fixed pattern.
_FORMAT: Final = 0x5412


def qr_matrix(text: str) -> Matrix:
    """Return rows of 0 and 1 with the quiet zone around them; raises ValueError for more than 106 bytes."""
    data = text.encode()
    size = next((size for size, (_, blocks, length) in _SIZES.items() if len(data) + 2 <= blocks * length), None)
    if size is None:
        raise ValueError("the text is too long for a small QR code")
    drawing = _Drawing(17 + 4 * size)
    drawing.draw_patterns(size)
    drawing.draw_data(_interleaved(_padded(data, size), size))
    return drawing.with_quiet_zone()


def check_bytes(data: bytes, count: int) -> bytes:
    """Return the Reed-Solomon check bytes of a block."""
    exponents, logarithms = _tables()
    generator = [1]
    for power in range(count):
        longer = [*generator, 0]
        for place, value in enumerate(generator):
            longer[place + 1] ^= exponents[(logarithms[value] + power) % 255]
        generator = longer
    rest = [*data, *([0] * count)]
    for place in range(len(data)):
        if rest[place]:
            factor = logarithms[rest[place]]
            for step, value in enumerate(generator):
                rest[place + step] ^= exponents[(logarithms[value] + factor) % 255]
    return bytes(rest[len(data) :])


def _tables() -> tuple[list[int], list[int]]:
    exponents, logarithms, value = [0] * 255, [0] * 256, 1
    for power in range(255):
        exponents[power], logarithms[value] = value, power
        value <<= 1
        if value & 0x100:
            value ^= _FIELD
    return exponents, logarithms


def _padded(data: bytes, size: int) -> bytes:
    _, blocks, length = _SIZES[size]
    bits = (_BYTE_MODE << 8 | len(data)) << 8 * len(data) | int.from_bytes(data)
    whole = (bits << 4).to_bytes(len(data) + 2)
    missing = blocks * length - len(whole)
    return whole + bytes(_FILLERS[place % 2] for place in range(missing))


def _interleaved(data: bytes, size: int) -> bytes:
    checks, count, length = _SIZES[size]
    blocks = [data[place * length : (place + 1) * length] for place in range(count)]
    ends = [check_bytes(block, checks) for block in blocks]
    return bytes(value for group in (blocks, ends) for column in zip(*group, strict=True) for value in column)


class _Drawing:
    """The modules of one code; what is not drawn yet is None."""

    def __init__(self, side: int) -> None:
        self._side = side
        self._modules: list[list[int | None]] = [[None] * side for _ in range(side)]

    def draw_patterns(self, size: int) -> None:
        far = self._side - 7
        for row, column in ((0, 0), (0, far), (far, 0)):
            self._draw_finder(row, column)
        if size > 1:
            self._draw_alignment(self._side - 7)
        for place in range(8, self._side - 8):
            self._modules[6][place] = self._modules[place][6] = 1 - place % 2
        self._draw_format()

    def draw_data(self, data: bytes) -> None:
        bits = (value >> shift & 1 for value in data for shift in range(7, -1, -1))
        for row, column in self._free_places():
            # Places that are left over carry nothing but the mask.
            self._modules[row][column] = next(bits, 0) ^ (row + column + 1) % 2

    def with_quiet_zone(self) -> Matrix:
        width = self._side + 2 * QUIET_ZONE
        blank = ((0,) * width,) * QUIET_ZONE
        edge = (0,) * QUIET_ZONE
        return (*blank, *((*edge, *(value or 0 for value in row), *edge) for row in self._modules), *blank)

    def _draw_finder(self, top: int, left: int) -> None:
        for row in range(max(0, top - 1), min(self._side, top + 8)):
            for column in range(max(0, left - 1), min(self._side, left + 8)):
                ring = max(abs(row - top - 3), abs(column - left - 3))
                self._modules[row][column] = int(ring in (0, 1, 3))

    def _draw_alignment(self, centre: int) -> None:
        for row in range(centre - 2, centre + 3):
            for column in range(centre - 2, centre + 3):
                self._modules[row][column] = int(max(abs(row - centre), abs(column - centre)) != 1)

    def _draw_format(self) -> None:
        last = self._side - 1
        near = [(8, 0), (8, 1), (8, 2), (8, 3), (8, 4), (8, 5), (8, 7), (8, 8), (7, 8)]
        near += [(row, 8) for row in range(5, -1, -1)]
        far = [(last - step, 8) for step in range(7)] + [(8, last - step) for step in range(7, -1, -1)]
        for place, (first, second) in enumerate(zip(near, far, strict=True)):
            bit = _FORMAT >> (14 - place) & 1
            self._modules[first[0]][first[1]] = self._modules[second[0]][second[1]] = bit
        self._modules[last - 7][8] = 1

    def _free_places(self) -> Iterator[tuple[int, int]]:
        """Yield the places of the data: pairs of columns from the right, up and down in turn."""
        goes_up = True
        for right in [column for column in range(self._side - 1, 0, -2) if column > 6] + [5, 3, 1]:
            rows = range(self._side - 1, -1, -1) if goes_up else range(self._side)
            for row in rows:
                yield from ((row, column) for column in (right, right - 1) if self._modules[row][column] is None)
            goes_up = not goes_up
