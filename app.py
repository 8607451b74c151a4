"""The application: ``streamlit run app.py``.

PyTorch, whose import takes seconds, and what else readers need are loaded when the first of them has the page.
"""

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import streamlit as st
from starlette.middleware import Middleware
from starlette.routing import Route

import chexview.pages
from chexview import settings
from chexview.pages import catalogue, warm_up
from chexview.web.allowed_hosts import AllowedHosts
from chexview.web.arrivals import ARRIVALS, ARRIVING, arriving_route
from chexview.web.front_page import charts_route, front_route
from chexview.web.login import RequireLogin
from chexview.web.media_route import HideMediaAddresses, media_route
from chexview.web.media_store import PATH
from chexview.web.security_headers import SecurityHeaders
from chexview.web.uploads import UploadLimit, keep_uploads_in_memory

keep_uploads_in_memory()
logging.getLogger("uvicorn.access").addFilter(HideMediaAddresses())
base = f"/{st.get_option('server.baseUrlPath').strip('/')}".rstrip("/")


def page_routes(base: str) -> list[Route]:
    """A route to the front page for every page's address below ``base``."""
    return [
        Route(f"{base}/{entry.path}", charts_route if entry.begins_with_charts else front_route)
        for entry in catalogue.pages()
    ]


@asynccontextmanager
async def lifespan(_: st.App) -> AsyncIterator[None]:
    """Warms up when the server starts."""
    warm_up.start()
    yield


app = st.App(
    Path(chexview.pages.__file__).with_name("main.py"),
    routes=[
        Route(f"{base}{PATH}/{{token}}", media_route),
        Route(f"{base}{ARRIVING}/{{token}}", arriving_route),
        *page_routes(base),
    ],
    lifespan=lifespan,
    middleware=[
        Middleware(SecurityHeaders),
        Middleware(AllowedHosts, settings.allowed_hosts()),
        Middleware(RequireLogin, base),
        Middleware(UploadLimit, came=ARRIVALS.came),
    ],
)
