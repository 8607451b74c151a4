"""The pages and their order, and what frames every page."""

from pathlib import Path

import streamlit as st

import chexview.viewer

ASSETS = Path(chexview.viewer.__file__).parent / "assets"

st.set_page_config(page_title="CheXView", page_icon=ASSETS / "mark.svg", layout="wide")
st.logo(str(ASSETS / "logo.svg"), size="large")
page = st.navigation(
    [
        st.Page("read.py", title="Read", icon=":material/pulmonology:", default=True),
        st.Page("evaluate.py", title="Evaluate", icon=":material/monitoring:"),
        st.Page("cases.py", title="Cases", icon=":material/grid_view:"),
        st.Page("examine.py", title="Examine", icon=":material/biotech:"),
        st.Page("compare.py", title="Compare", icon=":material/compare_arrows:"),
        st.Page("runs.py", title="Runs", icon=":material/inventory_2:"),
        st.Page("model_card.py", title="Model card", icon=":material/fact_check:"),
    ],
    position="top",
)
st.html(ASSETS / "page.css")
body = st.container()
st.html("<footer class='foot'>For research and teaching, not for diagnosis.</footer>")
with body:
    page.run()
