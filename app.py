"""The application: ``streamlit run app.py``.

The pages' imports (PyTorch takes seconds) are made here, before the first reader waits for them.
"""

import logging

import streamlit as st
from starlette.middleware import Middleware
from starlette.routing import Route

import chexview.pages.reader  # noqa: F401
from chexview.viewer.front import PAGES, front_route
from chexview.viewer.headers import SecurityHeaders
from chexview.viewer.route import WithoutTokens, film_route
from chexview.viewer.store import PATH

logging.getLogger("uvicorn.access").addFilter(WithoutTokens())
base = f"/{st.get_option('server.baseUrlPath').strip('/')}".rstrip("/")

app = st.App(
    "chexview/pages/main.py",
    routes=[
        Route(f"{base}{PATH}/{{token}}", film_route),
        *(Route(f"{base}/{page}", front_route) for page in PAGES),
    ],
    middleware=[Middleware(SecurityHeaders)],
)
