"""The worklist's thread: it ends when idle, dies with its worklist, and serves many callers at once."""

import gc
import subprocess
import sys
import threading
import weakref

from chexview.settings import BUNDLED
from chexview.worklist import queue
from chexview.worklist.queue import Worklist
from tests.worklist.making import SECONDS, Gate, decode, done, files, names, reader_of, score


def worklist_threads() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name == queue.THREAD]


def test_the_thread_ends_when_idle_and_begins_anew() -> None:
    box = Worklist(reader_of(score), decode=decode)
    assert worklist_threads() == []
    for text in ("a", "b"):
        box.bring(files(text))
        for thread in worklist_threads():
            assert thread.daemon
            thread.join(SECONDS)
        assert not box.is_busy
    assert names(box.snapshot()) == ["a", "b"]


def test_a_worklist_nobody_holds_any_more_stops_reading() -> None:
    gate = Gate()
    box = Worklist(reader_of(score), decode=gate)
    box.bring(files("gate", "a", "b", "c"))
    assert gate.reached.wait(SECONDS)
    (thread,) = worklist_threads()
    gone = weakref.ref(box)
    del box
    gate.open.set()
    thread.join(SECONDS)
    assert not thread.is_alive()
    gc.collect()
    assert gone() is None
    assert gate.calls == ["gate.png"]


def test_two_worklists_know_nothing_of_each_other() -> None:
    gate, other = Gate(), Gate(at=b"never")
    first, second = Worklist(reader_of(score), decode=gate), Worklist(reader_of(score), decode=other)
    (one,) = first.bring(files("gate"))
    assert gate.reached.wait(SECONDS)
    (two, _) = second.bring(files("gate", "b"))
    assert names(done(second)) == ["gate", "b"]
    assert one != two
    assert second.open(one) is None
    second.close()
    gate.open.set()
    assert names(done(first)) == ["gate"]
    assert first.memory().pixels > 0


def test_many_callers_at_once_lose_no_film_and_read_none_twice() -> None:
    gate = Gate()
    box = Worklist(reader_of(score), decode=gate)
    texts = [f"film {n}" for n in range(40)]

    def bring() -> None:
        for text in texts:
            box.bring(files(text))
            box.snapshot(), box.progress(), box.memory(), box.open()

    callers = [threading.Thread(target=bring) for _ in range(4)]
    for caller in callers:
        caller.start()
    for caller in callers:
        caller.join(SECONDS)
    assert sorted(names(done(box))) == sorted(texts)
    assert sorted(gate.calls) == sorted(f"{text}.png" for text in texts)
    assert box.progress().done == box.progress().total


def test_a_worklist_that_is_reading_does_not_keep_the_process_alive() -> None:
    script = (
        "import threading\n"
        "from chexview.worklist.input_files import InputFile\n"
        "from chexview.worklist.queue import Worklist\n"
        "reached = threading.Event()\n"
        "def stuck(data, name):\n"
        "    reached.set()\n"
        "    threading.Event().wait()\n"
        "box = Worklist(decode=stuck)\n"
        "box.bring([InputFile('a', b'a')])\n"
        "assert reached.wait(150)\n"
    )
    ended = subprocess.run([sys.executable, "-c", script], cwd=BUNDLED.parents[1], timeout=180, check=False)
    assert ended.returncode == 0
