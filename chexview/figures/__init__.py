"""Numbers to plotly figures, each with its words for those who do not see it; no Streamlit.

A module holds one kind of figure; ``theme`` and ``colours`` (numpy only) hold the looks, ``layout`` and ``caption`` what figures
have in common.
"""
