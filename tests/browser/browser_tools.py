"""Drives the system's Chromium for page tests: fresh profile, both themes and widths, axe, overflow, console."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from playwright.sync_api import Browser, ConsoleMessage, Page, Request, sync_playwright

AXE = Path(__file__).parent / "vendor" / "axe.min.js"
Theme = Literal["dark", "light"]
THEMES: tuple[Theme, ...] = ("dark", "light")
WIDTHS = (390, 1280)
# What can differ between two themes of the same page: the second theme needs no other rule.
COLOUR_RULES = ("color-contrast", "link-in-text-block")
NARROWEST = 320
HEIGHTS = {320: 640, 390: 844, 1280: 900}
ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)


def chromium() -> str:
    """Return the path of Chromium: $CHROMIUM, or the one the system has."""
    named = os.environ.get("CHROMIUM")
    if named:
        return named
    found = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome", "chrome"))), None)
    if found is None:
        raise FileNotFoundError("no Chromium: install it, or name it in the environment variable CHROMIUM")
    return found


@dataclass(slots=True)
class Visit:
    """One open page and everything it complained about or asked for elsewhere."""

    page: Page
    complaints: list[str] = field(default_factory=list)
    outside: list[str] = field(default_factory=list)


@contextmanager
def open_browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=list(ARGUMENTS), headless=True)
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def visit(
    browser: Browser, url: str, *, width: int = 1280, theme: Theme = "dark", script: bool = True
) -> Iterator[Visit]:
    """Open an address in a fresh profile and wait until it is drawn."""
    context = browser.new_context(
        viewport={"width": width, "height": HEIGHTS.get(width, 900)},
        color_scheme=theme,
        java_script_enabled=script,
        reduced_motion="reduce",
        timezone_id="Europe/Berlin",
        locale="en-GB",
    )
    opened = Visit(context.new_page())
    origin = "/".join(url.split("/")[:3])

    def listen(message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            opened.complaints.append(message.text)

    def watch(request: Request) -> None:
        if not request.url.startswith((origin, "data:")):
            opened.outside.append(request.url)

    opened.page.on("console", listen)
    opened.page.on("pageerror", lambda error: opened.complaints.append(str(error)))
    opened.page.on("request", watch)
    try:
        opened.page.goto(url, wait_until="load")
        yield opened
    finally:
        context.close()


def look_as(page: Page, *, theme: Theme, width: int) -> None:
    """Show the open page in another theme and width, without loading it again."""
    page.emulate_media(color_scheme=theme, reduced_motion="reduce")
    page.set_viewport_size({"width": width, "height": HEIGHTS.get(width, 900)})


def axe_violations(page: Page, *, rules: tuple[str, ...] = ()) -> list[str]:
    """Return one line for each element that axe finds fault with; `rules` limits it to those rules."""
    if not page.evaluate("() => 'axe' in window"):
        page.evaluate(AXE.read_text(encoding="utf-8"))
    options: dict[str, Any] = {"resultTypes": ["violations"]}
    if rules:
        options["runOnly"] = {"type": "rule", "values": list(rules)}
    found: list[dict[str, Any]] = page.evaluate(
        "async (options) => (await axe.run(document, options)).violations", options
    )
    return [
        f"{violation['id']}: {node['target']} {node['failureSummary'].splitlines()[-1].strip()}"
        for violation in found
        for node in violation["nodes"]
    ]


def overflow(page: Page) -> int:
    """Return by how many pixels the page is wider than the window."""
    return int(page.evaluate("() => document.documentElement.scrollWidth - document.documentElement.clientWidth"))


def small_targets(page: Page, least: int = 24) -> list[str]:
    """Return the visible buttons, fields and links outside running text that are smaller than a finger can hit."""
    script = """(least) => [...document.querySelectorAll("button, .btn, input, select, summary, nav a")]
        .filter((element) => element.checkVisibility() && !element.matches("label > input"))
        .map((element) => [element, element.getBoundingClientRect()])
        .filter(([, box]) => box.width > 1 && box.height > 1 && (box.height < least && box.width < least))
        .map(([element]) => element.outerHTML.slice(0, 120))"""
    return list(page.evaluate(script, least))
