"""The Runs page: what is stored is listed with its facts, predictions come in and go out, and a run of one's own can go."""

import io
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from sklearn.metrics import roc_auc_score
from streamlit.testing.v1 import AppTest

from chexview import cli
from chexview.evaluation.run import ValidationRun, load_run
from chexview.evaluation.run_writing import write_run
from chexview.text import run as run_text
from chexview.text.escape import unescaped
from tests.evaluation.test_importing import csv
from tests.evaluation.test_importing import table as predictions
from tests.pages.shown import page_at
from tests.pages.test_compare import html
from tests.pages.test_evaluate import meta, table


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("CHEXVIEW_HOME", str(tmp_path))
    return tmp_path / "runs"


@pytest.fixture
def run(home: Path) -> ValidationRun:
    frame = table()
    return write_run(home / "mine", replace(meta(frame), title="Mine <b>"), frame)


def opened() -> AppTest:
    return page_at("runs.py")


def test_runs_are_listed_with_their_facts(run: ValidationRun) -> None:
    test = opened()
    assert not test.exception
    words = html(test)
    assert "Mine &lt;b&gt;" in words and "<b></small>" not in words and "your own" in words and "bundled" in words
    sharp = [run.select(name, "sharp") for name in ("Nodule", "Mass", "Edema")]
    mean = sum(roc_auc_score(item.labels, item.logits) for item in sharp) / 3
    assert f"<b>{mean:.3f}</b>" in words and f"Sharp test films {sharp[0].films:,}" in words
    assert "Not installed here" in words and "Installed here." in words and run.meta.split_hash[:12] in words


def test_a_broken_run_costs_only_itself(run: ValidationRun, home: Path) -> None:
    (home / "broken").mkdir()
    (home / "broken" / "run.json").write_text("{}")
    test = opened()
    assert not test.exception and "Mine" in html(test) and "broken" in html(test)


def test_a_run_of_ones_own_can_be_deleted_and_a_bundled_one_cannot(run: ValidationRun, home: Path) -> None:
    test = opened()
    buttons = [button for button in test.button if button.label == "Delete this run"]
    assert len(buttons) == 1
    buttons[0].click().run()
    assert not test.exception and not (home / "mine").exists()
    assert "mine was deleted." in [message.value for message in test.success]


def test_predictions_go_out_safe_for_spreadsheets(run: ValidationRun, home: Path) -> None:
    back = pd.read_csv(io.StringIO(run_text.predictions(run)), dtype={"patient": str})
    assert len(back) == run.table.rows and {"logit__Nodule", "label__Nodule", "split"} <= set(back.columns)
    frame = table()
    frame.loc[0, "image"] = "=cmd()"
    odd = write_run(home / "odd", meta(frame), frame)
    assert run_text.predictions(odd).splitlines()[1].startswith("'=cmd()")


def test_importing_nothing_is_told(home: Path) -> None:
    test = opened()
    next(button for button in test.button if button.label == "Import").click().run()
    assert [message.value for message in test.error] == ["Choose a table of predictions first."]


def test_the_command_imports_and_lists(home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "their.scores.csv").write_bytes(csv(predictions()))
    assert cli.main(["runs", "import", str(tmp_path / "their.scores.csv"), "--title", "Theirs"]) == 0
    assert "120 films of 40 patients, 2 findings as probabilities" in capsys.readouterr().out
    assert load_run(home / "their").meta.title == "Theirs"
    assert cli.main(["runs", "list"]) == 0
    assert "their  Theirs, 1 lists of 120 films" in capsys.readouterr().out
    assert cli.main(["runs", "import", str(tmp_path / "their.scores.csv")]) == 1
    assert "already" in capsys.readouterr().err
    assert cli.main(["runs", "import", str(tmp_path / "their.scores.csv"), "--name", "../up"]) == 2
    (tmp_path / "bad.csv").write_text("image,Effusion\na.png,7\n")
    assert cli.main(["runs", "import", str(tmp_path / "bad.csv"), "--scores", "probabilities"]) == 1
    assert "row 2: 7 is no probability" in capsys.readouterr().err


def test_an_upload_becomes_a_run_or_one_sentence(home: Path) -> None:
    test = opened()
    test.file_uploader[0].set_value(("their.csv", csv(predictions()), "text/csv"))
    test.text_input[0].set_value("Their <model>")
    next(button for button in test.button if button.label == "Import").click().run()
    assert not test.exception and not test.error
    assert unescaped(test.success[0].value).startswith(
        "Imported as Their <model>: 120 films of 40 patients, 2 findings as probabilities"
    )
    assert load_run(home / "Their-model").findings == ("Effusion", "Pleural_Thickening")
    assert "Their &lt;model&gt;" in html(test)
    assert "reveal" in str([item.proto.component_name for item in test.get("bidi_component")])
    test.query_params["run"] = "Their-model"
    test.switch_page("evaluate.py").run()
    assert not test.exception and test.select_slider[0].label == "Flag films from a probability of"
    assert "network output" not in html(test).lower()
    test = opened()
    test.file_uploader[0].set_value(("bad.csv", b"image,Effusion\na.png,x\n", "text/csv"))
    next(button for button in test.button if button.label == "Import").click().run()
    assert "bad.csv, column Effusion, row 2 holds" in unescaped(test.error[0].value)
