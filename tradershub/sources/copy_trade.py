"""The older message form of the copy-trade endpoint: `signal` and `instrument`, sizes beside the accounts."""

from typing import Final

from tradershub.domain.signals import Reading
from tradershub.ports.dialect import Body, Habits
from tradershub.sources.fields import Field, FieldTable
from tradershub.sources.manner import SIDED_ACTIONS, Manner
from tradershub.sources.messages import read_message
from tradershub.sources.native import FIELDS as NATIVE_FIELDS
from tradershub.sources.redaction import carried_secret, without_secrets

_OWN: Final = (
    Field(name="secret", spellings=("key", "secret"), meaning="the secret of the source or of the strategy"),
    Field(
        name="action",
        spellings=("signal", "action", "side"),
        meaning="BUY or LONG, SELL or SHORT, CLOSE (EXIT, FLAT), and the other actions of the native form",
    ),
    Field(name="symbol", spellings=("instrument", "symbol", "ticker"), meaning="the instrument"),
    Field(
        name="accounts",
        spellings=("accounts", "account", "account_id"),
        meaning="a list of {id, quantity}; they count only where the strategy allows it",
    ),
)
_OWN_NAMES: Final = frozenset(field.name for field in _OWN)
FIELDS: Final = (*_OWN, *(field for field in NATIVE_FIELDS if field.name not in _OWN_NAMES))
SECRET_FIELDS: Final = ("key", "secret")

_MANNER: Final = Manner(dialect="copy_trade", table=FieldTable(FIELDS), actions=SIDED_ACTIONS, zone="UTC", lenient=True)


class CopyTradeDialect:
    name = "copy_trade"
    fields = FIELDS

    def recognises(self, body: Body) -> bool:
        if body.data is None:
            return False
        keys = {key.lower() for key in body.data}
        return "signal" in keys and "instrument" in keys and "action" not in keys

    def secret(self, body: Body) -> str | None:
        return carried_secret(body, SECRET_FIELDS)

    def without_secret(self, body: Body) -> str:
        return without_secrets(body)

    def parse(self, body: Body, habits: Habits) -> Reading:
        return read_message(body, _MANNER, habits, secret=self.secret(body))
