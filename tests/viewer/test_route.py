"""The film route and the security headers, as a browser meets them."""

import logging

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import HTMLResponse, PlainTextResponse
from starlette.routing import Route

from chexview.viewer.front import front
from chexview.viewer.headers import COOKIE, SecurityHeaders, content_security_policy, script_hashes
from chexview.viewer.route import WithoutTokens, film_route
from chexview.viewer.store import PATH, STORE, Item
from tests.viewer.client import Client


@pytest.fixture
def client() -> Client:
    async def page(request: object) -> HTMLResponse:
        return HTMLResponse("<p>page</p>")

    async def script(request: object) -> PlainTextResponse:
        return PlainTextResponse("code", headers={"Cache-Control": "public, immutable"})

    app = Starlette(
        routes=[Route(f"{PATH}/{{token}}", film_route), Route("/", page), Route("/static/js/a.js", script)],
        middleware=[Middleware(SecurityHeaders)],
    )
    return Client(app)


def named(client: Client, name: str) -> dict[str, str]:
    return {"cookie": f"{COOKIE}={name}"}


def test_a_film_is_served_to_its_owner_alone(client: Client) -> None:
    token = STORE.put(Item(b"pixels", "image/png"), "anna")
    answer = client.get(f"{PATH}/{token}", headers=named(client, "anna"))
    assert (answer.status_code, answer.content, answer.headers["content-type"]) == (200, b"pixels", "image/png")
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["cross-origin-resource-policy"] == "same-origin"
    for headers in (named(client, "bert"), {}):
        refused = client.get(f"{PATH}/{token}", headers=headers)
        assert refused.status_code == 404
        assert b"pixels" not in refused.content
        assert refused.headers["cache-control"] == "no-store"
    STORE.drop(token)
    assert client.get(f"{PATH}/{token}", headers=named(client, "anna")).status_code == 404


def test_an_unknown_token_is_404(client: Client) -> None:
    assert client.get(f"{PATH}/nothing", headers=named(client, "anna")).status_code == 404


def test_tables_are_saved_and_pictures_shown(client: Client) -> None:
    token = STORE.put(Item(b"a,b", "text/csv", "chexview-readings.csv"), "anna")
    answer = client.get(f"{PATH}/{token}", headers=named(client, "anna"))
    assert answer.headers["content-disposition"] == 'attachment; filename="chexview-readings.csv"'
    STORE.drop(token)


def test_every_answer_is_dressed(client: Client) -> None:
    headers = client.get("/").headers
    policy = headers["content-security-policy"]
    assert "frame-ancestors 'none'" in policy
    assert "default-src 'self'" in policy
    assert "unsafe-eval" not in policy.replace("wasm-unsafe-eval", "")
    assert "'unsafe-inline'" not in policy.split("script-src")[1].split(";")[0]
    assert "http" not in policy
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["cache-control"] == "no-store"
    assert client.get("/static/js/a.js").headers["cache-control"] == "public, immutable"


def test_a_newcomer_gets_a_name_once(client: Client) -> None:
    cookie = client.get("/").headers["set-cookie"]
    assert cookie.startswith(f"{COOKIE}=")
    assert "HttpOnly" in cookie
    assert "SameSite=Strict" in cookie
    assert "Secure" not in cookie
    assert "set-cookie" not in client.get("/").headers
    other = Client(client.app, "https://127.0.0.1")
    assert "Secure" in other.get("/").headers["set-cookie"]
    assert other.cookies[COOKIE] != client.cookies[COOKIE]


def test_a_cookie_that_cannot_be_read_is_no_cookie(client: Client) -> None:
    assert client.get("/", headers={"cookie": 'a"b;;=\x7f'}).status_code == 200


def test_every_inline_script_of_the_page_is_allowed_by_its_hash() -> None:
    hashes = script_hashes(front())
    assert len(hashes) >= 2
    assert all(source in content_security_policy(front()) for source in hashes)
    assert "<title>CheXView</title>" in front()


def test_addresses_of_films_stay_out_of_access_logs() -> None:
    def line(path: str) -> logging.LogRecord:
        return logging.LogRecord("uvicorn.access", logging.INFO, "", 0, '%s "GET %s"', ("127.0.0.1", path), None)

    assert not WithoutTokens().filter(line(f"{PATH}/abc"))
    assert WithoutTokens().filter(line("/evaluate"))
