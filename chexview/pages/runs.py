"""Runs: the stored validation runs, bundled and the user's own, and the import of anyone's predictions."""

import re
import shutil
import threading
from functools import partial
from html import escape
from pathlib import Path

import streamlit as st

from chexview import settings
from chexview.errors import RunError
from chexview.evaluation.importing import ScoreKind, import_predictions
from chexview.evaluation.performance import MeanAuroc, performance
from chexview.evaluation.run import RunListing, ValidationRun, list_runs, load_run
from chexview.labels.table_process import read_apart
from chexview.model import card as cards
from chexview.model import checkpoint
from chexview.pages.run_selectors import caution
from chexview.pages.state.import_job import ImportAnswer, ImportJob
from chexview.pages.state.run_choice import sorted_lists
from chexview.pages.state.session import session
from chexview.text import markup
from chexview.text import run as run_text
from chexview.text.escape import escaped
from chexview.viewer import components
from chexview.web.uploads import present

NAME = re.compile(r"[^A-Za-z0-9._-]+")
KINDS = {
    ScoreKind.AUTO.value: "as the table says",
    ScoreKind.PROBABILITIES.value: "probabilities, 0 to 1",
    ScoreKind.PERCENT.value: "probabilities in per cent",
    ScoreKind.LOGITS.value: "logits",
}
POLL_SECONDS = 0.2
TABLES = ["csv", "tsv", "gz", "zip", "parquet", "txt"]


@st.cache_data(show_spinner=False, max_entries=64)
def mean_of(digest: str, list_name: str, _run: ValidationRun) -> MeanAuroc:
    """The mean AUROC of a list; one run's numbers are the same for everybody."""
    return performance(_run.selections(list_name)).mean


@st.cache_data(show_spinner=False, ttl=60)
def installed(folders: tuple[str, ...]) -> dict[str, str]:
    """The names of the checkpoints that are here, by the digest of their weights."""
    return {
        cards.read(folder).weights: name for name, folder in checkpoint.find(Path(item) for item in folders).items()
    }


def free_name(wish: str, home: Path) -> str:
    """A folder's name that is not in use yet."""
    base = NAME.sub("-", wish).strip("-.") or "imported"
    taken = {listing.name for listing in list_runs(settings.load().runs)}
    names = [base, *(f"{base}-{k}" for k in range(2, 1000))]
    return next(name for name in names if name not in taken and not (home / name).exists())


def take_import(home: Path) -> None:
    """Begins to store the upload as a run, beside the page; what came of it is said under the button."""
    state = st.session_state
    predictions, labels = (next(iter(present(state.get(key))), None) for key in ("runs-predictions", "runs-labels"))
    if predictions is None:
        session().answer = ImportAnswer("Choose a table of predictions first.", good=False)
        return
    heading = state.get("runs-title") or ""
    name = free_name(heading or Path(predictions.name).name.split(".")[0], home)
    kind = ScoreKind(state.get("runs-kind") or ScoreKind.AUTO.value)
    data, labelled = predictions.getvalue(), labels.getvalue() if labels is not None else None
    labels_name = labels.name if labels is not None else ""

    def work(cancelled: threading.Event) -> ImportAnswer:
        read = partial(read_apart, cancelled=cancelled)
        try:
            run, report = import_predictions(
                data, predictions.name, home / name, labelled, labels_name, kind, heading, read
            )
        except RunError as error:
            return ImportAnswer(str(error), good=False)
        return ImportAnswer(f"Imported as {run.meta.title}: {' '.join(report.lines(run))}", run=run.name)

    session().importing = ImportJob(predictions.name, work)


def finished_import() -> None:
    """While an import runs, says so with a button that cancels it; then keeps its answer."""
    job = session().importing
    if job is None:
        return
    place = st.container(horizontal=True, vertical_alignment="center", key="importing")
    place.button("Cancel the import", on_click=job.cancel, icon=":material/close:")
    said = place.empty()
    while not job.wait(POLL_SECONDS):
        said.html(markup.progress(f"Reading {job.name}"))
    session().importing, session().answer = None, job.answer
    st.rerun()


def remove(folder: Path) -> None:
    """Deletes a run of the user's own."""
    shutil.rmtree(folder)
    session().answer = ImportAnswer(f"{folder.name} was deleted.")


def show(listing: RunListing, home: Path) -> None:
    """One run as a card, with what can be done with it."""
    own = listing.folder.parent == home
    with st.container(border=True, key=f"run-{listing.name}"):
        if listing.meta is None:
            st.html(f"<h3 class='run-title'>{escape(listing.name)}</h3>")
            caution(listing.problem)
        else:
            try:
                run = load_run(listing.folder)
            except RunError as error:
                st.html(f"<h3 class='run-title'>{escape(listing.meta.title)}</h3>")
                caution(str(error))
                run = None
            if run is not None:
                first = sorted_lists(run.lists)[0]
                here = installed(tuple(str(folder) for folder in settings.load().checkpoints))
                st.html(run_text.card(run, first, mean_of(run.digest, first.name, run), here, own))
        with st.container(horizontal=True, vertical_alignment="center"):
            if listing.meta is not None:
                st.page_link(
                    "evaluate.py", label="Evaluate", icon=":material/monitoring:", query_params={"run": listing.name}
                )
                st.page_link("cases.py", label="Cases", icon=":material/grid_view:", query_params={"run": listing.name})
                st.page_link(
                    "examine.py", label="Examine", icon=":material/biotech:", query_params={"run": listing.name}
                )
                st.download_button(
                    "Predictions as CSV",
                    lambda: run_text.predictions(load_run(listing.folder)),
                    f"{listing.name}.csv",
                    "text/csv",
                    key=f"runs-save-{listing.name}",
                    icon=":material/download:",
                    on_click="ignore",
                )
            if own:
                with st.popover("Delete", icon=":material/delete:"):
                    st.write("Its folder is removed from the disk.")
                    st.button(
                        "Delete this run", key=f"runs-delete-{listing.name}", on_click=remove, args=(listing.folder,)
                    )


def page() -> None:
    """The page, from top to bottom."""
    for sheet in ("evaluate.css", "runs.css"):
        st.html(Path(__file__).parent / sheet)
    home = settings.load().home / "runs"
    st.html("<h1 class='unseen'>Runs</h1>")
    answer = session().answer
    listings = list_runs(settings.load().runs)
    if not listings:
        caution("There is no validation run yet; import predictions below.")
    st.header("Stored runs", anchor=False)
    for listing in listings:
        if listing.name != answer.run:
            show(listing, home)
    st.header("Import predictions", anchor=False)
    st.html(markup.paragraph(run_text.IMPORT))
    import_form(home)
    finished_import()
    session().answer = ImportAnswer()
    if answer.sentence:
        with st.container(key="runs-answer"):
            (st.success if answer.good else st.error)(escaped(answer.sentence))
    for listing in listings:
        if listing.name == answer.run:
            show(listing, home)
            components.scroll_to(f"run-{listing.name}", listing.name)


def import_form(home: Path) -> None:
    """What somebody who imports predictions fills in."""
    with st.form("runs-import", border=False):
        left, right = st.columns(2, gap="medium")
        left.file_uploader("Predictions", TABLES, key="runs-predictions")
        right.file_uploader("Labels to join, where the table has none", TABLES, key="runs-labels")
        left.text_input("Title", key="runs-title", placeholder="the file's name")
        right.segmented_control(
            "The scores are",
            [kind.value for kind in ScoreKind],
            default=ScoreKind.AUTO.value,
            format_func=KINDS.__getitem__,
            key="runs-kind",
        )
        st.form_submit_button("Import", icon=":material/upload:", on_click=take_import, args=(home,))


page()
