"""The page that a browser gets first: Streamlit's own, with our title, and dark unless the reader chose otherwise.

Streamlit follows the system's setting where both of its themes are configured, and cannot be told to begin dark. Films
are read in the dark, so the reader's choice, which Streamlit keeps in the browser by page, begins as dark.
"""

from functools import cache
from pathlib import Path

import streamlit
from starlette.requests import Request
from starlette.responses import HTMLResponse

_BEGIN_DARK = (
    "<script>try{const k='stActiveTheme-'+location.pathname+'-v2';"
    "if(localStorage.getItem(k)===null)localStorage.setItem(k,'\"Dark\"')}catch{}</script>"
)
_BEGIN_HERE = "<script>window.__streamlit={BACKEND_BASE_URL:new URL('.',location.href).href}</script>"
"""Where the server is: beside the page. Streamlit would ask below the page first, and log two addresses that are not there."""


@cache
def front() -> str:
    """The HTML of every page."""
    own = (Path(streamlit.__file__).parent / "static" / "index.html").read_text(encoding="utf-8")
    return own.replace("<title>Streamlit</title>", f"<title>CheXView</title>{_BEGIN_HERE}{_BEGIN_DARK}", 1)


async def front_route(request: Request) -> HTMLResponse:
    """Answers a page's address."""
    return HTMLResponse(front())
