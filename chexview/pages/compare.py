"""Compare: two validation runs on the same films, with the difference that chance alone would make."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from chexview import settings
from chexview.errors import RunError
from chexview.evaluation.comparison import Comparison, compare_runs, disagreement, matched
from chexview.evaluation.confusion import Confusion, confusion
from chexview.evaluation.curves import roc
from chexview.evaluation.examination import Examination, Truth, examine
from chexview.evaluation.operating import OperatingPoints
from chexview.evaluation.run import ValidationRun, list_runs, load_run
from chexview.evaluation.selection import Selection
from chexview.evaluation.summary import assessed
from chexview.figures.confusion import confusion_alt, confusion_figure
from chexview.figures.layout import flush_left
from chexview.figures.roc_comparison import ComparedCurve, roc_comparison_alt, roc_comparison_figure
from chexview.figures.theme import CHART, Theme, theme
from chexview.findings import title
from chexview.pages import cached_numbers
from chexview.pages.download_buttons import save_figure, save_table
from chexview.pages.run_selectors import caution, choose, run_titles, unusable
from chexview.pages.state.comparison_choice import ComparisonChoice
from chexview.pages.state.run_choice import sorted_lists, usable_runs
from chexview.pages.state.session import session
from chexview.pages.table_columns import FINDING
from chexview.pages.threshold_controls import policy_buttons
from chexview.pages.truth_selector import choose_truth, truth_words
from chexview.text import comparison as comparison_text
from chexview.text import markup

ROC_HEIGHT, MATRIX_HEIGHT = 560, 270
WHICH = ("First", "Second")
NUMBER = st.column_config.NumberColumn
COLUMNS = {
    **FINDING,
    "First": NUMBER(format="%.3f", help="AUROC of the first run"),
    "Second": NUMBER(format="%.3f", help="AUROC of the second run"),
    "Difference": NUMBER(format="%+.3f", help="First minus second"),
    "p, corrected": st.column_config.TextColumn(help="Holm's correction for all findings compared"),
    "Films": NUMBER(format="localized", help="Films in common"),
    "Patients": NUMBER(format="localized", help="Patients with the finding"),
}


@st.cache_resource(show_spinner="Comparing", max_entries=16)
def comparison_of(
    digests: tuple[str, str, str],
    list_name: str,
    findings: tuple[str, ...],
    _runs: tuple[ValidationRun, ValidationRun],
    _truth: Truth | None,
) -> Comparison:
    """Two runs compared finding by finding; the same for everybody. Raises RunError if they cannot be."""
    return compare_runs(*_runs, findings, list_name, _truth)


def page() -> None:
    """The page, from top to bottom."""
    st.html(Path(__file__).parent / "evaluate.css")
    choice = session().comparison
    anew = choice.adopt(st.query_params.to_dict())
    look = theme(st.context.theme.type)
    places = st.columns([0.23, 0.23, 0.16, 0.15, 0.23], gap="small")
    runs = choose_runs(choice, places, anew)
    lists = sorted_lists(runs[0].lists)
    with places[2]:
        titles = {item.name: item.title for item in lists}
        choice.list_name = choose(
            "Films, of the first run", list(titles), choice.list_name, "compare-list", titles, anew
        )
    findings = [finding for finding in assessed(runs[0]) if finding in assessed(runs[1])]
    if not findings:
        caution("These two runs have no finding in common; choose another run.")
        st.stop()
    with places[3]:
        words = {name: title(name) for name in findings}
        choice.finding = choose("Finding", findings, choice.finding, "compare-finding", words, anew)
    with places[4]:
        own = examine(runs[0], choice.list_name, choice.finding)
        examination = choose_truth(own, choice, "compare-truth", anew)
    truth_words(examination)
    choice.apply(session().points)
    truth = examination.truth
    try:
        digests = (runs[0].digest, runs[1].digest, truth.digest if truth else "")
        comparison = comparison_of(digests, choice.list_name, tuple(findings), runs, truth)
        st.html(comparison_text.headline(comparison.mean, comparison.most, examination))
        with st.container(key="examined"):
            one_finding(runs, choice, examination, comparison, look)
    except RunError as error:
        caution(str(error))
        st.query_params.from_dict(choice.settle(points_of(runs[0], choice).policy))
        st.stop()
    st.header("All findings", anchor=False)
    table = comparison_text.frame(comparison.differences)
    st.dataframe(
        table, hide_index=True, height="content", column_config=COLUMNS, alt=f"Differences of {len(table)} findings"
    )
    st.html(markup.paragraph(comparison_text.METHOD, "fine"))
    save_table(table, f"{choice.first}-against-{choice.second}" + (f"-{truth.name}" if truth else ""))
    st.query_params.from_dict(choice.settle(points_of(runs[0], choice).policy))


def choose_runs(
    choice: ComparisonChoice, places: Sequence[DeltaGenerator], anew: bool
) -> tuple[ValidationRun, ValidationRun]:
    """The two runs; stops the page with one sentence where there are not two, or one cannot be opened."""
    listings = list_runs(settings.load().runs)
    usable = usable_runs(listings)
    if len(usable) < 2:
        st.title("Compare", anchor=False)
        caution("Two validation runs are needed to compare; import another on the Runs page, or make one with train.")
        unusable(listing for listing in listings if listing.meta is None)
        st.stop()
    names = run_titles(usable)
    by_name = {listing.name: listing for listing in usable}
    options = list(by_name)
    with places[0]:
        choice.first = choose("First run", options, choice.first, "compare-first", names, anew)
    others = [name for name in options if name != choice.first]
    with places[1]:
        choice.second = choose("Second run", others, choice.second, "compare-second", names, anew)
    try:
        return load_run(by_name[choice.first].folder), load_run(by_name[choice.second].folder)
    except RunError as error:
        caution(f"{error} Other runs can still be chosen.")
        st.stop()


def points_of(run: ValidationRun, choice: ComparisonChoice) -> OperatingPoints:
    """The operating points in use for a run, on the list chosen or, where it lacks that, its first."""
    own = {item.name for item in run.lists}
    list_name = choice.list_name if choice.list_name in own else run.lists[0].name
    return session().points.of(cached_numbers.points_of(run, list_name))


def matrix(points: OperatingPoints, films: Selection) -> Confusion | None:
    """A run's matrix on the films in common at the threshold in use; None if it has none."""
    threshold = points.threshold(films.finding)
    return None if threshold is None or not films.films else confusion(films, threshold)


def one_finding(
    runs: tuple[ValidationRun, ValidationRun],
    choice: ComparisonChoice,
    examination: Examination,
    comparison: Comparison,
    look: Theme,
) -> None:
    """The curves beside each other's matrices at the same policy; ``examination`` is that of the first run. Raises RunError."""
    truth = examination.truth
    found = comparison.of(examination.finding)
    pair = matched(*runs, found.finding, choice.list_name, truth)
    both = (pair.first, pair.second)
    left, right = st.columns([0.44, 0.56], gap="medium")
    name = f"{choice.first}-against-{choice.second}-{found.finding}" + (f"-{truth.name}" if truth else "")
    with right:
        policy_buttons(points_of(runs[0], choice), found.finding, "compare-policy", "Thresholds of both runs by policy")
    points = [points_of(run, choice) for run in runs]
    found_at = [matrix(one, films) for one, films in zip(points, both, strict=True)]
    drawn = [
        ComparedCurve(f"{word}: {run.meta.title}", roc(films.labels, films.logits), at)
        for word, run, films, at in zip(WHICH, runs, both, found_at, strict=True)
    ]
    with left:
        st.plotly_chart(
            flush_left(roc_comparison_figure(drawn, look, ROC_HEIGHT)),
            theme=None,
            config=CHART,
            alt=roc_comparison_alt(title(found.finding), drawn),
        )
        save_figure(
            lambda paper: flush_left(roc_comparison_figure(drawn, paper, ROC_HEIGHT)),
            name,
            comparison_text.caption("ROC curves", pair, runs, examination),
            "Save the curves",
        )
    with right:
        for word, run, column, at in zip(WHICH, runs, st.columns(2), found_at, strict=True):
            with column:
                st.html(markup.paragraph(f"{word} run"))
                if at is None:
                    caution("This run has no threshold by this policy.")
                    continue
                st.plotly_chart(
                    confusion_figure(at, look, MATRIX_HEIGHT, rates=False),
                    theme=None,
                    config=CHART,
                    key=f"compare-matrix-{word}",
                    alt=confusion_alt(f"{title(found.finding)}, {word.lower()} run", at),
                )
                save_figure(
                    partial(confusion_figure, at, height=MATRIX_HEIGHT, rates=False),
                    f"confusion-{word.lower()}-{name}",
                    comparison_text.caption("Confusion matrix", pair, (run,), examination),
                    "Save the matrix",
                )
        st.html(markup.paragraph(comparison_text.verdict(found, ("the first", "the second")), "said"))
        if found_at[0] is not None and found_at[1] is not None:
            cuts = (found_at[0].counts.threshold, found_at[1].counts.threshold)
            sick, well = (disagreement(*both, cuts, positive) for positive in (True, False))
            st.html(markup.paragraph(comparison_text.disagreements(sick, well, found.finding)))
        st.html(comparison_text.rates(found_at))


page()
