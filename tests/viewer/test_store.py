"""The store: tokens, owners, bounds."""

from chexview.viewer.shelf import Shelf
from chexview.viewer.store import Item, Store


def item(size: int, mark: bytes = b"x") -> Item:
    return Item(mark * size, "image/png")


def test_an_item_is_its_owners_alone() -> None:
    store = Store()
    token = store.put(item(3), "anna")
    assert store.get(token, "anna") == item(3)
    assert store.get(token, "bert") is None
    assert store.get(token, "") is None
    assert store.get("unknown", "anna") is None


def test_nobody_without_a_name_owns_anything() -> None:
    store = Store()
    assert store.get(store.put(item(3), ""), "") is None


def test_tokens_are_long_random_and_differ_for_equal_items() -> None:
    store = Store()
    tokens = {store.put(item(1), "anna") for _ in range(100)}
    assert len(tokens) == 100
    assert all(len(token) >= 22 for token in tokens)


def test_the_longest_unused_go_first() -> None:
    store = Store(limit=10)
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


def test_a_shelf_makes_once_and_again_when_lost() -> None:
    store, made = Store(limit=10), []

    def make() -> Item:
        made.append(1)
        return item(6)

    shelf = Shelf(store, "anna")
    address = shelf.address(("film", "d1", 0), make)
    assert shelf.address(("film", "d1", 0), make) == address
    assert len(made) == 1
    Shelf(store, "bert").place(("film", "d2", 0), item(6))
    again = shelf.address(("film", "d1", 0), make)
    assert again != address
    assert len(made) == 2
    assert address.startswith("film/")


def test_a_shelf_forgets_and_clears() -> None:
    store = Store()
    shelf = Shelf(store, "anna")
    for digest in ("d1", "d2", "d3"):
        shelf.place(("film", digest), item(2))
    shelf.forget(lambda key: key[1] == "d2")
    assert len(store) == 2
    shelf.clear()
    assert len(store) == store.bytes == 0
