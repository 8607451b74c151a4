"""``python -m tests.benchmarks.pages``: how long the evaluation pages take to answer, on a run as large as NIH's test list.

First the first view of Evaluate on the published run of 22,433 films, in a process that is warmed as the server warms itself,
apart by what comes before: reading the tables, the curve, and what stands beneath. Then 25,596 synthetic films and 14 findings:
for each page the first view and the median of some changes of finding and threshold. All is the script's own processor time (the
browser's drawing comes on top). A second for the first view and half a second for an interaction are the goals.
"""

import logging
import os
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np
import pandas as pd
import streamlit as st
from streamlit.testing.v1 import AppTest

from chexview.calibration import Calibration
from chexview.evaluation.run_schema import FilmList, RunCheckpoint, RunMetadata, made_now
from chexview.evaluation.run_writing import write_run
from chexview.findings import NAMES
from tests.benchmarks.auroc import synthetic

MAIN = Path(__file__).parents[2] / "chexview" / "pages" / "main.py"
GOAL, FIRST_GOAL = 0.5, 1.0
PUBLISHED = {"run": "reproduce-chexnet", "list": "published"}
CHANGES = tuple((name, threshold) for name in ("Mass", "Hernia", "Effusion") for threshold in ("0.5", "1.5"))


def _write(folder: Path) -> None:
    selections = synthetic()
    first = selections[0]
    films = first.films
    frame = pd.DataFrame(
        {
            "image": [f"{i:08d}.png" for i in range(films)],
            "patient": [f"p{owner}" for owner in first.patients],
            "sex": np.where(first.patients % 2, "M", "F"),
            "age": (first.patients % 90).astype(np.int16),
            "view": np.where(first.patients % 3, "PA", "AP"),
            "split": "test",
            "list__test": True,
            **{f"label__{item.finding}": item.labels.astype(np.int8) for item in selections},
            **{f"logit__{item.finding}": item.logits for item in selections},
        }
    )
    meta = RunMetadata(
        title="Synthetic",
        checkpoint=RunCheckpoint("none"),
        data_set="Synthetic",
        attribution="nobody",
        split_hash="",
        lists=(FilmList("test", "Test films", "All."),),
        made=made_now(),
        calibration={name: Calibration(1.0, -1.0) for name in NAMES},
    )
    write_run(folder / "runs" / "synthetic", meta, frame)


def _seconds(app: AppTest) -> float:
    """The processor's seconds of one answer, which a busy machine does not stretch."""
    start = time.process_time()
    app.run()
    if app.exception:
        raise AssertionError(app.exception)
    return time.process_time() - start


def first_view() -> tuple[float, float]:
    """Seconds of Evaluate on the published run after the server's warming up: to the first view, and of the whole page.

    The first view is the head with the finding's AUROC, the curve and the matrix: all that fits on a screen.
    """
    started = time.process_time()
    from chexview.pages import threshold_controls, verdicts_section, warm_up

    warm_up.warm_up()
    AppTest.from_file(str(MAIN), default_timeout=300).run()  # somebody has seen a page before, but not this run
    warm = time.process_time() - started
    app = AppTest.from_file(str(MAIN), default_timeout=300)
    app.switch_page("evaluate.py")
    for key, value in PUBLISHED.items():
        app.query_params[key] = value
    moments: dict[str, float] = {}

    def noted(name: str, work: Callable[..., Any]) -> Callable[..., Any]:
        def call(*given: Any, **named: Any) -> Any:
            moments.setdefault(name, time.process_time())
            return work(*given, **named)

        return call

    with (
        patch.object(st, "set_page_config", noted("begun", st.set_page_config)),
        patch.object(threshold_controls, "policy_buttons", noted("read", threshold_controls.policy_buttons)),
        patch.object(verdicts_section, "who_was_right", noted("curve", verdicts_section.who_was_right)),
    ):
        start = time.process_time()
        whole = (
            start + _seconds(app) - moments["begun"]
        )  # AppTest looks through every package before a script of its own
    read, curve = (moments[name] - moments["begun"] for name in ("read", "curve"))
    print(
        f"evaluate, 22,433 films, first view after {warm:.1f} s of warming up: run, list and thresholds read {read:.2f} s, "
        f"curve and matrix {curve - read:.2f} s, statistics and sections beneath {whole - curve:.2f} s"
    )
    return curve, whole


def with_readers() -> float:
    """Evaluate on the published run's 22,433 films, by the radiologists' truth with readers on the curve; the slower median."""
    app = AppTest.from_file(str(MAIN), default_timeout=300)
    app.switch_page("evaluate.py")
    address = {**PUBLISHED, "finding": "nodule_mass", "truth": "four-findings"}
    for key, value in address.items():
        app.query_params[key] = value
    first = _seconds(app)
    slowest = 0.0
    for what, changes in (
        ("threshold", tuple(("nodule_mass", str(cut)) for cut in (-2.0, -1.5, -1.0, -0.5, 0.0, 0.5))),
        ("finding", tuple((name, "-1.25") for name in ("Pneumothorax", "nodule_mass", "Pneumothorax", "nodule_mass"))),
    ):
        again = []
        for finding, threshold in changes:
            app.query_params["finding"], app.query_params["threshold"] = finding, threshold
            again.append(_seconds(app))
        slowest = max(slowest, float(np.median(again)))
        words = f"another {what} {float(np.median(again)):.3f} s (largest {max(again):.3f} s)"
        print(f"evaluate, 22,433 films, readers on: first view {first:.2f} s, then {words}")
    return slowest


def main() -> None:
    """Prints the times and, as a ratio to the goal, the slowest page's."""
    logging.disable(logging.WARNING)  # Streamlit warns, when its pages are imported, that no server runs
    with tempfile.TemporaryDirectory() as folder:
        os.environ["CHEXVIEW_HOME"] = folder
        first, whole = first_view()
        print(f"RATIO evaluate_first_view_vs_one_second {first / FIRST_GOAL:.2f} <= 1")
        print(f"RATIO evaluate_whole_page_vs_one_second {whole / FIRST_GOAL:.2f} <= 1")
        _write(Path(folder))
        slowest = 0.0
        for page in ("evaluate", "examine", "cases", "runs"):
            app = AppTest.from_file(str(MAIN), default_timeout=300)
            app.switch_page(f"{page}.py")
            app.query_params["run"] = "synthetic"
            first = _seconds(app)
            again = []
            for name, threshold in CHANGES:
                app.query_params["finding"] = name
                app.query_params["threshold"] = threshold
                again.append(_seconds(app))
            median = float(np.median(again))
            slowest = max(slowest, median)
            print(f"{page}: first view {first:.2f} s, then {median:.3f} s (largest {max(again):.3f} s)")
        print(f"RATIO evaluate_with_readers_vs_half_a_second {with_readers() / GOAL:.2f} <= 1")
    print(f"RATIO page_interaction_vs_half_a_second {slowest / GOAL:.2f} <= 1")


if __name__ == "__main__":
    main()
