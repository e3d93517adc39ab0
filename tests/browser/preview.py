"""Serves the page samples on loopback, so that templates can be looked at and tested without a hub.

`python -m tests.browser.preview` serves until interrupted; with `--shots FOLDER` it writes a screenshot of each sample.
"""

from __future__ import annotations

import argparse
import json
import mimetypes
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.browser import sample_rows, samples
from tests.browser.browser_tools import THEMES, WIDTHS, look_as, open_browser, visit
from tradershub.web.templating import build_templates

WEB = Path(__file__).resolve().parents[2] / "tradershub" / "web"
POLICY = (
    "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'"
)


class Preview(ThreadingHTTPServer):
    """A web server of samples; what is posted is kept in `posts`, what is put into `events` goes out on the stream."""

    daemon_threads = True

    def __init__(self, port: int = 0) -> None:
        super().__init__(("127.0.0.1", port), Handler)
        self.templates = build_templates(WEB / "templates", WEB / "static")
        self.posts: list[tuple[str, dict[str, list[str]]]] = []
        self.events: list[tuple[str, dict[str, Any]]] = []
        self.changes: dict[str, dict[str, Any]] = {}
        """Keys of a sample's context to be replaced, by address: what the server would say the next time."""
        self.streaming = True
        self.changed = threading.Condition()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def send_event(self, name: str, data: dict[str, Any]) -> None:
        with self.changed:
            self.events.append((name, data))
            self.changed.notify_all()


class Handler(BaseHTTPRequestHandler):
    server: Preview

    def do_GET(self) -> None:
        address = urlsplit(self.path)
        if address.path.startswith("/static/"):
            self.answer_file(address.path.removeprefix("/static/"))
        elif address.path == "/api/events":
            self.answer_stream()
        elif address.path == "/signals/rows":
            now = datetime.now(UTC)
            context = sample_rows.frame(now, "signals") | {
                "signals": [sample_rows.signal(now, 201)],
                "ticks": sample_rows.TICKS,
            }
            self.answer(200, self.server.templates.get_template("_signal_rows.html").render(context))
        else:
            self.answer_sample(address.path)

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode("utf-8")
        self.server.posts.append((self.path, parse_qs(body, keep_blank_values=True)))
        self.send_response(303)
        self.send_header("Location", urlsplit(self.headers.get("Referer", "/")).path)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def answer_sample(self, path: str) -> None:
        pages = samples.pages(datetime.now(UTC))
        template, context = pages.get(path, pages["/missing"])
        html = self.server.templates.get_template(template).render(context | self.server.changes.get(path, {}))
        self.answer(200 if path in pages else 404, html)

    def answer_file(self, name: str) -> None:
        path = (WEB / "static" / name).resolve()
        if not path.is_file() or not path.is_relative_to(WEB / "static"):
            self.answer(404, "")
            return
        content = path.read_bytes()
        self.send_response(200)
        self.send_header("Content-Type", mimetypes.guess_type(name)[0] or "application/octet-stream")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def answer_stream(self) -> None:
        if not self.server.streaming:
            self.answer(503, "")
            return
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.end_headers()
        sent = 0
        try:
            while True:
                with self.server.changed:
                    if len(self.server.events) == sent:
                        self.server.changed.wait(timeout=1)
                    new = self.server.events[sent:]
                for number, (name, data) in enumerate(new, start=sent + 1):
                    self.wfile.write(f"id: {number}\nevent: {name}\ndata: {json.dumps(data)}\n\n".encode())
                self.wfile.write(b": still here\n\n")
                self.wfile.flush()
                sent += len(new)
        except OSError:
            self.close_connection = True

    def answer(self, status: int, html: str) -> None:
        content = html.encode("utf-8")
        self.send_response(status)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Security-Policy", POLICY)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  the base class calls it so
        """Stay quiet: tests read the pages, not the access log."""


@contextmanager
def serving(port: int = 0) -> Iterator[Preview]:
    server = Preview(port)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def take_shots(folder: Path, wanted: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    with serving() as server, open_browser() as browser:
        for path in samples.pages(datetime.now(UTC)):
            if wanted not in path:
                continue
            with visit(browser, server.url + path) as opened:
                for theme in THEMES:
                    for width in WIDTHS:
                        look_as(opened.page, theme=theme, width=width)
                        name = path.strip("/").replace("/", "-") or "home"
                        opened.page.screenshot(path=folder / f"{name}-{width}-{theme}.png", full_page=True)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=8799)
    parser.add_argument("--shots", type=Path, help="write screenshots there and end")
    parser.add_argument("--only", default="", help="only samples whose address contains this")
    options = parser.parse_args()
    if options.shots:
        take_shots(options.shots, options.only)
        return 0
    with serving(options.port) as server:
        sys.stdout.write(f"{server.url}\n" + "".join(f"  {path}\n" for path in samples.pages(datetime.now(UTC))))
        try:
            threading.Event().wait()
        except KeyboardInterrupt:
            return 0
    return 0


if __name__ == "__main__":
    sys.exit(main())
