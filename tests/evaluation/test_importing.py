"""Imported predictions: the published ones give back their author's numbers, and every bad file one sentence with its place."""

import gzip
import io
import zipfile
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from chexview.errors import RunError
from chexview.evaluation.confusion import confusion
from chexview.evaluation.curves import auroc
from chexview.evaluation.importing import ScoreKind, import_predictions
from chexview.evaluation.thresholds import offer
from chexview.findings import NAMES

SHARED = Path(__file__).parents[3] / "shared"


def table(rows: int = 120) -> pd.DataFrame:
    generator = np.random.default_rng(0)
    label = generator.random(rows) < 0.4
    score = 1 / (1 + np.exp(-(2 * label - 1 + generator.normal(size=rows))))
    return pd.DataFrame(
        {
            "image": [f"{k // 3:08d}_{k % 3:03d}.png" for k in range(rows)],
            "Effusion": score,
            "Pleural Thickening": score[::-1],
            "label__Effusion": label.astype(int),
            "label__Pleural_Thickening": label[::-1].astype(int),
        }
    )


def csv(frame: pd.DataFrame, **how: object) -> bytes:
    return frame.to_csv(index=False, **how).encode()  # type: ignore[call-overload]


def test_probabilities_become_logits_and_ranks_stay(tmp_path: Path) -> None:
    frame = table()
    run, told = import_predictions(csv(frame), "mine.csv", tmp_path / "mine")
    assert run.findings == ("Effusion", "Pleural_Thickening") and told.kind == "probabilities"
    p = frame["Effusion"].to_numpy()
    np.testing.assert_allclose(run.logits("Effusion"), np.log(p / (1 - p)), rtol=1e-6)
    assert run.meta.counts["imported"].patients == 40 and told.patients_from == "NIH's image names"
    assert run.meta.patient_overlap is None and not run.meta.calibration
    offered = offer(run, "Effusion", "imported")
    assert offered.here and offered.points
    assert any("120 films of 40 patients" in line for line in told.lines(run))


@pytest.mark.parametrize("form", ["semicolon", "tab", "gzip", "zip", "parquet", "bom"])
def test_every_form_of_the_same_table_is_the_same_run(form: str, tmp_path: Path) -> None:
    frame = table()
    plain, _ = import_predictions(csv(frame), "a.csv", tmp_path / "plain")
    if form == "semicolon":
        data = csv(frame, sep=";")
    elif form == "tab":
        data = csv(frame, sep="\t")
    elif form == "gzip":
        data = gzip.compress(csv(frame))
    elif form == "zip":
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w") as archive:
            archive.writestr("inner/predictions.csv", csv(frame))
        data = packed.getvalue()
    elif form == "parquet":
        data = frame.to_parquet(index=False)
    else:
        data = b"\xef\xbb\xbf" + csv(frame)
    run, _ = import_predictions(data, "a.csv", tmp_path / form)
    np.testing.assert_array_equal(run.logits("Effusion"), plain.logits("Effusion"))


def test_logits_are_known_by_name_by_range_or_by_word(tmp_path: Path) -> None:
    frame = table()
    logits = np.log(frame["Effusion"] / (1 - frame["Effusion"]))
    named = frame.assign(logit__Effusion=logits)[["image", "logit__Effusion", "label__Effusion"]]
    ranged = frame.assign(Effusion=logits)[["image", "Effusion", "label__Effusion"]]
    small = frame.assign(Effusion=frame["Effusion"] / 2)[["image", "Effusion", "label__Effusion"]]
    for k, (data, kind) in enumerate(((named, ScoreKind.AUTO), (ranged, ScoreKind.AUTO), (small, ScoreKind.LOGITS))):
        run, told = import_predictions(csv(data), "x.csv", tmp_path / str(k), kind=kind)
        assert told.kind == "logits"
        wanted = data.iloc[:, 1].to_numpy(np.float32)
        np.testing.assert_allclose(run.logits("Effusion"), wanted, rtol=1e-6)


def test_certain_probabilities_keep_their_rank(tmp_path: Path) -> None:
    frame = table()
    frame.loc[0, "Effusion"], frame.loc[1, "Effusion"] = 0.0, 1.0
    run, told = import_predictions(csv(frame), "x.csv", tmp_path / "x")
    logits = run.logits("Effusion")
    assert told.clipped == 2 and logits[0] == logits.min() and logits[1] == logits.max()


NIH = "Image Index,Finding Labels,Patient ID,Patient Age,Patient Gender,View Position\n"


def test_labels_join_from_nihs_table(tmp_path: Path) -> None:
    frame = table()[["image", "Effusion"]]
    labels = table()["label__Effusion"]
    rows = []
    for k, (name, has) in enumerate(zip(frame["image"], labels, strict=True)):
        rows.append(f"{name},{'Effusion|Mass' if has else 'No Finding'},{k // 3},0{20 + k % 50}Y,F,PA")
    data = (NIH + "\n".join(rows[::-1]) + "\n").encode()
    run, told = import_predictions(csv(frame), "x.csv", tmp_path / "x", data, "Data_Entry.csv")
    np.testing.assert_array_equal(run.labels("Effusion"), labels)
    assert told.labels_from == told.patients_from == "Data_Entry.csv"
    assert run.frame(["age", "sex", "view"]).iloc[2].tolist() == [22, "F", "PA"]
    with pytest.raises(RunError, match=r"row 2: 00000000_000\.png is not in Data_Entry\.csv"):
        import_predictions(csv(frame), "x.csv", tmp_path / "y", (NIH + rows[5] + "\n").encode(), "Data_Entry.csv")
    with pytest.raises(RunError, match="no column Finding Labels"):
        import_predictions(csv(frame), "x.csv", tmp_path / "y", b"Image Index\nx\n", "Data_Entry.csv")


def changed(column: str, row: int, value: object) -> bytes:
    frame = table().astype(object)
    frame.loc[row, column] = value
    return csv(frame)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (lambda: csv(table().drop(columns="image")), "no column of image names"),
        (lambda: csv(table()[["image", "label__Effusion"]]), "no column of scores"),
        (lambda: changed("Effusion", 3, 1.5), r"column Effusion, row 5: 1\.5 is no probability"),
        (lambda: changed("Effusion", 3, ""), "column Effusion, row 5 is empty"),
        (lambda: changed("Effusion", 3, "NaN"), "column Effusion, row 5 holds 'NaN', which is no number"),
        (lambda: changed("Effusion", 3, "=1+1"), "column Effusion, row 5 holds '=1\\+1'"),
        (
            lambda: changed("image", 4, "00000000_000.png"),
            "column image, row 6: 00000000_000.png is there already, in row 2",
        ),
        (lambda: changed("image", 4, "=cmd()"), "column image, row 6: a name that begins like a formula"),
        (lambda: changed("image", 4, ""), "column image, row 6: there is no image name"),
        (lambda: changed("label__Effusion", 4, "2"), "column label__Effusion, row 6: must be 1, 0 or empty"),
        (lambda: csv(table().drop(columns="label__Effusion")), "no column label__Effusion"),
        (lambda: csv(table().assign(label__Effusion=0, label__Pleural_Thickening=1)), "nothing to validate"),
        (lambda: csv(table().assign(Effusion=1 - table()["Effusion"])), "Effusion rank films the wrong way round"),
        (lambda: csv(table()).replace(b"Pleural Thickening", b"Effusion"), "has the column Effusion"),
        (lambda: b"image,Effusion\n", "holds no rows"),
        (lambda: b"\xff\xfe\x00i", "not text in UTF-8"),
        (lambda: b"\x1f\x8b broken", "not a whole gzip"),
        (lambda: b"PK broken", "not a whole zip"),
        (lambda: b"PAR1 broken", "not a whole parquet"),
    ],
)
def test_bad_files_get_one_sentence(data: object, words: str, tmp_path: Path) -> None:
    with pytest.raises(RunError, match=words):
        import_predictions(data(), "x.csv", tmp_path / "x")  # type: ignore[operator]
    assert not (tmp_path / "x").exists()


@pytest.mark.shared
@pytest.mark.skipif(not SHARED.exists(), reason="the shared data are not here")
def test_the_published_predictions_give_their_authors_numbers(tmp_path: Path) -> None:
    stated = pd.read_csv(SHARED / "runs" / "jrzech" / "aucs.csv").set_index("label")["auc"]
    data, labels = (
        (SHARED / "runs" / "jrzech" / "preds.csv.gz").read_bytes(),
        (SHARED / "nih" / "labels.zip").read_bytes(),
    )
    run, told = import_predictions(data, "preds.csv.gz", tmp_path / "jrzech", labels, "labels.zip")
    assert run.findings == NAMES and run.meta.counts["imported"].films == 22_433
    assert run.meta.counts["imported"].patients == 6_187 and told.kind == "probabilities"
    for name in NAMES:
        chosen = run.select(name, "imported")
        assert auroc(chosen.labels, chosen.logits) == pytest.approx(stated[name], abs=1e-5)
    nodule = confusion(run.select("Nodule", "imported"), 0.0).counts
    assert (nodule.true_positives, nodule.false_positives, nodule.false_negatives) == (165, 159, 1172)
    pneumonia = confusion(run.select("Pneumonia", "imported"), 0.0).counts
    assert (pneumonia.true_positives, pneumonia.false_negatives) == (0, 260)
    either = run.select("nodule_mass", "imported")
    assert auroc(either.labels, either.logits) == pytest.approx(0.7921, abs=5e-5)
