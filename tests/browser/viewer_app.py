"""An application that is the film viewer alone, as ``app.py`` frames it: ``streamlit run tests/browser/viewer_app.py``."""

import streamlit as st
from starlette.middleware import Middleware
from starlette.routing import Route

from chexview.viewer.headers import SecurityHeaders
from chexview.viewer.route import film_route
from chexview.viewer.store import PATH

app = st.App(
    "viewer_page.py",
    routes=[Route(f"{PATH}/{{token}}", film_route)],
    middleware=[Middleware(SecurityHeaders)],
)
