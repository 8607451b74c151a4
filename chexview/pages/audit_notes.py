"""Lines for the audit log, from whoever sits at the page."""

import streamlit as st

from chexview import audit, settings
from chexview.audit import Action
from chexview.pages.state.session import session
from chexview.web.login import logged_in


def note(action: Action, film: str = "") -> None:
    """Writes a line where an audit log is configured."""
    path = settings.audit_log()
    if path is not None:
        person = logged_in(st.context.cookies)
        audit.write(path, action, person.mark if person is not None else "", film)


def note_shown(film: str) -> None:
    """Notes that a film is shown, once a session."""
    shown = session().films.noted
    if film not in shown:
        shown.add(film)
        note(Action.SHOWN, film)
