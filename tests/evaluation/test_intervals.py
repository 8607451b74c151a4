"""Bootstrap, DeLong and Wilson against scikit-learn, each other and closed forms."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binomtest, norm, t
from sklearn.metrics import average_precision_score, roc_auc_score

from chexview.evaluation import bootstrap, delong, intervals
from chexview.evaluation.estimate import Estimate, Remark
from chexview.evaluation.performance import mean_auroc, performance
from chexview.evaluation.selection import Selection
from chexview.text import estimates


def clustered(
    seed: int = 0, films: int = 1500, patients: int = 300, rounded: int | None = None, prevalence: float = 0.15
) -> Selection:
    """Films whose labels and logits are alike within a patient."""
    generator = np.random.default_rng(seed)
    owner = np.sort((generator.random(films) ** 2 * patients).astype(int))
    liability = generator.normal(size=patients)[owner] + 0.5 * generator.normal(size=films)
    labels = liability > np.quantile(liability, 1 - prevalence)
    logits = labels + 0.7 * generator.normal(size=patients)[owner] + generator.normal(size=films)
    if rounded is not None:
        logits = np.round(logits, rounded)
    return Selection.of(labels, logits, owner, "Nodule", "test")


@pytest.mark.parametrize("rounded", [None, 1, 0])
def test_replicates_are_scikit_learns_weighted_areas(rounded: int | None) -> None:
    selection = clustered(rounded=rounded)
    weights = bootstrap.patient_weights(selection.patient_count, 140, 3)
    ranked = bootstrap.Ranked.of(selection)
    found = bootstrap.replicates(ranked, weights)
    areas, precisions = found.auroc, found.average_precision
    assert precisions is not None
    alone = bootstrap.replicates(ranked, weights, with_precision=False)
    assert alone.average_precision is None
    assert np.array_equal(alone.auroc, areas)
    for b in (0, 7, 124, 125, 139):
        sample = weights[selection.patients, b]
        assert areas[b] == pytest.approx(
            roc_auc_score(selection.labels, selection.logits, sample_weight=sample), abs=1e-12
        )
        oracle = average_precision_score(selection.labels, selection.logits, sample_weight=sample)
        assert precisions[b] == pytest.approx(oracle, abs=1e-12)


def test_weights_are_resamples_of_patients_shared_and_read_only() -> None:
    weights = bootstrap.patient_weights(50, 200, 1)
    assert weights.shape == (50, 200)
    assert (weights.sum(axis=0) == 50).all()
    assert bootstrap.patient_weights(50, 200, 1) is weights
    with pytest.raises(ValueError, match="read-only"):
        weights[0, 0] = 2
    assert weights.var() == pytest.approx(1 - 1 / 50, abs=0.05)


def test_cluster_delong_of_single_films_is_delong() -> None:
    selection = clustered(rounded=1)
    alone = Selection.of(selection.labels, selection.logits)
    film, cluster = delong.delong(alone.labels, alone.logits), delong.cluster_delong(alone)
    assert film.auroc == pytest.approx(roc_auc_score(alone.labels, alone.logits), abs=1e-12)
    assert cluster.auroc == pytest.approx(film.auroc, abs=1e-12)
    assert cluster.variance == pytest.approx(film.variance, rel=1e-9)


def test_delong_by_the_definition_of_its_components() -> None:
    generator = np.random.default_rng(2)
    x, z = np.round(generator.normal(1, 1, 9), 1), np.round(generator.normal(0, 1, 13), 1)
    kernel = (x[:, None] > z) + 0.5 * (x[:, None] == z)
    expected = kernel.mean(axis=1).var(ddof=1) / 9 + kernel.mean(axis=0).var(ddof=1) / 13
    found = delong.delong(np.repeat([True, False], [9, 13]), np.concatenate([x, z]))
    assert found.auroc == pytest.approx(kernel.mean())
    assert found.variance == pytest.approx(expected)


def test_bootstrap_and_cluster_delong_agree_and_films_alone_are_too_sure() -> None:
    selection = clustered(films=4000, patients=600)
    spread = intervals.replicated_auroc(selection).std(ddof=1)
    cluster = np.sqrt(delong.cluster_delong(selection).variance)
    film = np.sqrt(delong.delong(selection.labels, selection.logits).variance)
    assert spread == pytest.approx(cluster, rel=0.1)
    assert film < 0.7 * cluster


def test_covariance_of_a_run_with_itself_is_its_variance() -> None:
    one = clustered()
    assert delong.cluster_covariance(one, one) == pytest.approx(delong.cluster_delong(one).variance)
    with pytest.raises(ValueError, match="same films"):
        delong.cluster_covariance(one, clustered(seed=1))
    none = Selection.of(np.zeros(4, bool), np.arange(4.0))
    assert np.isnan(delong.cluster_covariance(none, none))


@pytest.mark.parametrize(
    ("labels", "remark", "value"),
    [
        ([0] * 30, Remark.NO_POSITIVE, None),
        ([1] * 30, Remark.NO_NEGATIVE, None),
        ([1] * 4 + [0] * 26, Remark.TOO_FEW, 1.0),
        ([0] * 26 + [1] * 4, Remark.TOO_FEW, 0.0),
        ([1] * 26 + [0] * 4, Remark.TOO_FEW, 1.0),
        ([1] * 10 + [0] * 20, Remark.SEPARATED, 1.0),
        ([0] * 10 + [1] * 20, Remark.SEPARATED, 0.0),
    ],
)
def test_degenerate_areas_say_a_word_and_have_no_interval(
    labels: list[int], remark: Remark, value: float | None
) -> None:
    found = intervals.auroc_estimate(Selection.of(labels, -np.arange(30.0)))
    assert (found.value, found.low, found.high, found.remark) == (value, None, None, remark)
    assert found.pale
    assert estimates.number(found) == (remark.value if value is None else f"{value:.3f}")


def test_few_patients_warn_and_many_do_not() -> None:
    generator = np.random.default_rng(0)
    labels = np.arange(200) < 12
    logits = labels + generator.normal(size=200)
    few = intervals.auroc_estimate(Selection.of(labels, logits))
    assert few.remark is Remark.FEW
    assert few.low is not None and few.high is not None and few.value is not None
    assert few.low < few.value < few.high
    many = intervals.auroc_estimate(clustered())
    assert many.remark is Remark.NONE
    assert estimates.counts(many) == f"225 films of {many.positive_patients} patients"
    same = intervals.auroc_estimate(clustered())
    assert same == many


def test_all_logits_equal_is_one_half_without_interval() -> None:
    found = intervals.auroc_estimate(Selection.of(np.arange(40) < 20, np.zeros(40)))
    assert (found.value, found.low, found.remark) == (0.5, None, Remark.NO_SPREAD)


def test_average_precision_has_its_interval() -> None:
    selection = clustered()
    found = intervals.average_precision_estimate(selection)
    assert found.value == pytest.approx(average_precision_score(selection.labels, selection.logits))
    assert found.low is not None and found.high is not None
    assert found.low < average_precision_score(selection.labels, selection.logits) < found.high
    assert intervals.average_precision_estimate(Selection.of([0, 0], [1, 2])).value is None
    assert intervals.average_precision_estimate(Selection.of([1, 0], [1, 2])).remark is Remark.TOO_FEW
    apart = Selection.of(np.arange(40) < 20, -np.arange(40.0))
    assert intervals.average_precision_estimate(apart).remark is Remark.SEPARATED


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 500), st.data())
def test_wilson_of_independent_films_is_scipys(films: int, data: st.DataObject) -> None:
    hits = data.draw(st.integers(0, films))
    oracle = binomtest(hits, films).proportion_ci(method="wilson")
    assert intervals.wilson(hits / films, films) == pytest.approx((oracle.low, oracle.high), abs=1e-9)


def test_design_effect_of_copies_is_their_number() -> None:
    hits = np.tile([True, False, False, True, False], 20)
    singles = intervals.design_effect(hits, np.arange(100))
    assert singles == pytest.approx(100 / 99)
    copied = intervals.design_effect(np.repeat(hits, 4), np.repeat(np.arange(100), 4))
    assert copied == pytest.approx(4 * 100 / 99)
    assert intervals.design_effect(np.ones(12, bool), np.repeat([0, 1, 2], 4)) == pytest.approx(4)


def test_shares_of_no_film_and_of_few_patients() -> None:
    none = intervals.share_estimate(np.zeros(0, bool), np.zeros(0, np.int64))
    assert (none.value, none.remark) == (None, Remark.NO_FILM)
    few = intervals.share_estimate(np.array([True, False] * 10), np.repeat(np.arange(4), 5))
    assert (few.value, few.low, few.remark) == (0.5, None, Remark.TOO_FEW)
    sure = intervals.share_estimate(np.ones(30, bool), np.arange(30))
    assert sure.high == 1.0 and sure.low is not None and 0.8 < sure.low < 0.95


@pytest.mark.parametrize("degrees", [0.3, 1.0, 2.5, 17.2, 400.0])
def test_t_quantile_is_scipys(degrees: float) -> None:
    assert intervals.t_quantile(degrees) == pytest.approx(t.ppf(0.975, degrees), rel=1e-6)
    assert intervals.t_quantile(float("inf")) == pytest.approx(norm.ppf(0.975))


def test_kish() -> None:
    assert intervals.kish(np.array([3, 3, 3])) == pytest.approx(3)
    assert intervals.kish(np.array([1, 2])) == pytest.approx(9 / 5)
    assert intervals.kish(np.zeros(3)) == 0.0


def test_estimates_read_well() -> None:
    full = Estimate(0.8124, 0.7711, 0.8479, 100, 50, 86, 1)
    assert estimates.number(full) == "0.812 (0.771 to 0.848)"
    assert estimates.rate(full) == "81 % (77 to 85 %)"
    assert estimates.counts(full) == "86 films of 1 patient"
    bare = Estimate(0.5, None, None, 4, 2, 2, 1, Remark.TOO_FEW)
    assert (estimates.number(bare, 2), estimates.rate(bare)) == ("0.50", "50 %")


def test_mean_is_over_findings_with_enough_patients_and_names_the_rest() -> None:
    generator = np.random.default_rng(4)
    n = 600
    selections = []
    for name, positives in (("Mass", 80), ("Nodule", 60), ("Hernia", 4), ("Edema", 0)):
        labels = generator.permutation(n) < positives
        selections.append(Selection.of(labels, labels + generator.normal(size=n), finding=name, list_name="test"))
    found = performance(selections)
    mean = found.mean
    assert mean.findings == ("Mass", "Nodule")
    assert mean.left_out == ("Hernia", "Edema")
    areas = [roc_auc_score(s.labels, s.logits) for s in selections[:2]]
    assert mean.value == pytest.approx(np.mean(areas))
    assert mean.low is not None and mean.high is not None
    spread = np.hypot(*(np.sqrt(delong.delong(s.labels, s.logits).variance) for s in selections[:2])) / 2
    assert mean.high - mean.low == pytest.approx(2 * 1.98 * spread, rel=0.12)
    assert found.aurocs["Mass"] == intervals.auroc_estimate(selections[0])
    assert found.aurocs["Hernia"].remark is Remark.TOO_FEW
    assert mean_auroc(selections) == mean
    nothing = mean_auroc(selections[2:])
    assert (nothing.value, nothing.remark) == (None, Remark.TOO_FEW)
    with pytest.raises(ValueError, match="one list"):
        performance([selections[0], clustered()])


def test_mean_of_perfect_findings_has_no_interval() -> None:
    perfect = [Selection.of(np.arange(60) < 30, -np.arange(60.0), finding=name) for name in ("A", "B")]
    assert mean_auroc(perfect).remark is Remark.SEPARATED
    assert mean_auroc(perfect).value == 1.0


def test_one_patient_with_nearly_all_positive_films_makes_resamples_lose_the_class() -> None:
    labels = np.arange(2000) < 2
    weights = bootstrap.patient_weights(2000, 100, 0)
    areas = bootstrap.replicates(bootstrap.Ranked.of(Selection.of(labels, np.arange(2000.0))), weights).auroc
    lost = weights[:2].sum(axis=0) == 0
    assert lost.sum() > 5
    np.testing.assert_array_equal(np.isnan(areas), lost)
    found = intervals.auroc_from(clustered(), np.where(lost, np.nan, 0.7))
    assert (found.low, found.remark) == (None, Remark.UNSTABLE)


def test_subsets_keep_their_patients_codes() -> None:
    selection = clustered()
    part = selection.where(selection.logits > 0)
    assert part.patient_count == selection.patient_count
    assert part.films == np.count_nonzero(selection.logits > 0)
    assert "positive" in repr(part)
    with pytest.raises(ValueError, match="length"):
        Selection.of([True], [1.0, 2.0])
