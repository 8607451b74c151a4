"""Similar films: planted groups are found again, the film's own patient never, and what is stored comes back."""

import numpy as np
import pytest
from sklearn.decomposition import PCA

from chexview.errors import RunError
from chexview.evaluation.similarity import embed, from_bytes, nearest, neighbour_shares


def planted(count: int = 60) -> tuple[np.ndarray, np.ndarray]:
    """Features of three groups of films around centres far apart, and the group of each."""
    rng = np.random.default_rng(0)
    group = np.arange(count) % 3
    centres = rng.normal(size=(3, 40)) * 5
    return centres[group] + rng.normal(size=(count, 40)), group


def test_the_axes_are_scikit_learns() -> None:
    features, _ = planted()
    made = embed(features, np.arange(60), 5)
    theirs = PCA(5).fit(features)
    np.testing.assert_allclose(np.abs(made.components), np.abs(theirs.components_), atol=1e-5)
    scores = theirs.transform(features)
    scores /= np.linalg.norm(scores, axis=1, keepdims=True)
    np.testing.assert_allclose(np.abs(made.vectors), np.abs(scores), atol=1e-5)
    np.testing.assert_allclose(made.place(features[:4]), made.vectors[:4], atol=1e-5)


def test_neighbours_are_of_the_planted_group_and_of_other_patients() -> None:
    features, group = planted()
    made = embed(features, np.arange(60) + 100, 8)
    patients = np.arange(60) // 2
    own = patients == patients[7]
    found = nearest(made, made.vectors[7], 10, own)
    assert (group[found.rows - 100] == group[7]).all() and not own[found.rows - 100].any()
    assert (np.diff(found.similarity) <= 0).all()
    assert len(nearest(made, made.vectors[7], 500, own).rows) == 58


def test_a_neighbourhood_knows_its_group_and_nothing_of_a_coin() -> None:
    features, group = planted(90)
    made = embed(features, np.arange(90), 8)
    patients = np.arange(90)
    ill = (group == 1).astype(np.int8)
    np.testing.assert_array_equal(neighbour_shares(made, ill, patients, 10), ill)
    unknown = np.full(90, -1, np.int8)
    assert np.isnan(neighbour_shares(made, unknown, patients, 10)).all()
    coin = np.random.default_rng(1).integers(0, 2, 90).astype(np.int8)
    assert abs(np.corrcoef(neighbour_shares(made, coin, patients, 20), coin)[0, 1]) < 0.35


def test_it_is_stored_and_checked() -> None:
    features, _ = planted()
    made = embed(features, np.arange(60), 6)
    again = from_bytes(made.to_bytes(), 60)
    np.testing.assert_allclose(again.vectors, made.vectors, atol=1e-3)
    np.testing.assert_array_equal(again.rows, made.rows)
    with pytest.raises(RunError, match="does not fit its films"):
        from_bytes(made.to_bytes(), 59)
    with pytest.raises(RunError, match="cannot be read"):
        from_bytes(b"nothing", 60)
