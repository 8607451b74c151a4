"""Data: what is kept, where and for how long, and its erasure."""

import pandas as pd
import streamlit as st

from chexview import erasing, settings
from chexview.audit import Action
from chexview.errors import ChexviewError
from chexview.pages.audit_notes import note
from chexview.pages.film_list import remove_all
from chexview.pages.state.pacs_choice import PacsChoice
from chexview.pages.state.session import session
from chexview.text import kept_data as words
from chexview.text import markup
from chexview.web.session_media import session_media


def page() -> None:
    """The page, from top to bottom."""
    st.header("What is kept", anchor=False)
    st.table(pd.DataFrame(words.rows(), columns=list(words.HEADINGS)).set_index(words.HEADINGS[0]))
    home = settings.load().home
    there = "; ".join(f"{folder.title}: {erasing.count(home, folder):,}" for folder in erasing.KEPT)
    st.html(markup.paragraph(f"Now on the disk: {there}."))
    st.subheader("Erase all", anchor=False)
    st.html(markup.caution(words.WARNING))
    answer = session().answer
    if answer.sentence:
        st.html(markup.paragraph(answer.sentence, "said") if answer.good else markup.caution(answer.sentence))
        session().answer = type(answer)()
    typed = st.text_input(f"Type {words.CONFIRM} to confirm", key="erase-confirm")
    st.button(
        "Erase all", on_click=erase_all, disabled=typed != words.CONFIRM, icon=":material/delete_forever:", key="erase"
    )


def erase_all() -> None:
    """Erases what the table says, and says what came of it."""
    kept = session()
    if st.session_state.get("erase-confirm") != words.CONFIRM:
        return
    remove_all()
    session_media().clear()
    kept.films.results.clear()
    kept.films.boxes.clear()
    kept.films.rows.clear()
    kept.pacs = PacsChoice()
    st.session_state["erase-confirm"] = ""
    try:
        gone = erasing.erase(settings.load().home)
    except ChexviewError as error:
        kept.answer = type(kept.answer)(str(error), good=False)
        return
    st.cache_data.clear()
    note(Action.ERASED)
    kept.answer = type(kept.answer)(f"The films of this session and {gone} entries on the disk were erased.")


page()
