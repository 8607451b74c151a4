"""The first page: its title, and where it says that the server is."""

import re

from chexview.web.front_page import front


def test_the_page_says_where_the_server_is_before_streamlit_looks_for_it() -> None:
    page = front()
    assert page.count("<title>") == 1 and "<title>CheXView</title>" in page
    place = page.index("window.__streamlit={BACKEND_BASE_URL:new URL('.',location.href).href}")
    first = re.search(r'<script type="module"', page)
    assert first is not None and place < first.start()
