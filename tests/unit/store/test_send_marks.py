"""Whether an order can have left: proven only by a ring that this run of the machine has kept without a gap."""

import struct
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.unit.store.support import SetClock, child
from tradershub.domain.clock import Nanos
from tradershub.domain.ids import OrderId, order_id
from tradershub.ports.clock import SystemClock
from tradershub.store.send_marks import _HEADER_BYTES, _SLOT_BYTES, MARKS_FILE, SendMarkRing

BOOT = b"this-run-of-it.."
OpenRing = Callable[..., SendMarkRing]


def an_id(number: int) -> OrderId:
    return order_id(f"cause-{number}", "paper:main", "entry")


@pytest.fixture
def ring(tmp_path: Path, clock: SetClock) -> Iterator[OpenRing]:
    """Opens the ring of the test's folder anew, as a restarted hub does."""
    rings: list[SendMarkRing] = []

    def open_one(boot: bytes = BOOT, slots: int = 8) -> SendMarkRing:
        for earlier in rings:
            earlier.close()
        rings.append(SendMarkRing(tmp_path, clock, boot=boot, slots=slots))
        return rings[-1]

    yield open_one
    for opened in rings:
        opened.close()


def test_an_order_without_a_mark_was_surely_not_sent(ring: OpenRing, clock: SetClock) -> None:
    first = ring()
    clock.move(1)
    claimed = clock.now()
    first.mark(an_id(1))
    again = ring()
    assert again.surely_not_sent(an_id(2), claimed)
    assert not again.surely_not_sent(an_id(1), claimed)


def test_the_ring_goes_on_over_several_restarts(ring: OpenRing, clock: SetClock) -> None:
    first = ring()
    clock.move(1)
    claimed = clock.now()
    first.mark(an_id(1))
    ring().mark(an_id(2))
    third = ring()
    assert not third.surely_not_sent(an_id(1), claimed)
    assert not third.surely_not_sent(an_id(2), claimed)
    assert third.surely_not_sent(an_id(3), claimed)


def test_another_run_of_the_machine_proves_nothing(ring: OpenRing, clock: SetClock) -> None:
    first = ring()
    clock.move(1)
    claimed = clock.now()
    first.mark(an_id(1))
    clock.move(1)
    after = ring(boot=b"the-next-run-of.")
    assert not after.surely_not_sent(an_id(2), claimed)
    clock.move(1)
    assert after.surely_not_sent(an_id(2), clock.now())


def test_what_was_claimed_before_the_ring_began_is_not_known(ring: OpenRing, clock: SetClock) -> None:
    claimed = clock.now()
    clock.move(1)
    assert not ring().surely_not_sent(an_id(1), claimed)


def test_what_was_claimed_before_the_oldest_mark_is_not_known(ring: OpenRing, clock: SetClock) -> None:
    marks = ring(slots=8)
    times: list[Nanos] = []
    for number in range(12):
        clock.move(1)
        times.append(clock.now())
        marks.mark(an_id(number))
    again = ring(slots=8)
    # Marks 0 to 3 are overwritten; 4 is the oldest that is left.
    assert [again.surely_not_sent(an_id(99), at) for at in times] == [False] * 5 + [True] * 7
    assert not any(again.surely_not_sent(an_id(n), times[n]) for n in range(12))


def test_a_mark_that_was_half_written_was_not_followed_by_a_byte(
    ring: OpenRing, clock: SetClock, tmp_path: Path
) -> None:
    marks = ring()
    clock.move(1)
    claimed = clock.now()
    marks.mark(an_id(1))
    marks.close()
    file = tmp_path / MARKS_FILE
    torn = bytearray(file.read_bytes())
    torn[_HEADER_BYTES + _SLOT_BYTES - 1] = 0
    file.write_bytes(torn)
    assert ring().surely_not_sent(an_id(1), claimed)


def test_a_clock_that_was_set_back_ends_all_proof(ring: OpenRing, clock: SetClock) -> None:
    marks = ring()
    clock.move(100)
    marks.mark(an_id(1))
    clock.at = Nanos(clock.at - 50 * 10**9)
    marks.mark(an_id(2))
    clock.move(200)
    assert not ring().surely_not_sent(an_id(3), clock.now())


def test_a_claim_from_the_future_proves_nothing(ring: OpenRing, clock: SetClock) -> None:
    marks = ring()
    assert not marks.surely_not_sent(an_id(1), Nanos(clock.now() + 1))


@pytest.mark.parametrize("content", [b"", b"short", b"\xff" * 4096, struct.pack("<8sQ", b"THMARKS9", 8) * 100])
def test_a_file_that_is_no_ring_is_begun_anew(ring: OpenRing, clock: SetClock, tmp_path: Path, content: bytes) -> None:
    (tmp_path / MARKS_FILE).write_bytes(content)
    claimed = clock.now()
    clock.move(1)
    marks = ring()
    assert not marks.surely_not_sent(an_id(1), claimed)
    clock.move(1)
    assert marks.surely_not_sent(an_id(1), clock.now())


def test_marks_outlive_a_killed_process(tmp_path: Path) -> None:
    began = SystemClock.now()
    SendMarkRing(tmp_path, SystemClock()).close()
    with child("tests.unit.store.marker", str(tmp_path)) as process:
        assert process.stdout is not None
        marked = [process.stdout.readline().strip() for _ in range(500)]
        process.kill()
        marked += process.stdout.read().split()
    ring = SendMarkRing(tmp_path, SystemClock())
    now = Nanos(SystemClock.now())
    assert began < now
    # The last line may be cut off by the kill.
    assert not any(ring.surely_not_sent(OrderId(text), now) for text in marked if len(text) == 14)
    assert ring.surely_not_sent(an_id(-1), now)
    ring.close()
