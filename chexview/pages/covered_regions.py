"""The region that a user covers on a film: at most one a film, its answer beside the rectangle and beneath the film."""

from collections.abc import Collection, Sequence

from chexview.geometry import Rectangle
from chexview.model.perturbations import Occlusion, occlude
from chexview.model.predictor import Predictor
from chexview.pages.state.film_results import kept
from chexview.pages.state.session import session
from chexview.text.robustness import change
from chexview.viewer.mount import DrawnRegion
from chexview.viewer.scene import Covered
from chexview.worklist.entries import OpenEntry


def regions() -> dict[str, Rectangle]:
    """This session's regions by the worklist's ids."""
    return session().films.regions


def take(drawn: DrawnRegion | None) -> None:
    """Takes over what the browser says of a region: where it is now, or that it is gone."""
    if drawn is None:
        return
    if drawn.place is None:
        regions().pop(drawn.film, None)
    else:
        regions()[drawn.film] = drawn.place


def forget(films: Collection[str]) -> None:
    """Drops the regions of films that are gone."""
    for film in films:
        regions().pop(film, None)


def occlusion(entry: OpenEntry, reads: Predictor) -> Occlusion | None:
    """What covering the film's region did; None if no region is drawn."""
    place = regions().get(entry.id)
    if place is None:
        return None
    return kept(entry.id, f"covered-{reads.card.weights}-{place}", lambda: occlude(reads, entry.film, place))


def answers(entries: Sequence[OpenEntry], reads: Predictor | None) -> tuple[Covered, ...]:
    """What the viewer writes beside the regions of these films."""
    found = []
    for entry in entries:
        result = occlusion(entry, reads) if reads is not None and entry.reading is not None else None
        if result is not None:
            words = {item.finding: change(item) for item in result.changes}
            found.append(Covered(entry.id, regions()[entry.id], words))
    return tuple(found)
