"""The first page: its title, and where it says that the server is."""

import re
from pathlib import Path

import streamlit

from app import page_routes
from chexview.web.front_page import charts_route, front, front_with_charts


def test_the_page_says_where_the_server_is_before_streamlit_looks_for_it() -> None:
    page = front()
    assert page.count("<title>") == 1 and "<title>CheXView</title>" in page
    place = page.index("window.__streamlit={BACKEND_BASE_URL:new URL('.',location.href).href}")
    first = re.search(r'<script type="module"', page)
    assert first is not None and place < first.start()


def test_a_page_that_begins_with_a_chart_asks_for_plotly_at_once() -> None:
    (wanted,) = re.findall(
        r'rel="modulepreload" crossorigin href="\./(static/js/PlotlyChart[^"]+)"', front_with_charts()
    )
    assert (Path(streamlit.__file__).parent / "static" / wanted).is_file()
    assert "PlotlyChart" not in front()
    begin = {route.path for route in page_routes("") if route.endpoint is charts_route}
    assert begin == {"/evaluate", "/compare", "/examine"}
