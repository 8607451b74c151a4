"""The sections beneath a film: its way to the network, its header, other saliency methods, and what changes do to its score."""

from dataclasses import replace

import pytest

from chexview.films.read import read
from chexview.geometry import Rectangle
from chexview.model.perturbations import occlude
from chexview.model.predictor import Predictor
from chexview.settings import BUNDLED
from chexview.text import numbers
from chexview.text import reading as reading_text
from chexview.text import robustness as robustness_text
from tests.pages.shown import bodies, drawn, reading_of, section, uploaded

pytestmark = pytest.mark.usefixtures("environment")

FILMS = BUNDLED / "films"
PNG, DICOM = FILMS / "00021782_018.png", FILMS / "00013911_000.dcm"


def test_what_was_done_to_the_film_and_its_header_are_told(predictor: Predictor) -> None:
    app = uploaded((DICOM.name, DICOM.read_bytes()))
    film, text = read(DICOM.read_bytes()), bodies(app)
    assert film.digest in text
    assert "detector plane" in text
    found = bodies(section(app, "input"))
    for step in film.steps:
        assert step.section in found
    assert found.count("<li class=") == 7 and "7. Network&#x27;s eye" in found
    gallery = drawn(app, "gallery")
    kinds = [card["kind"] for group in gallery["groups"] for card in group["cards"]]
    assert "Inverted by mistake" in kinds
    reading = reading_of(predictor, DICOM)
    first = reading_text.ordered(reading)[0]
    wrong = predictor.read([replace(film, inverted=not film.inverted)])[0].score(first.name)
    card = next(card for group in gallery["groups"] for card in group["cards"] if card["kind"] == "Inverted by mistake")
    assert card["score"] == f"{numbers.probability(first.probability)} to {numbers.probability(wrong.probability)}"


def test_a_withheld_film_shows_its_way_but_no_scores(monkeypatch: pytest.MonkeyPatch) -> None:
    withheld = replace(read(PNG.read_bytes()), withheld="This is a lateral film.")
    monkeypatch.setattr("chexview.worklist.queue.read", lambda data, name="": withheld)
    app = section(uploaded((PNG.name, PNG.read_bytes())), "input")
    assert bodies(app).count("<li class=") == 7
    assert not [e for e in app.get("bidi_component") if e.proto.component_name.endswith("gallery")]
    assert "so there is nothing to show here" in bodies(section(app, "saliency"))


def test_other_saliency_methods_run_on_request() -> None:
    app = section(uploaded((PNG.name, PNG.read_bytes())), "saliency")
    assert not [e for e in app.get("bidi_component") if e.proto.component_name.endswith("gallery")]
    next(button for button in app.button if button.label == "Run").click().run()
    app.run()
    assert not app.exception
    names = [card["score"] for group in drawn(app, "gallery")["groups"] for card in group["cards"]]
    assert names == ["class map", "HiResCAM", "GradCAM++", "LayerCAM", "EigenCAM", "random control"]
    assert "never at 128" in bodies(app)


def test_a_region_is_covered_and_perturbations_run(predictor: Predictor) -> None:
    app = section(uploaded((PNG.name, PNG.read_bytes())), "robustness")
    assert "Choose the Region tool" in bodies(app)
    pane = drawn(app, "viewer")["panes"][0]["id"]
    app.session_state["chexview"].films.regions[pane] = Rectangle.of_size(0.1, 0.2, 0.5, 0.4)
    app.run()
    first = reading_text.ordered(reading_of(predictor, PNG))[0]
    found = occlude(predictor, read(PNG.read_bytes()), Rectangle.of_size(0.1, 0.2, 0.5, 0.4))
    wanted = robustness_text.covered(robustness_text.of(found.changes, first.name))
    assert wanted in bodies(app)
    (answer,) = drawn(app, "viewer")["covered"]
    assert (answer["film"], answer["left"], answer["top"]) == (pane, 0.1, 0.2)
    change = robustness_text.of(found.changes, first.name)
    assert (
        answer["words"][first.name]
        == f"{numbers.probability(change.probability_before)} to {numbers.probability(change.probability_after)}"
    )
    next(button for button in app.button if button.label == "Run").click().run()
    assert not app.exception
    kinds = [card["kind"] for group in drawn(app, "gallery")["groups"] for card in group["cards"]]
    assert "Mirrored" in kinds and "The four corners covered" in kinds


def test_identity_is_hidden_until_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    sound = read(PNG.read_bytes())
    named = replace(sound, identity=replace(sound.identity, patient_name="DOE^JANE"))
    monkeypatch.setattr("chexview.worklist.queue.read", lambda data, name="": named)
    app = uploaded((PNG.name, PNG.read_bytes()))
    assert "DOE^JANE" not in bodies(app)
    next(item for item in app.toggle if item.label == "Show identifying fields").set_value(True).run()
    assert "DOE^JANE" in bodies(app)
