"""Small studies and answers."""

from chexview.studies.answers import Advice, Phase, ReaderAnswer
from chexview.studies.design import Confidence, StudyDesign, StudyFilm

FINDINGS = ("Nodule", "Effusion")
WHEN = "2026-11-28T00:00:00+00:00"


def design(films: int = 10, own: bool = False, seed: int = 7) -> StudyDesign:
    """A study of so many films."""
    return StudyDesign(
        "Nodules at night", seed, tuple(StudyFilm(f"film-{k}", "", own) for k in range(films)), FINDINGS, WHEN
    )


def answer(
    film: str, nodule: int = 2, effusion: int = 4, phase: Phase = Phase.ALONE, reader: str = "Ada"
) -> ReaderAnswer:
    """An answer of four seconds."""
    given = {"Nodule": Confidence(nodule), "Effusion": Confidence(effusion)}
    return ReaderAnswer(reader, film, phase, given, 4.0, WHEN)


def advice(film: str, nodule: float = 1.5, effusion: float = -2.0, reader: str = "Ada") -> Advice:
    """What a model said; a nodule is flagged over 0."""
    flagged = tuple(name for name, score in zip(FINDINGS, (nodule, effusion), strict=True) if score >= 0)
    return Advice(reader, film, "model", "a" * 64, {"Nodule": nodule, "Effusion": effusion}, flagged, WHEN)
