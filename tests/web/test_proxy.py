"""deploy/nginx.conf, with nginx itself and TLS, before the real server."""

import shutil
import socket
import ssl
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from tests.browser.serving import ROOT, serving

pytestmark = pytest.mark.skipif(
    not shutil.which("nginx") or not shutil.which("openssl"), reason="nginx or openssl is not installed"
)
NAME = "films.example.org"


@dataclass(frozen=True)
class Proxy:
    """Where nginx listens, and the certificate by which it is known."""

    port: int
    certificate: Path

    def client(self) -> httpx.Client:
        context = ssl.create_default_context(cafile=str(self.certificate))
        context.check_hostname = False
        return httpx.Client(verify=context, base_url=f"https://127.0.0.1:{self.port}", headers={"host": self.host})

    @property
    def host(self) -> str:
        return f"{NAME}:{self.port}"


@pytest.fixture(scope="module")
def proxy(tmp_path_factory: pytest.TempPathFactory, home: Path) -> Iterator[Proxy]:
    folder = tmp_path_factory.mktemp("nginx")
    crt, key = folder / "tls.crt", folder / "tls.key"
    making = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2"]
    making += ["-subj", f"/CN={NAME}", "-addext", f"subjectAltName=DNS:{NAME}", "-keyout", str(key), "-out", str(crt)]
    subprocess.run(making, check=True, capture_output=True)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with serving(folder / "server.log", {"CHEXVIEW_HOME": str(home), "CHEXVIEW_HOSTS": NAME}) as address:
        recipe = (ROOT / "deploy" / "nginx.conf").read_text()
        for known, here in {
            "listen 443 ssl": f"listen 127.0.0.1:{port} ssl",
            "/etc/chexview/tls.crt": str(crt),
            "/etc/chexview/tls.key": str(key),
            "http://127.0.0.1:8501": address,
        }.items():
            assert recipe.count(known) == 1
            recipe = recipe.replace(known, here)
        (folder / "site.conf").write_text(recipe)
        kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        temporary = "".join(f"{kind}_temp_path {folder}/{kind};" for kind in kinds)
        (folder / "nginx.conf").write_text(
            f"daemon off; pid {folder}/pid; error_log {folder}/error.log; worker_processes 1; events {{}}"
            f" http {{ {temporary} include {folder}/site.conf; }}"
        )
        command = ["nginx", "-c", str(folder / "nginx.conf"), "-e", str(folder / "error.log")]
        with subprocess.Popen(command, stderr=subprocess.DEVNULL) as process:
            try:
                for _ in range(100):
                    with socket.socket() as trying:
                        if trying.connect_ex(("127.0.0.1", port)) == 0:
                            break
                    time.sleep(0.1)
                yield Proxy(port, crt)
            finally:
                process.terminate()
    assert not [path for kind in kinds for path in (folder / kind).rglob("*") if path.is_file()]


def test_the_page_comes_by_tls_with_a_secure_cookie(proxy: Proxy) -> None:
    with proxy.client() as client:
        page = client.get("/")
    assert page.status_code == 200 and "<title>CheXView</title>" in page.text
    assert page.headers["strict-transport-security"].startswith("max-age=")
    assert "Secure" in page.headers["set-cookie"]
    assert "1.22" not in page.headers["server"]


def test_a_foreign_name_gets_nothing_through_the_proxy_either(proxy: Proxy) -> None:
    with proxy.client() as client:
        assert client.get("/", headers={"host": "evil.example"}).status_code == 403


@pytest.mark.parametrize(("origin", "status"), [(f"https://{NAME}", 101), ("https://evil.example", 403)])
def test_a_websocket_is_upgraded_for_our_own_page(proxy: Proxy, origin: str, status: int) -> None:
    context = ssl.create_default_context(cafile=str(proxy.certificate))
    page = origin if "evil" in origin else f"{origin}:{proxy.port}"
    lines = [
        "GET /_stcore/stream HTTP/1.1",
        f"Host: {proxy.host}",
        "Upgrade: websocket",
        "Connection: Upgrade",
        "Sec-WebSocket-Version: 13",
        "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==",
        f"Origin: {page}",
    ]
    with (
        socket.create_connection(("127.0.0.1", proxy.port), 60) as plain,
        context.wrap_socket(plain, server_hostname=NAME) as raw,
    ):
        raw.sendall("\r\n".join([*lines, "", ""]).encode())
        assert int(raw.recv(64).split()[1]) == status


def test_uploads_pass_up_to_their_limit_and_no_further(proxy: Proxy) -> None:
    def status(size: int) -> int:
        head = f"PUT /_stcore/upload_file/a/b HTTP/1.1\r\nHost: {proxy.host}\r\nContent-Length: {size}\r\n\r\n"
        context = ssl.create_default_context(cafile=str(proxy.certificate))
        with (
            socket.create_connection(("127.0.0.1", proxy.port), 60) as plain,
            context.wrap_socket(plain, server_hostname=NAME) as raw,
        ):
            raw.sendall(head.encode() + b"x" * min(size, 1000))
            return int(raw.recv(64).split()[1])

    assert status(1000) not in (413, 502)
    assert status(131 * 2**20) == 413
