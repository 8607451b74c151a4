"""Words about studies in a PACS, and about what was fetched and sent."""

from chexview.pacs.studies import FoundStudies, Study
from chexview.settings import PacsSettings
from chexview.text import identity

NOTHING = "No study with CR, DX or RF images fits; check the patient ID and the dates."
SENT = "Sent results stay in the PACS; CheXView cannot take them back."
RAW = "No radiologist has reviewed these results. They are marked as for research and teaching, not for diagnosis."


def connection(own: PacsSettings) -> str:
    """Which PACS it is."""
    words = f"Films are fetched from the PACS at {own.host} and kept in memory, as uploads are."
    return words if own.is_encrypted else f"{words} The connection is not encrypted."


def study(found: Study) -> str:
    """One line on a study."""
    images = (
        "" if found.instances is None else f"{found.instances} {'instance' if found.instances == 1 else 'instances'}"
    )
    parts = (
        identity.day(found.date) or "no date",
        identity.person_name(found.patient_name),
        found.patient_id,
        "/".join(found.modalities),
        found.description,
        images,
    )
    return " · ".join(part for part in parts if part)


def found(result: FoundStudies) -> str:
    """How many studies a search found."""
    count = len(result.studies)
    words = f"{count} {'study' if count == 1 else 'studies'}, the latest first."
    return f"{words} There are more: name a patient or a shorter period." if result.is_cut else words


def fetched(films: int, priors: int) -> str:
    """What was fetched."""
    words = f"{films} {'film is' if films == 1 else 'films are'} being read"
    if priors:
        words += f", of the study and {priors} earlier {'one' if priors == 1 else 'ones'}"
    return f"{words}."


def film_name(place: int, is_prior: bool) -> str:
    """What a fetched film is called; whose it is stays out of names."""
    return f"{'earlier film' if is_prior else 'film'} {place} from the PACS.dcm"


def sent(count: int) -> str:
    """What was sent."""
    return f"{count} {'object was' if count == 1 else 'objects were'} stored in the film's study."
