"""Patient Orientation: how a frontal film is turned to show the patient's left on the viewer's right, head up."""

from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import numpy.typing as npt
from pydicom.dataset import Dataset

from chexview.films import elements
from chexview.films.radiograph import View

_Pixel = TypeVar("_Pixel", bound=np.generic)


@dataclass(frozen=True, slots=True)
class Turn:
    """What is done to rows and columns, transposed first."""

    transpose: bool = False
    flip_rows: bool = False
    flip_columns: bool = False

    @property
    def is_none(self) -> bool:
        """Whether the film stands as it should."""
        return not (self.transpose or self.flip_rows or self.flip_columns)

    @property
    def words(self) -> str:
        """What is done, as text for people."""
        done = (
            ("rows and columns exchanged", self.transpose),
            ("upside down", self.flip_rows),
            ("mirrored", self.flip_columns),
        )
        return ", ".join(text for text, is_done in done if is_done)

    def apply(self, pixels: npt.NDArray[_Pixel]) -> npt.NDArray[_Pixel]:
        """Pixels (rows, columns) or a mask, turned."""
        pixels = pixels.T if self.transpose else pixels
        pixels = pixels[::-1] if self.flip_rows else pixels
        return pixels[:, ::-1] if self.flip_columns else pixels


def turn(dataset: Dataset, view: View) -> Turn:
    """How to turn a film so that rows run to the patient's left and columns to the feet (PS3.3 C.7.6.1.1.1).

    Only frontal films (and those that may be) whose orientation names a left or right and a head or feet are turned.
    """
    both = [value[:1] for value in elements.codes(dataset, "PatientOrientation")[:2]]
    if view is View.LATERAL or len(both) < 2:
        return Turn()
    along_rows, along_columns = both
    if along_rows in "LR" and along_columns in "FH" and along_rows and along_columns:
        return Turn(False, along_columns == "H", along_rows == "R")
    if along_rows in "FH" and along_columns in "LR" and along_rows and along_columns:
        return Turn(True, along_rows == "H", along_columns == "R")
    return Turn()
