"""The table of platforms is complete, loadable, and its defaults are good."""

from __future__ import annotations

import importlib
from decimal import Decimal

import pytest

from tradershub.domain.errors import ConfigurationError, PlatformConfigError
from tradershub.domain.platform_config import ConfigField, FieldKind, PlatformInfo, read_config
from tradershub.executors.registry import PLATFORMS, platform_info

INSTALLED = [info for info in PLATFORMS if info.installed]


def test_every_platform_of_the_plan_is_present() -> None:
    assert [info.name for info in PLATFORMS] == ["paper", "nt8", "mt5", "ctrader"]
    assert [info.name for info in INSTALLED] == ["paper", "nt8"]


@pytest.mark.parametrize("info", INSTALLED, ids=lambda info: info.name)
def test_an_installed_platform_names_a_module_that_builds_it(info: PlatformInfo) -> None:
    assert info.module is not None
    assert callable(importlib.import_module(info.module).build)


@pytest.mark.parametrize("info", PLATFORMS, ids=lambda info: info.name)
def test_the_defaults_of_every_platform_are_good(info: PlatformInfo) -> None:
    read_config(info.name, info.fields, ())
    assert info.advice


def test_a_platform_that_is_not_installed_says_so() -> None:
    assert platform_info("mt5").advice.startswith("Not installed")


def test_an_unknown_platform_is_refused() -> None:
    with pytest.raises(PlatformConfigError, match="paper, nt8"):
        platform_info("mt4")


@pytest.mark.parametrize(
    ("kind", "good", "bad"),
    [
        (FieldKind.TEXT, "Sim 101", "two\nlines"),
        (FieldKind.SECRET, "s3cret", "x" * 201),
        (FieldKind.DECIMAL, "0.5", "1.5"),
        (FieldKind.DECIMAL, "1", "abc"),
        (FieldKind.INTEGER, "1", "2"),
        (FieldKind.INTEGER, "0", "-1"),
        (FieldKind.BOOLEAN, "true", "True"),
        (FieldKind.CHOICE, "a", "c"),
        (FieldKind.HOST, "nt8.local", "http://x/"),
        (FieldKind.PORT, "65535", "65536"),
    ],
)
def test_a_value_is_of_its_kind_or_refused(kind: FieldKind, good: str, bad: str) -> None:
    field = ConfigField(name="x", label="X", kind=kind, default=good, help="", choices=("a", "b"), maximum=Decimal(1))
    read_config(
        "p",
        (field,),
        (
            (
                "x",
                f" {good} ",
            ),
        ),
    )
    with pytest.raises(ConfigurationError) as refused:
        read_config("p", (field,), (("x", bad), ("y", "1")))
    assert [mistake.key for mistake in refused.value.mistakes] == ["y", "x"]


def test_a_refused_secret_is_not_shown() -> None:
    field = ConfigField(name="key", label="Key", kind=FieldKind.SECRET, default="", help="")
    with pytest.raises(ConfigurationError) as refused:
        read_config("p", (field,), (("key", "top\nsecret"),))
    assert "secret" not in str(refused.value)


def test_values_are_given_by_kind() -> None:
    fields = [
        ConfigField(name=kind.value, label="", kind=kind, default=text, help="", choices=("a",))
        for kind, text in ((FieldKind.TEXT, "t"), (FieldKind.INTEGER, "7"), (FieldKind.BOOLEAN, "false"))
    ]
    values = read_config("p", fields, ())
    assert (values.text("text"), values.whole("integer"), values.number("integer")) == ("t", 7, Decimal(7))
    assert values.flag("boolean") is False
