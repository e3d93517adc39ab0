"""Every page in every state: nothing for axe in both themes and widths, nothing too wide, nothing from outside."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from playwright.sync_api import Browser

from tests.browser import samples
from tests.browser.browser_tools import (
    COLOUR_RULES,
    NARROWEST,
    THEMES,
    WIDTHS,
    axe_violations,
    look_as,
    overflow,
    small_targets,
    visit,
)
from tests.browser.preview import Preview

pytestmark = pytest.mark.browser
ADDRESSES = tuple(samples.pages(datetime(2026, 11, 20, 15, tzinfo=UTC)))
LONELY = ("/login", "/login/refused", "/broken")


@pytest.mark.parametrize("address", ADDRESSES)
def test_a_page_is_clean_in_both_themes_and_widths(browser: Browser, preview: Preview, address: str) -> None:
    with visit(browser, preview.url + address) as opened:
        found = []
        for theme, rules in zip(THEMES, ((), COLOUR_RULES), strict=True):
            for width in WIDTHS:
                look_as(opened.page, theme=theme, width=width)
                found += [f"{theme} {width}: {line}" for line in axe_violations(opened.page, rules=rules)]
                if overflow(opened.page) > 0:
                    found.append(f"{theme} {width}: wider than the window by {overflow(opened.page)} px")
        look_as(opened.page, theme="dark", width=NARROWEST)
        narrow = (overflow(opened.page), small_targets(opened.page))

        assert found == []
        assert narrow == (0, [])
        assert [line for line in opened.complaints if "404" not in line] == []
        assert opened.outside == []


@pytest.mark.parametrize("address", [address for address in ADDRESSES if not address.startswith(("/stop", *LONELY))])
def test_the_stop_button_is_at_the_same_place_on_each_page(browser: Browser, preview: Preview, address: str) -> None:
    with visit(browser, preview.url + address, width=1280) as opened:
        box = opened.page.locator(".th-top .th-stop").bounding_box()
        ribbon = 24 if opened.page.locator(".th-ribbon").count() else 0
        look_as(opened.page, theme="dark", width=390)
        phone = opened.page.locator(".th-bottom .th-stop").bounding_box()

    assert box is not None
    assert phone is not None
    assert (round(box["x"] + box["width"]), box["height"], box["y"] < 12 + ribbon) == (1264, 44, True)
    assert (phone["x"] < 195 < phone["x"] + phone["width"], phone["height"] >= 44, phone["y"] > 760) == (
        True,
        True,
        True,
    )


def test_names_from_messages_never_become_markup(browser: Browser, preview: Preview) -> None:
    with visit(browser, preview.url + "/signals/hostile") as opened:
        shown = opened.page.locator("#log-rows").inner_text()
        scripts = opened.page.locator("#log-rows script").count()

    assert "<script>alert(1)</script>" in shown
    assert scripts == 0


@pytest.mark.parametrize("address", ["/platforms", "/settings", "/settings/enrolled", "/stop", "/signals/sig-0200"])
def test_what_is_folded_away_is_clean_too(browser: Browser, preview: Preview, address: str) -> None:
    with visit(browser, preview.url + address) as opened:
        opened.page.evaluate("document.querySelectorAll('details').forEach((part) => { part.open = true; })")
        found = []
        for theme in THEMES:
            for width in (NARROWEST, *WIDTHS):
                look_as(opened.page, theme=theme, width=width)
                found += [f"{theme} {width}: {line}" for line in axe_violations(opened.page)]
                found += [f"{width}: too wide"] if overflow(opened.page) > 0 else []

    assert found == []


@pytest.mark.parametrize("dialog", ["close-pos2", "stop-sheet", "keys-help"])
def test_dialogs_are_clean_and_fit_a_phone(browser: Browser, preview: Preview, dialog: str) -> None:
    with visit(browser, preview.url + "/positions", width=NARROWEST) as opened:
        opened.page.evaluate("(id) => document.getElementById(id).showModal()", dialog)
        found = []
        for theme in THEMES:
            look_as(opened.page, theme=theme, width=NARROWEST)
            found += axe_violations(opened.page)
        box = opened.page.locator(f"#{dialog}").bounding_box()

    assert found == []
    assert box is not None
    assert box["width"] <= NARROWEST
