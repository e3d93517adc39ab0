"""What a person typed into a form: texts by name, read strictly and bounded."""

from collections.abc import Iterator, Mapping
from urllib.parse import parse_qsl

from tradershub.domain.errors import RequestRefused

_MOST_FIELDS = 2000


class Form:
    """The fields of one form. A name may come several times (check boxes); `text` takes the last one."""

    def __init__(self, fields: tuple[tuple[str, str], ...] = ()) -> None:
        self._fields = fields

    def __iter__(self) -> Iterator[tuple[str, str]]:
        return iter(self._fields)

    def text(self, name: str) -> str:
        """Return a field without blanks around it, "" where it is missing."""
        return self.raw(name).strip()

    def raw(self, name: str) -> str:
        """Return a field as it was typed, for passwords."""
        return next((value for key, value in reversed(self._fields) if key == name), "")

    def texts(self, name: str) -> list[str]:
        return [value.strip() for key, value in self._fields if key == name and value.strip()]

    def checked(self, name: str) -> bool:
        return self.text(name) == "true"

    def words(self, name: str) -> list[str]:
        """Return the entries of a list that was typed into one box, separated by commas or blanks."""
        return self.text(name).replace(",", " ").split()

    def as_typed(self) -> Mapping[str, str]:
        """Return what is shown again after a mistake: everything but what must not travel back."""
        hidden = ("_csrf_token", "password", "current", "repeat", "totp", "code", "confirm")
        return {key: value for key, value in self._fields if key not in hidden}


def parse_form(body: bytes, content_type: str) -> Form:
    """Read `application/x-www-form-urlencoded`; an empty body is an empty form."""
    if not body:
        return Form()
    if content_type.partition(";")[0].strip().lower() != "application/x-www-form-urlencoded":
        raise RequestRefused(415, "unsupported_media_type", "send the form url-encoded", field="content-type")
    try:
        pairs = parse_qsl(body.decode("utf-8"), keep_blank_values=True, errors="strict", max_num_fields=_MOST_FIELDS)
    except ValueError as error:
        raise RequestRefused(400, "unreadable", "the form cannot be read") from error
    return Form(tuple(pairs))
