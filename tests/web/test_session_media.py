"""One session's media: made once, forgotten, cleared."""

from chexview.web.media_store import MediaItem, MediaStore
from chexview.web.session_media import SessionMedia
from tests.web.test_media_store import item


def test_an_item_is_made_once_and_again_when_lost() -> None:
    store, made = MediaStore(limit=10), []

    def make() -> MediaItem:
        made.append(1)
        return item(6)

    media = SessionMedia(store, "anna")
    address = media.address(("film", "d1", 0), make)
    assert media.address(("film", "d1", 0), make) == address
    assert len(made) == 1
    SessionMedia(store, "bert").add(("film", "d2", 0), item(6))
    again = media.address(("film", "d1", 0), make)
    assert again != address
    assert len(made) == 2
    assert address.startswith("film/")


def test_items_are_forgotten_and_cleared() -> None:
    store = MediaStore()
    media = SessionMedia(store, "anna")
    for digest in ("d1", "d2", "d3"):
        media.add(("film", digest), item(2))
    media.forget(lambda key: key[1] == "d2")
    assert len(store) == 2
    media.clear()
    assert len(store) == store.bytes == 0
