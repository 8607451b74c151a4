"""The projection: View Position, its code, or what else the header says, and whether the score is withheld for it.

The model is made for frontal films. A lateral or oblique film is shown, and its score withheld until it is asked for; a lordotic
or apical one is scored with a caution.
"""

from dataclasses import dataclass

from pydicom.dataset import Dataset

from chexview.films import body_words, elements
from chexview.films.body_words import folded
from chexview.films.elements import label
from chexview.films.radiograph import Caution, CautionKind, View, no_meaning

_CODES = {
    ("SCT", "399348003"): View.PA,
    ("SCT", "399067008"): View.AP,
    ("SCT", "399198007"): View.LATERAL,
    ("SCT", "399173006"): View.LATERAL,
    ("SRT", "R-10214"): View.PA,
    ("SRT", "R-10206"): View.AP,
}
_FRONTAL = "frontal chest films"
_DESCRIPTIONS = ("SeriesDescription", "ProtocolName", "AcquisitionDeviceProcessingDescription")


@dataclass(frozen=True, slots=True)
class ViewPosition:
    """The projection, the sentence that withholds the score or None, and cautions."""

    view: View
    withheld: str | None
    cautions: tuple[Caution, ...]


@dataclass(frozen=True, slots=True)
class _Words:
    """What some words say: a projection, and whether of an oblique or a lordotic film, or of a patient lying on the side."""

    view: View = View.UNKNOWN
    oblique: bool = False
    decubitus: bool = False
    tilted: bool = False


def view_position(dataset: Dataset) -> ViewPosition:
    """Reads the projection (PS3.3 C.8.11.5.1.1, or its code); what is in no list is unknown."""
    spoken = elements.words(dataset, "ViewPosition")
    said, (coded, meaning) = _said(folded(spoken)), _coded(dataset)
    source = f"{label('ViewPosition')} {elements.clean(spoken, 16)}"
    view = said.view if said.view is not View.UNKNOWN else coded.view
    if View.LATERAL in (said.view, coded.view):
        return _lateral(source if said.view is View.LATERAL else meaning)
    rows = elements.codes(dataset, "PatientOrientation")[0][:1]
    if view is View.UNKNOWN and rows in ("A", "P"):
        direction = "forwards" if rows == "A" else "backwards"
        return _lateral(f"rows run {direction} in {label('PatientOrientation')}")
    if said.oblique or coded.oblique:
        return _withheld(view, "an oblique", source if said.oblique else meaning)
    if view is View.UNKNOWN and not said.decubitus:
        keyword, described = _described(dataset)
        if described is View.LATERAL:
            return _lateral(label(keyword))
        view = described
    if said.decubitus:
        if view is View.UNKNOWN:
            return _withheld(view, "taken with the patient lying on the side", source)
        text = f"The patient lies on the side by {source}; models know few such films, and its score may be off."
        return ViewPosition(view, None, (Caution(CautionKind.VIEW, text),))
    cautions = _tilted(source if said.tilted else meaning if coded.tilted else _described_as_tilted(dataset))
    if view is View.UNKNOWN and not cautions:
        text = "The header does not say whether this is a PA, an AP or a lateral film."
        return ViewPosition(view, None, (Caution(CautionKind.VIEW, text),))
    if View.UNKNOWN not in (said.view, coded.view) and said.view is not coded.view:
        text = f"{label('ViewPosition')} says {said.view} but {label('ViewCodeSequence')} says {coded.view}."
        cautions = (*cautions, Caution(CautionKind.VIEW, text))
    return ViewPosition(view, None, cautions)


def _tilted(source: str) -> tuple[Caution, ...]:
    """The caution about a lordotic or apical film; none where ``source`` is ""."""
    if not source:
        return ()
    text = (
        f"This is a lordotic or apical film by its header ({source}); the model learnt from PA and AP films without a tilt, so "
        "its scores may be off."
    )
    return (Caution(CautionKind.VIEW, text),)


def _described_as_tilted(dataset: Dataset) -> str:
    """The description of this series that speaks of a lordotic or apical film, "" if none does."""
    tilted = (key for key in _DESCRIPTIONS if body_words.TILTED.search(folded(elements.words(dataset, key))))
    return next((label(keyword) for keyword in tilted), "")


def _lateral(source: str) -> ViewPosition:
    caution = Caution(CautionKind.VIEW, f"This is a lateral film by its header ({source}).")
    withheld = f"The header says that this film is a lateral ({source}); {no_meaning(_FRONTAL)}"
    return ViewPosition(View.LATERAL, withheld, (caution,))


def _withheld(view: View, kind: str, source: str) -> ViewPosition:
    caution = Caution(CautionKind.VIEW, f"This film is {kind} by its header ({source}).")
    withheld = f"The header says that this film is {kind} ({source}); {no_meaning(_FRONTAL)}"
    return ViewPosition(view, withheld, (caution,))


def _said(words: str) -> _Words:
    """What folded words of View Position say. LATERAL beside DECUBITUS is how the patient lies, not the projection."""
    decubitus = body_words.DECUBITUS.search(words) is not None
    oblique = body_words.OBLIQUE.search(words) is not None
    if words in ("L", "R") or (body_words.LATERAL.search(words) and not decubitus):
        return _Words(View.LATERAL)
    return _Words(_frontal(words), oblique, decubitus, body_words.TILTED.search(words) is not None)


def _frontal(words: str) -> View:
    is_pa, is_ap = body_words.FRONTAL_PA.search(words), body_words.FRONTAL_AP.search(words)
    if bool(is_pa) == bool(is_ap):
        return View.UNKNOWN
    return View.PA if is_pa else View.AP


def _coded(dataset: Dataset) -> tuple[_Words, str]:
    """The coded projection, and its source as text."""
    for item in elements.items(dataset, "ViewCodeSequence")[:1]:
        scheme, value = elements.code(item, "CodingSchemeDesignator"), elements.code(item, "CodeValue")
        meaning = folded(elements.words(item, "CodeMeaning"))
        source = f"{label('ViewCodeSequence')} {value}"
        view = _CODES.get((scheme, value))
        if view is not None:
            return _Words(view), source
        return _said(meaning), source
    return _Words(), ""


def _described(dataset: Dataset) -> tuple[str, View]:
    """The projection that a description of this series alone names: one that names a lateral and a frontal says nothing."""
    for keyword in _DESCRIPTIONS:
        words = folded(elements.words(dataset, keyword))
        long = " ".join(word for word in words.split() if len(word) > 2 or word in ("PA", "AP"))
        is_lateral = body_words.LATERAL.search(long) is not None and not body_words.DECUBITUS.search(long)
        names_frontal = body_words.FRONTAL_PA.search(long) or body_words.FRONTAL_AP.search(long) or "FRONTAL" in long
        if is_lateral and not names_frontal:
            return keyword, View.LATERAL
        if not is_lateral and _frontal(long) is not View.UNKNOWN:
            return keyword, _frontal(long)
    return "", View.UNKNOWN
