"""The auditor: counts that were planted, NIH's own lists recognised, doubled pictures found and only those."""

import zipfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from scipy.ndimage import gaussian_filter

from chexview.errors import DataError
from train import audit
from train.__main__ import main
from train.labels import read_labels
from train.near_duplicates import DISTANCE, doubles, perceptual_hash

SHARED = Path(__file__).parents[3] / "shared" / "nih" / "labels.zip"


def films(patients: range, each: int) -> list[str]:
    return [f"{patient:08d}_{k:03d}.png" for patient in patients for k in range(each)]


def film(seed: int, side: int = 128) -> np.ndarray:
    """Smooth noise: as different from another seed's as one chest from another, and more."""
    noise = gaussian_filter(np.random.default_rng(seed).normal(size=(side, side)), side / 24)
    return np.interp(noise, (noise.min(), noise.max()), (0, 255)).astype(np.uint8)


def test_shared_patients_are_counted_and_chance_is_named() -> None:
    one, other = films(range(60), 3), films(range(50, 100), 3)
    found = audit.audit({"train": one, "test": [name.replace("_00", "_01") for name in other]})
    (pair,) = found.overlaps
    assert (pair.patients, pair.films) == (10, 0) and pair.examples == ("50", "51", "52")
    assert not found.clean
    assert any(
        line.startswith("10 patients stand in both train and test, among them number 50, 51, 52")
        for line in found.lines()
    )


def test_a_split_film_by_film_is_known_for_what_it_is() -> None:
    every = np.random.default_rng(0).permutation(films(range(400), 5)).tolist()
    lists = {"train": every[:1600], "test": every[1600:]}
    found = audit.audit(lists)
    (pair,) = found.overlaps
    shared = {name[:8] for name in lists["train"]} & {name[:8] for name in lists["test"]}
    assert pair.patients == len(shared) and pair.expected_patients == pytest.approx(len(shared), rel=0.08)
    assert found.kind == "random" and "recognises people" in found.lines()[-1]


def test_expected_shared_patients_in_closed_form() -> None:
    """Two patients with two films each, half on each side: each stands on both sides with probability 1/2."""
    assert audit.expected_shared(["1_0.png", "2_0.png"], ["1_1.png", "2_1.png"]) == pytest.approx(1.0)
    assert audit.expected_shared(["1_0.png"], ["2_0.png"]) == 0


def labels(train: list[str], test: list[str], boxed: list[str]) -> dict[str, bytes]:
    rows = "".join(f"{name},Mass,1,1,5,5,,,\n" for name in boxed)
    return {
        "train_val_list.txt": "\n".join(train).encode(),
        "test_list.txt": "\n".join(test).encode(),
        "BBox_List_2017.csv": f"Image Index,Finding Label,Bbox [x,y,w,h],,,\n{rows}".encode(),
    }


def test_official_lists_parts_of_them_and_others_are_told_apart() -> None:
    train, test = films(range(30), 2), films(range(30, 40), 2)
    files = labels(train, test, [train[0], test[0]])
    whole = audit.audit({"train_val": train, "test": test}, files)
    assert whole.kind == "official" and whole.clean and whole.boxed == {"train_val": 1}
    assert any("boxes stand in train_val" in line for line in whole.lines())
    part = audit.audit({"train": train[:40], "val": train[40:], "test": test[:10]}, files)
    assert part.kind == "part" and part.clean
    crossed = audit.audit({"train": train[:-2] + test[:2], "test": test[2:] + train[-2:]}, files)
    assert crossed.kind == "patients" and crossed.clean


@pytest.mark.shared
@pytest.mark.skipif(not SHARED.exists(), reason="the shared data are not here")
def test_on_nihs_official_lists_it_finds_nothing() -> None:
    files = read_labels(SHARED)
    lists = {name: files[f"{name}_list.txt"].decode().split() for name in ("train_val", "test")}
    found = audit.audit(lists, files)
    assert found.clean and found.kind == "official" and found.boxed == {"train_val": 0}
    assert found.lists == {"train_val": (86_524, 28_008), "test": (25_596, 2_797)}


def test_doubled_pictures_are_found_across_lists_only(tmp_path: Path) -> None:
    train, test = films(range(4), 1), films(range(10, 14), 1)
    with zipfile.ZipFile(tmp_path / "films.zip", "w") as archive:
        for k, name in enumerate([*train, *test]):
            picture = film(k if k != 6 else 2)
            if k == 6:  # the same film again, brighter and a little smaller
                picture = np.asarray(Image.fromarray((picture * 0.9 + 20).astype(np.uint8)).resize((120, 120)))
            if k == 3:
                picture = film(0)  # doubled within a list: no matter across them
            Image.fromarray(picture).save(tmp_path / name)
            archive.write(tmp_path / name, name)
    found = audit.audit({"train": train, "test": test}, images=[tmp_path / "films.zip"])
    assert found.compared == 8 and found.doubled == [(f"{train[2]} (train)", f"{test[2]} (test)")]
    assert not found.clean and any("1 pairs across lists" in line for line in found.lines())


def test_bands_lose_no_pair_within_the_distance() -> None:
    """All pairs compared one by one find the same as the buckets."""
    pictures = np.stack([film(seed // 2, 64) for seed in range(24)])
    noise = np.random.default_rng(5).integers(-3, 4, pictures.shape)
    pictures = np.clip(pictures.astype(int) + noise, 0, 255).astype(np.uint8)
    hashes = [perceptual_hash(picture) for picture in pictures]
    near = {(i, j) for i in range(24) for j in range(i + 1, 24) if (hashes[i] ^ hashes[j]).bit_count() <= DISTANCE}
    found = {(pair.first, pair.second) for pair in doubles(pictures)}
    assert found == {(2 * k, 2 * k + 1) for k in range(12)} and found <= near


def test_the_command_reads_lists_and_its_exit_status_tells(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "a.txt").write_text("\n".join(films(range(5), 2)))
    (tmp_path / "b.csv").write_text("image,x\n" + "".join(f"{name},1\n" for name in films(range(5, 9), 1)))
    assert main(["audit", f"train={tmp_path / 'a.txt'}", str(tmp_path / "b.csv")]) == 0
    assert "train: 10 films of 5 patients" in capsys.readouterr().out
    (tmp_path / "c.txt").write_text(films(range(1), 1)[0])
    assert main(["audit", str(tmp_path / "a.txt"), str(tmp_path / "c.txt")]) == 3
    assert "1 films stand in both a and c." in capsys.readouterr().out
    assert main(["audit", str(tmp_path / "a.txt")]) == 1
    for name, text in {"twice.txt": "1_0.png\n1_0.png\n", "none.txt": "\n", "odd.csv": "name\n1_0.png\n"}.items():
        (tmp_path / name).write_text(text)
        with pytest.raises(DataError, match=name):
            audit.read_list(tmp_path / name)
