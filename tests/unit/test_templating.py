"""How numbers, times and traces are written on pages."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from jinja2 import UndefinedError

from tradershub.web.templating import build_templates, level, milliseconds, money, price, qr_path, qty, sign, size, utc
from tradershub.web.waterfall import WIDTH, scale, waterfall

WEB = Path(__file__).resolve().parents[2] / "tradershub" / "web"
TRACE = {
    "received_at": "2026-11-20T15:00:00Z",
    "stages_us": {"parsed": 100, "planned": 300, "stored": 1500, "answered": 1600},
    "accounts": [{"account": "paper:main", "stages_us": {"sent": 1700, "acknowledged": 9000, "filled": None}}],
}


@pytest.mark.parametrize(
    ("value", "currency", "text"),
    [
        ("1234.5", "USD", "+1,234.50\u00a0USD"),
        ("-0.005", "USD", "0.00\u00a0USD"),
        ("-12", None, "−12.00"),
        ("1500.4", "JPY", "+1,500\u00a0JPY"),
        (None, "USD", "–"),
    ],
)
def test_money_has_its_sign_and_its_currency(value: str | None, currency: str | None, text: str) -> None:
    assert money(value, currency) == text


def test_a_balance_is_no_gain() -> None:
    assert money("50000", signed=False) == "50,000.00"


@pytest.mark.parametrize(
    ("value", "tick", "text"),
    [
        ("6012", "0.25", "6,012.00"),
        ("1.1734", "0.00005", "1.17340"),
        ("6012.123", "0.25", "6,012.123"),
        ("-37.5", None, "−37.5"),
        ("7", "10", "7"),
        (None, "0.25", "–"),
    ],
)
def test_a_price_has_the_decimals_of_its_tick_and_is_never_rounded(
    value: str | None, tick: str | None, text: str
) -> None:
    assert price(value, tick) == text


@pytest.mark.parametrize(("value", "text"), [("2", "2"), ("0.50", "0.5"), ("1E+3", "1,000"), ("-1", "−1")])
def test_a_quantity_has_no_needless_zeros(value: str, text: str) -> None:
    assert qty(value) == text


def test_the_side_of_zero_is_named() -> None:
    assert [sign(value) for value in ("0.01", "-3", "0", None)] == ["gain", "loss", "flat", "flat"]


def test_sizes_and_levels_are_written_in_words() -> None:
    assert size({"value": "50", "kind": "position_percent"}) == "50 % of the position"
    assert size({"value": None, "kind": "all"}) == "all"
    assert level({"value": "10", "unit": "ticks", "trailing": True}) == "10 ticks, trailing"
    assert level([{"value": "1", "unit": "percent", "trailing": False}]) == "1 %"


def test_milliseconds_keep_three_digits() -> None:
    assert [milliseconds(value) for value in (142, 21_300, 1_204_000, None)] == ["0.14", "21.3", "1,204", "–"]


def test_a_time_without_script_is_written_in_utc() -> None:
    assert utc("2026-11-20T15:00:01.234567Z", "ms") == "2026-11-20 15:00:01.234 UTC"
    assert utc("2026-11-20T16:00:01+01:00") == "2026-11-20 15:00:01 UTC"


def test_a_qr_code_is_one_path() -> None:
    assert qr_path([[1, 0], [0, 1]]) == "M0 0h1v1h-1zM1 1h1v1h-1z"


def test_a_trace_is_drawn_end_to_end_and_inside_its_width() -> None:
    drawn = waterfall(TRACE)

    assert [bar.took_us for bar in drawn.hub] == [100, 200, 1200, 100]
    assert drawn.hub[2].x == drawn.hub[1].x + drawn.hub[1].width
    assert all(bar.x + bar.width <= WIDTH for bar in drawn.hub)
    assert [bar.took_us for bar in drawn.accounts[0].bars] == [200, 7300, None]
    assert drawn.accounts[0].bars[2].width == 0


def test_a_fill_told_before_its_acknowledgement_has_no_negative_length() -> None:
    early = {"account": "paper:main", "stages_us": {"sent": 1700, "acknowledged": 9000, "filled": 8000}}

    (lane,) = waterfall(TRACE | {"accounts": [early]}).accounts

    assert lane.bars[2].took_us == 0


@pytest.mark.parametrize("longest", [0, 1, 7, 99, 1885, 24_410, 5_000_000])
def test_a_scale_ends_at_a_round_mark_beyond_the_longest_stage(longest: int) -> None:
    marks = scale([longest, None])

    assert marks[0] == 0
    assert marks[-1] >= max(longest, 1)
    assert 5 <= len(marks) <= 6


def test_a_missing_value_is_an_error_and_not_an_empty_place() -> None:
    templates = build_templates(WEB / "templates", WEB / "static")

    with pytest.raises(UndefinedError):
        templates.from_string("{{ position.mark }}").render(position={})


def test_a_text_from_a_message_is_escaped() -> None:
    templates = build_templates(WEB / "templates", WEB / "static")

    shown = templates.from_string('{% from "_macros.html" import name with context %}{{ name(text) }}').render(
        text="<b>\u202e&", ticks={}, now=datetime(2026, 11, 20, tzinfo=UTC)
    )

    assert shown == '<bdi class="th-name">&lt;b&gt;\u202e&amp;</bdi>'


def test_a_static_address_changes_with_its_file() -> None:
    templates = build_templates(WEB / "templates", WEB / "static")

    address = templates.from_string("{{ static('css/app.css') }}").render()

    assert address.startswith("/static/css/app.css?v=")
    assert len(address.split("=")[1]) == 12
