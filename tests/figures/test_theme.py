"""Contrast and colour scales by their definitions (WCAG 2.2, CIE 1976)."""

import itertools

import numpy as np
import pytest

from chexview.evaluation.confusion import Cell
from chexview.figures import colours
from chexview.figures.theme import CONFIG, DARK, LIGHT, STATIC, Mode, Theme, message, rgba, style_sheet, theme

PAGES = {Mode.LIGHT: ("#FFFFFF", "#FAFAF8"), Mode.DARK: ("#171614", "#0E1117")}


def _luminance(colour: str) -> float:
    channels = np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    linear = np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)
    return float(linear @ [0.2126, 0.7152, 0.0722])


def _contrast(one: str, other: str) -> float:
    low, high = sorted((_luminance(one), _luminance(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("look", [LIGHT, DARK])
def test_lines_reach_3_to_1_and_words_4_5_to_1(look: Theme) -> None:
    for page in PAGES[look.mode]:
        for colour in (*look.series, look.warm, look.cool, *look.cells.values()):
            assert _contrast(colour, page) >= 3, (colour, page)
        for colour in (look.ink, look.muted):
            assert _contrast(colour, page) >= 4.5, (colour, page)
    assert _contrast(look.ink, look.card) >= 4.5
    assert len(set(look.series)) == 5 and len(set(look.cells.values())) == 4
    assert f"--fn: {look.cells[Cell.FALSE_NEGATIVE]};" in style_sheet(look)


def test_theme_of_the_browser() -> None:
    assert theme("dark") is DARK
    assert theme("light") is theme(None) is LIGHT
    assert rgba("#FF8000", 0.5) == "rgba(255,128,0,0.5)"


def test_no_chart_offers_to_send_its_data_to_a_server() -> None:
    for config in (CONFIG, STATIC):
        assert config["showSendToCloud"] is False and config["plotlyServerURL"] == ""
    assert CONFIG["doubleClick"] is False


def test_message_says_why() -> None:
    figure = message("No curve: no film with the finding.", DARK, 200)
    assert figure.layout.annotations[0].text == "No curve: no film with the finding."


def _lightness(table: np.ndarray) -> np.ndarray:
    """CIE L* of uint8 (n, 3)."""
    y = np.array([_luminance("#" + bytes(colour).hex()) for colour in table.tolist()])
    return np.where(y > 216 / 24389, 116 * np.cbrt(y) - 16, y * 24389 / 27)


def test_scale_darkens_evenly_to_both_sides_and_is_no_rainbow() -> None:
    table = colours.TABLE
    assert table.shape == (256, 3) and table.dtype == np.uint8
    lightness = _lightness(table)
    assert (np.diff(lightness[:128]) > -0.6).all() and (np.diff(lightness[128:]) < 0.6).all()
    assert np.abs(np.diff(lightness)).max() < 1.5
    assert np.abs(lightness - lightness[::-1]).max() < 6
    cool, warm = table[0].astype(int), table[-1].astype(int)
    assert cool[2] > cool[0] + 100 and warm[0] > warm[2] + 100
    with pytest.raises(ValueError, match="read-only"):
        table[0, 0] = 1


def test_zero_is_transparent_and_opacity_rises_with_the_value() -> None:
    values = np.linspace(0, 3, 50)
    for sign in (1, -1):
        layer = colours.rgba(sign * values, 2.0)
        alpha = layer[:, 3].astype(int)
        assert alpha[0] == 0 and (np.diff(alpha) >= 0).all()
        assert alpha[-1] == round(255 * colours.OPACITY)
        np.testing.assert_array_equal(layer[-1, :3], colours.TABLE[-1 if sign == 1 else 0])
    assert colours.rgba(np.zeros((2, 3)), 1.0).shape == (2, 3, 4)
    assert colours.rgba(0.04, 4.0)[3] <= 2
    for scale in (0.0, -1.0, float("nan")):
        with pytest.raises(ValueError, match="above 0"):
            colours.rgba(values, scale)


def test_blending_leaves_the_film_where_nothing_speaks() -> None:
    picture = np.arange(12, dtype=np.uint8).reshape(3, 4)
    same = colours.blend(picture, colours.rgba(np.zeros((3, 4)), 1.0))
    np.testing.assert_array_equal(same, np.repeat(picture[..., None], 3, axis=-1))
    full = colours.blend(picture, colours.rgba(np.full((3, 4), 9.0), 1.0, opacity=1.0))
    np.testing.assert_array_equal(full[0, 0], colours.TABLE[-1])


def test_neighbouring_series_differ_for_colour_blind_eyes() -> None:
    """Machado, Oliveira & Fernandes 2009: severity 1 deuteranopia and protanopia, on linear RGB."""
    matrices = (
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]],
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    )
    for look, matrix in itertools.product((LIGHT, DARK), matrices):
        channels = np.array([[int(c[i : i + 2], 16) for i in (1, 3, 5)] for c in look.series[:3]]) / 255
        seen = (channels**2.2 @ np.array(matrix).T).clip(0, 1) ** (1 / 2.2)
        for one, other in itertools.combinations(seen, 2):
            assert np.linalg.norm(one - other) > 0.2
