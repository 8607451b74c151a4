"""The store: tokens, owners, bounds."""

from chexview.web.media_store import DeferredItem, MediaItem, MediaStore


def item(size: int, mark: bytes = b"x") -> MediaItem:
    return MediaItem(mark * size, "image/png")


def test_an_item_is_its_owners_alone() -> None:
    store = MediaStore()
    token = store.put(item(3), "anna")
    assert store.get(token, "anna") == item(3)
    assert store.get(token, "bert") is None
    assert store.get(token, "") is None
    assert store.get("unknown", "anna") is None


def test_nobody_without_a_name_owns_anything() -> None:
    store = MediaStore()
    assert store.get(store.put(item(3), ""), "") is None


def test_tokens_are_long_random_and_differ_for_equal_items() -> None:
    store = MediaStore()
    tokens = {store.put(item(1), "anna") for _ in range(100)}
    assert len(tokens) == 100
    assert all(len(token) >= 22 for token in tokens)


def test_the_longest_unused_go_first() -> None:
    store = MediaStore(limit=10)
    first, second = store.put(item(4), "a"), store.put(item(4), "a")
    assert store.get(first, "a") is not None
    third = store.put(item(4), "a")
    assert [store.holds(token) for token in (first, second, third)] == [True, False, True]
    assert store.bytes == 8
    large = store.put(item(50), "a")
    assert store.holds(large)
    assert len(store) == 1


def test_a_repr_shows_no_bytes() -> None:
    assert "xxx" not in repr(item(3))


def test_what_is_not_made_yet_takes_no_room() -> None:
    store = MediaStore(limit=10)
    full = store.put(item(10), "a")
    token = store.put(DeferredItem(lambda: b"x" * 50, "text/csv", "table.csv"), "a")
    assert store.holds(full) and store.bytes == 10
    found = store.get(token, "a")
    assert isinstance(found, DeferredItem) and found.made() == MediaItem(b"x" * 50, "text/csv", "table.csv")
    store.drop(token)
    assert store.bytes == 10 and len(store) == 1
