"""The pages: widgets and layout.

``main`` draws the frame, ``catalogue`` names the pages in their order, and each page is one file with a function ``page``.
``state`` holds what a session chose, ``text`` (beside this package) the words, ``exports`` the files that are saved.
"""
