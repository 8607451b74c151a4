"""The film viewer in Chromium, with films and readings made up beforehand: nothing it does is asked of the server."""

import numpy as np
import numpy.typing as npt
import pytest
from playwright.sync_api import expect

from chexview.films.grey import grey
from chexview.films.radiograph import Radiograph, VoiView
from chexview.findings import NAMES, title
from chexview.text.reading import ordered
from tests.browser.open_viewer import HOST, OpenViewer
from tests.browser.viewer_films import NOT_SQUARE, PADDED, SQUARE, chest, padded, readings

pytestmark = pytest.mark.browser


def test_reading_a_film_asks_the_server_nothing(viewer: OpenViewer) -> None:
    viewer.open()
    viewer.quiet()
    first = viewer.grey()
    viewer.drag(viewer.at(1000, 1200), viewer.at(1600, 900))
    windowed = viewer.state()["window"]
    assert windowed["width"] > 2600 and windowed["centre"] < 800
    assert (viewer.grey() != first).mean() > 0.3

    place, film = (818.0, 300.0), viewer.under(818, 300)
    viewer.page.mouse.move(*place)
    for _ in range(4):
        viewer.page.mouse.wheel(0, -200)
    zoomed = viewer.state()
    assert zoomed["scale"] > 2 * 0.2
    assert viewer.at(*film) == pytest.approx(place, abs=0.6)
    viewer.drag(place, (place[0] + 80, place[1] - 50), button="right")
    assert viewer.at(*film) == pytest.approx((place[0] + 80, place[1] - 50), abs=0.6)

    viewer.press("0", "l")
    viewer.drag(viewer.at(600, 1000), viewer.at(1800, 1500))
    (length,) = viewer.state()["results"]
    assert length["unit"] == "mm" and "detector plane" in length["text"]
    assert length["value"] == pytest.approx(1300 * 0.14, rel=0.01)
    expect(viewer.page.locator(".viewer .prompt")).to_contain_text("Length")

    assert viewer.layer("readHeat")[..., 3].max() == 0
    viewer.press("t")
    ranked = [score.name for score in ordered(readings()["chest"])]
    assert set(ranked) == set(NAMES) and ranked != list(NAMES)
    viewer.page.locator(".viewer select.finding").select_option(ranked[0])
    viewer.page.locator(".viewer .stage").focus()
    seen = []
    for name in ranked:
        assert viewer.state()["finding"] == name
        assert viewer.state()["badge"].startswith(f"AI \N{MIDDLE DOT} {title(name)} ")
        seen.append(viewer.layer("readHeat"))
        viewer.press(".")
    assert viewer.state()["finding"] == ranked[0]
    assert all((seen[k] != seen[k + 1]).any() for k in range(len(ranked) - 1))
    viewer.press(",")
    assert viewer.state()["finding"] == ranked[-1]
    viewer.page.locator(".viewer select.finding").select_option(NAMES[4])
    viewer.page.locator(".viewer .stage").focus()

    strong = viewer.layer("readHeat")[..., 3].astype(int)
    viewer.press("[", "[", "[")
    faint = viewer.layer("readHeat")[..., 3].astype(int)
    assert faint.max() == pytest.approx(strong.max() * 0.45 / 0.75, abs=3)
    viewer.press("}", "}", "}", "}", "}", "}")
    cut = viewer.layer("readHeat")[..., 3]
    assert 0 < (cut > 0).sum() < 0.6 * (faint > 0).sum()
    viewer.press("g")
    assert (viewer.layer("readHeat") != faint[..., None]).any()

    for key in ("r", "c", "f", "i", "v", "k", "s", "s", "1", "Control+z", "Home", "?", "Escape", "Escape"):
        viewer.press(key)
    viewer.page.wait_for_timeout(600)
    assert viewer.traffic == []
    expect(viewer.page.get_by_role("dialog")).to_have_count(0)


VIEWS = [(chest, view) for view in chest().views] + [(padded, view) for view in chest().views[:2]]


@pytest.mark.parametrize("painter", ["2d", "webgl"])
def test_greys_are_those_of_python(viewer: OpenViewer, painter: str) -> None:
    """One pixel of the film on one of the screen, under every kind of view, a film with padding and inversion among them."""
    for make, view in VIEWS:
        name = make.__name__
        if f"films={name}&" not in viewer.page.url:
            viewer.open(films=name, painter=painter)
            assert viewer.ask("painter") == painter
            viewer.press("1")
        viewer.page.locator(".viewer select.views").select_option(view.name)
        at_one_to_one(viewer, make(), view, 0 if painter == "2d" else 1)
        viewer.page.locator(".viewer .stage").focus()
    viewer.press("f", "r")
    assert viewer.state()["turned"] == "mirrored, turned 90\N{DEGREE SIGN}"
    at_one_to_one(viewer, padded(), view, 0 if painter == "2d" else 1)
    viewer.press("r", "r", "r", "f", "0")
    viewer.page.wait_for_timeout(300)
    top, bottom, left, right = PADDED
    box = viewer.page.locator(".viewer .stage").bounding_box()
    assert box is not None
    x, y = viewer.at((left + right) / 2, (top + bottom) / 2)
    assert viewer.grey()[round(y - box["y"]), round(x - box["x"])] == 0


def at_one_to_one(viewer: OpenViewer, film: Radiograph, view: VoiView, most: int) -> None:
    """Compares what is drawn of a film, however it is turned, with the pipeline in Python."""
    assert viewer.state()["scale"] == 1
    drawn = viewer.grey()
    wanted = np.floor(grey(film, view) * np.float32(255) + np.float32(0.5)).astype(np.uint8)
    box = viewer.page.locator(".viewer .stage").bounding_box()
    assert box is not None
    (x0, y0), (x1, y1), (x2, y2) = (viewer.at(*place) for place in ((0, 0), (1, 0), (0, 1)))
    turn = np.array([[x1 - x0, x2 - x0], [y1 - y0, y2 - y0]])
    rows, columns = np.mgrid[0 : drawn.shape[0], 0 : drawn.shape[1]]
    screen = np.stack([columns + 0.5 + box["x"] - x0, rows + 0.5 + box["y"] - y0])
    x, y = np.floor(np.tensordot(np.linalg.inv(turn), screen, 1)).astype(int)
    inside = (x >= 0) & (y >= 0) & (x < wanted.shape[1]) & (y < wanted.shape[0])
    assert inside.sum() > 300_000
    difference = np.abs(drawn[inside].astype(int) - wanted[y[inside], x[inside]])
    assert difference.max() <= most, f"{view.name}: {difference.max()}, {(difference > 0).sum()} pixels"
    assert (drawn[~inside] == 0).all()


@pytest.mark.parametrize("painter", ["2d", "webgl"])
def test_a_heatmap_stays_on_what_it_is_of(viewer: OpenViewer, painter: str) -> None:
    """A square near the right and lower edges of a film whose pixels are not square, turned every way, and zoomed."""
    viewer.open(films="stretched", painter=painter)
    viewer.press("t")
    rows, columns, aspect = NOT_SQUARE
    top, bottom, left, right = SQUARE
    for keys in (["r"], ["f"], ["r"], ["r"], ["i", "i"], ["-", "-"], ["f", "r"]):
        square, heat, reach = middles(viewer, rows * aspect, columns)
        assert np.abs(square - heat).max() <= 0.01 * reach, f"before {keys}"
        assert np.abs(square - shown(viewer, (left + right) / 2, (top + bottom) / 2)).max() <= 0.004 * reach
        for key in keys:
            viewer.press(key)
    square = middles(viewer, rows * aspect, columns)[0]
    viewer.page.mouse.move(*(square + stage(viewer)))
    for _ in range(3):
        viewer.page.mouse.wheel(0, -200)
    square, heat, reach = middles(viewer, rows * aspect, columns)
    assert np.abs(square - heat).max() <= 0.01 * reach


def stage(viewer: OpenViewer) -> npt.NDArray[np.float64]:
    box = viewer.page.locator(".viewer .stage").bounding_box()
    assert box is not None
    return np.array([box["x"], box["y"]])


def shown(viewer: OpenViewer, x: float, y: float) -> npt.NDArray[np.float64]:
    """A place of the film in pixels of the stage."""
    return np.array(viewer.at(x, y)) - stage(viewer)


def middles(
    viewer: OpenViewer, tall: float, wide: float
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64], float]:
    """The middles of the bright square and of the heatmap's peak on the stage, and the film's shorter side there."""
    drawn, alpha = viewer.grey(), viewer.layer("readHeat")[..., 3]
    assert alpha.max() > 120
    found = [
        np.array([x.mean() + 0.5, y.mean() + 0.5])
        for y, x in (np.nonzero(drawn > 200), np.nonzero(alpha >= alpha.max() - 1))
    ]
    return found[0], found[1], min(tall, wide) * viewer.state()["scale"]


def test_measurements_in_pixels_and_ratios(viewer: OpenViewer) -> None:
    """Without spacing lengths are in square pixels; the ratio counts what is level on the screen."""
    viewer.open(films="stretched")
    viewer.press("l")
    viewer.drag(viewer.at(200, 100), viewer.at(500, 350))
    viewer.press("c")
    for start, stop in (((500, 400), (440, 430)), ((500, 450), (680, 420)), ((300, 500), (800, 480))):
        viewer.drag(viewer.at(*start), viewer.at(*stop))
    viewer.press("a")
    for point in ((300, 600), (300, 200), (700, 200)):
        viewer.page.mouse.click(*viewer.at(*point))
    length, ratio, angle = viewer.state()["results"]
    assert (length["unit"], length["value"]) == ("px", pytest.approx(np.hypot(300, 250 * 1.6), rel=0.01))
    assert ratio["value"] == pytest.approx((60 + 180) / 500, rel=0.01)
    assert "CTR 0.48" in ratio["text"]
    assert angle["value"] == pytest.approx(90, abs=0.5)
    viewer.press("Control+z")
    assert len(viewer.state()["results"]) == 2
    viewer.press("Delete", "Delete")
    assert viewer.state()["results"] == []


def test_points_can_be_set_by_keys_alone(viewer: OpenViewer) -> None:
    viewer.open()
    viewer.press("l", "ArrowLeft", "ArrowLeft", "Enter", *["ArrowRight"] * 10, "Enter")
    (length,) = viewer.state()["results"]
    assert length["value"] == pytest.approx(100 / viewer.state()["scale"] * 0.14, rel=0.01)
    viewer.press("w", "Shift+ArrowRight", "ArrowUp")
    assert viewer.state()["window"]["width"] > 2600
    assert viewer.state()["view"]["centre"][1] < 0.5


def test_layouts_links_and_held_keys(viewer: OpenViewer) -> None:
    viewer.open(films="chest,padded", layout="beside", box="1")
    viewer.press("t") if not viewer.state()["preferences"]["heat"] else None
    viewer.wait(1)
    assert viewer.layer("readHeat", 0)[..., 3].max() == 0
    assert viewer.layer("readHeat", 1)[..., 3].max() > 0
    np.testing.assert_array_equal(viewer.grey(0), viewer.grey(1)[:, : viewer.grey(0).shape[1]])
    viewer.shot("viewer-beside")
    viewer.page.mouse.move(*viewer.at(1200, 1200, 1))
    viewer.page.mouse.wheel(0, -300)
    assert viewer.state(0)["scale"] == viewer.state(1)["scale"] > 0.25
    viewer.page.keyboard.down("h")
    viewer.page.wait_for_timeout(100)
    assert viewer.layer("readHeat", 1)[..., 3].max() == 0
    viewer.page.keyboard.up("h")
    assert viewer.layer("readHeat", 1)[..., 3].max() > 0
    viewer.press("i")
    inverted = viewer.grey(1)
    viewer.page.keyboard.down("o")
    viewer.page.wait_for_timeout(100)
    assert (viewer.grey(1) != inverted).mean() > 0.2
    assert viewer.layer("readHeat", 1)[..., 3].max() == 0
    viewer.page.keyboard.up("o")
    np.testing.assert_array_equal(viewer.grey(1), inverted)

    viewer.press("s")
    viewer.wait(1)
    assert [viewer.state(k)["id"] for k in (0, 1)] == ["chest", "padded"]
    viewer.press("k")
    before = viewer.state(0)["scale"]
    viewer.page.mouse.move(*viewer.at(1200, 1200, 1))
    viewer.page.mouse.wheel(0, -300)
    assert viewer.state(0)["scale"] == before < viewer.state(1)["scale"]
    viewer.press("s", "n")
    assert viewer.state()["id"] == "padded"
    scale = viewer.state()["view"]["zoom"]
    viewer.press("n", "n")
    assert viewer.state()["view"]["zoom"] == scale


def test_another_part_of_the_page_chooses_a_finding(viewer: OpenViewer) -> None:
    viewer.open(films="chest,padded")
    viewer.quiet()
    choose = "([film, name]) => window.dispatchEvent(new CustomEvent('chexview:finding', {detail: {film, name}}))"
    for film, name, expected in ((None, "Edema", "Edema"), ("chest", "Mass", "Mass"), ("padded", "Hernia", "Mass")):
        viewer.page.evaluate(choose, [film, name])
        assert viewer.state()["finding"] == expected
    assert viewer.traffic == []


def test_what_was_done_to_a_film_is_there_again(viewer: OpenViewer) -> None:
    """Another film in the same place and back; then all films forgotten on the server, and brought again."""
    viewer.open(films="chest,padded", single="1")
    viewer.press("i", "+", "l")
    viewer.drag(viewer.at(600, 1000), viewer.at(1800, 1500))
    before = viewer.state()
    following = viewer.page.get_by_role("button", name="Next film")
    identity = f"number => {HOST}?.state(0).id === number && {HOST}.ready(0)"
    following.click()
    viewer.page.wait_for_function(identity, arg="padded")
    assert viewer.state()["results"] == [] and not viewer.state()["view"]["invert"]
    viewer.quiet()
    following.click()
    viewer.page.wait_for_function(identity, arg="chest")
    viewer.wait()
    assert viewer.state() == before
    assert not any("/film/" in url for url in viewer.traffic)
    viewer.page.get_by_role("button", name="Forget films").click()
    viewer.page.wait_for_timeout(1500)
    viewer.wait()
    assert any("/film/" in url for url in viewer.traffic)
    assert viewer.state() == before


def test_two_fingers_pinch_and_one_windows(viewer: OpenViewer) -> None:
    viewer.open()
    send = """(steps) => {
        const stage = document.querySelector('[data-testid=stBidiComponentIsolated]').shadowRoot.querySelector('.stage');
        for (const [kind, id, x, y] of steps) stage.dispatchEvent(new PointerEvent(kind, { pointerId: id, pointerType: 'touch',
            clientX: x, clientY: y, button: 0, bubbles: true })); }"""
    x, y = viewer.at(1250, 1500)
    viewer.page.evaluate(send, [["pointerdown", 1, x, y], ["pointermove", 1, x + 40, y], ["pointerup", 1, x + 40, y]])
    window = viewer.state()["window"]
    assert window["width"] > 2600
    scale = viewer.state()["scale"]
    fingers = [["pointerdown", 1, x - 50, y], ["pointerdown", 2, x + 50, y]]
    moves = [
        ["pointermove", 1, x - 100, y],
        ["pointermove", 2, x + 100, y],
        ["pointerup", 1, x - 100, y],
        ["pointerup", 2, x + 100, y],
    ]
    viewer.page.evaluate(send, [*fingers, *moves])
    assert viewer.state()["scale"] == pytest.approx(2 * scale, rel=0.01)
    assert viewer.at(1250, 1500) == pytest.approx((x, y), abs=2)
    assert viewer.state()["window"] == window


def test_a_lost_film_is_asked_for_and_comes(viewer: OpenViewer) -> None:
    viewer.page.goto(f"{viewer.address}/?dead=1")
    expect(viewer.page.get_by_text("lost: ['chest']")).to_be_visible()
    viewer.wait()
    assert viewer.state()["trouble"] == ""
    assert viewer.grey().max() > 0
    viewer.wrong[:] = [text for text in viewer.wrong if "404" not in text]


def test_the_automatic_painter_draws(viewer: OpenViewer) -> None:
    """Which one it is depends on the machine; without a GPU it is the 2D canvas after the first frames."""
    viewer.open()
    print(f"\npainter without a wish: {viewer.ask('painter')}, frames {viewer.ask('frames')['times'][:6]}")
    assert viewer.grey().max() > 0


def test_the_pace_of_a_window_drag(viewer: OpenViewer) -> None:
    """Prints the frame rate of a drag on a 3000 x 2500 film on the 2D canvas; asserts nothing of time."""
    viewer.open(painter="2d")
    box = viewer.page.locator(".viewer .stage").bounding_box()
    assert box is not None
    times = viewer.page.evaluate(
        """async ([x, y]) => {
            const stage = document.querySelector('[data-testid=stBidiComponentIsolated]').shadowRoot.querySelector('.stage');
            const send = (kind, dx) => stage.dispatchEvent(new PointerEvent(kind, { pointerId: 1, button: 0, buttons: 1,
                clientX: x + dx, clientY: y + dx / 3, bubbles: true }));
            const times = [];
            send('pointerdown', 0);
            let last = performance.now();
            for (let at = 1; at <= 90; at += 1) {
                send('pointermove', at * 2);
                await new Promise(requestAnimationFrame);
                times.push(performance.now() - last);
                last = performance.now();
            }
            send('pointerup', 180);
            return times; }""",
        [box["x"] + 300, box["y"] + 200],
    )
    own = viewer.ask("frames")["times"][-90:]
    print(
        f"\n2D window drag: {1000 / np.median(times):.0f} frames a second (95 % of frames within "
        f"{np.percentile(times, 95):.0f} ms), drawing {np.median(own):.1f} ms a frame"
    )
    assert viewer.state()["window"]["width"] > 2600
