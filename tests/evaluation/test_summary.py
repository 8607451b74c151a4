"""What a run can be examined for."""

from chexview.evaluation.run import ValidationRun
from chexview.evaluation.summary import assessed, has_control


def test_what_is_assessed_and_controlled(run: ValidationRun) -> None:
    assert assessed(run) == ("Mass", "Nodule", "nodule_mass")
    assert [has_control(run, name) for name in assessed(run)] == [False, True, False]
