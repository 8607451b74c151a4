"""A small application dressed as the real one is."""

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import HTMLResponse, PlainTextResponse
from starlette.routing import Route

from chexview.web.media_route import media_route
from chexview.web.media_store import PATH
from chexview.web.security_headers import SecurityHeaders
from tests.web.client import Client


@pytest.fixture
def client() -> Client:
    async def page(request: object) -> HTMLResponse:
        return HTMLResponse("<p>page</p>")

    async def script(request: object) -> PlainTextResponse:
        return PlainTextResponse("code", headers={"Cache-Control": "public, immutable"})

    app = Starlette(
        routes=[Route(f"{PATH}/{{token}}", media_route), Route("/", page), Route("/static/js/a.js", script)],
        middleware=[Middleware(SecurityHeaders)],
    )
    return Client(app)
