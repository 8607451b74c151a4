"""What the web server does beside Streamlit: its own routes, headers, and media.

``chexview.web.media_store``       pixels, pictures and tables in memory, each under a token that only its owner's browser can use
``chexview.web.media_route``       the HTTP route that serves them
``chexview.web.session_media``     one session's part of the store, dropped with the session
``chexview.web.front_page``        the page that a browser gets first
``chexview.web.security_headers``  security headers, and the cookie that says whose browser it is
``chexview.web.allowed_hosts``     names and pages that are let in, checked before Streamlit
``chexview.web.login``             nothing without a login, where one is configured
``chexview.web.uploads``           uploads in memory, bounded for the whole server
``chexview.web.garbage``           when garbage in cycles is collected
"""
