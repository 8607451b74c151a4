"""Text about where a run's class maps point, compared with a control that never saw a film. No Streamlit."""

from chexview.evaluation.free_response import AreaGain
from chexview.evaluation.marks import MOST, Placed
from chexview.evaluation.references import ReferenceStandard
from chexview.evaluation.run import ValidationRun
from chexview.findings import phrase, title
from chexview.text.numbers import area, counted, probability

HEADING = "Localisation by the maps' marks"
CURVES = {"lroc": "Found in the right place (LROC)", "froc": "Free response (FROC)"}
METHOD = (
    f"A mark is a peak of the class map, at most {MOST} a film, and hits a region in whose box it lies. The control gives a film "
    "the model's own highest rating, and one mark where the regions of other patients' films lie most often: it "
    "knows nothing of where this film's regions lie. LROC: the highest mark of a film must hit. Weighted AFROC: each region "
    "counts, and each film counts alike. "
    "Intervals are 95 %, from 1,000 resamples of patients."
)


def no_marks(run: ValidationRun) -> str:
    """Why a run's maps cannot be judged by place."""
    return (
        f"{run.meta.title} has no marks: it holds scores, not where its maps peak. python -m train validate stores them with a "
        "run of a checkpoint."
    )


def intro(found: Placed, reference: ReferenceStandard) -> str:
    """The films, and who drew on them."""
    lacking = f" {counted(found.lacking, 'film')} more have no marks in this run." if found.lacking else ""
    return (
        f"{counted(len(found.model.films), 'film')} of {counted(found.patients, 'patient')}, judged by: {reference.title}. "
        f"{counted(found.films_with, 'film')} {'has' if found.films_with == 1 else 'have'} {phrase(found.finding)}, with "
        f"{counted(found.regions, 'region')}.{lacking}"
    )


def sentences(found: Placed) -> tuple[str, ...]:
    """Both areas beside the control's, and what one false mark a film buys."""
    if not found.films_with or found.films_with == len(found.model.films):
        return (f"Without films of both kinds there is no curve for {title(found.finding)}.",)
    lroc, weighted = found.model.lroc_area, found.model.weighted_afroc_area
    one, other = found.control.lroc_area, found.control.weighted_afroc_area
    hits = [probability(side.froc.hit_within(1.0)) for side in (found.model, found.control)]
    return (
        f"LROC area {area(lroc.value, lroc.low, lroc.high)}, the control's {area(one.value, one.low, one.high)}"
        f"{_gain(found.lroc_gain)}",
        f"Weighted AFROC area {area(weighted.value, weighted.low, weighted.high)}, the control's "
        f"{area(other.value, other.low, other.high)}{_gain(found.weighted_afroc_gain)}",
        f"At one false mark a film, the maps hit {hits[0]} of the regions, the control {hits[1]}.",
    )


def _gain(found: AreaGain | None) -> str:
    if found is None:
        return "."
    if found.low is None or found.high is None:
        return f": {found.value:+.3f}; too few patients to tell."
    verdict = (
        "the maps know where it is"
        if found.low > 0
        else "the maps point worse than a guess"
        if found.high < 0
        else "the place cannot be told from a guess"
    )
    return f": {found.value:+.3f} ({found.low:+.3f} to {found.high:+.3f}), {verdict}."
