"""Who is calling, and how often that caller has shown a wrong secret."""

from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from tradershub.domain.clock import NANOS_PER_SECOND
from tradershub.web.asgi_types import Header

Address = IPv4Address | IPv6Address

_MINUTE = 60 * NANOS_PER_SECOND
_FIRST_DELAY_SECONDS = 60
_LONGEST_DELAY_SECONDS = 900
_MOST_HOPS = 20
UNKNOWN_PEER = "unknown"


def parse_address(text: str) -> Address | None:
    """Read an address as proxies write it (with a port, in brackets, IPv4 inside IPv6), or return None."""
    text = text.strip()
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        address = ip_address(text.partition("%")[0])
    except ValueError:
        return None
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        return address.ipv4_mapped
    return address


def limit_key(peer: str) -> str:
    """Return what a peer is counted under: its address, or its /64 where it is IPv6 and has 2^64 of them."""
    if ":" not in peer:
        return peer
    address = parse_address(peer)
    if isinstance(address, IPv6Address):
        return str(ip_network((int(address) >> 64 << 64, 64)))
    return peer if address is None else str(address)


class PeerAddresses:
    """Tell a request's real sender: the socket's other end, unless that is one of the listed proxies."""

    def __init__(self, proxies: Iterable[str] = ()) -> None:
        """Take addresses and networks in CIDR form; raises ValueError for anything else."""
        self._networks: tuple[IPv4Network | IPv6Network, ...] = tuple(
            ip_network(text.strip(), strict=False) for text in proxies
        )

    def is_proxy(self, client: tuple[str, int] | None) -> bool:
        """Say whether the other end of the socket is listed, so that its X-Forwarded-* headers count."""
        if not self._networks or client is None:
            return False
        address = parse_address(client[0])
        return address is not None and self._listed(address)

    def peer(self, client: tuple[str, int] | None, headers: Sequence[Header]) -> str:
        """Return the sender's address: from the right of X-Forwarded-For, the first that is no listed proxy.

        What stands to the left of it was written by the sender and proves nothing.
        """
        if client is None:
            return UNKNOWN_PEER
        if not self.is_proxy(client):
            return client[0]
        peer = client[0]
        for text in _forwarded_from_the_right(headers):
            address = parse_address(text)
            if address is None:
                return peer
            peer = str(address)
            if not self._listed(address):
                return peer
        return peer

    def scheme(self, client: tuple[str, int] | None, headers: Sequence[Header]) -> str | None:
        """Return `http` or `https` as a listed proxy reports it, None where nobody we believe says so."""
        if not self.is_proxy(client):
            return None
        said = [value for name, value in headers if name == b"x-forwarded-proto"]
        last = said[-1].rpartition(b",")[2].strip().lower() if said else b""
        return last.decode() if last in (b"http", b"https") else None

    def _listed(self, address: Address) -> bool:
        return any(address.version == network.version and address in network for network in self._networks)


def _forwarded_from_the_right(headers: Sequence[Header]) -> list[str]:
    joined = b",".join(value for name, value in headers if name == b"x-forwarded-for")
    if not joined:
        return []
    return [part.decode("latin-1") for part in reversed(joined.rsplit(b",", _MOST_HOPS)[-_MOST_HOPS:])]


@dataclass(slots=True)
class _Record:
    minute_began: int
    count: int = 0
    strikes: int = 0
    refused_until: int = 0


class FailedSecrets:
    """Count wrong and missing secrets by peer; a valid secret is never asked about here, so never refused.

    Twenty in a minute are answered as they are. Beyond, the peer is told to wait, twice as long each time, until it
    has been quiet for as long as the longest wait. The oldest peers are forgotten first: memory is bounded.
    """

    def __init__(
        self, monotonic_ns: Callable[[], int], *, allowed_per_minute: int = 20, most_peers: int = 10_000
    ) -> None:
        self._monotonic_ns = monotonic_ns
        self._allowed = allowed_per_minute
        self._most_peers = most_peers
        self._records: OrderedDict[str, _Record] = OrderedDict()
        self.total = 0

    def __len__(self) -> int:
        return len(self._records)

    def failed(self, peer: str) -> int | None:
        """Count one failure; return the seconds this peer has to wait, or None while it is within its allowance."""
        self.total += 1
        now = self._monotonic_ns()
        record = self._record(limit_key(peer), now)
        if now < record.refused_until:
            return _whole_seconds(record.refused_until - now)
        if now - record.minute_began >= _MINUTE:
            record.minute_began, record.count = now, 0
        record.count += 1
        if record.count <= self._allowed:
            return None
        delay = min(_FIRST_DELAY_SECONDS << min(record.strikes, 10), _LONGEST_DELAY_SECONDS)
        record.strikes += 1
        record.refused_until = now + delay * NANOS_PER_SECOND
        record.minute_began, record.count = record.refused_until, 0
        return delay

    def _record(self, key: str, now: int) -> _Record:
        record = self._records.get(key)
        if record is None or now - record.minute_began > _LONGEST_DELAY_SECONDS * NANOS_PER_SECOND:
            record = self._records[key] = _Record(minute_began=now)
        self._records.move_to_end(key)
        if len(self._records) > self._most_peers:
            self._records.popitem(last=False)
        return record


def _whole_seconds(span: int) -> int:
    return -(-span // NANOS_PER_SECOND)
