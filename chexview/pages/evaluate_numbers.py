"""The numbers of a run that take a moment, worked out once for everybody; they hold nothing of a reader's own films."""

import streamlit as st

from chexview.evaluation.bands import RocBand, roc_band
from chexview.evaluation.confusion import Confusion, confusion
from chexview.evaluation.curves import RocCurve, roc
from chexview.evaluation.estimate import Estimate
from chexview.evaluation.operating import Policy
from chexview.evaluation.performance import ListPerformance, performance
from chexview.evaluation.published import Published, published
from chexview.evaluation.run import ValidationRun
from chexview.evaluation.selection import Selection
from chexview.evaluation.summary import (
    FindingSummary,
    Precision,
    assessed,
    auroc_of,
    has_control,
    precision,
    summarise,
)
from chexview.figures.roc import small_roc_points
from chexview.figures.thumbnails import Small
from chexview.findings import title


@st.cache_data(show_spinner=False, max_entries=64)
def areas(digest: str, list_name: str, control: bool, _run: ValidationRun) -> ListPerformance:
    """The AUROCs of a list's findings and their mean; one run's numbers are the same for everybody."""
    return performance(_run.selections(list_name, control))


@st.cache_data(show_spinner=False, max_entries=256)
def composite_area(digest: str, finding: str, list_name: str, control: bool, _run: ValidationRun) -> Estimate:
    """The AUROC of a composite."""
    return auroc_of(_run, finding, list_name, control)


@st.cache_data(show_spinner=False, max_entries=512)
def precision_of(digest: str, finding: str, list_name: str, _run: ValidationRun) -> Precision:
    """Average precision and prevalence of a finding."""
    return precision(_run.select(finding, list_name))


@st.cache_data(show_spinner=False, max_entries=128)
def lines_of(digest: str, list_name: str, policy: Policy, _run: ValidationRun) -> tuple[FindingSummary, ...]:
    """The table's lines."""
    findings = assessed(_run)
    return summarise(
        _run,
        list_name,
        findings,
        policy,
        {finding: area(_run, finding, list_name) for finding in findings},
        {finding: precision_of(digest, finding, list_name, _run) for finding in findings},
        {finding: area(_run, finding, list_name, True) for finding in findings if has_control(_run, finding)},
    )


def area(run: ValidationRun, finding: str, list_name: str, control: bool = False) -> Estimate:
    """The AUROC of a finding, a composite, or the control of one."""
    if finding in run.composites:
        return composite_area(run.digest, finding, list_name, control, run)
    return areas(run.digest, list_name, control, run).aurocs[finding]


def control_curve(run: ValidationRun, selection: Selection) -> RocCurve | None:
    """The curve of blur and brightness alone, where that control was run."""
    if not has_control(run, selection.finding):
        return None
    control = run.select(selection.finding, selection.list_name, control=True)
    return roc(control.labels, control.logits)


@st.cache_data(show_spinner=False, max_entries=128)
def small_curves(digest: str, list_name: str, policy: Policy, _run: ValidationRun) -> tuple[Small, ...]:
    """Every finding's curve with its operating point, for the small multiples."""
    made = []
    for line in lines_of(digest, list_name, policy, _run):
        if line.auroc.value is None:
            continue
        chosen = _run.select(line.finding, list_name)
        at = None
        if (
            line.sensitivity
            and line.specificity
            and line.sensitivity.value is not None
            and line.specificity.value is not None
        ):
            at = (1 - line.specificity.value, line.sensitivity.value)
        points = tuple(small_roc_points(roc(chosen.labels, chosen.logits)))
        made.append(Small(title(line.finding), f"{line.auroc.value:.2f}", points, at))
    return tuple(made)


@st.cache_data(show_spinner=False, max_entries=64)
def confusions(
    digest: str, list_name: str, thresholds: tuple[tuple[str, float], ...], _run: ValidationRun
) -> dict[str, Confusion]:
    """Every finding's confusion matrix at its threshold."""
    return {finding: confusion(_run.select(finding, list_name), threshold) for finding, threshold in thresholds}


@st.cache_data(show_spinner=False, max_entries=256)
def band_of(digest: str, finding: str, list_name: str, _run: ValidationRun) -> RocBand | None:
    """The band around a finding's ROC curve."""
    return roc_band(_run.select(finding, list_name))


@st.cache_data(show_spinner=False, max_entries=64)
def published_of(digest: str, list_name: str, _run: ValidationRun) -> Published | None:
    """What was published on the very films of a list."""
    return published(_run.table.column("image")[_run.list_mask(list_name)].tolist())
