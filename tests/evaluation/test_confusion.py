"""Counts, rates and the films behind them."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import confusion_matrix

from chexview.evaluation.cases import cell_films
from chexview.evaluation.confusion import Cell, confusion, threshold_table
from chexview.evaluation.estimate import Remark
from chexview.evaluation.selection import Selection


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 80), st.integers(0, 2**32 - 1), st.sampled_from([1, 4, 1000]))
def test_table_and_counts_agree_with_scikit_learn_everywhere(n: int, seed: int, levels: int) -> None:
    generator = np.random.default_rng(seed)
    selection = Selection.of(
        generator.random(n) < 0.4, generator.integers(0, levels, n) / 7, generator.integers(0, 20, n), "Mass", "test"
    )
    table = threshold_table(selection)
    for threshold in [np.inf, -np.inf, 0.21, *selection.logits.tolist()]:
        found = confusion(selection, threshold)
        counts = found.counts
        assert table.at(threshold) == counts
        oracle = confusion_matrix(selection.labels, selection.logits >= np.float32(threshold), labels=[False, True])
        assert oracle.tolist() == [
            [counts.true_negatives, counts.false_positives],
            [counts.false_negatives, counts.true_positives],
        ]
        assert counts.films == n
        assert counts.flagged == counts.true_positives + counts.false_positives
        hit = selection.patients[selection.labels & (selection.logits >= np.float32(threshold))]
        assert counts.found_patients == len(set(hit.tolist()))
        rows = np.concatenate([cell_films(selection, threshold, cell) for cell in Cell])
        assert sorted(rows.tolist()) == list(range(n))
        for cell in Cell:
            assert len(cell_films(selection, threshold, cell)) == counts.of(cell)


def test_rates_have_their_meaning() -> None:
    labels = np.repeat([True, False], [40, 160])
    logits = np.concatenate([np.repeat([2.0, -2.0], [30, 10]), np.repeat([1.0, -1.0], [16, 144])])
    found = confusion(Selection.of(labels, logits), 0.0)
    assert found.sensitivity.value == 0.75
    assert found.specificity.value == 0.9
    assert found.ppv.value == pytest.approx(30 / 46)
    assert found.npv.value == pytest.approx(144 / 154)
    for rate in (found.sensitivity, found.specificity, found.ppv, found.npv):
        assert rate.low is not None and rate.high is not None and rate.value is not None
        assert rate.low < rate.value < rate.high
    nobody = confusion(Selection.of(labels, logits), np.inf)
    assert (nobody.ppv.value, nobody.ppv.remark) == (None, Remark.NO_FILM)
    assert nobody.sensitivity.value == 0.0


def test_a_threshold_is_compared_in_float32() -> None:
    selection = Selection.of([1, 0], np.array([0.7, 0.1], np.float32))
    assert confusion(selection, 0.7).counts.true_positives == 1
    assert threshold_table(selection).at(0.7).true_positives == 1
