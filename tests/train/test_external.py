"""Own films: labels under other names, a local calibration that repairs what was planted, and patients that stay unnamed."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
from PIL import Image
from scipy.special import expit

from chexview.calibration import Calibration
from chexview.errors import DataError, RecipeError
from chexview.evaluation.operating import Policy
from chexview.evaluation.run import load_run
from chexview.model import card as cards
from chexview.model import checkpoint
from chexview.model.card import Card
from chexview.model.network import CheXNet
from chexview.model.predictor import Predictor
from train import cache, external
from train.__main__ import main
from train.own_labels import LabelMapping, read_mapping, read_table

FILMS = 300
FINDINGS = ("Effusion", "Cardiomegaly", "Nodule", "Hernia")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """300 pictures, two a patient, a checkpoint, and labels in CheXpert's manner drawn from other odds than the card promises."""
    root = tmp_path_factory.mktemp("site")
    (root / "films" / "view1").mkdir(parents=True)
    generator = np.random.default_rng(0)
    pictures = []
    for k in range(FILMS):
        smooth = np.kron(generator.integers(0, 256, (4, 4)), np.ones((10, 10))).astype(np.uint8)
        Image.fromarray(smooth).save(root / "films" / "view1" / f"study{k}.png")
        pictures.append(cache.see((root / "films" / "view1" / f"study{k}.png").read_bytes(), 32))
    torch.manual_seed(0)
    network = CheXNet(4)
    with torch.no_grad():
        network.classifier.weight.normal_(0, 2)
    card = Card(
        name="site-test",
        title="Site test",
        findings=FINDINGS,
        input_size=32,
        weights="",
        calibration={name: Calibration(1.0, 0.0) for name in FINDINGS},
        operating_points={"youden": {name: 0.0 for name in FINDINGS}},
        default_policy="youden",
    )
    checkpoint.save(network, card, root / "checkpoint")
    logits, _ = Predictor(checkpoint.load(root / "checkpoint"), torch.device("cpu")).forward(np.stack(pictures))
    spread = (logits - logits.mean(axis=0)) / logits.std(axis=0)
    truth = generator.random(spread.shape) < expit(2 * spread - 1)
    effusion = np.where(truth[:, 0], "1.0", "0.0").astype(object)
    effusion[:10] = "-1.0"
    effusion[10:20] = ""
    table = pd.DataFrame(
        {
            "Path": [f"train/patient{k // 2:05d}/study{k}.png" for k in range(FILMS)],
            "PatientID": [f"Miller{k // 2}" for k in range(FILMS)],
            "Sex": ["Female", "Male"] * (FILMS // 2),
            "Age": [str(20 + k % 80) for k in range(FILMS)],
            "AP/PA": ["AP", "PA"] * (FILMS // 2),
            "Pleural Effusion": effusion,
            "Cardiomegaly": np.where(truth[:, 1], "1.0", ""),
            "Lung Lesion": np.where(truth[:, 2], "1.0", "0.0"),
        }
    )
    table.to_csv(root / "labels.csv", index=False)
    np.save(root / "logits.npy", logits)
    return root


def test_labels_in_chexperts_manner(site: Path) -> None:
    table, report = read_table(site / "labels.csv", LabelMapping(), FINDINGS)
    assert report.mapped == {"Cardiomegaly": "Cardiomegaly", "Effusion": "Pleural Effusion"}
    assert report.ignored == ["Lung Lesion"] and not report.lonely
    assert table["label__Effusion"].tolist()[:20] == [-1] * 10 + [0] * 10
    assert set(table["label__Cardiomegaly"]) == {0, 1}
    assert (table["sex"][0], table["view"][1], table["age"][2]) == ("F", "PA", 22)
    other = LabelMapping(findings={"Nodule": ("Lung Lesion",)}, uncertain="positive", blank="unknown")
    table, report = read_table(site / "labels.csv", other, FINDINGS)
    assert "Nodule" in report.mapped and table["label__Effusion"].tolist()[:20] == [1] * 10 + [-1] * 10


def test_labels_in_nihs_manner_and_any_of_several_columns(tmp_path: Path) -> None:
    (tmp_path / "nih.csv").write_text("Image Index,Finding Labels\na.png,Effusion|Mass\nb.png,No Finding\n")
    table, report = read_table(tmp_path / "nih.csv", LabelMapping(), ("Effusion", "nodule_mass"))
    assert report.lonely and table["label__Effusion"].tolist() == [1, 0] and table["label__Mass"].tolist() == [1, 0]
    assert "label__nodule_mass" not in table
    (tmp_path / "two.csv").write_text("file;x\n")
    (tmp_path / "any.csv").write_text("file,left effusion,right effusion\na.png,0,1\nb.png,0,0\nc.png,,0\n")
    how = LabelMapping(findings={"Effusion": ("left effusion", "right effusion")}, blank="unknown")
    table, _ = read_table(tmp_path / "any.csv", how, ("Effusion",))
    assert table["label__Effusion"].tolist() == [1, 0, -1]


def test_a_local_calibration_repairs_what_was_planted(
    site: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = (site / "checkpoint" / "card.json").read_bytes()
    call = ["--threads", "1", "validate", "--checkpoint", str(site / "checkpoint"), "--images", str(site / "films")]
    assert main([*call, "--labels", str(site / "labels.csv"), "--out", str(tmp_path), "--name", "mine"]) == 0
    said = capsys.readouterr().out
    run = load_run(tmp_path / "mine")
    assert run.findings == ("Cardiomegaly", "Effusion") and run.table.rows == FILMS
    assert run.meta.counts["validation"].patients == run.meta.counts["test"].patients == 75
    assert run.meta.chosen_on is not None and run.meta.chosen_on.run == "mine"
    assert "Nodule, Hernia" in said.replace("Hernia, Nodule", "Nodule, Hernia") and "Lung Lesion" in said
    logits = run.frame(["image", "logit__Effusion"]).set_index("image")["logit__Effusion"]
    stored = np.load(site / "logits.npy")[:, 0]
    np.testing.assert_allclose([logits[f"study{k}.png"] for k in range(FILMS)], stored, rtol=1e-5, atol=1e-5)
    report = external.validate(site / "checkpoint", [site / "films"], site / "labels.csv", tmp_path, "again")[1]
    for shipped, local in report.errors.values():
        assert local < 0.6 * shipped
    points = run.meta.operating_points[Policy.SPECIFICITY_90]
    held_out = run.select("Effusion", "validation")
    assert (held_out.logits[~held_out.labels] < np.float32(points["Effusion"])).mean() >= 0.9
    assert run.meta.patient_overlap is None and (site / "checkpoint" / "card.json").read_bytes() == before
    whole = (tmp_path / "mine" / "run.json").read_text() + str(run.frame(["patient"])["patient"].tolist())
    assert "Miller" not in whole


def test_without_local_calibration_the_checkpoints_own_is_used(site: Path, tmp_path: Path) -> None:
    run, report = external.validate(
        site / "checkpoint", [site / "films"], site / "labels.csv", tmp_path, "own", share=0.0
    )
    assert [item.name for item in run.lists] == ["test"] and run.meta.counts["test"].films == FILMS
    assert run.meta.calibration["Effusion"] == Calibration(1.0, 0.0)
    assert run.meta.operating_points[Policy.YOUDEN] == {"Effusion": 0.0, "Cardiomegaly": 0.0}
    assert not report.errors and run.meta.chosen_on is not None and run.meta.chosen_on.run == "site-test"
    assert cards.read(site / "checkpoint").performance == {}


def test_a_folder_keeps_the_cache_and_missing_pictures_are_named(site: Path, tmp_path: Path) -> None:
    table = pd.read_csv(site / "labels.csv", dtype=str, keep_default_na=False)
    table.loc[0, "Path"] = "nowhere.png"
    table.to_csv(tmp_path / "labels.csv", index=False)
    (tmp_path / "films").mkdir()
    for path in sorted((site / "films" / "view1").iterdir()):
        (tmp_path / "films" / path.name).write_bytes(path.read_bytes())
    (tmp_path / "films" / "study5.png").write_text("broken")
    run, report = external.validate(
        site / "checkpoint", [tmp_path / "films"], tmp_path / "labels.csv", tmp_path, "x", work=tmp_path / "work"
    )
    assert (
        report.without_picture == ["nowhere.png"]
        and report.unreadable == ["study5.png"]
        and run.table.rows == FILMS - 2
    )
    assert (tmp_path / "work" / "films-32.npy").is_file()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("name,Effusion\na.png,1\n", "no column of pictures"),
        ("image,Effusion\na.png,1\nb.png,maybe\n", r"column Effusion, row 3: 'maybe' is not 1, 0, -1 or empty"),
        ("image,Effusion\na.png,1\na.png,0\n", "twice; the second time in row 3"),
        ("image,other\na.png,1\n", "no column for any finding"),
        ("image,Effusion\nnothere.png,1\n", "None of the labelled films"),
    ],
)
def test_bad_labels_are_told_with_row_and_column(text: str, words: str, site: Path, tmp_path: Path) -> None:
    (tmp_path / "labels.csv").write_text(text)
    with pytest.raises(DataError, match=words):
        external.validate(site / "checkpoint", [site / "films"], tmp_path / "labels.csv", tmp_path, "x")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("surprise = 1\n", r"mapping\.toml has the unknown key 'surprise'"),
        ("labels = 3\n", r"mapping\.toml: 'labels' must be text, not 3"),
        ("[findings]\nMass = 3\n", r"'findings\.Mass' must be a list, not 3"),
        ("[columns]\ncolour = 'x'\n", r"columns\.colour"),
        ("[findings]\nFlu = 'x'\n", r"findings\.Flu is no finding"),
        ("uncertain = 'perhaps'\n", "uncertain must be"),
        ("= 3", "not a mapping in TOML"),
    ],
)
def test_wrong_mappings_are_refused(text: str, words: str, tmp_path: Path) -> None:
    (tmp_path / "mapping.toml").write_text(text)
    with pytest.raises(RecipeError, match=words):
        read_mapping(tmp_path / "mapping.toml")


def test_a_whole_mapping(tmp_path: Path) -> None:
    text = 'labels = "codes"\nblank = "unknown"\n[columns]\nimage = "key"\n[findings]\nEffusion = ["EFF", "PE"]\nMass = "M"\n'
    (tmp_path / "mapping.toml").write_text(text)
    how = read_mapping(tmp_path / "mapping.toml")
    assert how.findings == {"Effusion": ("EFF", "PE"), "Mass": ("M",)} and how.blank == "unknown"
    (tmp_path / "own.csv").write_text("key,codes\na.png,pe;x\nb.png,m\n")
    table, report = read_table(tmp_path / "own.csv", how, ("Effusion", "Mass"))
    assert table["label__Effusion"].tolist() == [1, 0] and table["label__Mass"].tolist() == [-1, 1]
    assert report.ignored == [] and report.unknown_words == {"x": 1}
    table, report = read_table(tmp_path / "own.csv", replace(how, others=("X",)), ("Effusion", "Mass"))
    assert table["label__Mass"].tolist() == [0, 1] and not report.unknown_words
    with pytest.raises(DataError, match="no column key"):
        (tmp_path / "bad.csv").write_text("image,codes\na.png,m\n")
        read_table(tmp_path / "bad.csv", how, ("Mass",))


def test_the_command_wants_one_kind_of_films(site: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    call = ["validate", "--checkpoint", str(site / "checkpoint"), "--out", str(tmp_path)]
    assert main(call) == 1 and "--images and --labels" in capsys.readouterr().err
    assert main([*call, "--index", str(tmp_path), "--labels", str(site / "labels.csv")]) == 1
    assert "either --index" in capsys.readouterr().err
