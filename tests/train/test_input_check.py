"""Training the input check: what it is shown, a toy from end to end, and the arithmetic of its table of errors."""

import json
from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
from PIL import Image
from scipy.stats import binomtest

from chexview.model import input_check
from chexview.model.input_check import CHANNELS, KINDS, InputCard, InputCheck, InputKind
from train import cache, corruptions, input_check_network
from train import input_check as training

NIH = Path(__file__).resolve().parents[1] / "data" / "nih"


@pytest.fixture(scope="module")
def films() -> np.ndarray:
    """Twelve real films, uint8 (12, 192, 192)."""
    paths = sorted((NIH / "images").glob("*.webp"))[:12]
    return np.stack([cache.see(path.read_bytes(), 192) for path in paths])


def test_training_sees_what_the_check_sees(films: np.ndarray) -> None:
    pooled = torch.from_numpy(films.reshape(-1, 64, 3, 64, 3).mean((2, 4), dtype=np.float32))[:, None]
    seen = corruptions.standardise(pooled)[:, 0].numpy()
    np.testing.assert_allclose(seen, np.stack([input_check.reduce(f, training.WHOLE) for f in films]), atol=1e-4)


@pytest.mark.parametrize("kind", [InputKind.INVERTED, *corruptions.QUARTERS])
def test_training_and_tests_mean_the_same_by_a_kind(films: np.ndarray, kind: InputKind) -> None:
    """Varied films of a kind resemble the very film made so more than they resemble any other kind."""
    halved = corruptions.halved(films)
    generator = torch.Generator().manual_seed(0)
    seen = torch.stack([corruptions.vary(halved, [kind] * len(films), generator) for _ in range(8)])[:, :, 0].numpy()
    kinds = [InputKind.INVERTED, *corruptions.QUARTERS]
    correlations = {}
    for other in kinds:
        made = np.stack([input_check.reduce(corruptions.spoil(f, other), training.WHOLE) for f in films])
        correlations[other] = float((seen * made).mean())
    assert max(correlations, key=correlations.__getitem__) is kind


def test_spoiling_is_exact(films: np.ndarray) -> None:
    film = films[0]
    assert (corruptions.spoil(film, InputKind.INVERTED).astype(int) + film == 255).all()
    clockwise = corruptions.spoil(film, InputKind.TURNED_90)
    assert (clockwise[:, -1] == film[0]).all()
    assert (corruptions.spoil(clockwise, InputKind.TURNED_270) == film).all()
    quarter = corruptions.spoil(film, InputKind.CROPPED, (0.5, 0.0, 0.5))
    assert quarter.shape == film.shape
    small = np.asarray(Image.fromarray(quarter).resize((96, 96), Image.Resampling.BOX)).astype(int)
    assert np.abs(small - film[96:, :96].astype(int)).mean() < 2
    for kind in (InputKind.NOT_CHEST, InputKind.CROPPED):
        with pytest.raises(ValueError, match="no ordinary film"):
            corruptions.spoil(film, kind)


def test_drawn_pictures_are_many_and_repeatable(films: np.ndarray) -> None:
    made = [corruptions.negatives(films, corruptions.DRAWN, 3, np.random.default_rng(1)) for _ in range(2)]
    assert made[0].shape == (3 * len(corruptions.DRAWN), 192, 192) and made[0].dtype == np.uint8
    assert (made[0] == made[1]).all()
    assert len({picture.tobytes() for picture in made[0]}) == len(made[0])
    assert len(corruptions.negatives(films, ["text", "shuffled"], 3, np.random.default_rng(1))) == 6


def test_what_is_exported_scores_as_the_network_does(films: np.ndarray) -> None:
    torch.manual_seed(0)
    net = input_check_network.network(0.3)
    for k in range(len(list(pairwise(CHANNELS)))):
        norm = net[3 * k + 1]
        assert isinstance(norm, torch.nn.BatchNorm2d)
        assert norm.running_mean is not None and norm.running_var is not None
        norm.running_mean.uniform_(-0.2, 0.2)
        norm.running_var.uniform_(0.5, 2)
    net.eval()
    check = InputCheck(InputCard(threshold=0.5, weights=""), input_check_network.export(net))
    seen = np.stack([input_check.reduce(film, training.WHOLE) for film in films])
    expected = net(torch.from_numpy(seen)[:, None]).softmax(1).detach().numpy()
    np.testing.assert_allclose(np.stack([check.scores(x) for x in seen]), expected, atol=1e-5)


@pytest.mark.parametrize("count", [50, 99, 100, 1410])
def test_the_threshold_withholds_no_more_than_allowed(count: int) -> None:
    scores = np.random.default_rng(count).random(count).round(3).tolist()
    chosen = training.threshold(scores, 0.01)
    assert (np.asarray(scores, np.float32) < np.float32(chosen)).sum() <= 0.01 * count
    assert float(np.float32(chosen)) == chosen
    above = np.nextafter(max(s for s in scores if np.float32(s) == np.float32(chosen)), 1)
    assert (np.asarray(scores) <= above).sum() > 0.01 * count, "a higher threshold would do as well"


def test_the_interval_is_wilsons() -> None:
    """One film a patient, so many that Student's t is normal: scipy's interval."""
    found = (InputKind.CROPPED,) * 300 + (InputKind.ORDINARY,) * 19_700
    rate = training.Judged(found, tuple(map(str, range(20_000)))).rate("", [InputKind.CROPPED])
    expected = binomtest(300, 20_000).proportion_ci(method="wilson")
    assert (rate.low, rate.high) == (pytest.approx(expected.low, rel=1e-3), pytest.approx(expected.high, rel=1e-3))
    assert (rate.films, rate.patients, rate.withheld, rate.named) == (20_000, 20_000, 300, 300)


def test_films_of_nobody_have_no_interval() -> None:
    rate = training.Judged((InputKind.CROPPED, InputKind.ORDINARY), ("", "")).rate("", [InputKind.NOT_CHEST])
    assert (rate.low, rate.high, rate.patients, rate.withheld, rate.named) == (None, None, 0, 1, 0)


@pytest.fixture(scope="module")
def toy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A check of a few steps on the films that ship, eight of them said to be unusable, and the folders it was made in."""
    root = tmp_path_factory.mktemp("toy")
    trainable = (NIH / "labels" / "train_val_list.txt").read_text().split()
    tested = (NIH / "labels" / "test_list.txt").read_text().split()
    marks = pd.DataFrame({"image": [*trainable[:32:4], tested[0]], "inverted": 0.0, "not_frontal": 1.0, "rotated": 0.0})
    marks.loc[6, ["inverted", "not_frontal"]] = 1.0, 0.0
    marks.loc[7, ["rotated", "not_frontal"]] = 1.0, 0.0
    pd.concat([marks, marks[:1]]).to_csv(root / "unusable.csv", index=False)  # NIH's list names films twice as well
    (root / "photographs").mkdir()
    for k in range(3):
        Image.linear_gradient("L").rotate(40 * k).resize((100, 60)).save(root / "photographs" / f"{k}.png")
    Image.new("L", (90, 90)).save(root / "photographs" / "refused.png")
    assert training.main(command(root, "made")) == 0
    return root


def command(root: Path, out: str) -> list[str]:
    named = {
        "--images": NIH / "images",
        "--labels": NIH / "labels",
        "--unusable": root / "unusable.csv",
        "--none": root / "photographs",
        "--validation": 0.3,
        "--work": root / "work",
        "--out": root / out,
        "--steps": 6,
        "--sister-steps": 2,
        "--drawn": 3,
    }
    return [str(word) for pair in named.items() for word in pair]


def test_a_toy_loads_and_its_table_equals_a_count_of_its_own(toy: Path) -> None:
    check = input_check.load(toy / "made")
    rates = {rate.title: rate for rate in check.card.rates}
    marks = set(pd.read_csv(toy / "unusable.csv")["image"])
    tested = [name for name in (NIH / "labels" / "test_list.txt").read_text().split() if name not in marks]
    kinds = {name: [InputKind.ORDINARY] * 0 for name in ("ordinary", "inverted", "turned by 270 degrees")}
    for name in tested:
        film = cache.see((NIH / "images" / name.replace(".png", ".webp")).read_bytes(), 192)
        for title, picture in zip(kinds, (film, 255 - film, np.rot90(film)), strict=True):
            kinds[title].append(check.judge(picture, training.WHOLE).kind)
    patients = {name[:8] for name in tested}
    for title, line, right in (
        ("ordinary", "ordinary test films", None),
        ("inverted", "test films, inverted", InputKind.INVERTED),
        ("turned by 270 degrees", "test films, turned by 270 degrees", InputKind.TURNED_270),
    ):
        rate = rates[line]
        withheld = [kind for kind in kinds[title] if kind is not InputKind.ORDINARY]
        assert (rate.films, rate.patients) == (len(tested), len(patients))
        assert (rate.withheld, rate.named) == (len(withheld), sum(kind is right for kind in withheld))
    marked = rates["real films judged not frontal"]
    assert (
        marked.films == 7 and rates["real films judged rotated"].films == rates["real films judged inverted"].films == 1
    )
    assert rates["pictures in the folder photographs"].films == 3
    assert sum("never seen" in title for title in rates) == len(corruptions.DRAWN)
    assert check.card.data["agreement"]["films"] == len(tested)


def test_no_unusable_film_is_trained_on_as_ordinary(toy: Path) -> None:
    card = json.loads((toy / "made" / "card.json").read_text())
    index = pd.read_parquet(toy / "work" / "index.parquet")
    marks = set(pd.read_csv(toy / "unusable.csv")["image"])
    ordinary = index[(index["split"] == "train") & ~index["image"].isin(marks)]
    assert card["data"]["trained_on"] == {"films": len(ordinary), "patients": ordinary["patient"].nunique()}
    assert card["classes"] == [kind.value for kind in KINDS]


def test_the_same_seed_gives_the_same_file(toy: Path) -> None:
    assert training.main(command(toy, "again")) == 0
    for name in ("card.json", input_check.WEIGHTS):
        assert (toy / "again" / name).read_bytes() == (toy / "made" / name).read_bytes()


def test_what_cannot_be_read_is_told_in_one_sentence(toy: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (toy / "wrong.csv").write_text("film\n1\n")
    words = command(toy, "never")
    words[words.index("--unusable") + 1] = str(toy / "wrong.csv")
    assert training.main(words) == 1
    assert "unusable films cannot be read" in capsys.readouterr().err
    assert not (toy / "never").exists()
