"""The threshold of one finding: by policy, on a scale, typed, or by a click on a curve; all write the operating points."""

from collections.abc import Sequence
from typing import Any

import streamlit as st

from chexview.calibration import Calibration
from chexview.evaluation.examination import Examination
from chexview.evaluation.operating import OperatingPoints, PointSource, Policy
from chexview.evaluation.thresholds import stops, threshold_at
from chexview.pages.state.run_choice import clicked_threshold, threshold_of
from chexview.pages.state.session import session
from chexview.text import evaluation as evaluation_text
from chexview.text import numbers

TYPED = (0.01, 99.99)  # per cent that may be typed for a threshold


def take_policy(key: str) -> None:
    """Sets every finding's threshold to that of the policy that was pressed."""
    policy = st.session_state[key]
    if policy is not None:
        session().points.choose_policy(policy)


def take_slider(key: str, source: PointSource, finding: str) -> None:
    """Sets the threshold to the slider's."""
    session().points.choose_threshold(source, finding, st.session_state[key])


def take_typed(key: str, source: PointSource, finding: str, calibration: Calibration | None) -> None:
    """Sets the threshold to the probability, or network output, that was typed."""
    typed = st.session_state[key]
    if typed is not None:
        session().points.choose_threshold(source, finding, threshold_at(typed, calibration))
        st.session_state[key] = None


def take_click(key: str, source: PointSource, finding: str) -> None:
    """Sets the threshold to that of the point of the ROC curve that was clicked."""
    event: Any = st.session_state[key]
    threshold = clicked_threshold(event["selection"]["points"])
    if threshold is not None:
        session().points.choose_threshold(source, finding, threshold)


def policy_buttons(points: OperatingPoints, finding: str, key: str, label: str = "Thresholds by policy") -> None:
    """The policies by which there are thresholds; none is pressed where the user chose another threshold for the finding."""
    known = [policy for policy in Policy if points.checkpoint.operating_points.get(policy)]
    if not known:
        return
    st.session_state[key] = None if points.overridden(finding) else points.policy
    st.segmented_control(
        label, known, format_func=lambda policy: policy.heading, key=key, on_change=take_policy, args=(key,)
    )


def slider(examination: Examination, points: OperatingPoints, where: str) -> None:
    """The thresholds that occur, from those that flag every film to the one that flags none; or one that is typed."""
    finding, calibration = examination.finding, examination.calibration
    threshold = threshold_of(points, finding)
    scale = session().run.scale(stops(examination.curve), _offered(points, finding), threshold)
    labels = evaluation_text.stop_labels(scale, calibration)
    key, typed = f"evaluate-threshold-{where}", f"evaluate-typed-{where}"
    if st.session_state.get(key) != threshold:
        st.session_state[key] = threshold
    wide, narrow = st.columns([0.8, 0.2], vertical_alignment="bottom")
    wide.select_slider(
        f"Flag films from a {numbers.PROBABILITY if calibration else numbers.OUTPUT} of",
        scale,
        format_func=lambda stop: labels.get(stop, ""),
        key=key,
        on_change=take_slider,
        args=(key, points.checkpoint, finding),
    )
    narrow.number_input(
        "or type it, in %" if calibration else "or type it",
        min_value=TYPED[0] if calibration else None,
        max_value=TYPED[1] if calibration else None,
        value=None,
        format="%0.2f",
        key=typed,
        on_change=take_typed,
        args=(typed, points.checkpoint, finding, calibration),
    )


def _offered(points: OperatingPoints, finding: str) -> Sequence[float]:
    return [by_finding[finding] for by_finding in points.checkpoint.operating_points.values() if finding in by_finding]
