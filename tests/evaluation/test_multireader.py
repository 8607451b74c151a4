"""Van Dyke et al. 1993 (5 readers, 2 treatments, 114 cases), as MRMCaov and RJafroc print it; the data with their packages."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from chexview.evaluation.curves import auroc
from chexview.evaluation.multireader import (
    Covariances,
    Generalises,
    MultiReader,
    Ratings,
    analyse,
    model_against_readers,
)

DATA = Path(__file__).parents[1] / "data" / "vandyke.csv"


@pytest.fixture(scope="module")
def ratings() -> Ratings:
    table = pd.read_csv(DATA)
    cube = table.pivot(index="case", columns=["treatment", "reader"], values="rating").sort_index(axis=1)
    labels = table.drop_duplicates("case").set_index("case")["truth"].loc[cube.index]
    return Ratings.of(cube.to_numpy().T.reshape(2, 5, 114), labels == 1)


@pytest.fixture(scope="module")
def found(ratings: Ratings) -> MultiReader:
    return analyse(ratings)


def test_areas_and_components(found: MultiReader) -> None:
    np.testing.assert_allclose(found.areas[0], [0.91964573, 0.85877617, 0.90386473, 0.97310789, 0.82979066], atol=5e-9)
    np.testing.assert_allclose(found.areas[1], [0.94782609, 0.90531401, 0.92173913, 0.99935588, 0.92995169], atol=5e-9)
    np.testing.assert_allclose(found.areas.mean(axis=1), [0.89703704, 0.94083736], atol=5e-9)
    components = (found.error_variance, found.covariance_1, found.covariance_2, found.covariance_3)
    np.testing.assert_allclose(components, [0.0008022883, 0.0003466137, 0.0003440748, 0.0002390284], atol=5e-11)
    squares = (found.ms_treatment, found.ms_reader, found.ms_interaction)
    np.testing.assert_allclose(squares, [0.0047961705, 0.0038362000, 0.0005510306], atol=5e-11)


@pytest.mark.parametrize(
    ("generalises", "statistic", "df2", "p"),
    [
        (Generalises.READERS_AND_CASES, 4.4563187, 15.259675, 0.05166569),
        (Generalises.CASES, 5.475953, None, 0.01927984),
        (Generalises.READERS, 8.704000, 4.0, 0.04195875),
    ],
)
def test_the_three_tests(
    generalises: Generalises, statistic: float, df2: float | None, p: float, found: MultiReader
) -> None:
    test = found.tests[generalises]
    assert test.statistic == pytest.approx(statistic, abs=1e-6) and test.p == pytest.approx(p, abs=1e-7)
    assert test.df1 == 1 and (test.df2 is None if df2 is None else test.df2 == pytest.approx(df2, abs=1e-5))


def test_the_difference_and_its_bound(found: MultiReader) -> None:
    gap = found.differences[Generalises.READERS_AND_CASES]
    assert gap.value == pytest.approx(-0.04380032, abs=5e-9) and gap.standard_error == pytest.approx(
        0.02074862, abs=5e-9
    )
    assert (gap.low, gap.high) == pytest.approx((-0.08795950, 0.00035885), abs=5e-8)
    assert gap.lower_bound(0.975) == pytest.approx(gap.low)
    assert gap.non_inferior(0.10) and not gap.non_inferior(0.05)
    with pytest.raises(ValueError, match="above 0"):
        gap.non_inferior(0.0)


def test_unbiased_covariances_lie_near_the_jackknifes(ratings: Ratings, found: MultiReader) -> None:
    other = analyse(ratings, Covariances.UNBIASED)
    assert other.error_variance == pytest.approx(found.error_variance, rel=0.03)
    assert other.covariance_2 == pytest.approx(found.covariance_2, rel=0.05)
    assert other.tests[Generalises.READERS_AND_CASES].p == pytest.approx(0.052, abs=0.004)


def test_films_of_one_patient_are_left_out_together(ratings: Ratings, found: MultiReader) -> None:
    doubled = Ratings.of(
        np.concatenate([ratings.ratings] * 2, axis=2),
        np.r_[ratings.labels, ratings.labels],
        np.r_[np.arange(114)].tolist() * 2,
    )
    again = analyse(doubled)
    assert again.error_variance == pytest.approx(found.error_variance, rel=1e-9)
    assert again.tests[Generalises.CASES].p == pytest.approx(0.01927984, abs=1e-7)


def test_a_model_that_is_one_of_the_readers(ratings: Ratings) -> None:
    first = Ratings(ratings.ratings[:1], ratings.labels, ratings.patients)
    model = ratings.ratings[1, 0]
    gap = model_against_readers(first, model)
    areas = [auroc(ratings.labels, one) for one in first.ratings[0]]
    assert gap.value == pytest.approx(auroc(ratings.labels, model) - np.mean(areas))
    assert gap.low < gap.value < gap.high and gap.degrees >= 4


@pytest.mark.parametrize("shape", [(1, 5, 114), (2, 1, 114)])
def test_too_few_treatments_or_readers(shape: tuple[int, int, int], ratings: Ratings) -> None:
    part = Ratings(ratings.ratings[: shape[0], : shape[1]], ratings.labels, ratings.patients)
    with pytest.raises(ValueError, match="at least two"):
        analyse(part)
