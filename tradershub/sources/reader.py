"""The reader that the hub is given: decodes a message once and finds its dialect."""

from tradershub.domain.errors import SignalRefused
from tradershub.ports.dialect import Body, Dialect
from tradershub.sources.registry import DIALECTS, SOURCE_DIALECTS, choose, dialects_of, read_body


class DialectReader:
    """Implements ports.dialect.MessageReader over the registry."""

    def read(self, raw: bytes) -> Body:
        return read_body(raw)

    def choose(self, body: Body, source: str, dialects: tuple[str, ...]) -> Dialect:
        spoken = dialects_of(source, dialects) if source else tuple(DIALECTS.values())
        if not spoken:
            raise SignalRefused("unknown_dialect", None, f"the source {source} reads no dialect", status=400)
        return choose(body, spoken)

    def named(self, dialect: str) -> Dialect | None:
        return DIALECTS.get(dialect)

    def of_source(self, source: str) -> tuple[str, ...]:
        """Return the dialects that a source may be set to read."""
        return tuple(DIALECTS) if source in SOURCE_DIALECTS else ()
