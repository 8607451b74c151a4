"""Who was right: the published run's cells as the radiologists split them, to the film."""

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from chexview import settings
from chexview.evaluation.confusion import Cell
from chexview.evaluation.examination import Examination
from chexview.evaluation.references import load_reference
from chexview.evaluation.run import load_run
from chexview.evaluation.verdicts import verdicts


@pytest.fixture(scope="module")
def examination() -> Examination:
    run = load_run(settings.BUNDLED / "runs" / "reproduce-chexnet")
    return Examination(
        run, "published", "nodule_mass", load_reference(settings.BUNDLED / "references" / "four-findings")
    )


@pytest.mark.parametrize(
    ("share", "films", "present"),
    [(0.5, (33, 15, 64, 823), (33, 11, 29, 54)), (0.2, (53, 74, 44, 764), (49, 26, 13, 39))],
)
def test_the_cells_of_the_published_run(
    share: float, films: tuple[int, ...], present: tuple[int, ...], examination: Examination
) -> None:
    found = verdicts(examination, float(np.log(share / (1 - share))))
    assert found.films == 935
    cells = [
        found.cells[cell] for cell in (Cell.TRUE_POSITIVE, Cell.FALSE_POSITIVE, Cell.FALSE_NEGATIVE, Cell.TRUE_NEGATIVE)
    ]
    assert tuple(cell.films for cell in cells) == films
    assert tuple(len(cell.rows_with) for cell in cells) == present
    assert found.false_negatives_that_are_free == {0.5: 35, 0.2: 31}[share]
    assert found.cells[Cell.FALSE_POSITIVE].overturned == present[1]
    flagged = found.false_positives_that_are_true
    assert flagged.value == present[1] / films[1] and flagged.low is not None and flagged.high is not None
    assert flagged.low < flagged.value < flagged.high
    assert f"{found.auroc_by_label.value:.3f}" == "0.808" and f"{found.auroc_by_truth.value:.3f}" == "0.859"


def test_a_cell_beside_what_the_labels_errors_alone_would_give(examination: Examination) -> None:
    found = verdicts(examination, 0.0)
    free, labelled = found.cells[Cell.FALSE_POSITIVE], found.cells[Cell.FALSE_NEGATIVE]
    assert free.chance == pytest.approx((11 + 54) / (15 + 823)) and labelled.chance == pytest.approx(
        (33 + 29) / (33 + 64)
    )
    assert free.present.low is not None and free.present.low > free.chance
    assert found.label.sensitivity.value == pytest.approx((33 + 29) / (33 + 29 + 11 + 54))
    assert found.label.ppv.value == pytest.approx(labelled.chance)
    truth = examination.labels
    assert found.auroc_by_truth.value == pytest.approx(roc_auc_score(truth, examination.scores))


def test_one_truth_is_no_question(examination: Examination) -> None:
    with pytest.raises(ValueError, match="two truths"):
        verdicts(Examination(examination.run, "published", "nodule_mass"), 0.0)
    with pytest.raises(ValueError, match="no threshold"):
        verdicts(examination)
