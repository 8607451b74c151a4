"""The one rectangle: a part of a picture, its sides as shares of the picture's width and height.

Left and right count from the left edge, top and bottom from the upper one; a whole picture is 0, 0, 1, 1.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Rectangle:
    """A part of a picture, of a film or of the network's square input, in shares from 0 to 1."""

    left: float
    top: float
    right: float
    bottom: float

    @classmethod
    def of_size(cls, left: float, top: float, width: float, height: float) -> "Rectangle":
        """From its upper left corner and its size."""
        return cls(left, top, left + width, top + height)

    @property
    def width(self) -> float:
        """From left to right, as a share of the picture's width."""
        return self.right - self.left

    @property
    def height(self) -> float:
        """From top to bottom, as a share of the picture's height."""
        return self.bottom - self.top

    def slices(self, rows: int, columns: int) -> tuple[slice, slice]:
        """Its rows and columns in a picture of so many, at least one of each."""
        top, left = min(rows - 1, round(self.top * rows)), min(columns - 1, round(self.left * columns))
        bottom, right = max(top + 1, round(self.bottom * rows)), max(left + 1, round(self.right * columns))
        return slice(top, min(rows, bottom)), slice(left, min(columns, right))


WHOLE = Rectangle(0.0, 0.0, 1.0, 1.0)
"""The whole picture."""


@dataclass(frozen=True, slots=True)
class CellGrid:
    """The cells of a network's map, and the part ``place`` of its square input that the film fills."""

    rows: int
    columns: int
    place: Rectangle
