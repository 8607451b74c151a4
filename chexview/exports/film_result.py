"""One film with what came of it: what every export of a single film is written from."""

from dataclasses import dataclass

from chexview.films.radiograph import Radiograph
from chexview.model.card import Card
from chexview.model.reading import FindingScore, Reading
from chexview.worklist.verdicts import Verdict


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class FilmResult:
    """A film with its pixels, its reading at the operating points in use, and readers' verdicts on its flags.

    ``name`` is the file's, as the user knows it.
    ``reading`` is None where the score is withheld or could not be computed; ``withheld`` says why then.
    """

    film: Radiograph
    card: Card
    reading: Reading | None = None
    withheld: str = ""
    verdicts: tuple[Verdict, ...] = ()
    name: str = ""

    @property
    def cautions(self) -> tuple[str, ...]:
        """What a reader must know of the film; first why its score would be withheld, where the reader asked for it anyway."""
        if self.reading is None:
            return tuple(caution.text for caution in self.film.cautions)
        return (*((self.film.withheld,) if self.film.withheld else ()), *self.reading.cautions)

    @property
    def flagged(self) -> tuple[FindingScore, ...]:
        """The flagged findings, the farthest over its threshold first."""
        scores = self.reading.findings if self.reading is not None else ()
        return tuple(sorted((score for score in scores if score.flagged), key=lambda score: -score.margin))

    def verdict(self, finding: str) -> Verdict | None:
        """The last verdict on a finding; None where there is none."""
        return next((verdict for verdict in reversed(self.verdicts) if verdict.finding == finding), None)
