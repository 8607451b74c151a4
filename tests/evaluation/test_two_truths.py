"""Two truths of the same films: areas by each against scikit-learn's, and the counts that the reference standards' authors give."""

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import average_precision_score, roc_auc_score

from chexview import settings
from chexview.evaluation.curves import auroc, average_precision
from chexview.evaluation.examination import Examination
from chexview.evaluation.references import ReferenceStandard, list_references, load_reference
from chexview.evaluation.run import ValidationRun, load_run
from chexview.evaluation.summary import assessed

REFERENCES = settings.BUNDLED / "references"
NAMES = tuple(listing.name for listing in list_references([REFERENCES]))


@pytest.fixture(scope="module")
def runs(bundled_run: ValidationRun) -> dict[str, ValidationRun]:
    return {"bundled": bundled_run, "published": load_run(settings.BUNDLED / "runs" / "reproduce-chexnet")}


def joined(run: ValidationRun, films_list: str, finding: str, reference: ReferenceStandard | None) -> pd.DataFrame:
    """Labels and logits of the films of a list that have both, joined by pandas on the image's name."""
    scores = pd.DataFrame({"image": run.table.column("image"), "logit": run.logits(finding)})
    scores = scores[run.list_mask(films_list)]
    if reference is None:
        labels = pd.DataFrame({"image": run.table.column("image"), "label": run.labels(finding)})
    else:
        own = reference.table[[f"label__{name}" for name in reference.meta.judges[finding].any_of]]
        unknown = (own == -1).any(axis=1) & ~(own == 1).any(axis=1)
        given = (own == 1).any(axis=1).astype(int).where(~unknown, -1)
        labels = pd.DataFrame({"image": reference.table["image"], "label": given})
    both = scores.merge(labels, on="image", validate="1:1")
    return both[both["label"] >= 0]


@pytest.mark.parametrize("name", [*NAMES, ""])
@pytest.mark.parametrize("which", ["bundled", "published"])
def test_areas_by_each_truth_are_scikit_learns(which: str, name: str, runs: dict[str, ValidationRun]) -> None:
    run, reference = runs[which], load_reference(REFERENCES / name) if name else None
    films_list = "test" if which == "bundled" else "published"
    compared = 0
    for finding in assessed(run):
        if reference is not None and not reference.judges(finding):
            continue
        table = joined(run, films_list, finding, reference)
        found = Examination(run, films_list, finding, reference)
        assert found.films == len(table) and found.positive_films == int(table["label"].sum())
        if table["label"].nunique() == 2:
            expected = roc_auc_score(table["label"], table["logit"])
            assert auroc(found.labels, found.scores) == pytest.approx(expected)
            assert np.trapezoid(found.curve.sensitivity, found.curve.false_positive_rate) == pytest.approx(expected)
            precision = average_precision(found.labels, found.scores)
            assert precision == pytest.approx(average_precision_score(table["label"], table["logit"]))
            compared += 1
    assert compared >= 3


def test_films_and_readers_are_as_many_as_their_authors_say() -> None:
    four, fourteen, outlines = (
        load_reference(REFERENCES / name) for name in ("four-findings", "fourteen-findings", "chestx-det")
    )
    assert four.table["part"].value_counts().to_dict() == {"test": 1962, "validation": 2414}
    answers = four.answers.merge(four.table[["image", "part"]], on="image")
    assert answers.groupby("part")["reader"].nunique().to_dict() == {"test": 11, "validation": 13}
    assert len(fourteen.table) == 810 and fourteen.answers["reader"].nunique() == 5
    assert len(outlines.table) == 3498
    assert set(fourteen.table["image"]) <= set(four.table.loc[four.table["part"] == "test", "image"])
