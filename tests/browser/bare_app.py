"""The least that Streamlit can do with an upload: take it and say so. What it takes is Streamlit's own, whoever uses it."""

import streamlit as st

if st.file_uploader("Files", accept_multiple_files=True):
    st.write("It came.")
