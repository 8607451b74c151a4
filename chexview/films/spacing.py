"""Millimetres and the shape of a pixel, and what the millimetres measure (PS3.3 10.7, C.7.6.3.1.7)."""

import math

from pydicom.dataset import Dataset

from chexview.films import elements
from chexview.films.elements import label
from chexview.films.radiograph import Caution, CautionKind, Plane, Spacing

_SMALLEST, _LARGEST = 0.005, 20.0
_MOST_MAGNIFIED = 3.0
_MOST_STRETCHED = 4.0
_SQUARE = 0.005

_Pair = tuple[float, float]


def spacing(dataset: Dataset) -> tuple[Spacing | None, tuple[Caution, ...]]:
    """The spacing of rows and columns of the stored matrix in mm, or None if the header does not tell, and cautions.

    Calibrated Pixel Spacing is in the patient; so is a detector's spacing over a stated magnification. All else is at
    the detector, where a chest looks 5 to 20 % larger than it is.
    """
    cautions: list[Caution] = []
    pixel, imager = _pair(dataset, "PixelSpacing", cautions), _pair(dataset, "ImagerPixelSpacing", cautions)
    calibration = elements.code(dataset, "PixelSpacingCalibrationType")
    if pixel is not None and calibration in ("GEOMETRY", "FIDUCIAL"):
        return Spacing(*pixel, Plane.PATIENT, f"{label('PixelSpacing')}, calibrated ({calibration})"), tuple(cautions)
    if pixel is not None and imager is not None and pixel != imager:
        source = f"{label('PixelSpacing')}, which differs from {label('ImagerPixelSpacing')}"
        return Spacing(*pixel, Plane.PATIENT, source), tuple(cautions)
    keyword, pair = "ImagerPixelSpacing", imager
    if pair is None:
        keyword, pair = "PixelSpacing", pixel
    if pair is None:
        keyword, pair = "NominalScannedPixelSpacing", _pair(dataset, "NominalScannedPixelSpacing", cautions)
    if pair is None:
        return None, tuple(cautions)
    factor, source = _magnification(dataset)
    if factor is not None and keyword != "NominalScannedPixelSpacing":
        source = f"{label(keyword)} over {source} {factor:.3g}"
        return Spacing(pair[0] / factor, pair[1] / factor, Plane.PATIENT, source), tuple(cautions)
    return Spacing(*pair, Plane.DETECTOR, label(keyword)), tuple(cautions)


def aspect(dataset: Dataset) -> tuple[float, tuple[Caution, ...]]:
    """The height of a pixel over its width, and cautions: from a spacing, else Pixel Aspect Ratio; 1 if neither."""
    source, ratio = "PixelAspectRatio", None
    for keyword in ("PixelSpacing", "ImagerPixelSpacing", "NominalScannedPixelSpacing"):
        pair = _pair(dataset, keyword, [])
        if pair is not None:
            source, ratio = keyword, pair[0] / pair[1]
            break
    if ratio is None and elements.is_present(dataset, source):
        values = elements.numbers(dataset, source)
        if len(values) != 2 or not all(value is not None and 0.0 < value < 1e6 for value in values):
            text = f"{label(source)} is not two positive numbers; pixels are taken as square."
            return 1.0, (Caution(CautionKind.GEOMETRY, text),)
        ratio = float(values[0] or 1.0) / float(values[1] or 1.0)
    if ratio is None or abs(ratio - 1.0) < _SQUARE:
        return 1.0, ()
    if not 1.0 / _MOST_STRETCHED <= ratio <= _MOST_STRETCHED:
        text = f"{label(source)} asks for pixels {ratio:.3g} times as tall as wide; they are taken as square."
        return 1.0, (Caution(CautionKind.GEOMETRY, text),)
    return ratio, ()


def _pair(dataset: Dataset, keyword: str, cautions: list[Caution]) -> _Pair | None:
    if not elements.is_present(dataset, keyword):
        return None
    values = elements.numbers(dataset, keyword)
    row, column = (values[0], values[1]) if len(values) == 2 else (None, None)
    if row is not None and column is not None and _SMALLEST <= row <= _LARGEST and _SMALLEST <= column <= _LARGEST:
        return row, column
    text = f"{label(keyword)} is not two lengths that a film can have; the size of a pixel is unknown."
    cautions.append(Caution(CautionKind.SPACING, text))
    return None


def _magnification(dataset: Dataset) -> tuple[float | None, str]:
    """The stated magnification and its source (PS3.3 C.8.7.2)."""
    stated = elements.number(dataset, "EstimatedRadiographicMagnificationFactor")
    if stated is not None and math.isfinite(stated) and 1.0 <= stated <= _MOST_MAGNIFIED:
        return stated, label("EstimatedRadiographicMagnificationFactor")
    detector, patient = (elements.number(dataset, f"DistanceSourceTo{end}") for end in ("Detector", "Patient"))
    if detector and patient and math.isfinite(detector) and patient > 0.0:
        factor = detector / patient
        if 1.0 <= factor <= _MOST_MAGNIFIED:
            return factor, f"{label('DistanceSourceToDetector')} by {label('DistanceSourceToPatient')},"
    return None, ""
