"""The list of films: what is shown after a film was taken off."""

from chexview.pages.film_list import next_of


def test_the_next_film_of_the_list_follows_a_removed_one() -> None:
    assert next_of(("a", "b", "c"), "b") == "c"
    assert next_of(("a", "b", "c"), "c") == "b"
    assert next_of(("a",), "a") == ""
    assert next_of(("a", "b"), "gone") == "a"
    assert next_of((), "gone") == ""
