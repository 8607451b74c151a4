"""The film that is uploaded to an empty page: on the screen before the page has been drawn for it."""

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from chexview.errors import FilmError
from chexview.model.predictor import Predictor
from chexview.pages.audit_notes import note_shown_to
from chexview.pages.film_intake import browser, take_early, worklist
from chexview.pages.film_serving import FilmServing, film_serving
from chexview.pages.state.session import FilmsState, session
from chexview.viewer.scene import Scene
from chexview.web.arrivals import ARRIVALS, Arrival
from chexview.worklist.queue import Worklist


def address(reads: Predictor | None) -> str:
    """Where the viewer asks for the film; "" where Streamlit does not say whose session this is."""
    films, work, context = session().films, worklist(), get_script_run_ctx()
    if context is None or not browser():
        return ""
    if films.arrival is None or films.arrival.is_spent:
        take = partial(take_early, films, work)
        answer = partial(early_scene, films, work, film_serving(), dict(st.context.cookies), reads is not None)
        films.arrival = Arrival(context.session_id, browser(), take, answer)
        work.on_decoded = films.arrival.show
    ARRIVALS.expect(films.arrival)
    return films.arrival.address


def stop() -> None:
    """Takes no upload early for this session, until a page asks for :func:`address` again."""
    if (context := get_script_run_ctx()) is not None:
        ARRIVALS.forget(context.session_id)


def early_scene(
    films: FilmsState,
    work: Worklist,
    serving: FilmServing,
    cookies: Mapping[str, str],
    is_scored: bool,
    served: Callable[[], None],
) -> bytes | None:
    """The scene of the film that is shown, without its score, as JSON; as the page will draw it. None if there is none."""
    try:
        entry = work.open()
    except FilmError:
        return None
    if entry is None:
        return None
    note_shown_to(films, cookies, entry.digest)
    pane = serving.pane(replace(entry, reading=None), is_scored, served)
    scene = Scene((pane,), regions=is_scored, heat_on=entry.digest in films.labels)
    return json.dumps(scene.as_data()).encode()


def is_shown_early() -> bool:
    """Whether the film that this page is drawn for was announced to the browser."""
    arrival = session().films.arrival
    return arrival is not None and arrival.is_announced
