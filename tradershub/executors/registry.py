"""Which platforms there are, what each can be configured with, and the module to load once it is enabled."""

from decimal import Decimal

from tradershub.domain.accounts import AccountMode
from tradershub.domain.errors import PlatformConfigError
from tradershub.domain.platform_config import ConfigField, FieldKind, PlatformInfo

_REAL = (AccountMode.DEMO, AccountMode.LIVE)
_ONE = Decimal(1)


def _rate(name: str, label: str, help_text: str) -> ConfigField:
    return ConfigField(
        name=name, label=label, kind=FieldKind.DECIMAL, default="0", unit="0 to 1", maximum=_ONE, help=help_text
    )


def _milliseconds(name: str, label: str, help_text: str) -> ConfigField:
    return ConfigField(
        name=name,
        label=label,
        kind=FieldKind.INTEGER,
        default="0",
        unit="ms",
        maximum=Decimal(60_000),
        help=help_text,
    )


PAPER_FIELDS = (
    _milliseconds("latency_ms", "Latency", "How long an order takes to reach the simulated platform."),
    _milliseconds("latency_jitter_ms", "Latency jitter", "Up to this much is added to the latency at random."),
    ConfigField(
        name="slippage_ticks",
        label="Slippage",
        kind=FieldKind.INTEGER,
        default="0",
        unit="ticks",
        maximum=Decimal(1000),
        help="Market and stop orders fill this much worse than the quote.",
    ),
    ConfigField(
        name="commission_per_unit",
        label="Commission",
        kind=FieldKind.DECIMAL,
        default="0",
        unit="per unit and side",
        help="Charged for each unit filled, in the instrument's currency.",
    ),
    _rate("reject_rate", "Rejects", "Share of orders that the simulated platform refuses."),
    _rate("lost_order_rate", "Lost orders", "Share of orders that never arrive, without an answer."),
    _rate("lost_reply_rate", "Lost replies", "Share of orders that arrive, but whose answer gets lost."),
    _rate("duplicate_fill_rate", "Repeated fills", "Share of fills that are reported twice."),
    _rate("reorder_rate", "Reordered reports", "Share of reports that are overtaken by the next one."),
    _rate("partial_fill_rate", "Partial fills", "Share of fills that come in parts."),
    ConfigField(
        name="seed",
        label="Seed",
        kind=FieldKind.INTEGER,
        default="1",
        maximum=Decimal(999_999_999),
        help="The same seed and the same orders give the same simulated accidents.",
    ),
    ConfigField(
        name="hedging",
        label="Hedging",
        kind=FieldKind.BOOLEAN,
        default="false",
        help="Long and short of one instrument are held side by side instead of netting.",
    ),
)

JSON_SOCKET_FIELDS = (
    ConfigField(
        name="link",
        label="Link",
        kind=FieldKind.CHOICE,
        default="json_socket",
        choices=("json_socket",),
        help="How the hub speaks to NinjaTrader: one JSON line an order over TCP.",
    ),
    ConfigField(
        name="host",
        label="Host",
        kind=FieldKind.HOST,
        default="127.0.0.1",
        help="Where the receiver listens. The link is not encrypted: keep it on this machine or in a private network.",
    ),
    ConfigField(
        name="port", label="Port", kind=FieldKind.PORT, default="36974", help="The port the receiver listens on."
    ),
    ConfigField(
        name="mode",
        label="Connections",
        kind=FieldKind.CHOICE,
        default="persistent",
        choices=("persistent", "per_order"),
        help="One connection for all orders, or a connection of its own for each.",
    ),
    ConfigField(
        name="lookup",
        label="Can be asked",
        kind=FieldKind.BOOLEAN,
        default="false",
        help="The receiver answers what became of an order; see docs/platforms/json_socket.md.",
    ),
    ConfigField(
        name="buffer_kib",
        label="Outgoing buffer",
        kind=FieldKind.INTEGER,
        default="256",
        unit="KiB",
        minimum=_ONE,
        maximum=Decimal(65_536),
        help="With more than this unsent, further orders wait in the hub.",
    ),
)

PLATFORMS = (
    PlatformInfo(
        name="paper",
        title="Paper",
        advice="The built-in simulated broker. It needs quotes, or a price in the signal, to fill an order.",
        module="tradershub.executors.paper_executor",
        fields=PAPER_FIELDS,
        account_modes=(AccountMode.PAPER,),
    ),
    PlatformInfo(
        name="nt8",
        title="NinjaTrader 8",
        advice="Start NinjaTrader with an AddOn that listens for JSON lines on the configured host and port.",
        module="tradershub.executors.json_socket",
        fields=JSON_SOCKET_FIELDS,
        account_modes=_REAL,
    ),
    PlatformInfo(
        name="mt5",
        title="MetaTrader 5",
        advice="Not installed: there is no MetaTrader 5 link yet. It will need Windows and a MetaTrader 5 terminal.",
        module=None,
        fields=(),
        account_modes=_REAL,
    ),
    PlatformInfo(
        name="ctrader",
        title="cTrader",
        advice="Not installed: there is no cTrader link yet. It will need a cTrader ID and an Open API application.",
        module=None,
        fields=(),
        account_modes=_REAL,
    ),
)


def platform_info(name: str) -> PlatformInfo:
    """Return a platform of the table; raises PlatformConfigError if there is none of that name."""
    for info in PLATFORMS:
        if info.name == name:
            return info
    known = ", ".join(info.name for info in PLATFORMS)
    raise PlatformConfigError(f"unknown platform {name!r}: expected one of {known}")
