"""What tables and reports of films are made from."""

from dataclasses import replace

from chexview.pages.read_points import readings_key
from tests.worklist.making import reading, row


def test_the_key_changes_with_what_is_written_and_with_nothing_else() -> None:
    read = row("a", reading=reading(Mass=0.5, Edema=-1.0))
    assert read.reading is not None
    scores = tuple(score.at(0.3) for score in read.reading.findings)
    others = (
        replace(
            read, reading=replace(read.reading, findings=scores)
        ),  # another threshold under a policy of the same name
        replace(read, reading=replace(read.reading, checkpoint_digest="other")),
        replace(read, reading=None),
        replace(read, insisted=True),
        replace(read, id="b"),
    )
    keys = [readings_key([each]) for each in (read, *others)]
    assert len(set(keys)) == len(keys)
    assert readings_key([replace(read, seconds=9.0)]) == keys[0] and readings_key([read, read]) not in keys
