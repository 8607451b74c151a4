"""Imported predictions: the published ones give back their author's numbers, and every bad file one sentence with its place."""

import gzip
import io
import zipfile
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import roc_auc_score

from chexview.errors import RunError, TableError
from chexview.evaluation.confusion import confusion
from chexview.evaluation.curves import auroc
from chexview.evaluation.importing import ImportReport, ScoreKind, import_predictions, understood
from chexview.evaluation.run import ValidationRun
from chexview.evaluation.thresholds import calibration_of, offer
from chexview.findings import NAMES
from chexview.labels.tables import read_table

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
    run, report = import_predictions(csv(frame), "mine.csv", tmp_path / "mine")
    assert run.findings == ("Effusion", "Pleural_Thickening") and report.kind == "probabilities"
    p = frame["Effusion"].to_numpy()
    np.testing.assert_allclose(run.logits("Effusion"), np.log(p / (1 - p)), rtol=1e-6)
    assert run.meta.counts["imported"].patients == 40 and report.patients_from == "NIH's image names"
    assert run.meta.patient_overlap is None and not run.meta.calibration
    offered = offer(run, "Effusion", "imported")
    assert offered.here and offered.points
    assert run.meta.checkpoint.name == "imported probabilities"
    assert any("120 films of 40 patients" in line for line in report.lines(run))


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
        run, report = import_predictions(csv(data), "x.csv", tmp_path / str(k), kind=kind)
        assert report.kind == "logits" and calibration_of(run, "Effusion") is None
        wanted = data.iloc[:, 1].to_numpy(np.float32)
        np.testing.assert_allclose(run.logits("Effusion"), wanted, rtol=1e-6)


def test_certain_probabilities_keep_their_rank(tmp_path: Path) -> None:
    frame = table()
    frame.loc[0, "Effusion"], frame.loc[1, "Effusion"] = 0.0, 1.0
    run, report = import_predictions(csv(frame), "x.csv", tmp_path / "x")
    logits = run.logits("Effusion")
    line = calibration_of(run, "Effusion")
    np.testing.assert_allclose(line.probability(logits[2:]), frame["Effusion"][2:], rtol=1e-6)
    assert report.clipped == 2 and logits[0] == logits.min() and logits[1] == logits.max()


NIH = "Image Index,Finding Labels,Patient ID,Patient Age,Patient Gender,View Position\n"


def test_labels_join_from_nihs_table(tmp_path: Path) -> None:
    frame = table()[["image", "Effusion"]]
    labels = table()["label__Effusion"]
    rows = []
    for k, (name, has) in enumerate(zip(frame["image"], labels, strict=True)):
        rows.append(f"{name},{'Effusion|Mass' if has else 'No Finding'},{k // 3},0{20 + k % 50}Y,F,PA")
    data = (NIH + "\n".join(rows[::-1]) + "\n").encode()
    run, report = import_predictions(csv(frame), "x.csv", tmp_path / "x", data, "Data_Entry.csv")
    np.testing.assert_array_equal(run.labels("Effusion"), labels)
    assert report.labels_from == report.patients_from == "Data_Entry.csv"
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
        (lambda: b"image,Effusion\n\x81,1\n", "not text in UTF-8"),
        (lambda: b"\x1f\x8b broken", "not a whole gzip"),
        (lambda: b"PK broken", "not a whole zip"),
        (lambda: b"PAR1 broken", "not a whole parquet"),
    ],
)
def test_bad_files_get_one_sentence(data: object, words: str, tmp_path: Path) -> None:
    with pytest.raises(RunError, match=words):
        import_predictions(data(), "x.csv", tmp_path / "x")  # type: ignore[operator]
    assert not (tmp_path / "x").exists()


TABLES = Path(__file__).parents[1] / "data" / "tables"
"""Tables after public bug reports, each of which was once read wrongly."""


def imported(name: str, tmp_path: Path, labels: str = "", **how: object) -> tuple[ValidationRun, ImportReport]:
    joined = (TABLES / labels).read_bytes() if labels else None
    data = (TABLES / name).read_bytes()
    return import_predictions(data, name, tmp_path / "run", joined, labels, **how)  # type: ignore[arg-type]


def test_a_bare_column_of_zeros_and_ones_beside_scores_is_the_label(tmp_path: Path) -> None:
    run, _ = imported("20_truth_and_prob.csv", tmp_path)
    plain = pd.read_csv(TABLES / "20_truth_and_prob.csv")
    assert run.findings == ("Atelectasis", "Effusion", "Mass", "Pleural_Thickening")
    for finding in run.findings:
        np.testing.assert_array_equal(run.labels(finding), plain[finding])
        found = run.select(finding, "imported")
        expected = roc_auc_score(plain[finding], plain[f"prob_{finding}"])
        assert auroc(found.labels, found.logits) == pytest.approx(expected) and expected < 1


@pytest.mark.parametrize("labels", ["20_Data_Entry_labels.csv", "21_labels_spaces.csv", "21_labels_pipe_space.csv"])
def test_labels_in_other_spellings_are_the_same_labels(labels: str, tmp_path: Path) -> None:
    run, _ = imported("21_predictions.csv", tmp_path, labels)
    truth = pd.read_csv(TABLES / "20_truth_and_prob.csv")
    for finding in run.findings:
        np.testing.assert_array_equal(run.labels(finding), truth[finding])
    assert int((run.labels("Effusion") == 1).sum()) == 31


def test_scores_up_to_100_are_a_question_until_they_are_said_to_be_per_cent(tmp_path: Path) -> None:
    labels = "20_Data_Entry_labels.csv"
    with pytest.raises(RunError, match=r"column Atelectasis, row 2 holds 35\.28: per cent, or logits"):
        imported("22_percent.csv", tmp_path, labels)
    run, report = imported("22_percent.csv", tmp_path, labels, kind=ScoreKind.PERCENT)
    assert report.kind == "probabilities in per cent"
    assert run.logits("Effusion")[0] == pytest.approx(np.log(0.6922 / (1 - 0.6922)), rel=1e-6)


@pytest.mark.parametrize("name", ["24_mac.zip", "25_decimal_comma.csv", "27_sep_line.csv"])
def test_what_a_mac_and_a_spreadsheet_write_is_read(name: str, tmp_path: Path) -> None:
    run, _ = imported(name, tmp_path, "20_Data_Entry_labels.csv")
    plain = pd.read_csv(TABLES / "21_predictions.csv")
    np.testing.assert_allclose(run.logits("Mass"), np.log(plain["Mass"] / (1 - plain["Mass"])), rtol=1e-6)


def test_paths_are_kept_as_far_as_they_tell_films_apart(tmp_path: Path) -> None:
    run, report = imported("28_chexpert_paths.csv", tmp_path)
    images = run.table.column("image").tolist()
    assert images[0] == "patient64541/study1/view1_frontal.jpg" and len(set(images)) == len(images)
    assert report.patients_from == "the images' folders" and run.table.column("patient")[0] == "patient64541"


def labels_with(word: str) -> bytes:
    rows = [
        f"{name},{word if k == 7 else 'Effusion' if k % 3 else 'No Finding'}" for k, name in enumerate(table()["image"])
    ]
    return ("Image Index,Finding Labels\n" + "\n".join(rows) + "\n").encode()


@pytest.mark.parametrize("word", ["Efusion", "Effusion|Strange", "left effusions"])
def test_a_word_that_is_not_understood_is_refused_with_its_row(word: str, tmp_path: Path) -> None:
    frame = table()[["image", "Effusion"]]
    with pytest.raises(RunError, match=r"labels\.csv, row 9: .* is not understood \(1 rows have it\)"):
        import_predictions(csv(frame), "x.csv", tmp_path / "x", labels_with(word), "labels.csv")


@pytest.mark.parametrize(("word", "label"), [("", -1), ("lung opacity", 0), ("pleural effusion", 1), ("scoliosis", 0)])
def test_an_empty_cell_says_nothing_and_words_for_other_things_deny(word: str, label: int, tmp_path: Path) -> None:
    frame = table()[["image", "Effusion"]]
    run, _ = import_predictions(csv(frame), "x.csv", tmp_path / "x", labels_with(word), "labels.csv")
    assert run.labels("Effusion")[7] == label


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda t: t.assign(prob_Effusion=t["Effusion"]), "the columns Effusion and prob_Effusion for one finding"),
        (lambda t: t.assign(Effusion=t["label__Effusion"]), "column Effusion holds nothing but 0 and 1"),
        (lambda t: t.assign(gt_Effusion=t["label__Effusion"]), "label__Effusion and gt_Effusion for one finding"),
        (lambda t: t.assign(pleural_effusion=t["Effusion"]), "Effusion and pleural_effusion for one finding"),
        (
            lambda t: t.assign(Effusion=np.log(t["Effusion"] / (1 - t["Effusion"]))),
            "looks like logits, .* like probabilities|looks like probabilities, .* like logits",
        ),
    ],
)
def test_what_could_mean_two_things_is_refused(change: object, words: str, tmp_path: Path) -> None:
    with pytest.raises(RunError, match=words):
        import_predictions(csv(change(table())), "x.csv", tmp_path / "x")  # type: ignore[operator]


def test_a_prefixed_score_is_taken_and_the_bare_label_kept_for_every_spelling(tmp_path: Path) -> None:
    frame = table()
    for score, label in (
        ("y_pred_Effusion", "y_true_Effusion"),
        ("Effusion_prob", "Effusion"),
        ("p_Effusion", "Effusion_gt"),
    ):
        data = csv(pd.DataFrame({"image": frame["image"], label: frame["label__Effusion"], score: frame["Effusion"]}))
        run, _ = import_predictions(data, "x.csv", tmp_path / score)
        np.testing.assert_array_equal(run.labels("Effusion"), frame["label__Effusion"])
        np.testing.assert_allclose(
            run.logits("Effusion"), np.log(frame["Effusion"] / (1 - frame["Effusion"])), rtol=1e-6
        )


@pytest.mark.shared
@pytest.mark.skipif(not SHARED.exists(), reason="the shared data are not here")
def test_the_published_predictions_give_their_authors_numbers(tmp_path: Path) -> None:
    stated = pd.read_csv(SHARED / "runs" / "jrzech" / "aucs.csv").set_index("label")["auc"]
    data, labels = (
        (SHARED / "runs" / "jrzech" / "preds.csv.gz").read_bytes(),
        (SHARED / "nih" / "labels.zip").read_bytes(),
    )
    run, report = import_predictions(data, "preds.csv.gz", tmp_path / "jrzech", labels, "labels.zip")
    assert run.findings == NAMES and run.meta.counts["imported"].films == 22_433
    assert run.meta.counts["imported"].patients == 6_187 and report.kind == "probabilities"
    for name in NAMES:
        chosen = run.select(name, "imported")
        assert auroc(chosen.labels, chosen.logits) == pytest.approx(stated[name], abs=1e-5)
    nodule = confusion(run.select("Nodule", "imported"), 0.0).counts
    assert (nodule.true_positives, nodule.false_positives, nodule.false_negatives) == (165, 159, 1172)
    pneumonia = confusion(run.select("Pneumonia", "imported"), 0.0).counts
    assert (pneumonia.true_positives, pneumonia.false_negatives) == (0, 260)
    either = run.select("nodule_mass", "imported")
    assert auroc(either.labels, either.logits) == pytest.approx(0.7921, abs=5e-5)


def test_a_logit_beyond_what_is_stored_is_refused() -> None:
    found = read_table(b"image,logit_Mass,label_Mass\na.png,1e39,1\nb.png,-1,0\n", "t.csv")
    with pytest.raises(TableError, match=r"row 2: 1e\+39 is no logit"):
        understood(found, "t.csv")
