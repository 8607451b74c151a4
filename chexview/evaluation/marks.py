"""Where a run's class maps peak, on the films that radiologists outlined: its marks, as free-response curves judge them.

``marks.parquet`` of a run holds one row a mark: image, finding, x and y as shares of the film's width and height, and the
rating: the network output of a film all of whose cells are like the peak's. The highest cell of a map is a mark whatever its
sign, as a reader would look there first.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt
import pandas as pd

from chexview.calibration import Calibration
from chexview.evaluation.free_response import AreaGain, FreeResponse, MarkedFilm, RatedMark, gain, marks_of
from chexview.evaluation.references import ReferenceStandard
from chexview.evaluation.run import ValidationRun
from chexview.findings import COMPOSITES

MOST = 5
"""Marks of a finding on a film that are kept, the highest ones."""
GRID = 64
"""Cells across of the grid on which the regions of other films are counted."""


def peaks(
    images: Sequence[str],
    maps: npt.NDArray[np.float32],
    biases: npt.NDArray[np.floating],
    findings: Sequence[str],
) -> pd.DataFrame:
    """The marks of films by their class maps (films, findings, h, w) of the whole film; ``biases`` (findings,) turn cells into
    network outputs."""
    found = [
        (image, finding, mark.x, mark.y, mark.rating)
        for image, film in zip(images, maps, strict=True)
        for finding, heatmap, bias in zip(findings, film, biases, strict=True)
        for mark in marks_of(heatmap + bias, floor=-np.inf, most=MOST)
    ]
    frame = pd.DataFrame(found, columns=["image", "finding", "x", "y", "rating"])
    return frame.astype({name: np.float32 for name in ("x", "y", "rating")})


@dataclass(frozen=True, slots=True, eq=False)
class Placed:
    """A run's marks of one finding judged by radiologists' regions, beside a control that never saw a film: one mark a film, with
    the rating of the film's highest mark, where the regions of other patients' films lie most often.

    ``lacking`` counts films of the list that the reference judges and the run has no marks of.
    """

    finding: str
    model: FreeResponse
    control: FreeResponse
    lacking: int

    @property
    def lroc_gain(self) -> AreaGain | None:
        """The area under the LROC curve, less the control's."""
        return gain(self.model.lroc_replicates, self.control.lroc_replicates, self.model.lroc_selection)

    @property
    def weighted_afroc_gain(self) -> AreaGain | None:
        """The area under the weighted AFROC curve, less the control's."""
        one, other = self.model.weighted_afroc_replicates, self.control.weighted_afroc_replicates
        return gain(one, other, self.model.afroc_selection)

    @property
    def patients(self) -> int:
        """How many patients the films are of."""
        return len({film.patient for film in self.model.films})

    @property
    def regions(self) -> int:
        """How many regions there are on all films together."""
        return sum(len(film.regions) for film in self.model.films)

    @property
    def films_with(self) -> int:
        """How many films have at least one."""
        return sum(bool(film.regions) for film in self.model.films)


@lru_cache(maxsize=32)
def placed(run: ValidationRun, films_list: str, finding: str, reference: ReferenceStandard) -> Placed | None:
    """A finding's marks on the films of a list that the reference outlined; None if the run has no marks of such films.

    A composite has the marks of its parts, whose ratings are calibrated log-odds then.
    """
    table = run.marks()
    if table is None or not reference.has_regions or not reference.judges(finding):
        return None
    by_image = _marks_by_image(run, table, finding)
    mask = run.list_mask(films_list)
    images, patients = run.table.column("image")[mask], run.table.column("patient")[mask]
    labels = reference.labels(finding, images)
    films, lacking = [], 0
    for image, patient, label in zip(images.tolist(), patients.tolist(), labels.tolist(), strict=True):
        regions = tuple(region.box for region in reference.regions_on(image, finding)) if label >= 0 else ()
        if label < 0 or bool(label) != bool(regions):
            continue
        marks = by_image.get(image, ())
        lacking += not marks
        if marks:
            films.append(MarkedFilm(str(patient), regions, marks))
    if not films:
        return None
    return Placed(finding, FreeResponse(tuple(films)), FreeResponse(_without_a_look(films)), lacking)


def _marks_by_image(run: ValidationRun, table: pd.DataFrame, finding: str) -> dict[str, tuple[RatedMark, ...]]:
    parts = COMPOSITES[finding] if finding in run.composites else (finding,)
    calibrated = len(parts) > 1 and all(part in run.meta.calibration for part in parts)
    made: dict[str, list[RatedMark]] = {}
    for part in parts:
        line = run.meta.calibration[part] if calibrated else Calibration(1.0, 0.0)
        own = table[table["finding"] == part]
        ratings = line.log_odds(own["rating"].to_numpy(np.float64))
        for image, x, y, rating in zip(own["image"], own["x"], own["y"], ratings, strict=True):
            made.setdefault(str(image), []).append(RatedMark(float(x), float(y), float(rating)))
    return {image: tuple(marks) for image, marks in made.items()}


def _without_a_look(films: Sequence[MarkedFilm]) -> tuple[MarkedFilm, ...]:
    """The control: each film's highest rating, at the place where most regions of other patients' films lie."""
    own: dict[str, npt.NDArray[np.int64]] = {}
    for film in films:
        counted = own.setdefault(film.patient, np.zeros((GRID, GRID), np.int64))
        for region in film.regions:
            counted[_cells(region.top, region.bottom), _cells(region.left, region.right)] += 1
    whole = np.sum(list(own.values()), axis=0)
    places = {patient: _centre(whole - counted) for patient, counted in own.items()}
    return tuple(
        MarkedFilm(
            film.patient,
            film.regions,
            (RatedMark(*places[film.patient], max(mark.rating for mark in film.marks)),),
        )
        for film in films
    )


def _cells(low: float, high: float) -> slice:
    return slice(int(low * GRID), max(int(np.ceil(high * GRID)), int(low * GRID) + 1))


def _centre(counted: npt.NDArray[np.int64]) -> tuple[float, float]:
    """The cell of the highest count nearest to the middle of all such cells, as shares x and y of the film."""
    rows, columns = np.nonzero(counted == counted.max())
    nearest = np.argmin((rows - rows.mean()) ** 2 + (columns - columns.mean()) ** 2)
    return (columns[nearest] + 0.5) / GRID, (rows[nearest] + 0.5) / GRID
