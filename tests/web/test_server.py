"""The real server, attacked as a hostile page or client would, with everything written down that it does outside itself."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from tests.browser.serving import serving
from tests.web.session_client import session

PATIENCE = 180


@dataclass(frozen=True)
class Attacked:
    """A server, and the file in which it notes connections, names looked up, and temporary files."""

    address: str
    audit: Path

    @property
    def port(self) -> int:
        return int(self.address.rsplit(":", 1)[1])


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, home: Path) -> Iterator[Attacked]:
    folder = tmp_path_factory.mktemp("attacked")
    audit = folder / "audit.log"
    settings = {
        "CHEXVIEW_HOME": str(home),
        "CHEXVIEW_HOSTS": "films.example.org",
        "PYTHONPATH": str(Path(__file__).parent / "audited"),
        "AUDIT_LOG": str(audit),
    }
    with serving(folder / "server.log", settings) as address:
        yield Attacked(address, audit)
    assert "Traceback" not in (folder / "server.log").read_text()


def status_of_websocket(server: Attacked, host: str | None = None, origin: str | None = None) -> int:
    """How a handshake that names another host and page is answered; 101 where it is let in."""
    wanted = host or f"127.0.0.1:{server.port}"
    with socket.create_connection(("127.0.0.1", server.port), PATIENCE) as raw:
        lines = [
            "GET /_stcore/stream HTTP/1.1",
            f"Host: {wanted}",
            "Upgrade: websocket",
            "Connection: Upgrade",
            "Sec-WebSocket-Version: 13",
            "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==",
            *([f"Origin: {origin}"] if origin else []),
        ]
        raw.sendall("\r\n".join([*lines, "", ""]).encode())
        return int(raw.recv(64).split()[1])


@pytest.mark.parametrize("path", ["/", "/evaluate", "/film/x", "/media/x", "/_stcore/health", "/static/x.js"])
def test_a_foreign_name_gets_nothing(server: Attacked, path: str) -> None:
    answer = httpx.get(f"{server.address}{path}", headers={"host": f"evil.example:{server.port}"})
    assert (answer.status_code, answer.headers["content-type"].split(";")[0]) == (403, "text/plain")
    assert "set-cookie" not in answer.headers
    upload = httpx.put(f"{server.address}/_stcore/upload_file/a/b", content=b"x", headers={"host": "evil.example"})
    assert upload.status_code == 403


def test_its_own_names_open_a_websocket(server: Attacked) -> None:
    assert status_of_websocket(server, origin=server.address) == 101
    assert status_of_websocket(server, "films.example.org", "https://films.example.org") == 101
    assert status_of_websocket(server) == 101


def test_a_listed_name_gets_the_page(server: Attacked) -> None:
    answer = httpx.get(f"{server.address}/", headers={"host": "films.example.org"})
    assert (answer.status_code, "<title>CheXView</title>" in answer.text) == (200, True)


@pytest.mark.parametrize("host", ["evil.example", "evil.example:8501", "localhost.evil.example"])
def test_a_foreign_name_opens_no_websocket(server: Attacked, host: str) -> None:
    assert status_of_websocket(server, host, f"http://{host}") == 403


@pytest.mark.parametrize("origin", ["http://evil.example", "http://127.0.0.1:1", "http://localhost:3000", "null"])
def test_another_page_opens_no_websocket_and_freezes_nothing(server: Attacked, origin: str) -> None:
    seconds = []
    for _ in range(3):  # a busy machine is slow now and then
        began = time.monotonic()
        assert status_of_websocket(server, origin=origin) == 403
        assert httpx.get(f"{server.address}/_stcore/health").status_code == 200
        seconds.append(time.monotonic() - began)
        if seconds[-1] < 5:
            break
    assert min(seconds) < 5  # Streamlit alone waits 5 s for each of two addresses that do not answer


def test_the_server_calls_nobody_and_writes_no_upload_down(server: Attacked) -> None:
    with session(server.address) as client:
        client.rerun()
        client.finish()
        assert client.upload("large", bytes(20 * 2**20)) == 204
    for origin in ("http://evil.example", "http://127.0.0.1:1"):
        assert status_of_websocket(server, origin=origin) == 403
    own = f"'127.0.0.1', {server.port}"
    noted = server.audit.read_text().splitlines() if server.audit.exists() else []
    assert [line for line in noted if own not in line] == []


def test_the_audit_would_see_a_call(tmp_path: Path) -> None:
    """So that the test before says something."""
    log = tmp_path / "audit.log"
    program = (
        "import socket, tempfile\n"
        "s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.connect(('127.0.0.1', 9))\n"
        "tempfile.TemporaryFile()\n"
    )
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parent / "audited"), "AUDIT_LOG": str(log)}
    subprocess.run([sys.executable, "-c", program], env=environment, check=True)
    assert {line.split()[0] for line in log.read_text().splitlines()} == {"socket.connect", "open"}
