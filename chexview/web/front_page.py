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


@cache
def front_with_charts() -> str:
    """The same for a page that begins with a chart: Streamlit asks for Plotly's five megabytes when it is about to draw; they
    come while the page starts."""
    static = Path(streamlit.__file__).parent / "static"
    wanted = [f"./{path.relative_to(static).as_posix()}" for path in static.glob("static/js/PlotlyChart.*.js")]
    return front().replace(
        "</head>", "".join(f'<link rel="modulepreload" crossorigin href="{one}">' for one in wanted) + "</head>", 1
    )


async def charts_route(request: Request) -> HTMLResponse:
    """Answers the address of a page that begins with a chart."""
    return HTMLResponse(front_with_charts())


async def front_route(request: Request) -> HTMLResponse:
    """Answers a page's address."""
    return HTMLResponse(front())
