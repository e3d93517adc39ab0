"""Who a request is from, and how often a peer may be wrong."""

import pytest

from tradershub.domain.clock import NANOS_PER_SECOND
from tradershub.web.peer_limits import FailedSecrets, PeerAddresses, limit_key

STRANGER = ("203.0.113.7", 4711)
PROXY = ("10.0.0.2", 4711)


class HandClock:
    def __init__(self) -> None:
        self.at = 0

    def __call__(self) -> int:
        return self.at

    def forward(self, seconds: float) -> None:
        self.at += int(seconds * NANOS_PER_SECOND)


def forwarded(*values: str) -> list[tuple[bytes, bytes]]:
    return [(b"host", b"hub"), *((b"x-forwarded-for", value.encode()) for value in values)]


def test_a_header_from_a_stranger_says_nothing() -> None:
    peers = PeerAddresses(["10.0.0.0/8"])
    assert peers.peer(STRANGER, forwarded("127.0.0.1")) == "203.0.113.7"
    assert PeerAddresses().peer(PROXY, forwarded("127.0.0.1")) == "10.0.0.2"


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        pytest.param(["198.51.100.4"], "198.51.100.4", id="one"),
        pytest.param(["127.0.0.1, 198.51.100.4"], "198.51.100.4", id="left part is the sender's own word"),
        pytest.param(["127.0.0.1", "198.51.100.4, 10.9.9.9"], "198.51.100.4", id="two proxies, two headers"),
        pytest.param(["10.1.1.1, 10.2.2.2"], "10.1.1.1", id="proxies only"),
        pytest.param(["198.51.100.4:5060"], "198.51.100.4", id="port"),
        pytest.param(["[2001:db8::1]:5060"], "2001:db8::1", id="brackets"),
        pytest.param(["2001:db8::1"], "2001:db8::1", id="ipv6"),
        pytest.param(["::ffff:198.51.100.4"], "198.51.100.4", id="mapped"),
        pytest.param(["198.51.100.4, unknown"], "10.0.0.2", id="unreadable"),
        pytest.param([], "10.0.0.2", id="none"),
    ],
)
def test_behind_a_listed_proxy_the_right_most_stranger_is_the_peer(values: list[str], expected: str) -> None:
    assert PeerAddresses(["10.0.0.0/8"]).peer(PROXY, forwarded(*values)) == expected


def test_a_proxy_is_listed_by_address_or_network() -> None:
    peers = PeerAddresses(["127.0.0.1", "2001:db8::/32"])
    assert peers.is_proxy(("127.0.0.1", 1))
    assert peers.is_proxy(("::ffff:127.0.0.1", 1))
    assert peers.is_proxy(("2001:db8:1::9", 1))
    assert not peers.is_proxy(("127.0.0.2", 1))
    assert not peers.is_proxy(None)


def test_a_list_with_a_mistake_is_refused() -> None:
    with pytest.raises(ValueError, match="proxy"):
        PeerAddresses(["proxy.example"])


@pytest.mark.parametrize(
    ("value", "expected"), [(b"https", "https"), (b"http, HTTPS", "https"), (b"gopher", None), (b"", None)]
)
def test_only_a_listed_proxy_says_what_scheme_its_side_spoke(value: bytes, expected: str | None) -> None:
    headers = [(b"x-forwarded-proto", value)]
    peers = PeerAddresses(["10.0.0.2"])
    assert peers.scheme(PROXY, headers) == expected
    assert peers.scheme(STRANGER, headers) is None


def test_twenty_failures_a_minute_are_allowed_and_no_more() -> None:
    failures = FailedSecrets(HandClock())
    assert [failures.failed("a") for _ in range(20)] == [None] * 20
    assert failures.failed("a") == 60
    assert failures.failed("b") is None
    assert failures.total == 22


def test_a_failure_now_and_then_is_never_limited() -> None:
    clock = HandClock()
    failures = FailedSecrets(clock)
    for _ in range(200):
        assert failures.failed("a") is None
        clock.forward(4)


def test_the_delay_counts_down_and_doubles_for_those_who_go_on() -> None:
    clock = HandClock()
    failures = FailedSecrets(clock, allowed_per_minute=1)
    waits = []
    for _ in range(6):
        assert failures.failed("a") is None
        wait = failures.failed("a")
        assert wait is not None
        waits.append(wait)
        clock.forward(wait - 0.5)
        assert failures.failed("a") == 1
        clock.forward(0.5)
    assert waits == [60, 120, 240, 480, 900, 900]


def test_a_quiet_peer_is_forgiven() -> None:
    clock = HandClock()
    failures = FailedSecrets(clock, allowed_per_minute=1)
    failures.failed("a")
    assert failures.failed("a") == 60
    clock.forward(60 + 901)
    assert failures.failed("a") is None
    assert failures.failed("a") == 60


def test_an_ipv6_peer_is_counted_by_its_network() -> None:
    failures = FailedSecrets(HandClock(), allowed_per_minute=1)
    assert failures.failed("2001:db8:0:1::1") is None
    assert failures.failed("2001:db8:0:1:ffff::2") == 60
    assert failures.failed("2001:db8:0:2::1") is None
    assert limit_key("2001:db8:0:1::1") == "2001:db8:0:1::/64"
    assert limit_key("::ffff:192.0.2.1") == limit_key("192.0.2.1") == "192.0.2.1"


def test_the_memory_for_peers_is_bounded_and_the_latest_are_kept() -> None:
    failures = FailedSecrets(HandClock(), allowed_per_minute=1, most_peers=3)
    for peer in ("a", "b", "a", "c", "d"):
        failures.failed(peer)
    assert len(failures) == 3
    assert failures.failed("a") == 60
    assert failures.failed("b") is None
