"""The Compare page: what it shows of two runs equals what the engine makes of their logits, and each view is a link."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import roc_auc_score
from streamlit.testing.v1 import AppTest

from chexview import settings
from chexview.evaluation.comparison import AurocDifference, Disagreement, MeanDifference, matched
from chexview.evaluation.estimate import Remark
from chexview.evaluation.examination import examine
from chexview.evaluation.operating import Policy
from chexview.evaluation.references import load_reference
from chexview.evaluation.run import ValidationRun, load_run
from chexview.evaluation.run_writing import write_run
from chexview.pages.state.comparison_choice import ComparisonChoice
from chexview.pages.state.operating import SessionPoints
from chexview.text import comparison as comparison_text
from tests.pages.shown import page_at
from tests.pages.test_evaluate import meta, table

LISTED = ["Nodule", "Mass", "Edema", "Hernia", "Fibrosis"]


@pytest.fixture
def two(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[ValidationRun, ValidationRun]:
    """The same films twice, Nodule much better in the first run, and ten films that the second lacks."""
    first = table()
    second = first.copy()
    generator = np.random.default_rng(3)
    second["logit__Nodule"] = generator.normal(size=len(second)).astype(np.float32)
    second = second.iloc[:-10].reset_index(drop=True)
    monkeypatch.setenv("CHEXVIEW_HOME", str(tmp_path))
    made = []
    for name, frame in (("one", first), ("two", second)):
        made.append(write_run(tmp_path / "runs" / name, replace(meta(frame), title=f"Run {name}"), frame))
    assert len(settings.load().runs) >= 1
    return made[0], made[1]


def opened(**address: str) -> AppTest:
    return page_at("compare.py", **address)


def address(test: AppTest) -> dict[str, str]:
    """The page's address as it stands; AppTest gives lists or words."""
    return {key: value if isinstance(value, str) else value[0] for key, value in test.query_params.items()}


def html(test: AppTest) -> str:
    return " ".join(str(item.proto.body) for item in test.get("html"))


def test_the_table_is_what_scikit_learn_says(two: tuple[ValidationRun, ValidationRun]) -> None:
    test = opened(first="one", second="two", list="test", finding="Nodule")
    assert not test.exception
    shown = test.dataframe[0].value.set_index("Finding")
    assert set(LISTED) <= {name.replace(" ", "_") for name in shown.index}
    one, other = (
        run.frame(["image", "list__test", "label__Nodule", "logit__Nodule"]).set_index("image") for run in two
    )
    both = one[one["list__test"]].join(other.add_suffix("_2"), how="inner")
    wanted = [roc_auc_score(both["label__Nodule"], both[f"logit__Nodule{end}"]) for end in ("", "_2")]
    assert shown.loc["Nodule", "First"] == pytest.approx(wanted[0])
    assert shown.loc["Nodule", "Second"] == pytest.approx(wanted[1])
    assert shown.loc["Nodule", "Films"] == len(both) and shown.loc["Nodule", "p, corrected"] == "under 0.001"
    assert shown.loc["Mass", "Difference"] == 0
    words = html(test)
    assert "the first is better" in words and "film of the list that the second run lacks" in words.replace(
        "films", "film"
    )


def test_a_link_reopens_the_view_and_the_address_follows(two: tuple[ValidationRun, ValidationRun]) -> None:
    test = opened(first="two", second="one", list="sharp", finding="Mass", policy="youden")
    assert [box.value for box in test.selectbox] == ["two", "one", "sharp", "Mass", ""]
    assert address(test)["policy"] == "youden" and address(test)["finding"] == "Mass"
    test.selectbox[3].select("Edema").run()
    assert address(test)["finding"] == "Edema" and not test.exception


def test_another_truth_judges_both_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHEXVIEW_HOME", str(tmp_path))
    names = ("nodule-mass-448-1", "nodule-mass-224-1")
    runs = [load_run(settings.BUNDLED / "runs" / name) for name in names]
    reference = load_reference(settings.BUNDLED / "references" / "four-findings")
    truth = reference.table.set_index("image")["label__Nodule_or_Mass"]
    scores = [pd.Series(run.logits("nodule_mass"), run.table.column("image")) for run in runs]
    listed = runs[0].table.column("image")[runs[0].list_mask("sharp")]
    images = [image for image in listed if truth.get(image, -1) >= 0 and image in scores[1].index]
    test = opened(first=names[0], second=names[1], list="sharp", finding="nodule_mass", truth="four-findings")
    assert not test.exception
    assert test.selectbox[4].label == "Truth" and test.selectbox[4].value == "four-findings"
    assert address(test)["truth"] == "four-findings"
    shown = test.dataframe[0].value.set_index("Finding").loc["Nodule or mass"]
    for column, given in zip(("First", "Second"), scores, strict=True):
        assert shown[column] == pytest.approx(roc_auc_score(truth[images], given[images]))
    assert shown["Films"] == len(images) and f"<b>{len(images):,}</b>" in html(test) and "Majkowska" in html(test)
    own = pd.Series(runs[0].labels("nodule_mass"), runs[0].table.column("image"))
    assert shown["First"] != pytest.approx(roc_auc_score(own[images], scores[0][images]))
    test.selectbox[4].select("").run()
    assert "truth" not in address(test) and not test.exception
    assert test.dataframe[0].value["Films"].iloc[0] == runs[0].select("nodule_mass", "sharp").films


def test_one_run_is_not_enough(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings.Settings, "runs", property(lambda _: (tmp_path,)))
    frame: pd.DataFrame = table()
    write_run(tmp_path / "only", meta(frame), frame)
    assert "Two validation runs are needed" in html(opened())


def test_runs_with_other_labels_are_told_in_a_sentence(
    two: tuple[ValidationRun, ValidationRun], tmp_path: Path
) -> None:
    frame = table()
    frame["label__Nodule"] = 1 - frame["label__Nodule"]
    write_run(tmp_path / "runs" / "three", replace(meta(frame), title="Run three"), frame)
    assert "other labels of Nodule in three than in one" in html(opened(first="one", second="three", list="test"))


def difference(**values: object) -> AurocDifference:
    whole = AurocDifference("Nodule", 0.8, 0.7, 0.1, 0.05, 0.15, 0.001, 0.01, 100, 30)
    return replace(whole, **values)  # type: ignore[arg-type]


def test_words(two: tuple[ValidationRun, ValidationRun]) -> None:
    pair, examination = matched(*two, "Mass", "test"), examine(two[0], "test", "Mass")
    names = ("the first", "the second")
    assert comparison_text.verdict(difference(), names).endswith("+0.100 (+0.050 to +0.150); the first is better.")
    assert comparison_text.verdict(difference(p_holm=0.2), names).endswith("that may be chance.")
    assert "too few patients to tell" in comparison_text.verdict(difference(low=None, high=None), names)
    none = difference(first=None, remark=Remark.NO_POSITIVE)
    assert comparison_text.verdict(none, names) == "Nodule cannot be compared: no film with the finding."
    found = comparison_text.disagreements(Disagreement(3, 1, 50, 0.04), Disagreement(0, 0, 70, None), "Nodule")
    assert found == (
        "Of 50 films with a nodule, 3 are right only in the first and 1 only in the second (p 0.040); "
        "of 70 films without, 0 are right only in the first and 0 only in the second."
    )
    nothing = comparison_text.headline(MeanDifference(None, None, None, None, None, ()), pair, examination)
    assert "No finding has enough patients" in nothing
    assert "of the list that the second run lacks" in nothing
    one = comparison_text.headline(MeanDifference(0.1, 0.05, 0.15, 0.01, 0.08, ("Mass",)), pair, examination)
    assert "Difference of the AUROCs, Mass" in one and "over 1 finding" not in one
    assert comparison_text.p_value(0.0001) == "under 0.001" and comparison_text.p_value(None) == ""


def test_an_unknown_policy_in_an_address_changes_nothing() -> None:
    choice, points = ComparisonChoice(), SessionPoints()
    assert choice.adopt({"policy": "nonsense"})
    choice.apply(points)
    assert points.policy is Policy.SPECIFICITY_90
    assert not choice.adopt({}) and not choice.adopt(choice.address)
    choice.adopt({"policy": "youden"})
    choice.apply(points)
    assert points.policy is Policy.YOUDEN
