"""The rectangle: one order of its sides."""

from chexview.geometry import WHOLE, Rectangle


def test_a_rectangle_by_its_sides_and_by_its_size() -> None:
    part = Rectangle(left=0.25, top=0.5, right=0.75, bottom=1.0)
    assert part == Rectangle(0.25, 0.5, 0.75, 1.0) == Rectangle.of_size(0.25, 0.5, 0.5, 0.5)
    assert (part.width, part.height) == (0.5, 0.5)
    assert (WHOLE.width, WHOLE.height) == (1.0, 1.0)
