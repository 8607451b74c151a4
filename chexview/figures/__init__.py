"""Numbers to plotly figures, each with its words for those who do not see it; no Streamlit.

``theme`` and ``colours`` (numpy only) hold the looks; ``roc``, ``confusion``, ``reliability``, ``areas`` and ``training``
one kind of figure each, ``layout`` their place on a page.
"""
