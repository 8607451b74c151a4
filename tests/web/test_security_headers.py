"""The security headers, as a browser meets them."""

from chexview.web.front_page import front
from chexview.web.security_headers import COOKIE, content_security_policy, script_hashes
from tests.web.client import Client


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
