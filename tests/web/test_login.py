"""The real server with a login configured: nothing without the cookie, everything with it; a provider on loopback."""

import json
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from chexview.pages import catalogue
from chexview.web.login import mark_of
from tests.web.oidc import CLIENT_SECRET, SECRET, Provider, guarded_server, providing
from tests.web.test_server import Attacked, status_of_websocket


@pytest.fixture(scope="module")
def provider() -> Iterator[Provider]:
    with providing() as found:
        yield found


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, home: Path, provider: Provider) -> Iterator[Attacked]:
    folder = tmp_path_factory.mktemp("login")
    with guarded_server(folder, home, provider) as address:
        yield Attacked(address, folder / "server.log")


@pytest.fixture
def client(server: Attacked) -> Iterator[httpx.Client]:
    """A browser after the login."""
    with httpx.Client(base_url=server.address, follow_redirects=True, headers={"accept": "text/html"}) as found:
        page = found.get("/")
        assert page.status_code == 401 and "/login?with=default" in page.text
        assert found.get("/login?with=default").status_code == 200
        yield found


PATHS = [f"/{entry.path}" for entry in catalogue.pages()]
PATHS += [
    "/film/x",
    "/media/x",
    "/static/index.js",
    "/component/x",
    "/_stcore/host-config",
    "/_stcore/metrics",
    "/none",
]
PATHS += [
    "/_stcore/bidi-components/x",
    "/login",
    "/login?with=nobody",
    "/_stcore/health/",
    "//_stcore/health",
    "/oauth2callback/",
]


@pytest.mark.parametrize("path", PATHS)
def test_nothing_without_a_login(server: Attacked, path: str) -> None:
    answer = httpx.get(f"{server.address}{path}", headers={"accept": "*/*"})
    assert (answer.status_code, answer.text) == (401, "Log in first.")
    shown = httpx.get(f"{server.address}{path}", headers={"accept": "text/html"})
    assert shown.status_code == 401 and "stApp" not in shown.text and "<script" not in shown.text


def test_no_upload_and_no_websocket_without_a_login(server: Attacked) -> None:
    for method in ("PUT", "POST", "DELETE"):
        assert httpx.request(method, f"{server.address}/_stcore/upload_file/a/b").status_code == 401
    assert status_of_websocket(server, origin=server.address) == 403
    assert httpx.get(f"{server.address}/_stcore/health").status_code == 200


@pytest.mark.parametrize(
    "cookie", ["", "x", json.dumps({"is_logged_in": True}), "2|1:0|10:1|15:_streamlit_user|4:e30=|x"]
)
def test_a_made_up_cookie_is_no_login(server: Attacked, cookie: str) -> None:
    answer = httpx.get(f"{server.address}/_stcore/host-config", headers={"cookie": f"_streamlit_user={cookie}"})
    assert answer.status_code == 401


def test_a_login_opens_pages_and_a_logout_closes_them(client: httpx.Client) -> None:
    page = client.get("/")
    assert page.status_code == 200 and "<title>CheXView</title>" in page.text
    assert client.get("/film/x").status_code == 404
    assert client.get("/_stcore/host-config").status_code == 200
    assert client.get("/auth/logout").status_code == 401
    assert client.get("/_stcore/host-config").status_code == 401


def test_the_login_goes_to_the_provider_and_carries_no_secret(server: Attacked, provider: Provider) -> None:
    answer = httpx.get(f"{server.address}/login?with=default", headers={"accept": "text/html"})
    assert answer.status_code == 302
    onward = httpx.get(f"{server.address}{answer.headers['location']}")
    there = urlsplit(onward.headers["location"])
    assert f"{there.scheme}://{there.netloc}" == provider.root
    parameters = parse_qs(there.query)
    assert parameters["redirect_uri"] == [f"{server.address}/oauth2callback"] and parameters["client_id"] == [
        "chexview"
    ]
    assert CLIENT_SECRET not in there.query and SECRET not in answer.headers["location"]


def test_a_mark_names_nobody_and_tells_persons_apart() -> None:
    jane, joan = ({"iss": "https://id.example", "sub": name} for name in ("jane", "joan"))
    assert mark_of(jane, SECRET) == mark_of(dict(jane), SECRET) != mark_of(joan, SECRET)
    assert mark_of(jane, "another secret") != mark_of(jane, SECRET) and len(mark_of(jane, SECRET)) == 16
