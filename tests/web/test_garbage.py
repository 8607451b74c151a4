"""Garbage in cycles: collected by the clock; what the server keeps for good is left alone."""

import gc
import tomllib
import weakref
from pathlib import Path

from chexview.web import garbage

CONFIG = Path(__file__).parents[2] / ".streamlit" / "config.toml"


class Node:
    """An object that can name itself."""

    itself: "Node"


def cycle() -> weakref.ref[Node]:
    """An object that only itself holds."""
    node = Node()
    node.itself = node
    return weakref.ref(node)


def test_cycles_go_by_the_clock() -> None:
    collected = gc.get_stats()[2]["collections"]
    gone = cycle()
    clock = garbage.collect_by_the_clock(0.01)
    assert clock.daemon
    try:
        for _ in range(500):
            if gone() is None and gc.get_stats()[2]["collections"] > collected:
                break
            clock.join(0.01)
        assert gone() is None
        assert gc.get_stats()[2]["collections"] > collected
    finally:
        clock.stop()
    assert not clock.is_alive()


def test_what_is_kept_for_good_is_not_looked_through_again() -> None:
    try:
        node = Node()
        garbage.keep_for_good()
        assert gc.get_freeze_count() > 1000
        assert not any(known is node for known in gc.get_objects())
        gone = cycle()
        gc.collect()
        assert gone() is None
    finally:
        gc.unfreeze()


def test_streamlit_collects_nothing_after_each_run() -> None:
    assert tomllib.loads(CONFIG.read_text())["runner"]["postScriptGC"] is False
