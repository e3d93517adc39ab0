"""Field tables: which key means which field, and which keys are too near to be passed over."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tradershub.domain.errors import SignalRefused
from tradershub.sources.fields import Field, FieldTable, Treatment, is_one_edit
from tradershub.sources.registry import FIELDS

TABLE = FieldTable(
    (
        Field(name="quantity", spellings=("quantity", "qty"), meaning="the size"),
        Field(name="stop_loss", spellings=("stop_loss", "sl"), meaning="the stop"),
        Field(name="volume", spellings=("volume",), meaning="not needed", treatment=Treatment.IGNORED),
        Field(name="mode", spellings=("orderMode",), meaning="write it otherwise", treatment=Treatment.REFUSED),
    )
)


def code_of(**fields: object) -> str:
    with pytest.raises(SignalRefused) as refused:
        TABLE.sort(fields.items())
    return refused.value.code


def test_a_key_is_found_in_any_case() -> None:
    given = TABLE.sort([("QTY", 1), ("Stop_Loss", 2)])

    assert (given.get("quantity"), given.get("stop_loss")) == (1, 2)
    assert given.key("quantity") == "QTY"


def test_a_key_of_another_script_is_not_its_look_alike() -> None:
    assert TABLE.find("\u212aey") is None
    assert FieldTable((Field(name="key", spellings=("key",), meaning="a key"),)).find("\u212aEY") is None


@pytest.mark.parametrize(
    "key", ["quantitiy", "quanity", "quantityy", "qauntity", "Quantify", "stop-loss", "stop loss", "stop_los", "q-t-y"]
)
def test_a_near_miss_is_refused(key: str) -> None:
    assert code_of(**{key: "1"}) == "unknown_key_near_miss"


@pytest.mark.parametrize("key", ["st", "q", "weather", "quantum", "so", "__proto__", ""])
def test_what_is_not_near_is_ignored(key: str) -> None:
    assert TABLE.sort([(key, "1")]).ignored == (key,)


@pytest.mark.parametrize("key", ["initialStop", "tp1_offset", "my-sl", "TRAILING", "StopLossType"])
def test_a_field_that_looks_like_protection_is_refused_unless_it_says_nothing(key: str) -> None:
    assert code_of(**{key: "5"}) == "unsupported_field"
    for nothing in (None, "", 0, "0", "0.0", False):
        assert TABLE.sort([(key, nothing)]).ignored == (key,)


def test_a_field_that_would_change_the_order_is_refused_unless_it_says_nothing() -> None:
    assert code_of(orderMode="x") == code_of(ORDERMODE="x") == code_of(**{"order-mode": "x"}) == "unsupported_field"
    assert TABLE.sort([("orderMode", None)]).ignored == ("orderMode",)


def test_a_field_that_is_not_needed_is_ignored_and_listed() -> None:
    assert TABLE.sort([("Volume", 5)]).ignored == ("Volume",)


def test_two_spellings_of_one_field_must_agree() -> None:
    assert code_of(qty=1, quantity=2) == "contradictory"
    assert code_of(qty=1, quantity=True) == "contradictory"
    assert TABLE.sort([("qty", 1), ("quantity", 1)]).get("quantity") == 1


def test_a_spelling_belongs_to_one_field() -> None:
    field = Field(name="a", spellings=("a",), meaning="one")
    with pytest.raises(ValueError, match="one field only"):
        FieldTable((field, Field(name="b", spellings=("b", "A"), meaning="two")))


@pytest.mark.parametrize("name", sorted(set(FIELDS) - {"tradingview_text"}))
def test_no_spelling_of_a_dialect_is_a_near_miss_of_another(name: str) -> None:
    table = FieldTable(FIELDS[name])
    for field in FIELDS[name]:
        for key in field.spellings:
            assert table.find(key) is field


@given(st.text("abc", max_size=5), st.text("abc", max_size=5))
def test_one_edit_is_what_trying_all_edits_says(left: str, right: str) -> None:
    letters = "abc"
    edits = {left[:at] + left[at + 1 :] for at in range(len(left))}
    edits |= {left[:at] + letter + left[at:] for at in range(len(left) + 1) for letter in letters}
    edits |= {left[:at] + letter + left[at + 1 :] for at in range(len(left)) for letter in letters}
    edits |= {left[:at] + left[at + 1] + left[at] + left[at + 2 :] for at in range(len(left) - 1)}

    assert is_one_edit(left, right) is (right in edits - {left})


@given(st.sampled_from(["quantity", "stop_loss"]), st.integers(0, 8), st.sampled_from("abxyz_"))
def test_every_single_edit_of_a_long_key_is_a_near_miss(key: str, at: int, letter: str) -> None:
    edited = key[:at] + letter + key[at + 1 :]
    if TABLE.find(edited) is None:
        assert TABLE.near_miss(edited) == key
