"""Compare: two validation runs on the same films, with the difference that chance alone would make."""

from functools import partial
from html import escape
from pathlib import Path

import streamlit as st

from chexview import settings
from chexview.errors import RunError
from chexview.evaluation.comparison import (
    AurocDifference,
    Matched,
    MeanDifference,
    compare,
    disagreement,
    matched,
    mean_difference,
)
from chexview.evaluation.confusion import Confusion, confusion
from chexview.evaluation.curves import roc
from chexview.evaluation.operating import Policy
from chexview.evaluation.run import ValidationRun, list_runs, load_run
from chexview.evaluation.summary import assessed
from chexview.evaluation.thresholds import offer
from chexview.figures.confusion import confusion_alt, confusion_figure
from chexview.figures.pair import Drawn, pair_alt, pair_figure
from chexview.figures.placing import flush_left
from chexview.figures.theme import CONFIG, theme
from chexview.findings import title
from chexview.pages.choosing import caution, choose, run_titles, unusable
from chexview.pages.evaluate_view import in_order, lists_in_order
from chexview.pages.saving import save_figure, save_table
from chexview.pages.state.comparison_choice import ComparisonChoice
from chexview.text import comparison as comparison_text

ROC_HEIGHT, MATRIX_HEIGHT = 560, 270
CHART = {**CONFIG, "displayModeBar": False}
_number = st.column_config.NumberColumn
COLUMNS = {
    "First": _number(format="%.3f", help="AUROC of the first run"),
    "Second": _number(format="%.3f", help="AUROC of the second run"),
    "Difference": _number(format="%+.3f", help="First less second"),
    "p, corrected": st.column_config.TextColumn(help="Holm's correction for all findings compared"),
    "Films": _number(format="localized", help="Films in common"),
    "Patients": _number(format="localized", help="Patients with the finding"),
}

state = st.session_state
view: ComparisonChoice = state.setdefault("compare", ComparisonChoice())


@st.cache_data(show_spinner="Comparing", max_entries=16)
def differences(
    digests: tuple[str, str], list_name: str, findings: tuple[str, ...], _runs: tuple[ValidationRun, ValidationRun]
) -> tuple[tuple[AurocDifference, ...], MeanDifference, Matched]:
    """Every finding's difference, that of the means, and the films of the first finding; the same for everybody."""
    every = [matched(*_runs, finding, list_name) for finding in findings]
    pairs = [(item.first, item.second) for item in every]
    single = [pair for pair in pairs if pair[0].finding not in _runs[0].composites]
    return compare(pairs), mean_difference(single or pairs), max(every, key=lambda item: item.first.films)


def choose_runs(anew: bool) -> tuple[ValidationRun, ValidationRun]:
    """The two runs; stops the page with one sentence where there are not two, or one cannot be opened."""
    listings = list_runs(settings.load().runs)
    usable = in_order(listings)
    if len(usable) < 2:
        st.header("Compare", anchor=False)
        caution("Two validation runs are needed to compare; import another on the Runs page, or make one with train.")
        unusable(listing for listing in listings if listing.meta is None)
        st.stop()
    names = run_titles(usable)
    by_name = {listing.name: listing for listing in usable}
    options = list(by_name)
    with places[0]:
        view.first = choose("First run", options, view.first, "compare-first", names, anew)
    others = [name for name in options if name != view.first]
    with places[1]:
        view.second = choose("Second run", others, view.second, "compare-second", names, anew)
    try:
        return load_run(by_name[view.first].folder), load_run(by_name[view.second].folder)
    except RunError as error:
        caution(f"{error} Other runs can still be chosen.")
        st.stop()


def point(run: ValidationRun, found: Matched, which: int, finding: str) -> Confusion | None:
    """A run's matrix on the films in common at the threshold of the policy chosen; None where it has none."""
    own = {item.name for item in run.lists}
    list_name = view.list_name if view.list_name in own else run.lists[0].name
    threshold = offer(run, finding, list_name).points.get(view.policy)
    chosen = (found.first, found.second)[which]
    return None if threshold is None or not chosen.films else confusion(chosen, threshold)


def one_finding(runs: tuple[ValidationRun, ValidationRun], found: AurocDifference) -> None:
    """The curves beside each other's matrices at the same policy."""
    pair = matched(*runs, found.finding, view.list_name)
    points = [point(run, pair, which, found.finding) for which, run in enumerate(runs)]
    drawn = [
        Drawn(f"{word}: {run.meta.title}", roc(item.labels, item.logits), at)
        for word, run, item, at in zip(("First", "Second"), runs, (pair.first, pair.second), points, strict=True)
    ]
    left, right = st.columns([0.44, 0.56], gap="medium")
    with left:
        st.plotly_chart(
            flush_left(pair_figure(drawn, look, ROC_HEIGHT)),
            theme=None,
            config=CHART,
            alt=pair_alt(title(found.finding), drawn),
        )
        name = f"{view.first}-against-{view.second}-{found.finding}"
        save_figure(lambda paper: flush_left(pair_figure(drawn, paper, ROC_HEIGHT)), name, "Save the curves")
    with right:
        view.policy = st.segmented_control(
            "Thresholds of both runs by policy",
            list(Policy),
            default=view.policy,
            format_func=lambda policy: policy.heading,
            required=True,
        )
        points = [point(run, pair, which, found.finding) for which, run in enumerate(runs)]
        for word, column, at in zip(("First", "Second"), st.columns(2), points, strict=True):
            with column:
                st.html(f"<p class='quiet'>{word} run</p>")
                if at is None:
                    caution("This run has no threshold by this policy.")
                else:
                    st.plotly_chart(
                        confusion_figure(at, look, MATRIX_HEIGHT, rates=False),
                        theme=None,
                        config=CHART,
                        key=f"compare-matrix-{word}",
                        alt=confusion_alt(f"{title(found.finding)}, {word.lower()} run", at),
                    )
                    save_figure(
                        partial(confusion_figure, at, height=MATRIX_HEIGHT, rates=False),
                        f"confusion-{word.lower()}-{view.policy.value}-{found.finding}",
                        "Save the matrix",
                    )
        st.html(f"<p class='said'>{escape(comparison_text.verdict(found, ('the first', 'the second')))}</p>")
        if points[0] is not None and points[1] is not None:
            cuts = (points[0].counts.threshold, points[1].counts.threshold)
            sick, well = (disagreement(pair.first, pair.second, cuts, positive) for positive in (True, False))
            st.html(f"<p class='quiet'>{escape(comparison_text.disagreements(sick, well, found.finding))}</p>")
        st.html(comparison_text.rates(points))


st.html(Path(__file__).parent / "evaluate.css")
anew = view.adopt(st.query_params.to_dict())
look = theme(st.context.theme.type)
places = st.columns(4, gap="medium")
runs = choose_runs(anew)
shared_lists = lists_in_order(runs[0].lists)
with places[2]:
    titles = {item.name: item.title for item in shared_lists}
    view.list_name = choose("Films, of the first run", list(titles), view.list_name, "compare-list", titles, anew)
findings = [finding for finding in assessed(runs[0]) if finding in assessed(runs[1])]
if not findings:
    caution("These two runs have no finding in common; choose another run.")
    st.stop()
with places[3]:
    words = {name: title(name) for name in findings}
    view.finding = choose("Finding", findings, view.finding, "compare-finding", words, anew)
try:
    digests = (runs[0].digest, runs[1].digest)
    all_found, mean, films = differences(digests, view.list_name, tuple(findings), runs)
except RunError as error:
    caution(str(error))
    st.stop()
st.html(comparison_text.headline(mean, films.first.films, films.only_first))
with st.container(key="examined"):
    one_finding(runs, next(item for item in all_found if item.finding == view.finding))
st.subheader("All findings", anchor=False)
table = comparison_text.frame(all_found)
st.dataframe(
    table, hide_index=True, height="content", column_config=COLUMNS, alt=f"Differences of {len(table)} findings"
)
st.html(f"<p class='fine'>{comparison_text.METHOD}</p>")
save_table(table, f"{view.first}-against-{view.second}")
st.query_params.update(view.settle())
