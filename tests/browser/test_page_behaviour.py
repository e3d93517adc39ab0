"""What pages do: live values, honest ages, polling without a stream, dialogs, keys, and all of it without script."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Browser, expect

from tests.browser import sample_rows
from tests.browser.browser_tools import visit
from tests.browser.preview import Preview

pytestmark = pytest.mark.browser


def a_position(**changes: object) -> dict[str, object]:
    return sample_rows.position(datetime.now(UTC), 1) | changes


def test_a_new_price_is_painted_into_its_row(browser: Browser, preview: Preview) -> None:
    with visit(browser, preview.url + "/positions") as opened:
        preview.send_event("position", a_position(mark="6020", unrealised="-1077.5"))

        row = opened.page.locator("#position-pos1")
        expect(row.locator("[data-live$=':mark']")).to_have_text("6,020.00")
        expect(row.locator("td > .th-pnl")).to_have_text("\u22121,077.50\u00a0USD")
        expect(row.locator("td > .th-pnl")).to_have_class(re.compile("th-loss"))


def test_old_data_leaves_the_total_which_then_says_partial(browser: Browser, preview: Preview) -> None:
    with visit(browser, preview.url + "/positions") as opened:
        long_ago = sample_rows.at(datetime.now(UTC), minutes=3)
        preview.send_event("position", a_position(unrealised="100"))
        expect(opened.page.locator("[data-total=USD]")).to_have_text("+34.50\u00a0USD")
        preview.send_event("position", a_position(as_of=long_ago))

        expect(opened.page.locator("#position-pos1 th-stale")).to_contain_text("no data since")
        expect(opened.page.locator("[data-total=USD]")).to_have_text("\u221265.50\u00a0USD")
        expect(opened.page.locator("[data-total-partial=USD]")).to_be_visible()


def test_a_row_ages_by_itself_when_nothing_arrives(browser: Browser, preview: Preview) -> None:
    with visit(browser, preview.url + "/positions") as opened:
        row = opened.page.locator("#position-pos1")
        expect(row).to_have_attribute("data-th-age", "fresh")

        expect(row).to_have_attribute("data-th-age", "stale", timeout=8000)


def test_a_closed_position_disappears_without_reloading(browser: Browser, preview: Preview) -> None:
    now = datetime.now(UTC)
    with visit(browser, preview.url + "/positions") as opened:
        opened.page.evaluate("window.sameDocument = true")
        preview.changes["/positions"] = {"positions": sample_rows.positions(now)[1:]}
        preview.send_event("position", a_position(quantity="0"))

        expect(opened.page.locator("#position-pos1")).to_have_count(0)
        assert opened.page.evaluate("window.sameDocument") is True


def test_a_stop_of_the_hub_shows_in_the_status_bar(browser: Browser, preview: Preview) -> None:
    with visit(browser, preview.url + "/positions") as opened:
        preview.send_event("gate", {"scope": "global", "gate": "reduce_only"})

        expect(opened.page.locator("#frame-status [data-live='status:gate']")).to_have_text("reduce only")


def test_a_new_signal_is_put_on_top_of_the_log(browser: Browser, preview: Preview) -> None:
    with visit(browser, preview.url + "/signals") as opened:
        preview.send_event("signal", {"signal_id": "sig-0201", "status": "accepted"})

        expect(opened.page.locator("#log-rows tr").first).to_have_id("signal-sig-0201")


def test_a_reader_further_down_is_asked_before_the_log_moves(browser: Browser, preview: Preview) -> None:
    with visit(browser, preview.url + "/signals") as opened:
        opened.page.set_viewport_size({"width": 1280, "height": 400})
        opened.page.mouse.wheel(0, 600)
        opened.page.wait_for_function("scrollY > 200")
        preview.send_event("signal", {"signal_id": "sig-0201", "status": "accepted"})

        expect(opened.page.locator("#log-new")).to_have_text("1 new signal")
        expect(opened.page.locator("#signal-sig-0201")).to_have_count(0)
        opened.page.locator("#log-new").click()
        expect(opened.page.locator("#signal-sig-0201")).to_be_visible()


def test_without_a_stream_the_page_polls_and_says_so(browser: Browser, preview: Preview) -> None:
    preview.streaming = False
    with visit(browser, preview.url + "/positions") as opened:
        expect(opened.page.locator("#live-link")).to_have_text("polling")
        preview.changes["/positions"] = {"positions": []}

        expect(opened.page.locator("#positions")).to_contain_text("Flat on 3 accounts", timeout=9000)


def test_the_log_filters_while_typing_and_keeps_the_address(browser: Browser, preview: Preview) -> None:
    with visit(browser, preview.url + "/signals") as opened:
        opened.page.get_by_label("Search").fill("MES")

        expect(opened.page).to_have_url(re.compile(r"text=MES"))
        expect(opened.page.locator("#log-rows tr").first).to_be_visible()
        assert opened.page.evaluate("document.activeElement.name") == "text"


def test_closing_a_position_asks_first_with_the_focus_on_cancel(browser: Browser, preview: Preview) -> None:
    with visit(browser, preview.url + "/positions") as opened:
        opened.page.locator("#position-pos1 .is-action > a").click()
        dialog = opened.page.locator("#close-pos1")
        expect(dialog).to_be_visible()
        expect(dialog.get_by_text("Cancel")).to_be_focused()
        dialog.get_by_label("Quantity to close").fill("1")
        expect(dialog.locator("button")).to_have_text(re.compile(r"Close 1 MESZ2026"))
        with opened.page.expect_navigation():
            dialog.locator("button").click()

    (path, form), *rest = preview.posts
    assert (path, form["quantity"], rest) == ("/positions/pos1/close", ["1"], [])
    assert len(form["idempotency_key"][0]) >= 16


def test_disabling_a_platform_swaps_the_answer_in_without_leaving_the_page(browser: Browser, preview: Preview) -> None:
    saved = {"kind": "success", "message": "Paper is disabled.", "detail": None, "trace_id": None, "href": None}
    with visit(browser, preview.url + "/platforms") as opened:
        opened.page.evaluate("window.sameDocument = true")
        preview.changes["/platforms"] = {"flashes": [saved]}
        opened.page.get_by_role("button", name="Disable Paper", exact=True).click()

        expect(opened.page.get_by_role("status").filter(has_text="Paper is disabled.")).to_be_visible()
        assert opened.page.evaluate("window.sameDocument") is True
        assert preview.posts == [("/platforms/paper/toggle", {"_csrf_token": ["csrf"], "enabled": ["false"]})]


def test_a_double_press_sends_one_request(browser: Browser, preview: Preview) -> None:
    with visit(browser, preview.url + "/positions") as opened:
        opened.page.locator(".th-top .th-stop").click()
        twice = "() => { const button = document.querySelector('#stop-sheet button'); button.click(); button.click(); }"
        with opened.page.expect_navigation():
            opened.page.evaluate(twice)

    assert [path for path, _ in preview.posts] == ["/stop"]


def test_keys_open_pages_and_the_stop_sheet_but_send_nothing(browser: Browser, preview: Preview) -> None:
    with visit(browser, preview.url + "/positions") as opened:
        opened.page.keyboard.press("Shift+K")
        expect(opened.page.locator("#stop-sheet")).to_be_visible()
        opened.page.keyboard.press("Escape")
        opened.page.keyboard.press("g")
        opened.page.keyboard.press("l")
        expect(opened.page).to_have_url(re.compile("/signals$"))

    assert preview.posts == []


def test_keys_stay_quiet_while_someone_types(browser: Browser, preview: Preview) -> None:
    with visit(browser, preview.url + "/signals") as opened:
        opened.page.get_by_label("Search").press_sequentially("glK?")

        assert opened.page.locator("dialog[open]").count() == 0
        assert opened.page.get_by_label("Search").input_value() == "glK?"


def test_the_choice_of_a_theme_is_there_before_the_first_paint(browser: Browser, preview: Preview) -> None:
    with visit(browser, preview.url + "/positions", theme="dark") as opened:
        opened.page.locator("[data-theme-toggle]").click()
        opened.page.reload(wait_until="commit")
        opened.page.wait_for_selector("body")

        assert opened.page.evaluate("document.documentElement.dataset.bsTheme") == "light"


def test_colours_and_zone_hold_on_the_next_page(browser: Browser, preview: Preview) -> None:
    with visit(browser, preview.url + "/settings") as opened:
        opened.page.get_by_label("Profit and loss").select_option("green-red")
        opened.page.get_by_label("Times in").select_option("Asia/Tokyo")
        opened.page.goto(preview.url + "/signals")

        assert opened.page.evaluate("document.documentElement.dataset.pnl") == "green-red"
        expect(opened.page.locator("#clock")).to_contain_text("GMT+9")


def test_one_press_on_the_clock_shows_times_in_utc(browser: Browser, preview: Preview) -> None:
    with visit(browser, preview.url + "/signals") as opened:
        expect(opened.page.locator("#clock")).to_contain_text("CET")
        opened.page.locator("#clock").click()

        expect(opened.page.locator("#clock")).to_contain_text("UTC")
        received = datetime.now(UTC) - timedelta(seconds=12)
        expect(opened.page.locator("#log-rows time").first).to_contain_text(f"{received:%H:}")


def test_another_route_can_be_added_to_a_strategy(browser: Browser, preview: Preview) -> None:
    with visit(browser, preview.url + "/strategies/momentum") as opened:
        opened.page.get_by_role("button", name="Another route").click()
        opened.page.locator("[name=routes-3-account]").select_option("paper:main")
        with opened.page.expect_navigation():
            opened.page.get_by_role("button", name="Save").click()

    ((path, form),) = preview.posts
    assert path == "/strategies/momentum"
    assert (form["routes-3-account"], form["routes-3-directions"]) == (["paper:main"], ["long", "short"])


def test_everything_that_matters_works_without_script(browser: Browser, preview: Preview) -> None:
    with visit(browser, preview.url + "/positions", script=False) as opened:
        opened.page.locator("#position-pos1 .is-action > a").click()
        with opened.page.expect_navigation():
            opened.page.locator("#close-pos1 button").click()
        opened.page.goto(preview.url + "/stop")
        with opened.page.expect_navigation():
            opened.page.get_by_role("button", name="Stop new entries", exact=True).click()
        opened.page.goto(preview.url + "/strategies/momentum")
        with opened.page.expect_navigation():
            opened.page.get_by_role("button", name="Save").click()

    assert [path for path, _ in preview.posts] == ["/positions/pos1/close", "/stop", "/strategies/momentum"]


def test_the_stop_page_is_small(browser: Browser, preview: Preview) -> None:
    sizes: list[int] = []
    with visit(browser, preview.url + "/login") as opened:
        opened.page.on("response", lambda answer: sizes.append(int(answer.headers.get("content-length", "0"))))
        opened.page.goto(preview.url + "/stop")
        opened.page.wait_for_load_state()

    assert 0 < sum(sizes) < 30 * 1024
