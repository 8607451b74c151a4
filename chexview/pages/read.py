"""Read: films in, findings and heatmaps out."""

from functools import partial
from hashlib import sha256
from html import escape

import streamlit as st

from chexview import settings
from chexview.errors import ChexviewError
from chexview.evaluation.run import list_runs
from chexview.exports import records
from chexview.films.grey import display_shape
from chexview.findings import title
from chexview.model.predictor import Predictor
from chexview.model.reading import FindingScore, Reading
from chexview.pages import wording
from chexview.pages.evaluate_view import View
from chexview.pages.lightbox import Entry, Lightbox, Waiting
from chexview.pages.own_points import forget, own_points
from chexview.pages.reader import alike, examples, predictor
from chexview.viewer import components
from chexview.viewer.components import FilmItem, FilmView, FindingRow
from chexview.viewer.overlay import css_colours
from chexview.viewer.pictures import film_picture, overlay_picture, thumbnail
from chexview.viewer.shelf import shelf
from chexview.viewer.store import Item

BAR_STOPS = 33

box: Lightbox = st.session_state.setdefault("lightbox", Lightbox())
state = st.session_state
state.setdefault("uploads", 0)


def model() -> Predictor | None:
    """The process's predictor; None, after one sentence, where there is none."""
    try:
        return predictor()
    except ChexviewError as error:
        st.html(f"<p class='caution' role='status'>{escape(str(error))}</p>")
        return None


def uploader() -> None:
    """Takes what the user brings; the key is new each time, so that Streamlit lets go of the files' bytes."""
    files = st.file_uploader(
        "Films as PNG, JPEG, TIFF or DICOM",
        accept_multiple_files=True,
        key=f"upload-{state.uploads}",
    )
    if files:
        box.bring([Waiting(file.name, file.getvalue()) for file in files])
        state.uploads += 1
        st.rerun()


def open_example() -> None:
    """Brings the example that was chosen."""
    state.uploads += 1
    wanted = components.chosen("examples")
    for example in examples():
        if example.path.name == wanted:
            box.bring([Waiting(example.path.name, example.path.read_bytes(), example.remark)])


def offer_examples(cards: bool) -> None:
    """The bundled films, each with its picture, large or small."""
    found = examples()
    if not found:
        return
    st.subheader("Or open an example", anchor=False)
    items = [
        FilmItem(
            id=example.path.name,
            title=example.title,
            status=example.note,
            picture=shelf().place(("example", example.path.name), example.picture),
        )
        for example in found
    ]
    components.film_chooser(items, None, "examples", open_example, label="Example films", cards=cards)


def work_off(reads: Predictor | None) -> None:
    """Reads the files that wait, one after the other; the button stops between two films."""
    if not box.waiting:
        return
    with st.container(border=True):
        bar = st.progress(0.0)
        st.button("Cancel", on_click=box.cancel, key="cancel")
        while box.waiting:
            done = box.batch - len(box.waiting)
            bar.progress(done / max(box.batch, 1), text=f"Reading film {done + 1} of {box.batch}")
            box.take_next((lambda film: reads.read([film])[0]) if reads else None)
    st.rerun()


def refusals() -> None:
    """One sentence for each file that gave no film."""
    if not box.refused:
        return
    with st.container(horizontal=True, vertical_alignment="center", wrap=False, key="refusals"):
        st.html("".join(wording.refusal(refused.name, refused.sentence) for refused in box.refused))
        st.button("Dismiss", on_click=box.refused.clear, type="tertiary")


def own_thresholds(reads: Predictor) -> dict[str, float]:
    """The thresholds that this session chose on Evaluate for these weights."""
    view: View | None = state.get("evaluate")
    return own_points(view, list_runs(settings.load().runs), reads.card) if view is not None and view.thresholds else {}


def forget_thresholds(reads: Predictor) -> None:
    """Goes back to the checkpoint's own thresholds."""
    forget(state["evaluate"], list_runs(settings.load().runs), reads.card)


def readings(reads: Predictor | None) -> dict[str, Reading]:
    """The readings of all films by digest, at the policy in use."""
    if reads is None:
        return {}
    policy = state.get("policy") or reads.card.default_policy
    own = own_thresholds(reads)
    return {
        digest: entry.reading.at(policy, {**reads.card.operating_points[policy], **own}) if policy else entry.reading
        for digest, entry in box.entries.items()
        if entry.reading is not None
    }


def choose_film() -> None:
    """Opens the film that was chosen."""
    box.shown = components.chosen("films") or box.shown


def choose_finding() -> None:
    """Remembers the finding that was chosen, in the address as well."""
    name = components.chosen("findings")
    if name:
        state.finding = name
        st.query_params["finding"] = name


def film_list(found: dict[str, Reading]) -> None:
    """The films of this session, small, with their state."""
    shown = box.open
    items = []
    for digest, entry in box.entries.items():
        reading = found.get(digest)
        items.append(
            FilmItem(
                id=digest,
                title=entry.name,
                status=wording.status(reading, entry.held_back is not None),
                picture=shelf().address(("small", digest), partial(thumbnail, entry.film)),
                flags=sum(score.flagged for score in reading.findings) if reading else 0,
            )
        )
    components.film_chooser(
        items, shown.film.digest if shown else None, "films", choose_film, label="Films", cards=False
    )


def drawn(entry: Entry, reading: Reading | None, score: FindingScore | None, scale: float) -> FilmView:
    """The film and, where there is a reading, its heatmap of the chosen finding."""
    film = entry.film
    number = state.get(f"view-{film.digest}") or 0
    rows, columns = display_shape(film)
    address = shelf().address(("film", film.digest, number), lambda: film_picture(film, film.views[number]))
    plain = FilmView(address, rows, columns, wording.film_alt(film))
    if reading is None or score is None:
        return plain
    name = score.name
    key = ("heat", film.digest, reading.checkpoint_digest, name)
    steps = [scale * (2 * i / (BAR_STOPS - 1) - 1) for i in range(BAR_STOPS)]
    return FilmView(
        film=address,
        rows=rows,
        columns=columns,
        alt=plain.alt,
        overlay=shelf().address(key, lambda: overlay_picture(film, reading, name, scale)),
        heat_alt=f"Heatmap of {title(name)}",
        label=f"Heatmap of {title(name)}",
        low=wording.signed(-scale, 0 if scale == round(scale) else 1),
        high=wording.signed(scale, 0 if scale == round(scale) else 1),
        colours=tuple(css_colours(steps, scale)),
        scale_alt="Log-odds, from speaking against the finding on the left to speaking for it on the right",
        note=wording.heatmap_note(film, reading, name, scale),
    )


def tools(entry: Entry, reads: Predictor | None, found: dict[str, Reading]) -> None:
    """The row over the film: more films, ways of looking, the policy, downloads."""
    with st.container(horizontal=True, vertical_alignment="center", key="tools"):
        with st.popover("Add films", icon=":material/add:", key=f"add-{state.uploads}"):
            uploader()
            offer_examples(cards=False)
        if len(entry.film.views) > 1:
            names = [view.name for view in entry.film.views]
            st.selectbox(
                "Window",
                range(len(names)),
                format_func=lambda i: wording.view_title(names[i]),
                key=f"view-{entry.film.digest}",
                label_visibility="collapsed",
                width=230,
            )
        if reads is not None and reads.card.operating_points:
            policies = list(reads.card.operating_points)
            default = reads.card.default_policy
            st.selectbox(
                "Thresholds",
                policies,
                index=policies.index(default) if default in policies else 0,
                format_func=lambda policy: f"Thresholds: {wording.policy_title(policy)}",
                key="policy",
                persist_state="session",
                label_visibility="collapsed",
                width=300,
            )
            if own := own_thresholds(reads):
                st.button(
                    f"Reset {len(own)} of your own",
                    on_click=forget_thresholds,
                    args=(reads,),
                    icon=":material/undo:",
                    help=f"Thresholds chosen on Evaluate are in use for {', '.join(title(name) for name in own)}.",
                )
        with st.popover("Save readings", icon=":material/download:"):
            downloads(reads, found)


def downloads(reads: Predictor | None, found: dict[str, Reading]) -> None:
    """The readings of all films as CSV and JSON lines, from the own route: readings do not lie in Streamlit's cache."""
    told = [records.record(entry.name, entry.film, found.get(digest)) for digest, entry in box.entries.items()]
    findings = reads.card.findings if reads else ()
    tables = {
        "CSV": Item(records.comma_separated(told, findings), "text/csv", "chexview-readings.csv"),
        "JSON": Item(records.json_lines(told), "application/x-ndjson", "chexview-readings.jsonl"),
    }
    keys = [("table", kind, sha256(item.data).hexdigest()) for kind, item in tables.items()]
    shelf().forget(lambda key: key[0] == "table" and key not in keys)
    links = [
        f"<a class='save' href='{shelf().place(key, item)}' download='{item.file_name}'>{kind}</a>"
        for key, (kind, item) in zip(keys, tables.items(), strict=True)
    ]
    count = len(told)
    st.html(f"<p class='quiet'>{count} {'film' if count == 1 else 'films'}, with every finding.</p>{''.join(links)}")


def findings_column(
    entry: Entry, reads: Predictor | None, reading: Reading | None, chosen: FindingScore | None
) -> None:
    """The findings of the film and, of the chosen one, what it is and how its score adds up."""
    if entry.held_back is not None:
        st.subheader("Score withheld", anchor=False)
        st.html(f"<p>{escape(entry.held_back)}</p>")
        if reads is not None:
            st.button("Show the score anyway", on_click=insist, args=(entry, reads))
        return
    if reads is None or reading is None or chosen is None:
        return
    ranked = wording.ordered(reading)
    flagged = sum(score.flagged for score in ranked)
    components.findings_list(
        [row(score) for score in ranked],
        chosen.name,
        "findings",
        choose_finding,
        columns=("Finding", "Probability", "against threshold"),
        flagged_title=f"Flagged ({flagged})",
        rest_title="Under the threshold" if flagged else "",
        none=wording.none_flagged(reading),
    )
    details(reads, reading, chosen)


def insist(entry: Entry, reads: Predictor) -> None:
    """Scores a withheld film because its reader asks for it."""
    entry.insisted = True
    box.score(entry, lambda film: reads.read([film])[0])


def remove(*digests: str) -> None:
    """Takes films off, and their pictures out of memory."""
    for digest in digests:
        box.remove(digest)
    shelf().forget(lambda key: key[1] in digests)


def row(score: FindingScore) -> FindingRow:
    """A score as a row of the list."""
    known = score.threshold is not None
    share = max(-1.0, min(1.0, score.margin / wording.REACH)) if known else None
    return FindingRow(
        name=score.name,
        title=title(score.name),
        chance=wording.chance(score),
        over=wording.signed(score.margin) if known else "",
        share=share,
        flagged=score.flagged,
        hint=wording.meaning(score.name),
    )


def details(reads: Predictor, reading: Reading, score: FindingScore) -> None:
    """The chosen finding: its meaning, the sum, the threshold, and films that scored alike."""
    total = wording.written_sum(score)
    told = alike(reading.checkpoint_digest, score.name, score.logit)
    parts = [
        f"<h3 class='finding'>{escape(title(score.name))}</h3><p class='quiet'>{escape(wording.meaning(score.name))}</p>",
        f"<p class='sum'>base {total.base} + contributions {total.contributions} = {total.kind} {total.log_odds} "
        f"→ <b>{total.outcome}</b></p>",
        f"<p class='quiet'>{escape(wording.threshold_words(score, reads.card, reading.policy))}</p>",
    ]
    if told:
        parts.append(f"<p>{escape(told)}</p>")
    st.html("".join(parts))


def contributions(reading: Reading, score: FindingScore, scale: float) -> None:
    """Each cell's share of the log-odds, laid out as on the film."""
    grid = reading.contributions[reading.index(score.name)]
    tints = [css_colours([float(value) * grid.size for value in line], scale) for line in grid]
    st.html(
        f"<p class='quiet'>What each cell of the {grid.shape[0]} x {grid.shape[1]} grid adds to the log-odds of "
        f"{escape(title(score.name))}, laid out as on the film.</p>"
        + wording.cells(grid.tolist(), tints, f"Contributions to {title(score.name)}")
    )


def about(entry: Entry, reading: Reading | None, chosen: FindingScore | None, scale: float) -> None:
    """Everything known of the film, beneath it."""
    film = entry.film
    names = ["What was done to the film", "Film and header"]
    tabs = st.tabs([*names, "Contributions"] if reading is not None and chosen is not None else names)
    with tabs[0]:
        steps = "".join(
            f"<li>{escape(step.text)}{f' <span>({escape(step.section)})</span>' if step.section else ''}</li>"
            for step in film.steps
        )
        st.html(f"<ol class='steps'>{steps}</ol>" if steps else "<p>Nothing: it is shown as it was stored.</p>")
    with tabs[1]:
        rows, columns = film.pixels.shape
        facts = [
            ("File", entry.name),
            ("Matrix", f"{rows} rows, {columns} columns"),
            ("View", wording.VIEWS[film.view]),
            ("Body part", film.body_part or "not stated"),
            ("Pixel spacing", wording.spacing_words(film)),
            ("SHA-256", film.digest),
        ]
        st.html(wording.table([*facts, *film.header]))
        if any(wording.identity(film)) and st.toggle("Show identifying fields", key=f"identity-{film.digest}"):
            st.html(wording.table(wording.identity(film)))
    if reading is not None and chosen is not None:
        with tabs[2]:
            contributions(reading, chosen, scale)


@st.fragment
def desk(reads: Predictor | None) -> None:
    """The films, the one that is open, and its findings; a choice runs this alone."""
    entry = box.open
    if box.waiting or entry is None:
        st.rerun()
    found = readings(reads)
    reading = found.get(entry.film.digest)
    chosen = chosen_score(reading)
    scale = reads.card.heatmap_scale if reads else 1.0
    tools(entry, reads, found)
    with st.container(key="desk"):
        left, middle, right = st.columns([0.15, 0.5, 0.35], gap="medium")
        with left, st.container(key="films-side"):
            film_list(found)
            with st.container(horizontal=True, gap="small", key="remove"):
                st.button("Remove film", on_click=remove, args=(entry.film.digest,), type="tertiary")
                st.button("Remove all", on_click=remove, args=tuple(box.entries), type="tertiary")
        with middle, st.container(key="film"):
            components.film_view(drawn(entry, reading, chosen, scale), "film-view", lambda: None)
            cautions = reading.cautions if reading else tuple(caution.text for caution in entry.film.cautions)
            if entry.insisted and entry.film.withheld:
                cautions = (entry.film.withheld, *cautions)
            remark = f"<p class='quiet'>{escape(entry.remark)}</p>" if entry.remark else ""
            warned = "".join(f"<p class='caution'>{escape(text)}</p>" for text in cautions)
            if remark or warned:
                st.html(warned + remark)
        with right, st.container(key="findings-side"):
            findings_column(entry, reads, reading, chosen)
    about(entry, reading, chosen, scale)


def chosen_score(reading: Reading | None) -> FindingScore | None:
    """The score of the chosen finding: the user's, the address's, else the one farthest over its threshold."""
    if reading is None:
        return None
    name = state.get("finding") or st.query_params.get("finding", "")
    by_name = {score.name: score for score in reading.findings}
    return by_name.get(name) or wording.ordered(reading)[0]


if not box.entries and not box.waiting:
    st.header("Read chest radiographs", anchor=False)
    st.html(
        "<p class='quiet'>Each finding with its probability, and a heatmap that adds up to it. "
        "Films are kept in memory until the page is closed, and sent nowhere.</p>"
    )
    with st.container(key="welcome"):
        uploader()
    refusals()
    offer_examples(cards=True)
reads = model()
work_off(reads)
if box.entries:
    refusals()
    desk(reads)
