"""An application that is the film viewer alone, as ``app.py`` frames it: ``streamlit run tests/browser/viewer_app.py``."""

import streamlit as st
from starlette.middleware import Middleware
from starlette.routing import Route

from chexview.web.media_route import media_route
from chexview.web.media_store import PATH
from chexview.web.security_headers import SecurityHeaders

app = st.App(
    "viewer_page.py",
    routes=[Route(f"{PATH}/{{token}}", media_route)],
    middleware=[Middleware(SecurityHeaders)],
)
