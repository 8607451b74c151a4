"""The films behind a cell, and look-alikes."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chexview.evaluation.cases import CaseOrder, alike, cell_films
from chexview.evaluation.confusion import Cell
from chexview.evaluation.selection import Selection


def test_films_of_a_cell_come_with_the_hardest_first() -> None:
    labels, logits = [0, 1, 0, 1, 0, 1, 1, 0], [3, 1, 5, -2, -1, -7, 2, -4]
    selection = Selection.of(labels, logits)
    hardest = {
        Cell.FALSE_POSITIVE: [2, 0],
        Cell.FALSE_NEGATIVE: [5, 3],
        Cell.TRUE_POSITIVE: [1, 6],
        Cell.TRUE_NEGATIVE: [4, 7],
    }
    for cell, rows in hardest.items():
        assert cell_films(selection, 0, cell).tolist() == rows
        assert cell_films(selection, 0, cell, CaseOrder.CLEAREST).tolist() == rows[::-1]


def test_rows_are_those_of_the_table() -> None:
    selection = Selection.of([0, 1, 0, 1], [3, 1, 5, -2]).where(np.array([False, True, True, True]))
    assert cell_films(selection, 0, Cell.FALSE_POSITIVE).tolist() == [2]


def test_a_planted_pair_of_look_alikes_is_found() -> None:
    selection = Selection.of([1, 1, 0, 0, 0, 1], [2.0, 4.0, 2.1, 3.9, 2.04, -1.0], [1, 2, 3, 4, 1, 5])
    pairs = alike(selection, 0.0)
    assert [(pair.with_it, pair.without_it) for pair in pairs] == [(1, 3), (0, 2)]
    assert pairs[1].apart == pytest.approx(0.1, abs=1e-6)
    assert [pair.with_it for pair in alike(selection, 0.0, most=1)] == [1]
    assert alike(selection, 5.0, flagged=True) == ()
    assert alike(Selection.of([1, 1], [1, 2]), 0.0) == ()


@settings(max_examples=60, deadline=None)
@given(st.integers(2, 80), st.integers(0, 2**32 - 1), st.booleans())
def test_pairs_hold_what_they_promise(n: int, seed: int, flagged: bool) -> None:
    generator = np.random.default_rng(seed)
    selection = Selection.of(
        generator.random(n) < 0.4, generator.integers(-6, 6, n) / 3, generator.integers(0, 12, n), "Mass", "test"
    )
    pairs = alike(selection, 0.0, flagged)
    rows = [row for pair in pairs for row in (pair.with_it, pair.without_it)]
    assert len(rows) == len(set(rows))
    for pair in pairs:
        assert selection.labels[pair.with_it] and not selection.labels[pair.without_it]
        assert selection.patients[pair.with_it] != selection.patients[pair.without_it]
        assert (pair.logit_with >= 0) == (pair.logit_without >= 0) == flagged
        assert pair.logit_with == selection.logits[pair.with_it]
    tops = [pair.logit_with + pair.logit_without for pair in pairs]
    assert tops == sorted(tops, reverse=True)
    if len(pairs) > 1:
        kept = alike(selection, 0.0, flagged, most=1)
        assert kept == ((pairs[0],) if flagged else (pairs[-1],))
