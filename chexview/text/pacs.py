"""Words about studies in a PACS, and about what was fetched and sent."""

from chexview.pacs.studies import FoundStudies, Study
from chexview.settings import PacsSettings

NOTHING = "No study with a CR, DX or RF film fits; check the number and the days."
SENT = "Sent results stay in the PACS; CheXView cannot take them back."
RAW = "Nobody has checked these results. They are for research and teaching, not for diagnosis, and say so in the PACS."


def connection(own: PacsSettings) -> str:
    """Which PACS it is."""
    words = f"Films come from the PACS at {own.host}, and are kept in memory as uploads are."
    return words if own.is_encrypted else f"{words} The connection is not encrypted."


def day(text: str) -> str:
    """A date of DICOM's as 2024-01-02; "no date" if there is none."""
    return f"{text[:4]}-{text[4:6]}-{text[6:]}" if len(text) == 8 else "no date"


def study(found: Study) -> str:
    """One line on a study."""
    images = "" if found.instances is None else f"{found.instances} {'object' if found.instances == 1 else 'objects'}"
    parts = (
        day(found.date),
        found.patient_name,
        found.patient_id,
        "/".join(found.modalities),
        found.description,
        images,
    )
    return ", ".join(part for part in parts if part)


def found(result: FoundStudies) -> str:
    """How many studies a search found."""
    count = len(result.studies)
    words = f"{count} {'study' if count == 1 else 'studies'}, the latest first."
    return f"{words} There are more: name a patient or fewer days." if result.is_cut else words


def fetched(films: int, priors: int) -> str:
    """What was fetched."""
    words = f"{films} {'film is' if films == 1 else 'films are'} being read"
    if priors:
        words += f", of the study and {priors} earlier {'one' if priors == 1 else 'ones'}"
    return f"{words}; open Read to see {'it' if films == 1 else 'them'}."


def film_name(place: int, is_prior: bool) -> str:
    """What a fetched film is called; whose it is stays out of names."""
    return f"{'earlier film' if is_prior else 'film'} {place} from the PACS.dcm"


def sent(count: int) -> str:
    """What was sent."""
    return f"{count} {'object was' if count == 1 else 'objects were'} stored in the film's study."
