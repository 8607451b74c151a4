"""Words: one string for one value on every surface. No Streamlit, no I/O."""
