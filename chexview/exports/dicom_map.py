"""DICOM parametric map: what each cell of the network adds to each finding's log-odds, as the float numbers they are.

A frame a finding, in the order of the checkpoint; a pixel is a cell of the network's grid, not a pixel of the film. The sum of a
frame and the finding's base, which stands in the explanation of the frame's values, is its log-odds. A radiograph has no place in
the patient, so the map has a frame of reference of its own: the film's plane, its origin at the middle of the first cell.
"""

import numpy as np
from highdicom import UID, VOILUTTransformation
from highdicom import pm as hd
from pydicom.dataset import Dataset

from chexview.errors import ExportError
from chexview.exports import dicom_codes as codes
from chexview.exports.dicom_source import NewSeries, concept, origin_of, refused_values, source, written
from chexview.exports.film_result import FilmResult
from chexview.findings import title
from chexview.model.reading import FindingScore, Reading
from chexview.text.result import withheld_words

NUMBER = 9604
"""The number of the series."""
UNKNOWN_MM = 1.0
"""What is written as a cell's side where the film's spacing is not known: DICOM asks for a length."""


def parametric_map(result: FilmResult) -> bytes:
    """The map as a DICOM file. Raises ExportError if no score is given, or the film is no DICOM object of a study."""
    origin_of(result.film)
    reading = result.reading
    if reading is None:
        raise ExportError(withheld_words(result.withheld))
    cells = np.moveaxis(reading.cell_contributions.astype(np.float32), 0, -1)[None]
    reach = float(np.abs(cells).max()) or 1.0
    series = NewSeries(result.card, NUMBER, "contributions")
    with refused_values():
        made = hd.ParametricMap(
            source_images=[_grid(result, reading)],
            pixel_array=cells,
            contains_recognizable_visual_features=False,
            real_world_value_mappings=[[_values(score, reach)] for score in reading.findings],
            voi_lut_transformations=[VOILUTTransformation(0.0, 2.0 * reach, voi_lut_function="LINEAR_EXACT")],
            content_label="CONTRIBUTIONS",
            content_description="What each cell adds to a finding's log-odds",
            **series.device,
            **series.arguments,
        )
        made.BodyPartExamined = "CHEST"
    return written(made, result.film)


def _values(score: FindingScore, reach: float) -> hd.RealWorldValueMapping:
    return hd.RealWorldValueMapping(
        lut_label=title(score.name)[:16],
        lut_explanation=f"base {score.base:.8g} + sum = log-odds {score.log_odds:.8g}"[:64],
        unit=concept(codes.NO_UNITS),
        value_range=(-reach, reach),
        slope=1.0,
        intercept=0.0,
        quantity_definition=concept(codes.CLASS_ACTIVATION),
    )


def _grid(result: FilmResult, reading: Reading) -> Dataset:
    """The film's object with the network's cells for its matrix, in a frame of reference of their own."""
    film, where = result.film, reading.rectangle
    grid = source(film)
    rows, columns = reading.cell_contributions.shape[1:]
    grid.Rows, grid.Columns = rows, columns
    spacing = [UNKNOWN_MM, UNKNOWN_MM]
    if film.spacing is not None:
        film_rows, film_columns = film.pixels.shape
        spacing = [
            round(film.spacing.row_mm * film_rows / (where.height * rows), 6),
            round(film.spacing.column_mm * film_columns / (where.width * columns), 6),
        ]
    grid.PixelSpacing = spacing
    grid.FrameOfReferenceUID = str(UID())
    grid.PositionReferenceIndicator = ""
    grid.ImagePositionPatient = [0.0, 0.0, 0.0]
    grid.ImageOrientationPatient = [1.0, 0.0, 0.0, 0.0, 0.0, -1.0]
    grid.SliceThickness = 1.0
    return grid
