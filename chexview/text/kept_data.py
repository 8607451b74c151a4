"""What is kept, where and for how long: the same words on the page and in docs/deployment.md."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class KeptData:
    """One kind of data; ``erased`` says whether *Erase all* erases it."""

    what: str
    where: str
    how_long: str
    erased: str


KEPT_DATA = (
    KeptData("Films, uploaded or fetched", "memory", "until the browser's tab has been closed for 150 seconds", "yes"),
    KeptData("Readings and heatmaps of films", "memory", "as long as their films", "yes"),
    KeptData("Uploads that no page has read", "memory", "15 minutes at most where room is needed", "with the session"),
    KeptData(
        "Imported runs and reference standards", "CHEXVIEW_HOME/runs, /references", "until they are erased", "yes"
    ),
    KeptData("Reader studies", "CHEXVIEW_HOME/studies", "until they are erased", "yes"),
    KeptData("Verdicts on flags", "CHEXVIEW_HOME/verdicts", "until they are erased", "yes"),
    KeptData("Results sent to a PACS", "the PACS", "as the PACS keeps them", "no"),
    KeptData("Results of watch and read", "the folder that --out names", "until somebody deletes them", "no"),
    KeptData("The audit log", "the file that CHEXVIEW_AUDIT names", "until its administrator deletes it", "no"),
    KeptData("Who is logged in", "a signed cookie in the browser", "30 days, or until Log out", "no"),
)
HEADINGS = ("What", "Where", "How long", "Erased by Erase all")
CONFIRM = "ERASE"
WARNING = (
    "This erases the films of this session, and for everybody who uses this server its imported runs, reference standards, reader "
    "studies and verdicts. It cannot be undone."
)


def rows() -> list[tuple[str, str, str, str]]:
    """The table's rows under :data:`HEADINGS`."""
    return [(kept.what, kept.where, kept.how_long, kept.erased) for kept in KEPT_DATA]
