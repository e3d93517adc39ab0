"""`tradershub check reach` names the hop at which a message gets lost."""

from __future__ import annotations

import datetime
import json
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tradershub.cli.reach import Finding, Hop, LocalHub, follow

HUB: dict[str, tuple[int, dict[str, object], dict[str, str]]] = {
    "GET /healthz": (200, {"status": "ok"}, {}),
    "GET /readyz": (404, {"code": "not_found"}, {}),
    "POST /webhook/native": (400, {"code": "empty_body"}, {}),
}
Answers = dict[str, tuple[int, dict[str, object], dict[str, str]]]
LOCAL = LocalHub(is_running=True, ui="http://127.0.0.1:8787", hooks="http://127.0.0.1:8788")


class Server(HTTPServer):
    answers: Answers

    def handle_error(self, *_: object) -> None:
        return


class Handler(BaseHTTPRequestHandler):
    server: Server

    def answer(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        status, body, headers = self.server.answers.get(f"{self.command} {self.path}", (404, {}, {}))
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(json.dumps(body).encode())

    do_GET = do_POST = answer  # noqa: N815 -- the names that the standard library calls

    def log_message(self, *_: object) -> None:
        return


Serve = Callable[..., str]


@pytest.fixture
def serve() -> Iterator[Serve]:
    running: list[tuple[Server, threading.Thread]] = []

    def start(answers: Answers, *, tls: ssl.SSLContext | None = None) -> str:
        server = Server(("127.0.0.1", 0), Handler)
        server.answers = answers
        if tls is not None:
            server.socket = tls.wrap_socket(server.socket, server_side=True)
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        running.append((server, thread))
        return f"{'http' if tls is None else 'https'}://127.0.0.1:{server.server_address[1]}"

    yield start
    for server, thread in running:
        server.shutdown()
        thread.join()
        server.server_close()


def last(url: str, local: LocalHub = LOCAL) -> Finding:
    found = list(follow(url, local))
    assert all(finding.is_fine for finding in found[:-1])
    return found[-1]


def test_a_hub_is_reached(serve: Serve) -> None:
    found = list(follow(serve(HUB), LOCAL))
    assert [finding.hop for finding in found] == [Hop.ADDRESS, Hop.DNS, Hop.TCP, Hop.TLS, Hop.HUB, Hop.WEBHOOK]
    assert all(finding.is_fine for finding in found)
    assert "80 and 443 only" in found[0].text
    assert found[-1].text == "messages arrive"


def test_pages_that_show_too_are_mentioned(serve: Serve) -> None:
    answers = {**HUB, "GET /readyz": (200, {"status": "ready"}, {})}
    assert "the pages are reachable there too" in last(serve(answers)).text


@pytest.mark.parametrize("url", ["hooks.example.com", "ftp://x", "https://", "https://x:99999", "https://x/webhook"])
def test_what_is_no_address_goes_no_further(url: str) -> None:
    finding = last(url)
    assert (finding.hop, finding.is_fine) == (Hop.ADDRESS, False)


def test_a_name_without_an_address(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*_: object, **__: object) -> None:
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    finding = last("https://hooks.example.com")
    assert (finding.hop, finding.is_fine) == (Hop.DNS, False)


def test_a_port_where_nobody_listens_names_the_listener_that_is_off() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}"
        finding = last(url, LocalHub(is_running=True, ui="http://127.0.0.1:8787", hooks=None))
    assert (finding.hop, finding.is_fine) == (Hop.TCP, False)
    assert "hooks.enabled" in finding.text


def test_plain_http_where_https_is_asked(serve: Serve) -> None:
    finding = last(serve(HUB).replace("http:", "https:"))
    assert (finding.hop, finding.is_fine) == (Hop.TLS, False)


def test_a_certificate_that_nobody_trusts(serve: Serve, tmp_path: Path) -> None:
    finding = last(serve(HUB, tls=self_signed(tmp_path)))
    assert (finding.hop, finding.is_fine) == (Hop.TLS, False)
    assert "certificate" in finding.text


@pytest.mark.parametrize("status", [502, 503, 530])
def test_a_proxy_that_reaches_nothing(serve: Serve, status: int) -> None:
    finding = last(serve({"GET /healthz": (status, {}, {})}))
    assert (finding.hop, finding.is_fine) == (Hop.HTTP, False)
    assert LOCAL.advice in finding.text


def test_a_proxy_before_a_hub_that_does_not_run(serve: Serve) -> None:
    stopped = LocalHub(is_running=False, ui="http://127.0.0.1:8787", hooks=None)
    assert "tradershub run" in last(serve({"GET /healthz": (502, {}, {})}), stopped).text


def test_a_redirect_is_not_followed(serve: Serve) -> None:
    finding = last(serve({"GET /healthz": (301, {}, {"Location": "https://www.example.com/"})}))
    assert (finding.hop, finding.is_fine) == (Hop.HTTP, False)
    assert "https://www.example.com/" in finding.text


def test_a_sign_in_before_the_hub(serve: Serve) -> None:
    finding = last(serve({"GET /healthz": (403, {}, {})}))
    assert (finding.hop, finding.is_fine) == (Hop.HTTP, False)


def test_another_server(serve: Serve) -> None:
    finding = last(serve({"GET /healthz": (200, {"status": "fine"}, {})}))
    assert (finding.hop, finding.is_fine) == (Hop.HUB, False)
    assert "another server" in finding.text


@pytest.mark.parametrize(
    ("status", "code"), [(404, "not_found"), (405, ""), (503, "starting"), (401, "secret_missing")]
)
def test_a_webhook_that_does_not_take_the_probe(serve: Serve, status: int, code: str) -> None:
    finding = last(serve({**HUB, "POST /webhook/native": (status, {"code": code}, {})}))
    assert (finding.hop, finding.is_fine) == (Hop.WEBHOOK, False)


def self_signed(folder: Path) -> ssl.SSLContext:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    begin = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(begin)
        .not_valid_after(begin + datetime.timedelta(days=36_500))
        .sign(key, hashes.SHA256())
    )
    file = folder / "self.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    file.write_bytes(private + certificate.public_bytes(serialization.Encoding.PEM))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    return context
