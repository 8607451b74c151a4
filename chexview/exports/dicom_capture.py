"""DICOM secondary captures for viewers that show nothing else: film, heatmap, outline, numbers and notice as one picture in RGB.

A capture a flagged finding, the farthest over its threshold first and six at most; where nothing is flagged, or no score
is given, one of the bare film that says so. Uncompressed, derived, text burnt in and declared so.
"""

from typing import Any

from highdicom import sc as hd
from pydicom.uid import ExplicitVRLittleEndian

from chexview.exports.dicom_source import NewSeries, origin_of, refused_values, source, written
from chexview.exports.film_picture import LONGEST, MOST, captioned_picture
from chexview.exports.film_result import FilmResult
from chexview.films.grey import display_shape
from chexview.films.radiograph import Radiograph
from chexview.findings import title
from chexview.viewer.scene import edges_of

NUMBER = 9603
"""The number of the series."""


def secondary_captures(result: FilmResult) -> tuple[bytes, ...]:
    """The captures as DICOM files of one series. Raises ExportError if the film is no DICOM object of a study."""
    origin_of(result.film)
    series = NewSeries(result.card, NUMBER, "pictures")
    shown = [score.name for score in result.flagged][:MOST] or [""]
    uid = series.arguments["series_instance_uid"]
    return tuple(_capture(result, finding, number, uid) for number, finding in enumerate(shown, 1))


def _capture(result: FilmResult, finding: str, number: int, series_uid: str) -> bytes:
    film = result.film
    series = NewSeries(result.card, NUMBER, "pictures")
    arguments = {**series.arguments, "series_instance_uid": series_uid, "instance_number": number}
    edges = edges_of(film)
    with refused_values():
        capture = hd.SCImage.from_ref_dataset(
            source(film),
            pixel_array=captioned_picture(result, finding),
            photometric_interpretation="RGB",
            bits_allocated=8,
            coordinate_system="PATIENT",
            patient_orientation=(edges.right, edges.bottom) if edges.right and edges.bottom else ("L", "F"),
            transfer_syntax_uid=ExplicitVRLittleEndian,
            pixel_spacing=_spacing(film),
            **series.device,
            **arguments,
        )
        capture.BodyPartExamined = "CHEST"
        capture.ImageType = ["DERIVED", "SECONDARY"]
        capture.BurnedInAnnotation = "YES"
        capture.ImageComments = f"Heatmap of {title(finding)}" if finding else "The film without a heatmap"
        capture.DerivationDescription = "Film under its first window, with CheXView's heatmap, outline and numbers"
    return written(capture, film)


def _spacing(film: Radiograph) -> Any:
    """Millimetres of a pixel of the picture, down and across, after shrinking; None if the film's are not known.

    highdicom's own annotation asks for whole numbers, which millimetres are not.
    """
    if film.spacing is None:
        return None
    rows, columns = film.pixels.shape
    display_rows, display_columns = display_shape(film)
    factor = min(1.0, LONGEST / max(display_rows, display_columns))
    down = film.spacing.row_mm * rows / max(1, round(display_rows * factor))
    across = film.spacing.column_mm * columns / max(1, round(display_columns * factor))
    return round(down, 6), round(across, 6)
