"""Runs: round trip, what is refused and in which words, migrations, composites."""

import json
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from chexview.calibration import Calibration
from chexview.errors import RunError
from chexview.evaluation import run_schema
from chexview.evaluation.checksums import bytes_digest, file_digest, images_digest, split_hash
from chexview.evaluation.operating import Policy
from chexview.evaluation.run import ValidationRun, list_runs, load_run
from chexview.evaluation.run_schema import Counts, FilmList, PatientOverlap, RunMetadata, parse
from chexview.evaluation.run_writing import write_run


def test_round_trip(run: ValidationRun, frame: pd.DataFrame, meta: RunMetadata) -> None:
    assert run.findings == ("Mass", "Nodule")
    assert run.composites == ("nodule_mass",)  # the parts of the other composites are not there
    assert run.controlled == ("Nodule",)
    assert [item.name for item in run.lists] == ["validation", "test"]
    for name in frame.columns:
        np.testing.assert_array_equal(run.table.column(name), frame[name].to_numpy())
    assert replace(run.meta, counts={}, tables={}) == meta
    test = frame[frame["list__test"]]
    assert run.meta.counts["test"] == Counts(len(test), test["patient"].nunique())
    assert run.meta.tables == {"predictions.parquet": file_digest(run.folder / "predictions.parquet")}
    assert run.meta.operating_points[Policy.YOUDEN]["Nodule"] == float(np.float32(0.3))
    assert load_run(run.folder) is load_run(run.folder)
    assert run.digest == file_digest(run.folder / "run.json")
    assert repr(run) == "ValidationRun(small, 400 films, 2 findings)"
    assert [item.name for item in run.folder.parent.iterdir()] == ["small"]


def test_selections_drop_unknowns_and_share_patient_codes(run: ValidationRun, frame: pd.DataFrame) -> None:
    nodule, mass = run.select("Nodule", "test"), run.select("Mass", "test")
    wanted = frame[frame["list__test"] & (frame["label__Nodule"] >= 0)]
    np.testing.assert_array_equal(nodule.rows, wanted.index)
    np.testing.assert_array_equal(nodule.labels, wanted["label__Nodule"] == 1)
    np.testing.assert_array_equal(nodule.logits, wanted["logit__Nodule"])
    assert nodule.patient_count == mass.patient_count == run.meta.counts["test"].patients
    codes = {}
    for selection in (nodule, mass):
        for row, code in zip(selection.rows, selection.patients, strict=True):
            assert codes.setdefault(frame["patient"][row], code) == code
    assert len(set(codes.values())) == len(codes)
    control = run.select("Nodule", "test", control=True)
    np.testing.assert_array_equal(control.logits, wanted["control__Nodule"])
    assert [item.finding for item in run.selections("test")] == ["Mass", "Nodule"]
    assert [item.finding for item in run.selections("test", control=True)] == ["Nodule"]
    shown = run.frame(["image", "age"], nodule.rows[:3])
    assert shown["image"].tolist() == wanted["image"].tolist()[:3]
    assert len(run.frame(["image"])) == 400


def test_a_composite_is_put_together_from_its_parts(run: ValidationRun, frame: pd.DataFrame) -> None:
    labels = run.labels("nodule_mass")
    parts = frame[["label__Nodule", "label__Mass"]].to_numpy()
    assert (labels[(parts == 1).any(axis=1)] == 1).all()
    assert (labels[(parts == 0).all(axis=1)] == 0).all()
    assert (labels == -1).sum() == ((parts != 1).all(axis=1) & (parts == -1).any(axis=1)).sum() > 0
    p = 1 / (1 + np.exp(-frame[["logit__Nodule", "logit__Mass"]].to_numpy(np.float64)))
    both = 1 - (1 - p).prod(axis=1)
    np.testing.assert_allclose(run.logits("nodule_mass"), np.log(both / (1 - both)), rtol=1e-5, atol=1e-6)


def test_a_composite_uses_calibrated_parts_where_all_are(
    frame: pd.DataFrame, meta: RunMetadata, tmp_path: Path
) -> None:
    lines = {"Nodule": Calibration(2.0, 1.0), "Mass": Calibration(0.5, -1.0)}
    run = write_run(tmp_path / "run", replace(meta, calibration=lines), frame)
    p = [lines[name].probability(frame[f"logit__{name}"]) for name in ("Nodule", "Mass")]
    both = 1 - (1 - p[0]) * (1 - p[1])
    np.testing.assert_allclose(run.logits("nodule_mass"), np.log(both / (1 - both)), rtol=1e-4, atol=1e-5)


def test_what_a_run_lacks_is_said(run: ValidationRun) -> None:
    with pytest.raises(RunError, match="The run small does not hold Hernia; choose another"):
        run.select("Hernia", "test")
    with pytest.raises(RunError, match="was made without the control of Mass"):
        run.select("Mass", "test", control=True)
    with pytest.raises(RunError, match="has no list train; choose another"):
        run.select("Mass", "train")
    assert run.curves() is None
    assert run.localisation() is None


def test_curves_and_localisation(frame: pd.DataFrame, meta: RunMetadata, tmp_path: Path) -> None:
    curves = pd.DataFrame({"epoch": [0], "finding": ["Mass"], "part": ["training"], "auroc": [0.5], "loss": [0.7]})
    boxes = pd.DataFrame({"image": ["a"], "finding": ["Mass"], "iobb": [0.25]})
    run = write_run(tmp_path / "run", meta, frame, curves, boxes)
    pd.testing.assert_frame_equal(run.curves(), curves)
    pd.testing.assert_frame_equal(run.localisation(), boxes)
    (run.folder / "curves.csv").write_text("epoch\n1\n")
    with pytest.raises(RunError, match=r"curves\.csv of run is not the file its run.json speaks of"):
        run.curves()
    with pytest.raises(RunError, match=r"curves\.csv has no column loss"):
        write_run(tmp_path / "other", meta, frame, curves.drop(columns="loss"))
    assert not (tmp_path / "other").exists()


def test_empty_text_and_missing_age_are_unknown(frame: pd.DataFrame, meta: RunMetadata, tmp_path: Path) -> None:
    frame["sex"] = frame["sex"].astype(object).where(frame.index > 0, None)
    frame["age"] = frame["age"].astype(float).where(frame.index > 0, np.nan)
    run = write_run(tmp_path / "run", meta, frame)
    assert (run.table.column("sex")[0], run.table.column("age")[0]) == ("", -1)


def _set(column: str, row: int, value: object) -> Callable[[pd.DataFrame], pd.DataFrame]:
    def change(frame: pd.DataFrame) -> pd.DataFrame:
        frame[column] = frame[column].astype(object)
        frame.loc[row, column] = value
        if column.startswith(("logit__", "control__")):
            frame[column] = frame[column].astype(np.float32)
        elif column.startswith("label__") or column == "age":
            frame[column] = frame[column].astype(np.int16)
        return frame

    return change


def _drop(*names: str) -> Callable[[pd.DataFrame], pd.DataFrame]:
    return lambda frame: frame.drop(columns=list(names))


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (_set("logit__Mass", 4, np.inf), "Row 5 of the column logit__Mass must be a finite number, not inf"),
        (_set("logit__Mass", 4, np.nan), "Row 5 of the column logit__Mass is empty"),
        (_set("control__Nodule", 0, -np.inf), "Row 1 of the column control__Nodule must be a finite number"),
        (_set("label__Nodule", 9, 2), "Row 10 of the column label__Nodule must be 1, 0 or -1 .unknown., not 2"),
        (_set("label__Nodule", 9, 300), "The column label__Nodule cannot be stored as int8"),
        (_set("image", 7, "00000003_000.png"), "Row 8 of the column image holds an image that an earlier row"),
        (_set("image", 7, ""), "Row 8 of the column image is empty"),
        (_set("patient", 2, None), "Row 3 of the column patient is empty"),
        (_set("sex", 0, "X"), "Row 1 of the column sex must be one of M, F, empty, not X"),
        (_set("view", 0, "LL"), "Row 1 of the column view must be one of PA, AP, lateral, empty, not LL"),
        (_set("split", 1, "train"), "Row 2 of the column split must be one of validation, test, not train"),
        (_set("age", 1, 412), "Row 2 of the column age must be 0 to 120 years, or -1 for unknown, not 412"),
        (_drop("age"), "The table has no column age"),
        (_drop("label__Mass"), "The table has no column label__Mass; each finding needs its label and its logit"),
        (_drop("logit__Mass"), "The table has no column logit__Mass"),
        (_drop("label__Nodule", "logit__Nodule"), "The table has control__Nodule, but no column logit__Nodule"),
        (_drop("list__test"), "The list test is in run.json, but the table has no column list__test"),
        (_drop("list__test", "list__validation"), "a column list__<name> is missing"),
        (
            _drop("label__Mass", "logit__Mass", "label__Nodule", "logit__Nodule", "control__Nodule"),
            "The table has no finding",
        ),
        (lambda frame: frame.iloc[:0], "The table has no row"),
        (lambda frame: frame.assign(logits__Mass=1.0), "The table has the unknown column 'logits__Mass'"),
        (lambda frame: frame.assign(list__all=True), "The list all is in the table, but not in run.json"),
        (lambda frame: frame.assign(patient="1"), "The patient of row .* has films in both validation and test"),
    ],
)
def test_tables_that_cannot_be_are_not_written(
    change: Callable[[pd.DataFrame], pd.DataFrame],
    sentence: str,
    frame: pd.DataFrame,
    meta: RunMetadata,
    tmp_path: Path,
) -> None:
    with pytest.raises(RunError, match=sentence):
        write_run(tmp_path / "run", meta, change(frame))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"lists": ()}, "names no list of films"),
        ({"lists": (FilmList("test", "a", "b"),) * 2}, "names the list test twice"),
        ({"patient_overlap": PatientOverlap(5, 5, 5, 2)}, "2 patients stand on two sides of this run's split"),
        ({"calibration": {"Mass": Calibration(-1.0, 0.0)}}, "the calibration of Mass is not a rising line"),
        ({"calibration": {"Hernia": Calibration(1.0, 0.0)}}, "speaks|calibrates or thresholds Hernia"),
        ({"operating_points": {Policy.YOUDEN: {"Mass": float("inf")}}}, "operating point youden of Mass is not finite"),
    ],
)
def test_words_that_cannot_be_are_not_written(
    change: dict[str, object], sentence: str, frame: pd.DataFrame, meta: RunMetadata, tmp_path: Path
) -> None:
    with pytest.raises(RunError, match=sentence):
        write_run(tmp_path / "run", replace(meta, **change), frame)  # type: ignore[arg-type]
    assert list(tmp_path.iterdir()) == []


def test_a_run_in_the_way_is_kept_unless_told(run: ValidationRun, frame: pd.DataFrame, meta: RunMetadata) -> None:
    with pytest.raises(RunError, match="There is a run small already"):
        write_run(run.folder, meta, frame)
    again = write_run(run.folder, replace(meta, title="Anew"), frame, replace_existing=True)
    assert load_run(run.folder).meta.title == again.meta.title == "Anew"
    assert [item.name for item in run.folder.parent.iterdir()] == ["small"]


def _rewrite(folder: Path, **changes: object) -> None:
    data = json.loads((folder / "run.json").read_text())
    data.update(changes)
    (folder / "run.json").write_text(json.dumps({key: value for key, value in data.items() if value is not ...}))


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"title": ...}, "run.json has no 'title'"),
        ({"title": 3}, "'title' must be text, not 3"),
        ({"titel": "x"}, "unknown key 'titel'"),
        ({"schema_version": ...}, "no schema_version"),
        ({"schema_version": True}, "no schema_version"),
        ({"schema_version": 99}, "schema version 99, newer than this CheXView's 1; update"),
        ({"schema_version": 0}, "There is no way from schema version 0"),
        ({"checkpoint": {"name": 1}}, "'checkpoint.name' must be text, not 1"),
        ({"checkpoint": {}}, "has no 'name' in 'checkpoint'"),
        ({"lists": ["test"]}, "'lists.0' must be an object, not 'test'"),
        (
            {"calibration": {"Mass": {"slope": "1", "intercept": 0}}},
            "'calibration.Mass.slope' must be a number, not '1'",
        ),
        ({"operating_points": {"best": {}}}, "unknown value 'best' in 'operating_points'; there are youden"),
        ({"operating_points": {"youden": {"Mass": "0"}}}, "'operating_points.youden.Mass' must be a number, not '0'"),
        ({"operating_points": {"youden": 4}}, "'operating_points.youden' must be an object, not 4"),
        ({"counts": {}}, "counts other films than the table has in the list"),
        ({"tables": {}}, "holds no SHA-256 of predictions.parquet"),
        (
            {"tables": {"predictions.parquet": "0"}},
            "predictions.parquet of small is not the file its run.json speaks of",
        ),
        ({"patient_overlap": {"training_patients": 1.5}}, "'patient_overlap.training_patients' must be a whole number"),
    ],
)
def test_damaged_words_are_refused(changes: dict[str, object], sentence: str, run: ValidationRun) -> None:
    _rewrite(run.folder, **changes)
    with pytest.raises(RunError, match=sentence):
        load_run(run.folder)


def test_damaged_folders_are_refused_and_listed_with_their_problem(run: ValidationRun, tmp_path: Path) -> None:
    with pytest.raises(RunError, match=r"nothing has no run\.json"):
        load_run(tmp_path / "nothing")
    table = run.folder / "predictions.parquet"
    table.write_bytes(b"PAR1 no")
    _rewrite(run.folder, tables={table.name: file_digest(table)})
    with pytest.raises(RunError, match="is no Parquet table"):
        load_run(run.folder)
    pq.write_table(pa.table({"image": [1]}), table)
    _rewrite(run.folder, tables={table.name: file_digest(table)})
    with pytest.raises(RunError, match="has no column patient"):
        load_run(run.folder)
    table.unlink()
    with pytest.raises(RunError, match=r"small has no predictions\.parquet"):
        load_run(run.folder)
    for name, content in (("bent", b"{"), ("latin", b"\xff"), ("array", b"[]")):
        (tmp_path / name).mkdir()
        (tmp_path / name / "run.json").write_bytes(content)
    (tmp_path / "empty").mkdir()
    found = {item.name: item for item in list_runs([tmp_path, tmp_path / "absent", tmp_path])}
    assert set(found) == {"small", "bent", "latin", "array"}
    assert found["small"].meta is not None and found["small"].problem == ""
    assert "is not JSON" in found["bent"].problem
    assert "is not JSON" in found["latin"].problem
    assert "one JSON object" in found["array"].problem


@pytest.mark.parametrize("kind", [pa.int16(), pa.float64()])
def test_a_column_of_another_type_is_refused(kind: pa.DataType, run: ValidationRun) -> None:
    table = run.table.arrow
    place = table.column_names.index("label__Mass")
    changed = table.set_column(place, "label__Mass", table.column("label__Mass").cast(kind))
    path = run.folder / "predictions.parquet"
    pq.write_table(changed, path)
    _rewrite(run.folder, tables={path.name: file_digest(path)})
    with pytest.raises(RunError, match="The column label__Mass must hold int8, not"):
        load_run(run.folder)


def test_older_schemas_are_migrated(run: ValidationRun, monkeypatch: pytest.MonkeyPatch) -> None:
    old = json.loads((run.folder / "run.json").read_text())
    old["heading"] = old.pop("title")
    old["schema_version"] = 0

    def rename(data: dict[str, object]) -> dict[str, object]:
        return {("title" if key == "heading" else key): value for key, value in data.items()}

    monkeypatch.setitem(run_schema.MIGRATIONS, 0, rename)
    assert parse(json.dumps(old)) == run.meta


def test_infinite_numbers_cannot_reach_the_file(meta: RunMetadata) -> None:
    with pytest.raises(RunError, match="not a finite number; leave out"):
        replace(meta, calibration={"Mass": Calibration(float("inf"), 0.0)}).to_json()


def test_overlap_counts_patients() -> None:
    found = PatientOverlap.of(["1", "1", "2"], ["3"], ["2", "3", "4"])
    assert found == PatientOverlap(2, 1, 3, 0, 1, 1)
    assert found.shared == 2


def test_digests_do_not_depend_on_order(tmp_path: Path) -> None:
    assert images_digest(["b", "a"]) == images_digest(["a", "b"]) == bytes_digest(b"a\nb\n")
    one = split_hash({"train": ["b", "a"], "test": ["c"]})
    assert one == split_hash({"test": ["c"], "train": ["a", "b"]})
    assert one != split_hash({"test": ["b"], "train": ["a", "c"]})
    (tmp_path / "abc").write_bytes(b"abc")
    assert file_digest(tmp_path / "abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"


def test_one_bad_entry_is_listed_with_its_reason_and_the_others_work(run: ValidationRun) -> None:
    home = run.folder.parent
    bad = {
        "deep": b'{"a": ' * 5000,
        "huge": b'{"schema_version": 1' + b"0" * 400 + b"}",
        "surrogate": (run.folder / "run.json").read_bytes().replace(b"A small run", b"\\ud800"),
        "untitled": (run.folder / "run.json").read_bytes().replace(b'"title": "Test"', b'"title": ""'),
        "long": (run.folder / "run.json").read_bytes().replace(b"A small run", b"x" * 300),
        "line\nbreak": b"{}",
    }
    for name, content in bad.items():
        (home / name).mkdir()
        (home / name / "run.json").write_bytes(content)
    Path(os.fsdecode(os.fsencode(home) + b"/\xff")).mkdir()
    (home / "not a folder").write_text("x")
    (home / "only").mkdir()
    (home / "only" / "run.json").mkdir()
    found = {item.name: item for item in list_runs([home])}
    assert found["small"].meta is not None
    assert set(found) == {"small", "deep", "huge", "surrogate", "untitled", "long", r"line\nbreak", r"\udcff"}
    for name, item in found.items():
        assert item.meta is None or name == "small"
        assert bool(item.problem) == (name != "small")
        assert (
            item.name.isprintable() and item.problem.isprintable() and (not item.problem or item.problem.endswith("."))
        )
    assert "title of 1 to 200 letters" in found["long"].problem and "name and a title" in found["untitled"].problem
    assert load_run(found["small"].folder) is run or load_run(found["small"].folder).digest == run.digest


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="the superuser may read everything")
def test_a_folder_that_may_not_be_read_is_listed(run: ValidationRun) -> None:
    (run.folder.parent / "locked").mkdir(mode=0)
    found = {item.name: item for item in list_runs([run.folder.parent])}
    assert "cannot be read" in found["locked"].problem and found["small"].meta is not None
