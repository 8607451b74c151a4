"""Lines for the audit log, from whoever sits at the page."""

from collections.abc import Mapping

import streamlit as st

from chexview import audit, settings
from chexview.audit import Action
from chexview.pages.state.session import FilmsState, session
from chexview.web.login import logged_in


def note(action: Action, film: str = "") -> None:
    """Writes a line where an audit log is configured."""
    _write(action, st.context.cookies, film)


def note_shown(film: str) -> None:
    """Notes that a film is shown, once a session."""
    note_shown_to(session().films, st.context.cookies, film)


def note_shown_to(films: FilmsState, cookies: Mapping[str, str], film: str) -> None:
    """Notes it for the session of ``films``, whose browser has these cookies; for a thread, which knows no session."""
    if film not in films.noted:
        films.noted.add(film)
        _write(Action.SHOWN, cookies, film)


def _write(action: Action, cookies: Mapping[str, str], film: str) -> None:
    path = settings.audit_log()
    if path is not None:
        person = logged_in(cookies)
        audit.write(path, action, person.mark if person is not None else "", film)
