"""``reference.json``: who labelled films, how, under which terms, and which findings of a run may be judged by it.

Older schema versions are migrated, never refused.
"""

from dataclasses import dataclass, field

from chexview.errors import ReferenceStandardError
from chexview.evaluation.run_schema import LONGEST, Made
from chexview.schema import Migrations, build, decode, encode, migrated

FILE = "reference.json"
SCHEMA = 1
MIGRATIONS: Migrations = {}


@dataclass(frozen=True, slots=True)
class JudgedBy:
    """How a run's finding is judged: it is there where any of the reference's findings in ``any_of`` is.

    ``remark`` says in one sentence what does not match exactly; "" if the two mean the same.
    """

    any_of: tuple[str, ...]
    remark: str = ""

    @property
    def exact(self) -> bool:
        """Whether both mean the same."""
        return not self.remark


@dataclass(frozen=True, slots=True)
class ReaderFacts:
    """One reader: a title for people, and whether the truth was made from this reader's answers among others."""

    title: str
    made_the_truth: bool


@dataclass(frozen=True, slots=True)
class ReferenceMetadata:
    """A reference standard's ``reference.json``.

    ``title`` is a few words ("Three radiologists, adjudicated"), ``labelled_by`` and ``method`` a sentence each, ``data_set`` whose
    image names it uses, ``judges`` by a run's finding or composite. ``answers`` says in a sentence what single readers' answers
    are (first answers, before others' were seen); "" if there are none. ``tables`` (SHA-256 by file name) and
    ``schema_version`` are filled in when it is stored.
    """

    title: str
    labelled_by: str
    method: str
    data_set: str
    citation: str
    terms: str
    judges: dict[str, JudgedBy]
    made: Made
    answers: str = ""
    readers: dict[str, ReaderFacts] = field(default_factory=dict)
    tables: dict[str, str] = field(default_factory=dict)
    schema_version: int = SCHEMA

    def to_json(self) -> str:
        """The text of ``reference.json``."""
        return encode(self)


def parse(text: str | bytes) -> ReferenceMetadata:
    """From the text of ``reference.json``, migrated and checked. Raises ReferenceStandardError naming the key."""
    data = migrated(decode(text, FILE, ReferenceStandardError), SCHEMA, MIGRATIONS, FILE, ReferenceStandardError)
    metadata = build(ReferenceMetadata, data, FILE, ReferenceStandardError)
    check(metadata)
    return metadata


def check(metadata: ReferenceMetadata) -> None:
    """What must hold of its own words, whatever its tables. Raises ReferenceStandardError in one sentence."""
    if not metadata.title.strip() or len(metadata.title) > LONGEST:
        raise ReferenceStandardError(f"A reference standard needs a title of 1 to {LONGEST} letters.")
    if not metadata.judges:
        raise ReferenceStandardError(f"{FILE} names no finding that it judges.")
    for finding, judgement in metadata.judges.items():
        if not judgement.any_of:
            raise ReferenceStandardError(f"{FILE} judges {finding} by nothing; name its own findings, or leave it out.")
