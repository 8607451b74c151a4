"""One choice of truth: the bundled published run, nodule or mass, by NIH's labels and by the radiologists'."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import confusion_matrix, roc_auc_score
from streamlit.testing.v1 import AppTest

from chexview import settings
from chexview.evaluation.cases import CaseSet
from chexview.evaluation.confusion import Cell
from chexview.evaluation.references import load_reference
from chexview.evaluation.run import load_run
from chexview.evaluation.verdicts import Said
from chexview.pages.state.case_choice import CaseChoice, part_address
from chexview.pages.state.run_choice import clicked_part
from tests.pages.shown import bodies, figures, page_at

PUBLISHED = {"run": "reproduce-chexnet", "list": "published", "finding": "nodule_mass"}
Opener = Callable[..., AppTest]


@pytest.fixture
def opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Opener:
    """Opens a page at an address, with what is bundled and nothing else."""
    monkeypatch.setenv("CHEXVIEW_HOME", str(tmp_path))

    def at(page: str = "evaluate.py", **address: str) -> AppTest:
        return page_at(page, **address)

    return at


def chosen_truth(app: AppTest) -> Any:
    return next(box for box in app.selectbox if box.label == "Truth")


def films_with_both() -> pd.DataFrame:
    """Image, both labels and logits of the films that have both: read without the evaluation engine."""
    reference = load_reference(settings.BUNDLED / "references" / "four-findings")
    run = load_run(settings.BUNDLED / "runs" / "reproduce-chexnet")
    table = pd.DataFrame(
        {
            "image": run.table.column("image"),
            "nih": run.labels("nodule_mass"),
            "logit": run.logits("nodule_mass"),
        }
    ).merge(reference.table[["image", "label__Nodule_or_Mass"]], on="image")
    return table[table["label__Nodule_or_Mass"] >= 0]


def by_radiologists() -> tuple[Any, Any, Any]:
    """Their labels by the radiologists, by NIH, and logits."""
    table = films_with_both()
    return table["label__Nodule_or_Mass"].to_numpy(), table["nih"].to_numpy(), table["logit"].to_numpy()


def test_only_references_that_judge_are_offered_with_their_films(opened: Opener) -> None:
    app = opened(**PUBLISHED)
    box = chosen_truth(app)
    assert box.value == "" and box.options[0] == "NIH, from reports"
    assert "Three radiologists, adjudicated (935 of these films)" in box.options
    assert len(box.options) == 4 and "truth" not in app.query_params
    hernia = chosen_truth(opened(**{**PUBLISHED, "finding": "Hernia"}))
    assert [option.partition(" (")[0] for option in hernia.options[1:]] == ["Majority of three radiologists"]


def test_another_truth_changes_everything(opened: Opener) -> None:
    app = opened(**PUBLISHED)
    assert "<b>0.792</b>" in bodies(app)
    chosen_truth(app).set_value("four-findings").run()
    assert not app.exception
    assert app.query_params["truth"] in ("four-findings", ["four-findings"])
    truth, _, logits = by_radiologists()
    page = bodies(app)
    assert len(truth) == 935 and f"{roc_auc_score(truth, logits):.3f}" == "0.859"
    assert "<b>0.859</b>" in page and "<b>935</b>" in page
    assert "Majkowska" in page and "For research and education only" in page
    threshold = float(app.select_slider[0].value)
    (tn, fp), (fn, tp) = confusion_matrix(truth, logits >= np.float32(threshold)).tolist()
    texts = [note["text"] for note in figures(app)[1]["layout"]["annotations"]]
    for name, count in (("true positive", tp), ("false positive", fp), ("false negative", fn), ("true negative", tn)):
        assert texts[texts.index(name) - 1] == f"<b>{count:,}</b>"
    assert f"{tp:,} of {tp + fn:,} films with it are flagged" in page
    areas = next(item.value for item in app.dataframe if {"Finding", "AUROC"} <= set(item.value)).set_index("Finding")
    assert areas.loc["Nodule or mass", "AUROC"] == pytest.approx(roc_auc_score(truth, logits))
    assert set(areas.index) == {"Pneumothorax", "Nodule or mass", "Airspace opacity"} or len(areas) == 3


def test_the_address_brings_the_truth_back_on_every_page(opened: Opener) -> None:
    address = {**PUBLISHED, "truth": "four-findings", "threshold": "0"}
    assert "0.859" in bodies(opened(**address))
    truth, _, logits = by_radiologists()
    missed = int(((logits < 0) & (truth == 1)).sum())
    cases = opened("cases.py", **address, films="fn")
    assert chosen_truth(cases).value == "four-findings" and f"{missed:,}" in bodies(cases)
    examine = opened("examine.py", **address)
    assert chosen_truth(examine).value == "four-findings"


def test_a_truth_that_does_not_judge_gives_way_and_says_so(opened: Opener) -> None:
    app = opened(**{**PUBLISHED, "finding": "Hernia", "truth": "four-findings"})
    assert chosen_truth(app).value == "" and "truth" not in app.query_params
    assert "Three radiologists, adjudicated: says nothing of hernia on these films" in bodies(app).replace(
        "a hernia", "hernia"
    )
    unknown = opened(**PUBLISHED, truth="../../secret")
    assert chosen_truth(unknown).value == ""


def test_readers_and_the_label_stand_on_the_curve(opened: Opener) -> None:
    app = opened(**PUBLISHED, truth="four-findings")
    traces = {trace["name"]: trace for trace in figures(app)[0]["data"] if "name" in trace}
    truth, nih, _ = by_radiologists()
    label = traces["NIH, from reports"]
    assert label["y"] == pytest.approx([nih[truth == 1].mean()]) and label["x"] == pytest.approx(
        [nih[truth == 0].mean()]
    )
    readers = traces["Readers who made the truth"]
    assert len(readers["x"]) == 6 and "Their mean" in traces and "films, " in readers["hovertext"][0]
    page = bodies(app)
    assert "6 radiologists read 20 films or more of either kind; all of them took part in making this truth" in page
    toggle = next(item for item in app.toggle if item.key == "evaluate-hedges")
    toggle.set_value(True).run()
    assert not app.exception
    now = next(trace for trace in figures(app)[0]["data"] if trace.get("name") == "Readers who made the truth")
    assert np.mean(now["y"]) > np.mean(readers["y"]) and np.mean(now["x"]) > np.mean(readers["x"])
    by_nih = opened(**PUBLISHED)
    assert all("eader" not in str(trace.get("name")) for trace in figures(by_nih)[0]["data"])


def test_who_was_right(opened: Opener) -> None:
    threshold = str(np.float32(np.log(0.2 / 0.8)))
    for truth in ({}, {"truth": "four-findings"}):
        app = opened(**PUBLISHED, **truth, threshold=threshold)
        page = bodies(app).replace("&#x27;", "'")
        assert "is 0.808 (" in page and "and 0.859 (" in page and "935 films of 353 patients" in page
        assert "Of 74 flagged films free of a nodule or mass by NIH's label, 26 do show it, 35 %" in page
        assert "Of 44 unflagged films with a nodule or mass by NIH's label, 31 do not show it, 70 %" in page
        assert "Of 53 flagged films with a nodule or mass by NIH's label, 4 do not show it, 7.5 %" in page
        assert "Of 764 unflagged films free of a nodule or mass by NIH's label, 39 do show it, 5.1 %" in page
        box = next(box for box in app.selectbox if box.label == "Which films")
        assert box.options[0] == "Flagged, NIH no, radiologists yes: 26"
        assert any(len(table.value) == 26 and "Image" in table.value for table in app.dataframe)
        picture = next(figure for figure in figures(app) if "by the radiologists" in json.dumps(figure["layout"]))
        assert ["false positive", "yes"] in picture["data"][0]["customdata"]
        assert len({tuple(custom) for custom in picture["data"][0]["customdata"]}) == 8
        assert {"Label noise taken into account", "Localisation by the maps' marks"} <= {
            item.value for item in app.header
        }
        assert "the correction fails: it would turn an AUROC of 0.808 into more than 1, but 0.859 is measured" in page
        assert "has no marks" in page
        assert not any("of them show it" in table.value for table in app.dataframe)
        app.session_state["evaluate-all-verdicts"] = True  # its AUROCs are worked out when it is opened
        app.run()
        every = next(table.value for table in app.dataframe if "of them show it" in table.value).set_index("Finding")
        assert set(every.index) == {"Nodule or mass", "Pneumothorax", "Airspace opacity"}
        assert every.loc["Nodule or mass", "of them show it"].startswith("26, 35 %")
        assert every.loc["Nodule or mass", "AUROC by the others"].startswith("0.859 (")
        links = [item.proto for item in app.get("page_link")]
        (link,) = (item for item in links if item.label == "Flagged, NIH no, radiologists yes: 26")
        assert {"judge=four-findings", "said=yes", "films=fp"} <= set(link.query_string.split("&"))
        assert "truth=" not in link.query_string


def test_a_click_on_a_part_and_its_address() -> None:
    clicked = clicked_part([{"customdata": ["false positive", "yes"]}])
    assert clicked == (Cell.FALSE_POSITIVE, Said.YES)
    for odd in ([], [{}], [{"customdata": ["false positive"]}], [{"customdata": ["false positive", "perhaps"]}]):
        assert clicked_part(odd) is None
    address = part_address(Cell.FALSE_POSITIVE, "four-findings", Said.YES)
    choice = CaseChoice()
    choice.adopt(address)
    assert (choice.shown, choice.judge, choice.said) == (CaseSet.FALSE_POSITIVE, "four-findings", Said.YES)
    assert address.items() <= choice.settle().items()
    choice.adopt({"films": "fn"})
    assert (choice.shown, choice.judge, choice.said) == (CaseSet.FALSE_NEGATIVE, "", None)


def test_the_films_of_a_part_of_who_was_right(opened: Opener) -> None:
    cut = np.float32(np.log(0.2 / 0.8))
    address = {**PUBLISHED, "threshold": str(cut), "films": "fp", "here": "0", "judge": "four-findings", "said": "yes"}
    app = opened("cases.py", **address)
    truth, nih, logits = by_radiologists()
    assert "26 films without a nodule or mass by the label, but flagged" in bodies(app)
    assert "All of them show a nodule or mass by: Three radiologists, adjudicated." in bodies(app)
    shown = next(table.value for table in app.dataframe if "Image" in table.value)
    wanted = (nih == 0) & (truth == 1) & (logits >= cut)
    assert len(shown) == 26 == wanted.sum()
    assert set(shown["Image"]) == set(films_with_both().loc[wanted, "image"])
    assert {*app.query_params["judge"], *app.query_params["said"]} <= {"four-findings", "yes", *"four-findings", *"yes"}
    images = load_run(settings.BUNDLED / "runs" / "reproduce-chexnet").table.column("image").tolist()
    one = opened("cases.py", **address, case=str(images.index(shown["Image"].iloc[0])))
    assert "shows a nodule or mass" in bodies(one)
    for other in ({"truth": "four-findings"}, {"judge": "../x"}, {"said": "perhaps"}):
        assert "All of them" not in bodies(opened("cases.py", **{**address, **other}))
