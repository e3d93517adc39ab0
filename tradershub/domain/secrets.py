"""A text that nobody may see by accident."""

from typing import Final

_SHOWN: Final = "***"


class Secret:
    """Prints, formats and represents itself as `***`; `reveal` is the only way to the text."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        return self._text

    def __str__(self) -> str:
        return _SHOWN

    def __repr__(self) -> str:
        return "Secret(***)"

    def __format__(self, spec: str) -> str:
        return format(_SHOWN, spec)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and other._text == self._text

    def __hash__(self) -> int:
        return hash((Secret, self._text))

    def __reduce__(self) -> str:
        # A pickle would carry the text in clear to wherever it is written.
        raise TypeError("a secret is not pickled")
