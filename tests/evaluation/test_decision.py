"""Decision curves against their definition, counted film by film."""

import numpy as np
import pytest

from chexview.calibration import Calibration
from chexview.evaluation.decision import decision_curve
from chexview.evaluation.selection import Selection


@pytest.fixture
def selection() -> Selection:
    generator = np.random.default_rng(1)
    labels = generator.random(3000) < 0.1
    return Selection.of(labels, 2 * labels - 2.5 + generator.normal(size=3000))


def test_net_benefit_is_true_positives_less_weighted_alarms(selection: Selection) -> None:
    line = Calibration(1.2, 0.1)
    found = decision_curve(selection, line, np.array([0.05, 0.3]))
    given = line.probability(selection.logits.astype(float))
    for k, cut in enumerate((0.05, 0.3)):
        flagged = given >= cut
        true, false = (flagged & selection.labels).sum(), (flagged & ~selection.labels).sum()
        assert found.model[k] == pytest.approx((true - false * cut / (1 - cut)) / 3000)
        share = selection.labels.mean()
        assert found.everybody[k] == pytest.approx(share - (1 - share) * cut / (1 - cut))
        assert found.flagged[k] == pytest.approx(flagged.mean())
        assert found.missed[k] == pytest.approx((~flagged & selection.labels).mean())


def test_at_the_lowest_threshold_the_model_flags_everybody(selection: Selection) -> None:
    found = decision_curve(selection, Calibration(1.0, 0.0), np.array([1e-6]))
    assert found.model[0] == pytest.approx(found.everybody[0]) and found.flagged[0] == 1


def test_another_prevalence_moves_threshold_and_weights_alike(selection: Selection) -> None:
    """Twice the films with the finding, by repeating them, is the same as asking for their prevalence."""
    twice = np.concatenate([np.arange(3000), np.flatnonzero(selection.labels)])
    richer = Selection.of(selection.labels[twice], selection.logits[twice])
    line = Calibration(1.0, 0.0)
    share = float(richer.labels.mean())
    curve = decision_curve(selection, line, prevalence=share)
    own = float(selection.labels.mean())
    moved = Calibration(1.0, float(np.log(share / (1 - share)) - np.log(own / (1 - own))))
    np.testing.assert_allclose(curve.model, decision_curve(richer, moved).model)
    assert curve.prevalence == share


def test_what_makes_no_sense_is_refused(selection: Selection) -> None:
    with pytest.raises(ValueError, match="with and without"):
        decision_curve(selection.where(selection.labels), Calibration(1.0, 0.0))
    with pytest.raises(ValueError, match="between 0 and 1"):
        decision_curve(selection, Calibration(1.0, 0.0), np.array([1.0]))
