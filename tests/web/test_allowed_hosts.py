"""Names and pages that are let in, each as a browser would send it."""

from typing import Any

import pytest
from starlette.types import Message, Receive, Scope, Send

from chexview import settings
from chexview.errors import SettingsError
from chexview.web.allowed_hosts import AllowedHosts, parse_host, parse_origin
from tests import event_loop

OWN = "localhost:8501"
REFUSED = {"http": "403", "websocket": "1008"}


def answer(
    host: str | None,
    origin: str | None = None,
    *,
    kind: str = "http",
    scheme: str | None = None,
    names: tuple[str, ...] = (),
    more: tuple[tuple[str, str], ...] = (),
) -> str:
    """``in``, or how the request was refused."""
    headers = [("host", host)] if host is not None else []
    headers += [("origin", origin)] if origin is not None else []
    scope: Scope = {
        "type": kind,
        "method": "GET",
        "path": "/",
        "scheme": scheme or {"http": "http", "websocket": "ws"}[kind],
        "headers": [(name.encode(), value.encode("latin-1")) for name, value in (*headers, *more)],
    }
    sent: list[str] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        sent.append("in")

    async def receive() -> Message:
        return {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        if message["type"] in ("http.response.start", "websocket.close"):
            sent.append(str(message.get("status") or message["code"]))

    event_loop.run(AllowedHosts(app, names)(scope, receive, send))
    assert len(sent) == 1
    return sent[0]


@pytest.mark.parametrize("kind", ["http", "websocket"])
class TestHost:
    """DNS rebinding: the browser sends the attacker's name."""

    @pytest.mark.parametrize("host", [OWN, "LOCALHOST:8501", "localhost.:8501", "127.0.0.1", "[::1]:8501", "[0:0::1]"])
    def test_loopback_names_are_let_in(self, kind: str, host: str) -> None:
        assert answer(host, kind=kind) == "in"

    @pytest.mark.parametrize(
        "host",
        [
            None,
            "",
            "evil.example:8501",
            "localhost.evil.example:8501",
            "evil.example@localhost:8501",
            "localhost@evil.example",
            "localhost:8501@evil.example",
            "localhost:evil",
            "localhost:",
            "localhost:99999",
            "localhost/evil.example",
            "localhost,evil.example",
            "localhost evil.example",
            "localhost#.evil.example",
            "127.0.0.1.evil.example",
            "127.0.0.2:8501",
            "0.0.0.0:8501",
            "192.168.1.9:8501",
            "[::2]:8501",
            "[::1",
            "löcalhost",
            "*",
        ],
    )
    def test_other_names_are_refused(self, kind: str, host: str | None) -> None:
        assert answer(host, kind=kind) == REFUSED[kind]

    def test_two_hosts_are_refused(self, kind: str) -> None:
        assert answer(OWN, kind=kind, more=(("host", "evil.example"),)) == REFUSED[kind]

    def test_forwarded_names_count_for_nothing(self, kind: str) -> None:
        more = (("x-forwarded-host", "localhost"), ("forwarded", "host=localhost"))
        assert answer("evil.example", kind=kind, more=more) == REFUSED[kind]

    def test_an_administrator_lists_more(self, kind: str) -> None:
        names = ("films.example.org",)
        assert answer("films.example.org", kind=kind, names=names) == "in"
        assert answer("Films.Example.org.:8501", kind=kind, names=names) == "in"
        assert answer("more.films.example.org", kind=kind, names=names) == REFUSED[kind]
        assert answer(OWN, kind=kind, names=names) == "in"


@pytest.mark.parametrize("kind", ["http", "websocket"])
class TestOrigin:
    """Pages elsewhere: the browser sends their origin."""

    @pytest.mark.parametrize("host", [OWN, "127.0.0.1:8501", "[::1]:8501"])
    def test_the_servers_own_pages_are_let_in(self, kind: str, host: str) -> None:
        assert answer(host, f"http://{host}", kind=kind) == "in"

    @pytest.mark.parametrize(
        "origin",
        [
            "http://evil.example",
            "http://evil.example:8501",
            "https://localhost.evil.example:8501",
            "http://localhost",
            "http://localhost:3000",
            "http://localhost:8502",
            "http://127.0.0.1:8501",
            "http://[::1]:8501",
            "https://localhost",
            "null",
            "",
            "file://",
            "chrome-extension://localhost:8501",
            "http://localhost:8501@evil.example",
            "http://localhost:8501/evil",
        ],
    )
    def test_other_pages_are_refused_even_of_this_machine(self, kind: str, origin: str) -> None:
        assert answer(OWN, origin, kind=kind) == REFUSED[kind]

    def test_two_origins_are_refused(self, kind: str) -> None:
        own = f"http://{OWN}"
        assert answer(OWN, own, kind=kind, more=(("origin", own),)) == REFUSED[kind]

    def test_a_proxy_may_end_tls(self, kind: str) -> None:
        names = ("films.example.org",)
        assert answer("films.example.org", "https://films.example.org", kind=kind, names=names) == "in"
        assert answer("films.example.org", "http://films.example.org:8080", kind=kind, names=names) != "in"

    def test_an_insecure_page_does_not_reach_a_secure_server(self, kind: str) -> None:
        scheme = {"http": "https", "websocket": "wss"}[kind]
        assert answer("localhost", "https://localhost", kind=kind, scheme=scheme) == "in"
        assert answer("localhost", "http://localhost", kind=kind, scheme=scheme) == REFUSED[kind]


@pytest.mark.parametrize(
    ("site", "mode", "result"),
    [
        ("none", "navigate", "in"),
        ("same-origin", "no-cors", "in"),
        ("cross-site", "navigate", "in"),
        ("cross-site", "no-cors", "403"),
        ("same-site", "no-cors", "403"),
        ("same-site", "websocket", "403"),
    ],
)
def test_of_what_carries_no_origin_only_links_come_from_elsewhere(site: str, mode: str, result: str) -> None:
    assert answer(OWN, more=(("sec-fetch-site", site), ("sec-fetch-mode", mode))) == result


def test_what_is_no_request_passes() -> None:
    passed: list[Any] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        passed.append(scope["type"])

    event_loop.run(AllowedHosts(app)({"type": "lifespan"}, None, None))  # type: ignore[arg-type]
    assert passed == ["lifespan"]


def test_what_headers_name() -> None:
    assert parse_host("[::1]:80") == parse_host("[0:0:0:0:0:0:0:1]:80")
    assert parse_host("a b") is None
    assert parse_origin("null") is None


def test_hosts_of_the_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHEXVIEW_HOSTS", " Films.Example.org. , 10.0.0.7,[0::1],")
    assert settings.allowed_hosts() == {"films.example.org", "10.0.0.7", "::1"}
    monkeypatch.delenv("CHEXVIEW_HOSTS")
    assert settings.allowed_hosts() == frozenset()
    for wrong in ("*", "*.example.org", "films.example.org:8501", "http://films", "a b", "-a"):
        monkeypatch.setenv("CHEXVIEW_HOSTS", wrong)
        with pytest.raises(SettingsError, match="CHEXVIEW_HOSTS"):
            settings.allowed_hosts()
