"""The validation films that the network finds most like a film, with what each truth says of them."""

import numpy as np
import numpy.typing as npt
import streamlit as st

from chexview import settings
from chexview.errors import ChexviewError
from chexview.evaluation.neighbourhood import (
    NEIGHBOURS,
    embedding_of,
    neighbourhood,
    neighbourhood_worth,
    row_of,
    truth_counts,
)
from chexview.evaluation.references import usable_references
from chexview.evaluation.run import ValidationRun
from chexview.evaluation.similarity import Neighbours
from chexview.films.library import Library
from chexview.pages import case_films
from chexview.pages.colour_bars import plain_bar
from chexview.pages.film_intake import notes
from chexview.pages.similar_scores import run_of
from chexview.pages.state.session import session
from chexview.text import cases as cases_text
from chexview.text import markup
from chexview.text import similarity as similarity_text
from chexview.viewer import components
from chexview.viewer.components import CaseCard, CaseGroup, GalleryKind
from chexview.viewer.pictures import CARD, film_picture
from chexview.web.session_media import session_media
from chexview.worklist.entries import OpenEntry

COLUMNS = {
    "Similarity": st.column_config.NumberColumn(format="%.2f", help="The cosine between two films' descriptions.")
}


def run_with_embedding(weights: str) -> ValidationRun | None:
    """The run of these weights where it holds what similar films are found by; None if none does."""
    run = run_of(weights)
    return run if run is not None and embedding_of(run) is not None else None


def similar_to_entry(entry: OpenEntry, finding: str) -> None:
    """The films most like the one that is open on *Read*."""
    assert entry.reading is not None
    run = run_with_embedding(entry.reading.checkpoint_digest)
    if run is None:
        return
    opened = session().films.rows.get(entry.film.digest)
    row = opened[1] if opened is not None and opened[0] == run.digest else row_of(run, entry.name)
    similar_films(run, entry.reading.features, finding, row, entry.id)


def similar_films(
    run: ValidationRun, features: npt.NDArray[np.float32] | None, finding: str, row: int | None, key: str
) -> None:
    """What the truths say of the nearest films, how often that is right, their pictures where they are here, and their labels."""
    try:
        found = neighbourhood(run, features, row)
        worth = neighbourhood_worth(run, finding)
        if found is None or worth is None:
            return
        known = usable_references(settings.load().references)
        counts = truth_counts(run, found.rows, finding, known)
    except ChexviewError as error:
        st.html(markup.caution(str(error)))
        return
    st.html(
        markup.paragraph(similarity_text.counts_sentence(counts, finding, len(found.rows)), "said")
        + markup.paragraph(similarity_text.worth_sentence(worth, finding))
        + markup.paragraph(similarity_text.EXPLAINED, "fine")
    )
    library, _ = case_films.library(notes().get("case-source", ""))
    here = [at for at in range(len(found.rows)) if run.table.column("image")[found.rows[at]] in library]
    if here:
        components.gallery(
            [CaseGroup((card(run, found, at, finding, library),)) for at in here],
            GalleryKind.SINGLE,
            plain_bar(),
            f"similar-{key}",
            lambda: None,
            label="Similar films",
        )
    else:
        st.html(markup.paragraph(similarity_text.NOT_HERE, "fine"))
    table = similarity_text.frame(run, found, known)
    st.dataframe(table, hide_index=True, column_config=COLUMNS, height=320, alt=f"The {NEIGHBOURS} most similar films")


def card(run: ValidationRun, found: Neighbours, at: int, finding: str, library: Library) -> CaseCard:
    """A similar film whose picture is here."""
    row = int(found.rows[at])
    image = run.table.column("image")[row]
    has_it = run.labels(finding)[row] == 1
    labels, person = cases_text.labelled(run, row), cases_text.person_of(run, row)
    absent, picture = "", None
    try:
        picture = session_media().address(
            ("similar", run.digest, row), lambda: film_picture(library.film(image), longest=CARD)
        )
    except (ChexviewError, KeyError):
        absent = "The film cannot be read."
    return CaseCard(
        id="",
        tone="",
        kind=similarity_text.had_it(finding, has_it),
        score=f"similarity {found.similarity[at]:.2f}",
        note=f"{person} · {labels}",
        alt=f"Film of row {row}, {person}; labels: {labels}",
        picture=picture,
        absent=absent,
    )
