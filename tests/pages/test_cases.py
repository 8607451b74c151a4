"""The Cases page: the films behind a cell are those that the stored logits say, and they are read with the run's own checkpoint."""

import html
import io
import json
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

from chexview import settings
from chexview.calibration import Calibration
from chexview.evaluation.cases import CaseSet, alike, cell_films
from chexview.evaluation.confusion import Cell
from chexview.evaluation.operating import Policy
from chexview.evaluation.run import ValidationRun
from chexview.evaluation.run_schema import FilmList, RunCheckpoint, RunMetadata, made_now
from chexview.evaluation.run_writing import write_run
from chexview.evaluation.similarity import embed
from chexview.films.library import Library
from chexview.model import card as cards
from chexview.model import input_check
from chexview.pages import case_films, examples
from chexview.pages.state.case_choice import PAGE, CaseChoice
from chexview.worklist.reader import Reader
from tests.pages.shown import bodies, page_at

SIDES = (0.25, 0.5, 0.35, 0.62)
FILMS = 90


def table() -> pd.DataFrame:
    """90 films of 45 patients with two findings."""
    generator = np.random.default_rng(5)
    labels = generator.random((2, FILMS)) < 0.3
    return pd.DataFrame(
        {
            "image": [f"secret{i:03d}.png" for i in range(FILMS)],
            "patient": [f"p{i // 2}" for i in range(FILMS)],
            "sex": ["M", "F", ""] * 30,
            "age": np.tile([5, 58, -1], 30).astype(np.int16),
            "view": ["PA", "AP", ""] * 30,
            "split": "test",
            "list__test": True,
            **{f"label__{name}": labels[k].astype(np.int8) for k, name in enumerate(("Nodule", "Mass"))},
            **{
                f"logit__{name}": (generator.normal(size=FILMS) + labels[k]).astype(np.float32)
                for k, name in enumerate(("Nodule", "Mass"))
            },
        }
    )


def picture(seed: int) -> bytes:
    """A film of its own, as PNG."""
    noise = np.random.default_rng(seed).integers(40, 220, (90, 80)).astype(np.uint8)
    out = io.BytesIO()
    Image.fromarray(noise).resize((320, 360), Image.Resampling.BICUBIC).save(out, "PNG")
    return out.getvalue()


@pytest.fixture
def run(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ValidationRun]:
    """A run of the checkpoint with random weights, whose films lie in a zip, except for every seventh.

    They are noise, which the input check would withhold, so they are read without it.
    """
    input_check.bundled()  # loaded before there is nothing bundled: Read asks for it
    monkeypatch.setattr("chexview.pages.case_films.reader_of", lambda reads: Reader(reads, None))
    monkeypatch.setenv("CHEXVIEW_HOME", str(home))
    monkeypatch.setattr(settings, "BUNDLED", tmp_path / "nothing")
    with zipfile.ZipFile(tmp_path / "films.zip", "w") as archive:
        for i in range(FILMS):
            if i % 7:
                archive.writestr(f"deep/secret{i:03d}.png", picture(i))
    monkeypatch.setenv("CHEXVIEW_IMAGES", str(tmp_path / "films.zip"))
    frame = table()
    meta = RunMetadata(
        title="Cases",
        checkpoint=RunCheckpoint("random", cards.read(home / "checkpoints" / "random").weights),
        data_set="Noise",
        attribution="nobody",
        split_hash="ef" * 32,
        lists=(FilmList("test", "Test films", "All."),),
        made=made_now(),
        calibration={"Nodule": Calibration(1.0, -1.0)},
        operating_points={Policy.SPECIFICITY_90: {"Nodule": 0.5, "Mass": 0.5}},
    )
    images = frame["image"][frame["label__Nodule"] == 1]
    boxes = pd.DataFrame([(image, "Nodule", *SIDES) for image in images], columns=["image", "finding", *_SIDES])
    boxes = boxes.assign(patient="p", method="class map", pointing=0.0, centre=0.0, inside=0.0, iou=0.0, iobb=0.0)
    yield write_run(tmp_path / "runs-of-cases" / "cases", meta, frame, localisation=boxes)
    examples.examples.clear()


_SIDES = ["left", "top", "right", "bottom"]
Opener = Callable[..., AppTest]


@pytest.fixture
def opened(run: ValidationRun, monkeypatch: pytest.MonkeyPatch) -> Opener:
    """Opens the page at an address; the run is the only one."""
    monkeypatch.setattr(settings.Settings, "runs", property(lambda _: (run.folder.parent,)))

    def at(**address: str) -> AppTest:
        return page_at("cases.py", **{"run": "cases", "finding": "Nodule", "here": "0", **address})

    return at


@pytest.fixture
def small_copies(run: ValidationRun, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Small copies of the films from the sixtieth on."""
    with zipfile.ZipFile(tmp_path / "small.zip", "w") as archive:
        for i in range(60, FILMS):
            out = io.BytesIO()
            Image.open(io.BytesIO(picture(i))).resize((64, 64)).save(out, "WEBP")
            archive.writestr(f"secret{i:03d}.webp", out.getvalue())
    monkeypatch.setattr(settings.Settings, "small_copies", property(lambda _: tmp_path / "small.zip"))


def galleries(app: AppTest) -> list[dict[str, Any]]:
    found = [item for item in app.get("bidi_component") if "gallery" in item.proto.component_name]
    return [json.loads(item.proto.json) for item in found]


def cards_of(app: AppTest) -> list[dict[str, Any]]:
    return [card for group in galleries(app)[0]["groups"] for card in group["cards"]]


def in_address(app: AppTest, key: str) -> str:
    """What the address says under a key; AppTest gives what it was given as a list, what the page wrote as text."""
    value = app.query_params[key]
    return value if isinstance(value, str) else value[0]


@pytest.mark.parametrize(
    ("films", "cell"),
    [
        ("tp", Cell.TRUE_POSITIVE),
        ("fp", Cell.FALSE_POSITIVE),
        ("fn", Cell.FALSE_NEGATIVE),
        ("tn", Cell.TRUE_NEGATIVE),
    ],
)
def test_a_cell_shows_its_films_hardest_first(run: ValidationRun, opened: Opener, films: str, cell: Cell) -> None:
    app = opened(films=films)
    rows = cell_films(run.select("Nodule", "test"), 0.5, cell)
    shown = cards_of(app)
    assert [card["id"] for card in shown] == [str(row) for row in rows[:PAGE]]
    for card in shown:
        row = int(card["id"])
        here = row % 7 != 0
        assert (card["picture"] is not None) == (card["heat"] is not None) == here
        assert card["tone"] == films
        assert f"network output {run.logits('Nodule')[row]:.2f}".replace("-", "\N{MINUS SIGN}") in card["score"]
        assert (card["rows"], card["columns"]) == ((360, 320) if here else (1, 1))
        boxed = [tuple(box["place"][side] for side in ("left", "top", "right", "bottom")) for box in card["boxes"]]
        assert boxed == ([pytest.approx(SIDES)] if here and cell.positive else [])
        assert here or card["absent"] == "The film is not on this machine."
    assert "secret" not in json.dumps(galleries(app)) and "secret" not in str(app.query_params)


def test_pages_orders_and_the_address(run: ValidationRun, opened: Opener) -> None:
    app = opened(films="tn", order="clearest")
    rows = cell_films(run.select("Nodule", "test"), 0.5, Cell.TRUE_NEGATIVE)[::-1]
    next(button for button in app.button if button.label == "Next").click().run()
    assert [card["id"] for card in cards_of(app)] == [str(row) for row in rows[PAGE : 2 * PAGE]]
    assert in_address(app, "from") == str(PAGE)
    again = opened(films="tn", order="clearest", **{"from": str(PAGE)})
    assert [card["id"] for card in cards_of(again)] == [card["id"] for card in cards_of(app)]
    next(group for group in app.segmented_control if group.key == "cases-shown").set_value(CaseSet.FALSE_POSITIVE).run()
    assert app.session_state["chexview"].cases.address == {"films": "fp", "order": "clearest", "here": "0"}


def test_another_threshold_shows_other_films(run: ValidationRun, opened: Opener) -> None:
    app = opened(films="fp", threshold="0.9")
    rows = cell_films(run.select("Nodule", "test"), 0.9, Cell.FALSE_POSITIVE)
    assert [card["id"] for card in cards_of(app)] == [str(row) for row in rows[:PAGE]]
    assert "chosen by you" in bodies(app)


def test_look_alikes_stand_side_by_side(run: ValidationRun, opened: Opener) -> None:
    app = opened(films="alike")
    pairs = alike(run.select("Nodule", "test"), 0.5)
    groups = galleries(app)[0]["groups"]
    shown = [tuple(int(card["id"]) for card in group["cards"]) for group in groups]
    assert shown == [(pair.with_it, pair.without_it) for pair in pairs[:PAGE]]
    assert [card["tone"] for card in groups[0]["cards"]] == ["tp", "fp"]


def test_a_case_says_what_is_known_and_opens_in_read(run: ValidationRun, opened: Opener) -> None:
    row = next(
        int(row)
        for row in cell_films(run.select("Nodule", "test"), 0.5, Cell.FALSE_NEGATIVE)
        if row % 7 and run.table.column("age")[row] == 58
    )
    app = opened(films="fn", case=str(row))
    words = bodies(app)
    assert "woman of 58, AP" in words and f"<td>{run.table.column('image')[row]}</td>" in words
    assert "32 x 43 of 320 x 360 pixels" in words and "0.2 x 0.2 cells of the network&#x27;s 2 x 2 grid" in words
    assert words.count("<figure><img src='film/") == 2
    next(button for button in app.button if button.label == "Open in Read").click().run()
    assert not app.exception
    assert len(app.get("bidi_component")) > 1
    assert "A film of the run Cases" in bodies(app)


def test_without_films_the_table_still_works(
    run: ValidationRun, opened: Opener, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CHEXVIEW_IMAGES", str(run.folder / "nowhere"))
    app = opened(films="fp")
    assert all(card["picture"] is None for card in cards_of(app))
    assert "There is no nowhere where the films should lie" in bodies(app)
    rows = cell_films(run.select("Nodule", "test"), 0.5, Cell.FALSE_POSITIVE)
    frame = app.dataframe[0].value
    assert frame["Image"].tolist() == run.table.column("image")[rows].tolist()
    assert frame["Network output"].tolist() == pytest.approx(run.logits("Nodule")[rows].tolist())


def test_heatmaps_are_shown_with_the_runs_own_checkpoint_alone(
    run: ValidationRun, opened: Opener, tmp_path: Path
) -> None:
    other = replace(run.meta, checkpoint=RunCheckpoint("random", "00" * 32), title="Other")
    write_run(run.folder.parent / "other", other, table())
    app = opened(run="other", films="fp")
    shown = cards_of(app)
    assert any(card["picture"] for card in shown) and not any(card["heat"] for card in shown)
    assert "checkpoint is not here, so no heatmap is shown" in bodies(app)


def test_only_films_at_hand_may_be_shown(run: ValidationRun, opened: Opener) -> None:
    app = opened(films="tn", here="1")
    rows = [int(row) for row in cell_films(run.select("Nodule", "test"), 0.5, Cell.TRUE_NEGATIVE)]
    here = [str(row) for row in rows if row % 7]
    assert [card["id"] for card in cards_of(app)] == here[:PAGE]
    assert all(card["picture"] for card in cards_of(app))
    next(toggle for toggle in app.toggle if toggle.key == "cases-here").set_value(False).run()
    assert [card["id"] for card in cards_of(app)] == [str(row) for row in rows[:PAGE]]
    assert in_address(app, "here") == "0"


def test_where_films_are_missing_those_at_hand_are_shown_first() -> None:
    assert CaseChoice().only_here(5, 4000) and not CaseChoice().only_here(0, 4000)
    assert CaseChoice().only_here(1500, 4000) and not CaseChoice().only_here(4000, 4000)
    assert not CaseChoice(here=False).only_here(5, 4000)


@pytest.mark.parametrize("named", ["~nosuchuser/x", "x" * 300, "a\0b", "/" + "y/" * 3000])
def test_a_name_that_no_folder_has_is_one_sentence(run: ValidationRun, named: str) -> None:
    library, sentence = case_films.library(named)
    assert sentence.startswith(("That cannot be the name of a folder", "There is no"))
    assert sentence.count(".") >= 1 and "Errno" not in sentence
    assert len(library) == 0


def test_small_copies_stand_in_for_films_that_are_not_here(
    run: ValidationRun, small_copies: None, opened: Opener
) -> None:
    """Films with a row that 7 divides are not here; those from the sixtieth on there are small copies of."""
    labels, logits = run.labels("Nodule"), run.logits("Nodule")
    row = next(row for row in (63, 70, 77, 84) if labels[row] != 1 and logits[row] < 0.5)
    app = opened(films="tn", here="1", case=str(row))
    (shown,) = cards_of(app)
    stored = 1 / (1 + np.exp(1 - float(logits[row])))
    assert (shown["rows"], shown["columns"]) == (64, 64) and shown["heat"]
    assert shown["note"].endswith("small copy")
    shown_percent = shown["badge"].removeprefix("AI \N{MIDDLE DOT} Nodule ").removesuffix(" %")
    assert float(shown_percent) == pytest.approx(100 * stored, abs=0.5)
    words = bodies(app)
    assert "Small copy, 64 x 64 pixels" in words and "Read from the small copy, nodule" in words
    here = sum(i % 7 != 0 or i >= 60 for i in range(FILMS))
    assert f"{here} of 90 films of this run are here, 4 of them as small copies." in words


def test_films_that_the_user_names_win_over_small_copies(
    run: ValidationRun, small_copies: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def shape(library: Library, row: int) -> tuple[int, int]:
        rows, columns = library.film(f"secret{row:03d}.png").pixels.shape
        return rows, columns

    first, _ = case_films.library("")
    assert not first.is_small_copy("secret061.png") and shape(first, 61) == (360, 320)
    assert first.is_small_copy("secret063.png") and shape(first, 63) == (64, 64)
    films = case_films.CaseFilms(run)
    assert films.here(first)[63] and not films.here(first)[49]
    assert films.small_copies == 4
    films.found[63] = case_films.Case((64, 64), None, small=True)
    films.here(first)
    assert 63 in films.found
    (tmp_path / "named").mkdir()
    (tmp_path / "named" / "secret063.png").write_bytes(picture(63))
    second, problem = case_films.library(str(tmp_path / "named"))
    assert not problem and not second.is_small_copy("secret063.png") and shape(second, 63) == (360, 320)
    monkeypatch.setattr(case_films, "session_media", Forgetful)
    films.here(second)
    assert 63 not in films.found


class Forgetful:
    """Media of which nothing is kept."""

    def forget(self, unwanted: Callable[[Any], bool]) -> None:
        """Has nothing to drop."""


def test_a_small_copy_is_taken_to_read_as_png(run: ValidationRun, small_copies: None) -> None:
    library, _ = case_films.library("")
    data = case_films.bytes_of(library, "secret063.png")
    assert Image.open(io.BytesIO(data)).format == "PNG" and Image.open(io.BytesIO(data)).size == (64, 64)
    assert case_films.bytes_of(library, "secret061.png") == picture(61)


def test_where_nothing_is_here_the_page_offers_a_run_whose_films_are(run: ValidationRun, opened: Opener) -> None:
    elsewhere = table().assign(image=[f"other{i}.png" for i in range(FILMS)])
    write_run(run.folder.parent / "other", replace(run.meta, title="Other"), elsewhere)
    app = opened(run="other", films="fp")
    assert "None of this run's films is on this machine" in html.unescape(bodies(app))
    next(button for button in app.button if button.label == "See Cases, whose films are here").click().run()
    assert not app.exception and app.session_state["chexview"].run.run == "cases"
    assert any(card["picture"] for card in cards_of(app))


def test_an_empty_cell_offers_the_others(run: ValidationRun, opened: Opener) -> None:
    app = opened(films="fp", threshold="50")
    assert not galleries(app)
    labels = [button.label for button in app.button]
    assert any(label.startswith("False negatives, ") for label in labels)
    assert not any(label.startswith("True positives") for label in labels)
    next(button for button in app.button if button.label.startswith("False negatives, ")).click().run()
    assert len(cards_of(app)) > 0


def test_similar_films_stand_beneath_a_case_where_the_run_knows_them(run: ValidationRun, opened: Opener) -> None:
    features = np.random.default_rng(1).normal(size=(40, 1024))
    row = next(int(row) for row in cell_films(run.select("Nodule", "test"), 0.5, Cell.TRUE_NEGATIVE) if row % 7)
    assert "Similar films" not in [item.value for item in opened(films="tn", case=str(row)).header]
    write_run(run.folder.parent / "seen", run.meta, table(), embedding=embed(features, np.arange(40)))
    app = opened(run="seen", films="tn", case=str(row))
    assert "Similar films" in [item.value for item in app.header]
    words = html.unescape(bodies(app))
    known = app.dataframe[0].value
    rows = [int(image[6:9]) for image in known["Image"]]
    having = int((run.labels("Nodule")[rows] == 1).sum())
    assert f"Of the 20 most similar validation films {having} had a nodule by the run's labels" in words
    assert "How often that is right" in words and "AUROC" in words
    codes = run.table.patient_codes
    assert len(rows) == 20 and max(rows) < 40 and codes[row] not in codes[rows]
    pictures = [card for group in galleries(app)[-1]["groups"] for card in group["cards"]]
    assert len(pictures) == sum(at % 7 != 0 for at in rows) and all(card["picture"] for card in pictures)
    assert "secret" not in json.dumps(galleries(app))
