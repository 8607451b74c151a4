"""DICOM GSPS: the outlines of a film's flagged findings as a presentation state, which a viewer lays over the film and takes off.

The film is shown as CheXView shows it first: its rescale, its first window or table, its inversion. Outlines are polylines in the
film's own pixels, each with a line of text beside it; where nothing is flagged, or no score is given, the state says so in words.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np
from highdicom import VOILUT, ModalityLUTTransformation, PresentationLUTTransformation
from highdicom import pr as hd
from highdicom.color import CIELabColor

from chexview.errors import ExportError
from chexview.exports.dicom_source import NewSeries, origin_of, refused_values, source, written
from chexview.exports.film_result import FilmResult
from chexview.exports.outlines import outlines, stored_points
from chexview.exports.records import NOTICE
from chexview.films.grey import display_shape
from chexview.films.radiograph import DicomOrigin, Radiograph, VoiTable
from chexview.findings import title
from chexview.text.reading import chance
from chexview.text.result import flagged_sentence, model_words, withheld_words

NUMBER = 9602
"""The number of the series."""
LAYER = "CHEXVIEW"
COLOUR = CIELabColor(75.0, 25.0, 65.0)
"""A warm yellow that is seen on black and on white."""
LINE = 0.025
"""Height of a line of text, as a share of the film's rows."""


def presentation_state(result: FilmResult) -> bytes:
    """The state as a DICOM file.

    Raises ExportError if the film is no DICOM object of a study, or one that a grey presentation state cannot show: in
    colours, or with a Modality LUT.
    """
    film = result.film
    origin, image = origin_of(film), source(film)
    if origin.slope is None:
        raise ExportError(
            "The film is in colours or has a Modality LUT, and presentation states are written for films without; "
            "a secondary capture shows its outlines."
        )
    series = NewSeries(result.card, NUMBER, "outlines")
    with refused_values():
        layer = hd.GraphicLayer(LAYER, order=1, description="Outlines of flagged findings", display_color=COLOUR)
        state = hd.GrayscaleSoftcopyPresentationState(
            referenced_images=[image],
            content_label=LAYER,
            content_description=NOTICE[:64],
            graphic_annotations=[
                hd.GraphicAnnotation([image], layer, **objects) for objects in _annotations(result, origin)
            ],
            graphic_layers=[layer],
            modality_lut_transformation=ModalityLUTTransformation(origin.intercept, origin.slope, "US"),
            voi_lut_transformations=[_voi(film)],
            presentation_lut_transformation=PresentationLUTTransformation("INVERSE" if film.inverted else "IDENTITY"),
            **series.device,
            **series.arguments,
        )
        state.BodyPartExamined = "CHEST"
        if film.pixel_aspect != 1.0:
            aspect = 1.0 / film.pixel_aspect if origin.transposed else film.pixel_aspect
            for area in state.DisplayedAreaSelectionSequence:
                area.PresentationPixelAspectRatio = [round(10000 * aspect), 10000]
    return written(state, film)


def _annotations(result: FilmResult, origin: DicomOrigin) -> Iterator[dict[str, Any]]:
    """What each annotation holds: first the words about the whole film, then a finding's outlines with its name."""
    reading = result.reading
    said = flagged_sentence(reading, result.card) if reading is not None else withheld_words(result.withheld)
    words = [f"CheXView: {said}", f"{model_words(result.card)}. {NOTICE}"]
    yield {"text_objects": [_text(line, 0.01, 0.01 + LINE * number, origin) for number, line in enumerate(words)]}
    if reading is None:
        return
    for score in result.flagged:
        found = outlines(reading, score.name, display_shape(result.film))
        if not found:
            continue
        lines = [stored_points(line, origin) for line in found]
        left, top = lines[0].min(axis=0) / (origin.columns, origin.rows)
        yield {
            "graphic_objects": [hd.GraphicObject("POLYLINE", points, "PIXEL") for points in lines],
            "text_objects": [_text(f"{title(score.name)} {chance(score)}", left, max(0.0, top - LINE), origin)],
        }


def _text(words: str, left: float, top: float, origin: DicomOrigin) -> hd.TextObject:
    """A line of text whose upper left corner lies there, in shares of the stored matrix."""
    box = (
        min(left, 0.9) * origin.columns,
        min(top, 1.0 - LINE) * origin.rows,
        float(origin.columns),
        min(top + LINE, 1.0) * origin.rows,
    )
    return hd.TextObject(words[:1024], "PIXEL", bounding_box=box, text_justification="LEFT")


def _voi(film: Radiograph) -> hd.SoftcopyVOILUTTransformation:
    """The film's first view."""
    view = film.views[0]
    if isinstance(view, VoiTable):
        full = np.rint(view.values.astype(np.float64) * (65535.0 / (2**view.bits - 1))).clip(0, 65535)
        return hd.SoftcopyVOILUTTransformation(voi_luts=[VOILUT(round(view.first), full.astype(np.uint16))])
    return hd.SoftcopyVOILUTTransformation(
        window_center=view.centre,
        window_width=view.width,
        window_explanation=view.name[:64] or None,
        voi_lut_function=view.function.value,
    )
