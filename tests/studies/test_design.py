"""The order of films is random, reproducible and each reader's own; a design comes back as it was stored."""

from collections import Counter
from dataclasses import replace

import pytest

from chexview.errors import StudyError
from chexview.studies.design import StudyFilm, parse
from tests.studies.builders import design


def test_an_order_is_the_same_every_time_and_holds_every_film_once() -> None:
    made = design(40)
    assert made.order("Ada") == parse(made.to_json()).order("Ada")
    assert Counter(made.order("Ada")) == Counter(made.films)
    assert made.order("Ada") != made.order("Bo")
    assert made.order("Ada") != design(40, seed=8).order("Ada")


def test_every_film_comes_first_for_some_reader_about_equally_often() -> None:
    made = design(4)
    firsts = Counter(made.order(f"reader {k}")[0].id for k in range(2000))
    assert all(430 < count < 570 for count in firsts.values()), firsts
    assert len(firsts) == 4


def test_the_design_survives_its_file() -> None:
    made = design()
    assert parse(made.to_json()) == made
    assert parse(made.to_json()).digest == made.digest
    assert replace(made, seed=8).digest != made.digest


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"films": ()}, "1 to 2,000 films"),
        ({"films": (StudyFilm("a"), StudyFilm("a"))}, "twice"),
        ({"findings": ()}, "needs findings"),
        ({"findings": ("Gout",)}, "'Gout' is not a finding"),
        ({"title": "  "}, "title"),
        ({"schema_version": 2}, "schema version 1"),
    ],
)
def test_a_design_that_cannot_be_is_refused(change: dict[str, object], sentence: str) -> None:
    with pytest.raises(StudyError, match=sentence):
        parse(replace(design(), **change).to_json())  # type: ignore[arg-type]
