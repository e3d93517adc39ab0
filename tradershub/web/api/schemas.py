"""The bodies of calls and answers, as the schema shows them. Reading them strictly is the hub's own work."""

from typing import Final

Schema = dict[str, object]

_TEXT: Final[Schema] = {"type": "string"}
_FLAG: Final[Schema] = {"type": "boolean"}
_WHOLE: Final[Schema] = {"type": "integer", "minimum": 0}
_AGE: Final[Schema] = {"type": "integer", "minimum": 1, "maximum": 86_400}
_TEXTS: Final[Schema] = {"type": "array", "items": {"type": "string"}}
_ANYTHING: Final[Schema] = {"type": "object"}
_DECIMAL: Final[Schema] = {"type": "string", "pattern": r"^-?[0-9]{1,9}(\.[0-9]{1,12})?$"}
_OPTIONAL_DECIMAL: Final[Schema] = {**_DECIMAL, "type": ["string", "null"]}
_OPTIONAL_TEXT: Final[Schema] = {"type": ["string", "null"]}
STRATEGY_NAME: Final = r"^[A-Za-z0-9][A-Za-z0-9 _.()#-]{0,63}$"
ACCOUNT_ID: Final = r"^[a-z0-9]+:[A-Za-z0-9_.-]{1,48}$"


def _object(required: tuple[str, ...] = (), **properties: Schema) -> Schema:
    return {"type": "object", "properties": properties, "required": list(required)}


def _body(required: tuple[str, ...] = (), **properties: Schema) -> Schema:
    """Return what a call reads: a key it does not know is refused."""
    return {**_object(required, **properties), "additionalProperties": False}


def _one_of(*values: str) -> Schema:
    return {"type": "string", "enum": list(values)}


_SIZING: Final = _body(
    kind=_one_of("as_signalled", "fixed", "multiplier", "risk_cash", "risk_percent", "notional"), value=_DECIMAL
)
_WINDOW: Final[Schema] = {
    "type": "object",
    "properties": {"days": _TEXTS, "from": _TEXT, "to": _TEXT, "zone": _TEXT, "close_at_end": _FLAG},
}
_ROUTE: Final = _body(
    ("account",),
    account={"type": "string", "pattern": ACCOUNT_ID},
    sizing=_SIZING,
    max_quantity=_OPTIONAL_DECIMAL,
    directions={"type": "array", "minItems": 1, "items": _one_of("long", "short")},
    instruments=_TEXTS,
    windows={"type": "array", "items": _WINDOW},
    enabled=_FLAG,
)
_STRATEGY: Final = _body(
    ("name",),
    name={"type": "string", "pattern": STRATEGY_NAME},
    category=_TEXT,
    status=_one_of("live", "testing", "development", "archived"),
    paused=_FLAG,
    instruments=_TEXTS,
    timeframes=_TEXTS,
    platforms=_TEXTS,
    defaults=_object(quantity=_OPTIONAL_DECIMAL),
    require_stop=_FLAG,
    max_age_s=_AGE,
    exit_max_age_s=_AGE,
    allow=_object(accounts=_FLAG, flatten=_FLAG, order_type=_FLAG, stops=_FLAG),
    on_mismatch=_one_of("block", "resync", "flatten", "ignore"),
    opposite=_one_of("net", "reverse", "close_only"),
    windows={"type": "array", "items": _WINDOW},
    routes={"type": "array", "items": _ROUTE},
)

SCHEMAS: Final[dict[str, Schema]] = {
    "Error": _object(
        ("code", "field", "got", "advice"),
        code=_TEXT,
        field=_OPTIONAL_TEXT,
        got={"type": ["string", "null"], "maxLength": 64},
        advice=_TEXT,
    ),
    "Row": _ANYTHING,
    "Document": _ANYTHING,
    "Rows": _object(("items", "next"), items={"type": "array", "items": _ANYTHING}, next=_OPTIONAL_TEXT),
    "Orders": _object(("orders",), orders={"type": "array", "items": _ANYTHING}),
    "Toggle": _body(("enabled",), enabled=_FLAG),
    "Status": _body(("status",), status=_one_of("live", "testing", "development", "archived")),
    "Account": _body(
        ("id",),
        id={"type": "string", "pattern": ACCOUNT_ID},
        platform=_TEXT,
        label=_TEXT,
        mode=_one_of("paper", "demo", "live"),
        enabled=_FLAG,
        currency={"type": "string", "pattern": "^[A-Z]{3}$"},
        starting_balance=_DECIMAL,
        session=_object(zone=_TEXT, reset=_TEXT),
        config=_ANYTHING,
    ),
    "Strategy": _STRATEGY,
    "Source": _body(
        name=_TEXT,
        enabled=_FLAG,
        dialects=_TEXTS,
        auth=_one_of("secret", "hmac"),
        path_token=_FLAG,
        zone=_OPTIONAL_TEXT,
        default_strategy=_OPTIONAL_TEXT,
        default_symbol=_OPTIONAL_TEXT,
        dedupe_window_s=_WHOLE,
        max_ahead_s=_WHOLE,
        addresses=_TEXTS,
    ),
    "Close": _body(quantity=_OPTIONAL_DECIMAL),
    "Kill": _body(("level",), level=_one_of("stop"), scope=_TEXT, reason=_TEXT),
    "KillReset": _body(("scope", "reason"), scope=_TEXT, reason=_TEXT, totp=_OPTIONAL_TEXT),
    "Quote": _body(
        ("symbol",), symbol=_TEXT, bid=_OPTIONAL_DECIMAL, ask=_OPTIONAL_DECIMAL, last=_OPTIONAL_DECIMAL, at=_TEXT
    ),
    "Explain": _body(
        ("transport",),
        source=_OPTIONAL_TEXT,
        dialect=_OPTIONAL_TEXT,
        transport=_one_of("http", "file"),
        content_type=_OPTIONAL_TEXT,
        body={},
        body_b64=_OPTIONAL_TEXT,
    ),
    "Rotate": _body(strategy=_TEXT, overlap_s=_WHOLE, totp=_OPTIONAL_TEXT),
    "Token": _body(
        ("name", "scopes"),
        name={"type": "string", "pattern": "^[A-Za-z0-9][A-Za-z0-9 _.-]{0,63}$"},
        scopes={"type": "array", "minItems": 1, "items": _one_of("read", "trade", "admin", "kill")},
        totp=_OPTIONAL_TEXT,
    ),
    "NewToken": _object(("id", "token"), id=_TEXT, token=_TEXT, name=_TEXT, scopes=_TEXTS),
    "NewSecret": _object(
        ("source", "secret_id", "secret", "path"), source=_TEXT, secret_id=_TEXT, secret=_TEXT, path=_OPTIONAL_TEXT
    ),
}

PARAMETERS: Final[dict[str, Schema]] = {
    "limit": {"type": "integer", "minimum": 1, "maximum": 500, "default": 50},
    "cursor": {"type": "string", "maxLength": 200},
    "since": {"type": "string", "format": "date-time"},
    "until": {"type": "string", "format": "date-time"},
    "topics": {"type": "string"},
    "last_event_id": {"type": "string"},
}
"""Query parameters that are more than a plain text."""
