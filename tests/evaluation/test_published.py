"""Published numbers are offered for the same films alone."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from chexview.evaluation.published import published
from chexview.findings import NAMES


@pytest.mark.shared
def test_the_shared_list_has_its_authors_numbers(shared: Path) -> None:
    images = pd.read_csv(shared / "runs" / "jrzech" / "preds.csv.gz")["Image Index"].tolist()
    found = published(images[::-1])
    assert found is not None
    by_name = {reference.name: reference for reference in found.references}
    assert {"arnoweng/CheXNet", "zoogzog/chexnet", "jrzech/reproduce-chexnet"} == set(by_name)
    stored = pd.read_csv(shared / "runs" / "jrzech" / "aucs.csv").set_index("label")["auc"]
    for name in NAMES:
        assert by_name["jrzech/reproduce-chexnet"].aurocs[name] == pytest.approx(stored[name], abs=0.0006)
    for reference, mean in (("arnoweng/CheXNet", 0.843), ("zoogzog/chexnet", 0.851)):
        assert np.mean(list(by_name[reference].aurocs.values())) == pytest.approx(mean, abs=0.001)
    assert published(images[1:]) is None


def test_other_films_have_none() -> None:
    assert published([]) is None
    assert published(["00000001_000.png"]) is None
