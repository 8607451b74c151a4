"""What frames every page: navigation, logo, style and notice."""

from pathlib import Path

import streamlit as st

import chexview.viewer
from chexview.pages import catalogue

ASSETS = Path(chexview.viewer.__file__).parent / "assets"
NOTICE = "For research and teaching, not for diagnosis."


def main() -> None:
    """Draws the frame, and the page that the address names in it."""
    st.set_page_config(page_title="CheXView", page_icon=ASSETS / "mark.svg", layout="wide")
    st.logo(str(ASSETS / "logo.svg"), size="large")
    page = st.navigation(
        [
            st.Page(entry.file, title=entry.title, icon=f":material/{entry.icon}:", default=entry.is_first)
            for entry in catalogue.PAGES
        ],
        position="top",
    )
    st.html(ASSETS / "page.css")
    body = st.container()
    st.html(f"<footer class='foot'>{NOTICE}</footer>")
    with body:
        page.run()


main()
