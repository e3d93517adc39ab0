"""The day that pages count from: it begins at 17:00 in New York, as for accounts that say nothing else."""

from datetime import UTC, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from tradershub.domain.clock import NANOS_PER_SECOND, Nanos

_ZONE: Final = "America/New_York"
_BEGINS: Final = timedelta(hours=17)


def day_start(now: Nanos) -> Nanos:
    """Return when the present trading day began."""
    zone = ZoneInfo(_ZONE)
    moment = datetime.fromtimestamp(now // NANOS_PER_SECOND, UTC).astimezone(zone).replace(tzinfo=None)
    start = moment.replace(hour=0, minute=0, second=0, microsecond=0) + _BEGINS
    if moment < start:
        start -= timedelta(days=1)
    return Nanos(int(start.replace(tzinfo=zone).timestamp()) * NANOS_PER_SECOND)
