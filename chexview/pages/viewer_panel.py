"""The film that is open, beside another if wanted, and its findings."""

from collections.abc import Sequence
from html import escape

import streamlit as st

from chexview.errors import FilmError
from chexview.evaluation.run import ValidationRun
from chexview.findings import title
from chexview.model.predictor import Predictor
from chexview.model.reading import FindingScore, Reading
from chexview.pages import covered_regions, film_arrivals
from chexview.pages.audit_notes import note_shown
from chexview.pages.film_intake import worklist
from chexview.pages.film_serving import film_serving
from chexview.pages.read_points import entries_at, points_for
from chexview.pages.similar_scores import flags_words, run_of, similar_scores
from chexview.pages.state.session import session
from chexview.text import card as card_text
from chexview.text import markup, numbers
from chexview.text import reading as reading_text
from chexview.text.escape import escaped
from chexview.text.known_labels import KnownLabels
from chexview.viewer import components
from chexview.viewer.components import FilmFindings, FindingRow
from chexview.viewer.mount import film_viewer, region
from chexview.viewer.scene import PaneLayout, Scene, coloured_map
from chexview.worklist.entries import OpenEntry, WorklistEntry

VIEWER = "viewer"


@st.fragment
def viewer_panel(reads: Predictor | None) -> None:
    """The viewer and the findings; what a reader does in the viewer asks nothing of the server."""
    films = session().films
    if films.region_is_new:
        films.region_is_new = False
        st.rerun()
    rows = {row.id: row for row in entries_at(reads)}
    film_side, findings_side = st.columns([0.6, 0.4], gap="medium")
    with film_side, st.container(key="film"):
        entry = opened(None, rows)
        if entry is None:
            film_viewer(Scene((), arrival=film_arrivals.address(reads)), VIEWER, take_region)
            return
        note_shown(entry.digest)
        wish = st.session_state.get(f"beside-{entry.id}")
        beside = opened(wish, rows) if wish in rows else None
        entries = [entry] if beside is None else [entry, beside]
        serving = film_serving()
        panes = tuple(serving.pane(each, reads is not None) for each in entries)
        chosen = chosen_score(entry.reading)
        layout = PaneLayout.PAIR if beside is not None else PaneLayout.ONE
        scene = Scene(
            panes,
            chosen.name if chosen else "",
            layout=layout,
            regions=reads is not None,
            covered=covered_regions.answers(entries, reads),
            heat_on=entry.film.digest in session().films.labels,
        )
        film_viewer(scene, VIEWER, take_region)
        notes_below(entry)
    with findings_side, st.container(key="findings-side"):
        findings_column(entries, reads, chosen)


def take_region() -> None:
    """Remembers the region that was drawn or removed; the page shows what covering it does."""
    covered_regions.take(region(VIEWER))
    session().films.region_is_new = True
    st.session_state["film-section"] = "robustness"


def opened(id: str | None, rows: dict[str, WorklistEntry]) -> OpenEntry | None:
    """A film with its pixels, by default the one that is shown, its reading at the policy in use."""
    try:
        entry = worklist().open(id)
    except FilmError as error:
        st.html(markup.caution(str(error)))
        return None
    if entry is None:
        return None
    row = rows.get(entry.id)
    return row.opened(entry.film) if row is not None else entry


def notes_below(entry: OpenEntry) -> None:
    """What the reader should know of the film, and what was known beforehand."""
    cautions = entry.reading.cautions if entry.reading else tuple(caution.text for caution in entry.film.cautions)
    if entry.insisted and entry.objection:
        cautions = (entry.objection, *cautions)
    warned = "".join(f"<p class='caution'>{escape(text)}</p>" for text in cautions)
    remark = f"<p class='quiet'>{escape(entry.remark)}</p>" if entry.remark else ""
    if warned or remark:
        st.html(warned + remark)


def findings_column(entries: Sequence[OpenEntry], reads: Predictor | None, chosen: FindingScore | None) -> None:
    """The findings of the films that are open; of the chosen one, what it is and how its score adds up."""
    for entry in entries:
        withheld(entry, reads, len(entries) > 1)
    read = [(entry, entry.reading) for entry in entries if entry.held_back is None and entry.reading is not None]
    if reads is None or not read:
        return
    _, first = read[0]
    run = run_of(first.checkpoint_digest)
    components.findings_list(
        [film_findings(entry, reading, reads, run) for entry, reading in read],
        chosen.name if chosen else reading_text.ordered(first)[0].name,
        "findings",
        columns=("Finding", "Probability", "Log-odds above threshold"),
        opens="finding" not in st.query_params and bool(session().films.opens_on),
    )
    points = points_for(reads.card)
    if words := flags_words(run, points.thresholds(reads.card.findings)):
        st.html(markup.paragraph(words, "fine"))


def withheld(entry: OpenEntry, reads: Predictor | None, named: bool) -> None:
    """Why there is no score yet: it is withheld until it is asked for, or it is on its way. ``named`` says of which film."""
    name = f": {escaped(entry.name)}" if named else ""
    if entry.held_back is not None:
        st.header(f"Score withheld{name}", anchor=False)
        st.html(f"<p>{escape(entry.held_back)}</p>")
        if reads is not None:
            wish = "Try again" if entry.failure else "Show the score anyway"
            st.button(wish, on_click=worklist().insist, args=(entry.id,), key=f"insist-{entry.id}")
            if not entry.failure:
                st.html(markup.paragraph(reading_text.INSISTED, "fine"))
    elif entry.is_pending:
        st.html(markup.progress(f"Reading the findings{f' of {entry.name}' if named else ''}"))


def film_findings(entry: OpenEntry, reading: Reading, reads: Predictor, run: ValidationRun | None) -> FilmFindings:
    """What the list shows of one film."""
    ranked = reading_text.ordered(reading)
    flagged = sum(score.flagged for score in ranked)
    known = session().films.labels.get(entry.film.digest)
    return FilmFindings(
        film=entry.id,
        title=entry.name,
        rows=tuple(row(score, reading, reads, run, known) for score in ranked),
        flagged_title=f"Flagged ({flagged})",
        rest_title="Under the threshold" if flagged else "",
        none=reading_text.none_flagged(reading),
    )


def row(
    score: FindingScore,
    reading: Reading,
    reads: Predictor,
    run: ValidationRun | None,
    labels: KnownLabels | None = None,
) -> FindingRow:
    """A score as a row of the list; ``labels`` are what is known of the film beforehand."""
    known = score.threshold is not None
    total = reading_text.written_sum(score)
    return FindingRow(
        name=score.name,
        title=title(score.name),
        chance=reading_text.chance(score),
        over=numbers.signed(score.margin) if known else "",
        share=max(-1.0, min(1.0, score.margin / reading_text.REACH)) if known else None,
        scale=score.heatmap_scale,
        flagged=score.flagged,
        meaning=reading_text.meaning(score.name),
        sum=total.before_outcome,
        outcome=total.outcome,
        threshold=reading_text.threshold_words(score, reads.card, points_for(reads.card)),
        alike=similar_scores(run, score.name, score.logit),
        label=labels.tag(score.name, score.flagged) if labels else "",
        known=(
            *([labels.sentence(score.name, score.flagged)] if labels else []),
            card_text.worth(reads.card, score.name),
        ),
        maps=coloured_map(reading, score.name),
        contributions=reading.contributions(score.name),
    )


def chosen_score(reading: Reading | None) -> FindingScore | None:
    """The score of the finding in the address, which the browser keeps, or that the film was opened for; else the one farthest
    over its threshold.
    """
    if reading is None:
        return None
    by_name = {score.name: score for score in reading.findings}
    wish = st.query_params.get("finding", "") or session().films.opens_on
    return by_name.get(wish) or reading_text.ordered(reading)[0]
