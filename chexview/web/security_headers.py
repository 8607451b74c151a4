"""Security headers on every answer, and the cookie that says whose browser it is."""

import base64
import hashlib
import re
import secrets
from http.cookies import CookieError, SimpleCookie

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from chexview.web.front_page import front

COOKIE = "chexview_owner"

_INLINE = re.compile(r"<script>(.*?)</script>", re.DOTALL)


def script_hashes(page: str) -> tuple[str, ...]:
    """The CSP sources of a page's inline scripts, so that no other inline script runs (CSP level 3, 2.3.1)."""
    digests = (hashlib.sha256(script.encode()).digest() for script in _INLINE.findall(page))
    return tuple(f"'sha256-{base64.b64encode(digest).decode()}'" for digest in digests)


def content_security_policy(page: str) -> str:
    """Everything from this server and nothing else; ``page`` is the HTML of every page.

    ``blob:`` scripts are the components' inline modules; inline styles are Streamlit's, Plotly's and ours; ``data:`` and
    ``blob:`` pictures are icons and Plotly's saved figures.
    """
    return "; ".join(
        (
            "default-src 'self'",
            f"script-src 'self' 'wasm-unsafe-eval' blob: {' '.join(script_hashes(page))}",
            "style-src 'self' 'unsafe-inline'",
            "img-src 'self' data: blob:",
            "font-src 'self' data:",
            "connect-src 'self'",
            "worker-src 'self' blob:",
            "frame-src 'none'",
            "frame-ancestors 'none'",
            "form-action 'self'",
            "object-src 'none'",
            "base-uri 'self'",
        )
    )


class SecurityHeaders:
    """ASGI middleware: the headers, ``no-store`` on everything but Streamlit's own static files, and the cookie.

    The cookie is random, names nobody, and lasts as long as the browser runs. Films are served only to the browser that
    brought them.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self.policy = content_security_policy(front())

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Passes the request on and dresses the answer."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        newcomer = COOKIE not in _cookies(Headers(scope=scope).get("cookie", ""))

        async def dressed(message: Message) -> None:
            if message["type"] == "http.response.start":
                self._dress(MutableHeaders(scope=message), scope, newcomer)
            await send(message)

        await self.app(scope, receive, dressed)

    def _dress(self, headers: MutableHeaders, scope: Scope, newcomer: bool) -> None:
        headers["Content-Security-Policy"] = self.policy
        headers["X-Content-Type-Options"] = "nosniff"
        headers["X-Frame-Options"] = "DENY"
        headers["Referrer-Policy"] = "no-referrer"
        headers["Cross-Origin-Resource-Policy"] = "same-origin"
        headers["Cross-Origin-Opener-Policy"] = "same-origin"
        headers["Permissions-Policy"] = "camera=(), microphone=(), geolocation=()"
        if "/static/" not in scope["path"]:
            headers["Cache-Control"] = "no-store"
        if newcomer and headers.get("content-type", "").startswith("text/html"):
            secure = "; Secure" if scope.get("scheme") == "https" else ""
            cookie = f"{COOKIE}={secrets.token_urlsafe(16)}; Path=/; HttpOnly; SameSite=Strict{secure}"
            headers.append("Set-Cookie", cookie)


def _cookies(header: str) -> SimpleCookie:
    try:
        return SimpleCookie(header)
    except CookieError:
        return SimpleCookie()
