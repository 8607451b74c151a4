"""The list of films: what is shown after a film was taken off, and how often the page looks for news."""

from chexview.pages.film_list import POLL_SECONDS, next_of, polling
from chexview.worklist.entries import Status, WorklistEntry


def test_the_next_film_of_the_list_follows_a_removed_one() -> None:
    assert next_of(("a", "b", "c"), "b") == "c"
    assert next_of(("a", "b", "c"), "c") == "b"
    assert next_of(("a",), "a") == ""
    assert next_of(("a", "b"), "gone") == "a"
    assert next_of((), "gone") == ""


def row(id: str, status: Status) -> WorklistEntry:
    return WorklistEntry(id=id, name=f"{id}.png", status=status)


def test_the_page_itself_waits_for_the_one_film_that_it_shows() -> None:
    read, waits = row("a", Status.READ), row("b", Status.READING)
    assert polling((read, waits), "b", "", 40) is None
    assert polling((read,), "a", "", 40) is None
    assert polling((), None, "", 0) is None
    assert polling((read, waits), "b", "b", 0) == POLL_SECONDS


def test_the_list_looks_for_news_of_other_films_the_more_rarely_the_more_users_wait() -> None:
    read, waits, third = row("a", Status.READ), row("b", Status.WAITING), row("c", Status.READING)
    assert polling((read, waits), "a", "", 0) == POLL_SECONDS
    assert polling((read, waits, third), "b", "", 0) == POLL_SECONDS
    forty = polling((read, waits, third), "b", "", 40)
    assert forty is not None and forty >= 4.0
