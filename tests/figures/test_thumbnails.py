"""SmallCurve multiples: the curve's own points on the square, and words for those who do not see them."""

import re
from base64 import b64decode

from chexview.figures.theme import DARK
from chexview.figures.thumbnails import SmallCurve, small_multiples


def test_points_lie_where_they_should_and_texts_are_escaped() -> None:
    page = small_multiples(
        [
            SmallCurve("Mass <b>", "0.71", ((0, 0), (0.25, 0.5), (1, 1)), (0.25, 0.5), chosen=True),
            SmallCurve("Hernia", "0.90", ((0, 0), (1, 1)), None),
        ],
        DARK,
    )
    drawn = "".join(b64decode(text).decode() for text in re.findall(r"base64,([^']*)'", page))
    lines = re.findall(r"points='([^']*)'", drawn)
    assert lines == ["0.0,100.0 25.0,50.0 100.0,0.0", "0.0,100.0 100.0,0.0"]
    assert drawn.count("<circle cx='25.0' cy='50.0'") == 1 and page.count("<figure class=chosen>") == 1
    assert "Mass &lt;b&gt;" in page and "alt='ROC curve of Hernia, 0.90'" in page
