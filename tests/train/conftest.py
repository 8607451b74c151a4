"""A miniature of NIH's layout: 80 made-up films of 40 patients, in a folder and a zip, with labels and official lists."""

import io
import zipfile
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from chexview.findings import NAMES
from train import index

FILMS, TEST = 80, 24


def picture(seed: int, bright: bool) -> Image.Image:
    """A noisy picture; films with Cardiomegaly carry a bright disc, so that there is something to learn."""
    rng = np.random.default_rng(seed)
    grey = rng.normal(90, 15, (80, 76))
    if bright:
        y, x = np.mgrid[:80, :76]
        grey[(y - 45) ** 2 + (x - 38) ** 2 < 200] = 230
    return Image.fromarray(np.clip(grey, 0, 255).astype(np.uint8))


def labels() -> pd.DataFrame:
    rng = np.random.default_rng(0)
    rows = []
    for i in range(FILMS):
        found = {NAMES[k] for k in range(14) if rng.random() < 0.25} - {"Cardiomegaly"}
        if i % 2:
            found.add("Cardiomegaly")
        rows.append(
            {
                "Image Index": f"{i // 2:08d}_{i % 2:03d}.png",
                "Finding Labels": "|".join(sorted(found)) or "No Finding",
                "Follow-up #": i % 2,
                "Patient ID": str(i // 2),
                "Patient Age": str(20 + i) if i != 5 else "414",
                "Patient Gender": "MF"[i // 2 % 2],
                "View Position": ["PA", "AP"][i % 2],
            }
        )
    return pd.DataFrame(rows)


@pytest.fixture(scope="session")
def nih(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The layout: ``images/`` (PNG), ``more.zip`` (WebP and JPEG), ``labels/``, ``unfit.csv``, ``flags.csv``."""
    root = tmp_path_factory.mktemp("nih")
    table = labels()
    (root / "images").mkdir()
    (root / "labels").mkdir()
    with zipfile.ZipFile(root / "more.zip", "w") as archive:
        for i, name in enumerate(table["Image Index"]):
            film = picture(i, "Cardiomegaly" in table["Finding Labels"][i])
            if i < FILMS // 2:
                film.save(root / "images" / name)
            else:
                kind = ("webp", "jpeg")[i % 2]
                data = io.BytesIO()
                film.save(data, kind, **({"lossless": True} if kind == "webp" else {"quality": 95}))
                archive.writestr(f"inner/{Path(name).stem}.{kind}", data.getvalue())
        archive.writestr("inner/readme.txt", "not a picture")
    Image.new("L", (64, 64)).save(root / "images" / "99999999_000.png")
    picture(7, True).save(root / "images" / "00000030_000.jpg")
    absent = table.iloc[[0]].assign(**{"Image Index": "00000500_000.png", "Patient ID": "500"})
    pd.concat([table, absent]).to_csv(root / "labels" / "Data_Entry_2017_v2020.csv", index=False)
    names = table["Image Index"].tolist()
    (root / "labels" / "test_list.txt").write_text("\n".join(names[-TEST:]) + "\n")
    (root / "labels" / "train_val_list.txt").write_text("\n".join(names[:-TEST]) + "\n")
    (root / "unfit.csv").write_text(f"image,inverted\n{names[3]},1.0\n{names[-1]},1.0\n")
    flags = pd.DataFrame({"image": names, "sharp": [int(i % 3 == 0) for i in range(FILMS)], "copy": "png"})
    flags.to_csv(root / "flags.csv", index=False)
    return root


@pytest.fixture(scope="session")
def indexed(nih: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The miniature's index, made by the library."""
    folder = tmp_path_factory.mktemp("indexed")
    table, boxes, report = index.build(
        [nih / "images", nih / "more.zip"], nih / "labels", nih / "unfit.csv", nih / "flags.csv", share=0.3
    )
    index.write(table, boxes, report, folder)
    return folder
