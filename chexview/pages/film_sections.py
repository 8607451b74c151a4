"""Beneath the films: the header, the way to the network input, other saliency methods and robustness checks, each on request."""

from functools import partial
from html import escape

import numpy as np
import streamlit as st

from chexview.errors import FilmError
from chexview.films.grey import display_shape
from chexview.findings import title
from chexview.model.cam_methods import CamMethod, MethodMap, method_maps
from chexview.model.higher_resolution import HigherResolution, read_at_higher_resolution
from chexview.model.perturbations import PerturbationResult, perturb
from chexview.model.predictor import Predictor
from chexview.model.preprocessing import MistakeResult, Preprocessing, preprocess, read_with_mistakes
from chexview.pages import table_columns
from chexview.pages.colour_bars import plain_bar, signed_bar
from chexview.pages.covered_regions import occlusion
from chexview.pages.film_intake import worklist
from chexview.pages.results_section import results
from chexview.pages.similar_films import run_with_embedding, similar_to_entry
from chexview.pages.state.film_results import kept
from chexview.pages.state.session import session
from chexview.pages.viewer_panel import chosen_score
from chexview.text import markup
from chexview.text import reading as reading_text
from chexview.text import robustness as robustness_text
from chexview.viewer import components
from chexview.viewer.components import CaseCard, CaseGroup, GalleryKind
from chexview.viewer.pictures import CARD, film_picture, grey_picture, plain_heatmap, signed_heatmap
from chexview.web.session_media import session_media
from chexview.worklist.entries import OpenEntry

SECTIONS = {
    "header": "Film and header",
    "input": "From file to network input",
    "saliency": "Other saliency methods",
    "robustness": "Robustness checks",
    "similar": "Similar films",
    "results": "Verdict and files",
}


@st.fragment
def sections(reads: Predictor | None) -> None:
    """The section that was chosen, about the film that is open."""
    try:
        entry = worklist().open()
    except FilmError:
        return
    if entry is None:
        return
    offered = [name for name in SECTIONS if name != "similar" or has_similar(reads)]
    if st.session_state.get("film-section") not in offered:
        st.session_state["film-section"] = "header"
    section = st.segmented_control(
        "About this film",
        offered,
        format_func=SECTIONS.__getitem__,
        required=True,
        label_visibility="collapsed",
        key="film-section",
    )
    scored = reads is not None and entry.reading is not None
    if section == "header":
        header(entry)
    elif section == "results" and reads is not None and not entry.is_pending:
        results(entry, reads)
    elif section == "input":
        network_input(entry, reads)
    elif not scored or reads is None:
        st.html("<p class='quiet'>This film has no score yet, so there is nothing to show here.</p>")
    elif section == "saliency":
        saliency(entry, reads)
    elif section == "similar":
        similar_to_entry(entry, finding_of(entry))
    else:
        robustness(entry, reads)


def has_similar(reads: Predictor | None) -> bool:
    """Whether a run knows how this checkpoint describes films."""
    return reads is not None and run_with_embedding(reads.card.weights) is not None


def header(entry: OpenEntry) -> None:
    """What is known of the film; what identifies somebody only when it is finding for."""
    film = entry.film
    rows, columns = film.pixels.shape
    facts = [
        ("File", entry.name),
        ("Matrix", f"{rows} rows, {columns} columns"),
        ("View", reading_text.VIEWS[film.view]),
        ("Body part", film.body_part or "not stated"),
        ("Pixel spacing", reading_text.spacing_words(film)),
        ("SHA-256", film.digest),
    ]
    st.html(markup.table([*facts, *film.header]))
    if any(reading_text.identity(film)) and st.toggle("Show identifying fields", key=f"identity-{entry.id}"):
        st.html(markup.table(reading_text.identity(film)))


def network_input(entry: OpenEntry, reads: Predictor | None) -> None:
    """Every step from the file to what the network sees; and the score had a step been skipped."""
    steps = "".join(
        f"<li>{escape(step.text)}{f' <span>({escape(step.section)})</span>' if step.section else ''}</li>"
        for step in entry.film.steps
    )
    word_for_word = f"<ol class='steps'>{steps}</ol>" if steps else "<p>Nothing: it is shown as it was stored.</p>"
    if reads is None:
        st.html(word_for_word)
        return
    size = reads.card.input_size
    way: Preprocessing = kept(entry.id, f"pipeline-{size}", lambda: preprocess(entry.film, size))
    pictures = [
        session_media().address(("stage", entry.id, size, number), partial(grey_picture, stage.picture))
        for number, stage in enumerate(way.stages)
    ]
    st.html(robustness_text.stages(way.stages, pictures))
    with st.expander("What the decoder did, word for word"):
        st.html(word_for_word)
    if entry.reading is None:
        return
    st.header("If a step had been skipped", anchor=False)
    found: tuple[MistakeResult, ...] = kept(
        entry.id, f"variants-{reads.card.weights}", lambda: read_with_mistakes(reads, entry.film)
    )
    if not found:
        st.html("<p class='quiet'>No usual mistake would change what the network sees of this film.</p>")
        return
    st.html(f"<p class='quiet'>{robustness_text.SKIPPED}</p>")
    finding = finding_of(entry)
    cards = [
        CaseCard(
            id="",
            tone="warn" if abs(variant.largest.moved) >= robustness_text.MUCH else "",
            kind=variant.mistake.value.capitalize(),
            score=robustness_text.change(robustness_text.of(variant.changes, finding)),
            note=robustness_text.largest(variant.largest),
            alt=f"What the network would see: {variant.mistake.value}",
            picture=session_media().address(("variant", entry.id, number), partial(grey_picture, variant.picture)),
        )
        for number, variant in enumerate(found)
    ]
    gallery(cards, "variants", "What skipped steps would show the network")


def finding_of(entry: OpenEntry) -> str:
    """The finding that is finding about: the one that is chosen, until another is chosen here."""
    assert entry.reading is not None
    names = [score.name for score in reading_text.ordered(entry.reading)]
    chosen = chosen_score(entry.reading)
    wish = (entry.id, chosen.name if chosen else names[0])
    films = session().films
    if films.chosen_for != wish:
        films.chosen_for, st.session_state["section-finding"] = wish, wish[1]
    return st.selectbox("Finding", names, format_func=title, key="section-finding", width=260)


def gallery(cards: list[CaseCard], key: str, label: str) -> None:
    """Pictures side by side."""
    groups = [CaseGroup((card,)) for card in cards]
    components.gallery(groups, GalleryKind.SINGLE, plain_bar(), key, lambda: None, label=label)


def saliency(entry: OpenEntry, reads: Predictor) -> None:
    """Other methods' maps of the finding, each with what is known against it, and a finer map."""
    st.html(f"<p class='quiet'>{robustness_text.METHODS}</p>")
    with st.container(horizontal=True, vertical_alignment="bottom"):
        finding = finding_of(entry)
        slow = st.toggle("ScoreCAM too", key="slow-methods", help=robustness_text.SLOW)
        wanted = st.button("Run", type="primary", icon=":material/play_arrow:", key="run-methods")
    methods = tuple(method for method in CamMethod if slow or not method.is_slow)
    key = f"methods-{reads.card.weights}-{finding}-{slow}"
    if wanted:
        bar = st.progress(0.0)
        st.button("Cancel", key="cancel-methods")

        def step(done: int, total: int) -> None:
            bar.progress(done / total, text=f"Step {done} of {total}")

        kept(
            entry.id,
            key,
            lambda: method_maps(
                reads,
                entry.film,
                finding,
                methods,
                step,
            ),
        )
        kept(entry.id, f"finer-{reads.card.weights}", lambda: read_at_higher_resolution(reads, entry.film))
        st.rerun(scope="fragment")
    results = session().films.results
    found: tuple[MethodMap, ...] | None = results.get((entry.id, key))
    if found is None:
        return
    gallery([opinion_card(entry, opinion) for opinion in found], "methods", "Other saliency methods")
    at: HigherResolution | None = results.get((entry.id, f"finer-{reads.card.weights}"))
    if at is not None:
        st.header("A finer map", anchor=False)
        st.html(f"<p class='quiet'>{escape(robustness_text.finer(at, finding))}</p>")
        scale = reads.card.heatmap_scale(finding)
        components.gallery(
            [CaseGroup((finer_card(entry, at, finding, reads),))],
            GalleryKind.SINGLE,
            signed_bar(scale),
            "finer",
            lambda: None,
            label="A finer map",
        )


def finer_card(entry: OpenEntry, at: HigherResolution, finding: str, reads: Predictor) -> CaseCard:
    """The map at twice the size over the film."""
    shape = display_shape(entry.film)
    number = reads.card.findings.index(finding)
    assert entry.reading is not None
    values = np.float32(entry.reading.score(finding).slope) * at.maps[number]
    heat = session_media().address(
        ("finer", entry.id, finding),
        lambda: signed_heatmap(shape, values, at.rectangle, reads.card.heatmap_scale(finding)),
    )
    return CaseCard(
        id="",
        tone="",
        kind=title(finding),
        score=f"{values.shape[0]} x {values.shape[1]} cells",
        note=f"Read at {at.size} pixels.",
        alt=f"{title(finding)} at {at.size} pixels",
        picture=film_card(entry),
        heat=heat,
        rows=shape[0],
        columns=shape[1],
    )


def film_card(entry: OpenEntry) -> str:
    """The address of the film as a small picture."""
    return session_media().address(("card", entry.id), lambda: film_picture(entry.film, longest=CARD))


def opinion_card(entry: OpenEntry, opinion: MethodMap) -> CaseCard:
    """One method's map over the film."""
    assert entry.reading is not None
    rows, columns = display_shape(entry.film)
    where = entry.reading.rectangle
    method = opinion.method
    heat = session_media().address(
        ("opinion", entry.id, method.value, opinion.finding),
        lambda: plain_heatmap((rows, columns), opinion.shown, where),
    )
    return CaseCard(
        id="",
        tone="",
        kind=method.paper or "control",
        score=method.value,
        note=f"{method.weakness} {robustness_text.seconds_words(opinion.seconds)}.",
        alt=f"{method.value} of {title(opinion.finding)}",
        picture=film_card(entry),
        heat=heat,
        rows=rows,
        columns=columns,
    )


def robustness(entry: OpenEntry, reads: Predictor) -> None:
    """What the score does when a region is covered, and when things change that should not matter."""
    finding = finding_of(entry)
    st.header("A region covered", anchor=False)
    result = occlusion(entry, reads)
    if result is None:
        st.html(f"<p class='quiet'>{robustness_text.HOW_TO_COVER}</p>")
    else:
        left, right = st.columns([0.2, 0.8], gap="medium")
        address = session_media().address(
            ("covered", entry.id, str(result.region)), lambda: grey_picture(result.picture)
        )
        left.html(f"<img class='seen' src='{address}' alt='What the network saw, the region covered'>")
        with right:
            st.html(
                f"<p class='said'>{escape(robustness_text.covered(robustness_text.of(result.changes, finding)))}</p>"
            )
            st.dataframe(
                robustness_text.changes_frame(result.changes),
                hide_index=True,
                height=260,
                column_config=table_columns.CHANGES,
                alt=f"What covering the region does to {len(result.changes)} findings",
            )
    st.header("Changes that should not matter", anchor=False)
    st.html(f"<p class='quiet'>{robustness_text.PERTURBATIONS}</p>")
    if st.button("Run", icon=":material/play_arrow:", key="run-perturbations"):
        with st.spinner("Reading the changed films"):
            kept(entry.id, f"perturbations-{reads.card.weights}", lambda: perturb(reads, entry.film))
    perturbed: tuple[PerturbationResult, ...] | None = session().films.results.get(
        (entry.id, f"perturbations-{reads.card.weights}")
    )
    if perturbed is not None:
        cards = [
            CaseCard(
                id="",
                tone="warn" if abs(item.largest.moved) >= robustness_text.MUCH else "",
                kind=item.perturbation.words.capitalize(),
                score=robustness_text.change(robustness_text.of(item.changes, finding)),
                note=f"{robustness_text.largest(item.largest)} {item.perturbation.note}",
                alt=f"What the network saw: {item.perturbation.words}",
                picture=session_media().address(
                    ("perturbation", entry.id, item.perturbation.value), partial(grey_picture, item.picture)
                ),
            )
            for item in perturbed
        ]
        gallery(cards, "perturbations", "Changes that should not matter")
