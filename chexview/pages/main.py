"""What frames every page: navigation, logo, style and notice."""

from pathlib import Path

import streamlit as st

import chexview.viewer
from chexview.figures.theme import style_sheet, theme
from chexview.pages import catalogue, film_arrivals
from chexview.text import markup
from chexview.viewer.components import theme_choice
from chexview.web import login

ASSETS = Path(chexview.viewer.__file__).parent / "assets"
NOTICE = "For research and teaching, not for diagnosis."


def main() -> None:
    """Draws the frame, and the page that the address names in it."""
    st.set_page_config(page_title="CheXView", page_icon=ASSETS / "mark.svg", layout="wide")
    st.logo(str(ASSETS / "logo.svg"), size="large")
    if not login.page_is_open():
        st.html(markup.caution("Log in first: reload this page."))
        return
    page = st.navigation(
        [
            st.Page(entry.file, title=entry.title, icon=f":material/{entry.icon}:", default=entry.is_first)
            for entry in catalogue.pages()
        ],
        position="top",
    )
    st.html(ASSETS / "page.css")
    st.html(f"<style>{style_sheet(theme(st.context.theme.type))}{page_colours()}</style>")
    body = st.container()
    with st.container(key="foot", horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        st.html(f"<footer class='foot'>{NOTICE}</footer>", width="content")
        with st.container(width="content"):
            if login.is_configured():
                st.button("Log out", on_click=st.logout, type="tertiary", key="log-out")
            theme_choice([entry.path for entry in catalogue.pages()], "theme")
    film_arrivals.stop()  # until the page that waits for films says so again
    with body:
        page.run()


def page_colours() -> str:
    """The page's own colours as CSS's custom properties, as ``.streamlit/config.toml`` names them."""
    mode = st.context.theme.type or "dark"
    names = {"--page": "backgroundColor", "--ink": "textColor", "--accent": "primaryColor"}
    found = {name: st.get_option(f"theme.{mode}.{option}") for name, option in names.items()}
    return f":root {{ {' '.join(f'{name}: {colour};' for name, colour in found.items() if colour)} }}"


main()
