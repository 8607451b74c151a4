"""Readings to the browser.

``chexview.viewer.overlay``    a class map over a film, as a picture (numpy and Pillow, no Streamlit)
``chexview.viewer.pictures``   a film, its thumbnail and its overlay as PNG
``chexview.viewer.store``      pictures kept in memory, each under a token that only its owner's browser can use
``chexview.viewer.route``      the HTTP route that serves them
``chexview.viewer.front``      the page that a browser gets first
``chexview.viewer.headers``    security headers, and the cookie that says whose browser it is
``chexview.viewer.shelf``      one session's pictures, dropped with the session
``chexview.viewer.components`` the parts of the Read page that are not Streamlit's own widgets
"""
