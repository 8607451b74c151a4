"""Every error a user can meet, as one tree.

::

    ChexviewError
    ├── FilmError               a file does not give a film
    │   ├── FormatError         not a picture or DICOM file of a kind that is read here
    │   ├── LimitError          larger, or slower to decode, than the limits allow
    │   ├── DamagedError        cut short, or contradicting itself
    │   └── ContentError        a sound file, but not one chest radiograph (CT, colour photograph, several frames)
    ├── CheckpointError         a checkpoint folder that does not load strictly
    │   └── UnknownCheckpointError  a name that no checkpoint has
    ├── RunError                a validation run that is missing, damaged or contradicts its own tables
    ├── TableError              a table of predictions, labels or readers' answers that cannot be read or understood
    ├── ReferenceStandardError          a reference standard that is missing, damaged or does not judge what it is asked for
    ├── StudyError              a reader study that is damaged, or an answer that it cannot take
    ├── PacsError               a PACS that cannot be reached, refuses, or answers what cannot be used
    ├── DataError               training data that do not fit together
    │   └── SplitError          a patient is on both sides of a split
    ├── RecipeError             a recipe with an unknown key or an impossible value
    ├── ExportError             a result that cannot be exported in the requested form
    ├── SettingsError           an environment variable that cannot be used
    └── UsageError              a command called with arguments that do not fit

A message is one sentence for the user that says what is wrong, where, and what to do.
It never holds a patient's name, a path's folder or anything else that identifies a person.
"""


class ChexviewError(Exception):
    """The root: ``str(error)`` is one sentence fit to be shown to a user."""


class FilmError(ChexviewError):
    """A file does not give a film.

    ``transient``: the machine's state was to blame (a decoder killed, or kept waiting for a processor) and no property of the file,
    so that the same file may be read another time.
    """

    def __init__(self, text: str = "", *, transient: bool = False) -> None:
        super().__init__(text)
        self.transient = transient


class FormatError(FilmError):
    """Not a picture or DICOM file of a kind that is read here."""


class LimitError(FilmError):
    """Larger, or slower to decode, than the limits allow."""


class DamagedError(FilmError):
    """Cut short, or contradicting itself."""


class ContentError(FilmError):
    """A sound file, but not one chest radiograph."""


class CheckpointError(ChexviewError):
    """A checkpoint folder that does not load strictly."""


class UnknownCheckpointError(CheckpointError):
    """A name that no checkpoint has."""


class RunError(ChexviewError):
    """A validation run that is missing, damaged or contradicts its own tables."""


class TableError(ChexviewError):
    """A table of predictions, labels or readers' answers that cannot be read or understood."""


class ReferenceStandardError(ChexviewError):
    """A reference standard that is missing, damaged or does not judge what it is asked for."""


class StudyError(ChexviewError):
    """A reader study that is damaged, or an answer that it cannot take."""


class PacsError(ChexviewError):
    """A PACS that cannot be reached, refuses, or answers what cannot be used."""


class DataError(ChexviewError):
    """Training data that do not fit together."""


class SplitError(DataError):
    """A patient is on both sides of a split."""


class RecipeError(ChexviewError):
    """A recipe with an unknown key or an impossible value."""


class ExportError(ChexviewError):
    """A result that cannot be exported in the requested form."""


class SettingsError(ChexviewError):
    """An environment variable that cannot be used."""


class UsageError(ChexviewError):
    """A command called with arguments that do not fit."""
