"""Writes the field table of a dialect the way docs/signals.md holds it."""

from tradershub.sources.fields import Field

HEADER = "| field | written as | treatment | meaning |\n| --- | --- | --- | --- |"


def table_of(fields: tuple[Field, ...]) -> str:
    """Return the whole table; a field of many spellings is one row."""
    return "\n".join((HEADER, *(row_of(field) for field in fields)))


def row_of(field: Field) -> str:
    written = ", ".join(f"`{key}`" for key in field.spellings)
    return f"| {field.name} | {written} | {field.treatment} | {field.meaning} |"
