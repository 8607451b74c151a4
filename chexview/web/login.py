"""Nobody gets anything without a login, where one is configured: pages, films, uploads, the websocket.

Streamlit does OpenID Connect, and leaves in the browser a signed cookie that says who it is (``[auth]`` in
``.streamlit/secrets.toml``). Its own routes for uploads and media do not ask for it, so a middleware asks before all of them.
What cannot be verified counts as no login.
"""

import hashlib
import hmac
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from html import escape
from http.cookies import CookieError, SimpleCookie
from typing import Any
from urllib.parse import parse_qs

import streamlit as st
from starlette.datastructures import Headers
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send
from streamlit.auth_util import (
    get_cookie_with_chunks,
    get_origin_from_redirect_uri,
    get_secrets_auth_section,
    get_signing_secret,
)
from streamlit.user_info import generate_login_redirect_url
from streamlit.web.server.starlette.starlette_app_utils import decode_signed_value
from streamlit.web.server.starlette.starlette_server_config import USER_COOKIE_NAME

LOGIN = "/login"
"""Our own address that begins a login."""
_OPEN = ("/auth/login", "/auth/logout", "/oauth2callback", "/_stcore/health")
"""What a login itself needs, and what tells whether the server lives."""
_POLICY_VIOLATION = 1008
_UNKNOWN = "Log in first."


@dataclass(frozen=True, slots=True, repr=False)
class LoggedIn:
    """Who is logged in, as a mark that says the same of the same person and names nobody."""

    mark: str


def is_configured() -> bool:
    """Whether the secrets have a section ``[auth]``."""
    return bool(get_secrets_auth_section())


def providers() -> tuple[str, ...]:
    """The names of the providers, ``default`` for the section's own."""
    section = get_secrets_auth_section()
    named = tuple(name for name, value in section.items() if isinstance(value, Mapping) and "client_id" in value)
    return ("default",) if "client_id" in section else named


def logged_in(cookies: Mapping[str, str]) -> LoggedIn | None:
    """Whose the login cookie is; None if there is none, or it is not ours, of another address, or too old."""
    secret = get_signing_secret()
    if not secret:
        return None

    def single(name: str) -> bytes | None:
        value = cookies.get(name)
        return None if value is None else decode_signed_value(secret, name, value.encode("latin-1"))

    try:
        found: Any = json.loads(get_cookie_with_chunks(single, USER_COOKIE_NAME) or b"null")
        origin = get_origin_from_redirect_uri()
    except Exception:
        return None
    if not isinstance(found, dict) or found.get("is_logged_in") is not True or found.get("origin") != origin:
        return None
    return LoggedIn(mark_of(found, secret))


def mark_of(claims: Mapping[str, Any], secret: str) -> str:
    """Sixteen characters that stand for a person: their issuer and subject under the server's own secret."""
    who = f"{claims.get('iss', '')} {claims.get('sub', '')}"
    return hmac.new(secret.encode(), who.encode(), hashlib.sha256).hexdigest()[:16]


def page_is_open() -> bool:
    """Whether the page may be drawn for whom Streamlit says it is: somebody who is logged in, or no login is configured."""
    return not is_configured() or st.user.get("is_logged_in") is True


class RequireLogin:
    """ASGI middleware: without a login a page's address shows how to log in, everything else is refused (401).

    ``base`` is the path below which the application lives; ``is_needed`` says whether a login is configured.
    """

    def __init__(self, app: ASGIApp, base: str = "", is_needed: Callable[[], bool] = is_configured) -> None:
        self.app, self.base, self._is_needed = app, base, is_needed

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Passes the request of somebody who is known on."""
        if scope["type"] not in ("http", "websocket") or not self._is_needed():
            await self.app(scope, receive, send)
            return
        path = scope["path"].removeprefix(self.base)
        if (path in _OPEN and scope["type"] == "http") or logged_in(_cookies(scope)) is not None:
            await self.app(scope, receive, send)
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": _POLICY_VIOLATION})
        else:
            await self._answer(path, scope)(scope, receive, send)

    def _answer(self, path: str, scope: Scope) -> Response:
        known = providers()
        if path == LOGIN and scope["method"] == "GET":
            wanted = parse_qs(scope["query_string"].decode("latin-1")).get("with", [""])[0]
            if wanted in known:
                return RedirectResponse(generate_login_redirect_url(wanted), 302)
        if scope["method"] == "GET" and "text/html" in Headers(scope=scope).get("accept", ""):
            return HTMLResponse(_page(self.base, known), 401)
        return PlainTextResponse(_UNKNOWN, 401)


def _page(base: str, known: tuple[str, ...]) -> str:
    links = "".join(
        f"<p><a href='{base}{LOGIN}?with={escape(name)}'>Log in{'' if name == 'default' else f' with {escape(name)}'}</a></p>"
        for name in known
    )
    return (
        "<!doctype html><html lang='en'><head><meta charset='utf-8'><title>CheXView</title>"
        "<style>body{background:#111110;color:#E9E7E2;font:1rem sans-serif;margin:20vh auto;max-width:30rem}a{color:#9BCBB9}"
        "</style></head><body><h1>CheXView</h1>"
        f"{links or '<p>No login is configured rightly; tell the administrator.</p>'}"
        "<p>For research and teaching, not for diagnosis.</p></body></html>"
    )


def _cookies(scope: Scope) -> dict[str, str]:
    try:
        parsed = SimpleCookie(Headers(scope=scope).get("cookie", ""))
    except CookieError:
        return {}
    return {name: morsel.value for name, morsel in parsed.items()}
