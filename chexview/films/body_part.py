"""The part of the body that the header names, and whether the film is withheld or refused for it.

Header text about the body is chosen from a list at the console and is often wrong, so that one choice against a chest
withholds the score and shows the film. A second fact that comes from elsewhere (a side, the processing that the reader
ran, the study's title) and no word for a chest make it certain, and the film is refused.
"""

from dataclasses import dataclass

from pydicom.dataset import Dataset

from chexview.errors import ContentError
from chexview.films import elements
from chexview.films.body_words import folded, is_silent, names_another, names_chest
from chexview.films.elements import label
from chexview.films.radiograph import Caution, CautionKind, no_meaning

_CODE_LENGTH = 16
_DESCRIPTIONS = ("AcquisitionDeviceProcessingDescription", "StudyDescription", "SeriesDescription", "ProtocolName")


@dataclass(frozen=True, slots=True)
class BodyPart:
    """Body Part Examined as the header writes it, the sentence that withholds the score or None, and cautions."""

    name: str
    withheld: str | None
    cautions: tuple[Caution, ...]


def body_part(dataset: Dataset) -> BodyPart:
    """Reads the body part. Raises ContentError if two facts of the header agree that it is no chest."""
    spoken = elements.words(dataset, "BodyPartExamined")
    name, part = elements.clean(spoken, _CODE_LENGTH), folded(spoken)
    regions = [
        folded(elements.words(item, "CodeMeaning")) for item in elements.items(dataset, "AnatomicRegionSequence")[:4]
    ]
    descriptions = {keyword: folded(elements.words(dataset, keyword)) for keyword in _DESCRIPTIONS}
    described_chest = any(names_chest(words) for words in descriptions.values())
    if any(names_chest(words) for words in (part, *regions)):
        return BodyPart(name, None, _beside_chest(name, part, (*regions, *descriptions.values())))
    is_named = not is_silent(part)
    is_elsewhere = names_another(part) or any(names_another(words) for words in regions)
    if not is_named and not is_elsewhere:
        if described_chest:
            return BodyPart(name, None, _beside_chest(name, "", tuple(descriptions.values())))
        elsewhere = next((keyword for keyword, words in descriptions.items() if names_another(words)), None)
        if elsewhere is not None:
            text = f"{label(elsewhere)} names another part of the body than the chest."
            return BodyPart(name, _not_the_chest(text.removesuffix(".")), (Caution(CautionKind.BODY_PART, text),))
        text = "The header does not say which part of the body this is."
        return BodyPart(name, None, (Caution(CautionKind.BODY_PART, text),))
    if is_named and not is_elsewhere and described_chest:
        return BodyPart(name, None, (_part_caution(name),))
    if not described_chest:
        _refuse(dataset, name if is_named else "", is_elsewhere, descriptions)
    if is_elsewhere:
        withheld = _not_the_chest(_named(name if is_named else ""))
    else:
        withheld = (
            f"The film may not show the chest: {label('BodyPartExamined')} says {name}, a word that is not known here; "
            + no_meaning("chest films", "another")
        )
    return BodyPart(name, withheld, (_part_caution(name),))


def _not_the_chest(source: str) -> str:
    return f"The header says that this film does not show the chest ({source}); {no_meaning('chest films')}"


def _beside_chest(name: str, part: str, others: tuple[str, ...]) -> tuple[Caution, ...]:
    """Cautions of a film that names the chest: another choice beside it, or more than the chest."""
    cautions = []
    if part and not is_silent(part) and not names_chest(part):
        cautions.append(_part_caution(name))
    if any(names_another(words) and names_chest(words) for words in (part, *others)):
        text = "The header names another part of the body beside the chest; the film may show more than the chest."
        cautions.append(Caution(CautionKind.BODY_PART, text))
    return tuple(cautions)


def _refuse(dataset: Dataset, name: str, is_elsewhere: bool, descriptions: dict[str, str]) -> None:
    """Raises ContentError if a second fact says that the film shows another part of the body."""
    second = [label(keyword) for keyword, words in descriptions.items() if names_another(words)]
    if is_elsewhere:
        sides = [key for key in ("Laterality", "ImageLaterality") if elements.code(dataset, key) in ("L", "R")]
        second += [label(keyword) for keyword in sides]
    if second:
        raise ContentError(
            f"The film shows another part of the body: {_named(name)} and {second[0]} agrees; bring a radiograph of the "
            "chest."
        )


def _named(name: str) -> str:
    if name:
        return f"{label('BodyPartExamined')} says {name}"
    return f"{label('AnatomicRegionSequence')} names another part"


def _part_caution(name: str) -> Caution:
    said = f" but {name}" if name else ""
    return Caution(CautionKind.BODY_PART, f"{label('BodyPartExamined')} does not say chest{said}; it is often wrong.")
