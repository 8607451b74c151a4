"""An import beside the page: it is done by itself, or cancelled."""

import threading

from chexview.pages.state.import_job import ImportAnswer, ImportJob


def test_a_cancelled_import_ends_and_says_so() -> None:
    begun = threading.Event()

    def work(cancelled: threading.Event) -> ImportAnswer:
        begun.set()
        assert cancelled.wait(30)
        return ImportAnswer("Reading table.csv was cancelled.", good=False)

    job = ImportJob("table.csv", work)
    assert begun.wait(30) and not job.wait(0.01)
    job.cancel()
    assert job.wait(30) and job.answer.sentence == "Reading table.csv was cancelled."


def test_an_import_that_is_done_has_its_answer() -> None:
    job = ImportJob("table.csv", lambda _: ImportAnswer("Imported.", run="table"))
    assert job.wait(30) and job.answer == ImportAnswer("Imported.", run="table")
