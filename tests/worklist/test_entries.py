"""What a row says of a film, and what it does not keep."""

from dataclasses import FrozenInstanceError, replace

import numpy as np
import pytest

from chexview.films.radiograph import Identity, VoiTable
from chexview.worklist.entries import Status, facts, thumbnail
from tests.worklist.making import film, row


def test_a_row_is_frozen_and_tells_nobodys_name() -> None:
    made = row("1", name="Sentinel^Quartz.dcm", facts=film(b"a", identity=Identity("Sentinel^Quartz")))
    assert "Sentinel" not in repr(made)
    assert "Sentinel" not in repr(made.opened(film(b"a")))
    with pytest.raises(FrozenInstanceError):
        made.name = "other"  # type: ignore[misc]


def test_the_sentence_is_the_films_own_or_of_its_failure() -> None:
    lateral = facts(film(b"a", withheld="This is a lateral film."))
    held = row("1", Status.WITHHELD, facts=lateral)
    assert held.held_back == held.sentence == "This is a lateral film."
    failed = replace(held, failure="The film could not be scored.")
    assert failed.held_back == "The film could not be scored."
    insisted = replace(held, status=Status.READ, insisted=True)
    assert insisted.held_back is None
    assert insisted.sentence == ""
    assert insisted.objection == "This is a lateral film."
    assert row("2", Status.REFUSED, failure="It is cut short.").sentence == "It is cut short."


def test_an_opened_film_carries_what_the_check_said() -> None:
    held = row("1", Status.WITHHELD, facts=facts(film(b"a", withheld="It is no chest.")))
    assert held.opened(film(b"a")).film.withheld == "It is no chest."


def test_facts_keep_everything_but_pixels_and_the_decoders_buffer() -> None:
    buffer = np.zeros(2**20, np.uint16)
    table = VoiTable("curve", 0.0, buffer[-256:], 16)
    whole = film(b"a", padding=np.zeros((64, 48), np.bool_), views=(table,), header=(("Modality", "DX"),))
    bare = facts(whole)
    assert bare.pixels.shape == (0, 0)
    assert bare.padding is None
    (view,) = bare.views
    assert isinstance(view, VoiTable)
    assert view.values.base is None
    assert not np.shares_memory(view.values, buffer)
    assert (bare.digest, bare.header) == (whole.digest, whole.header)


def test_thumbnails_are_small_keep_their_shape_and_what_is_seen() -> None:
    tall = film(b"a", np.repeat(np.array([0, 4095], np.uint16), 500 * 400).reshape(1000, 400))
    small = thumbnail(tall)
    assert small.shape == (192, 77)
    assert small.dtype == np.uint8
    assert not small.flags.writeable
    assert (small[0, 0], small[-1, -1]) == (0, 255)
    assert (thumbnail(replace(tall, inverted=True))[0, 0]) == 255
    assert thumbnail(film(b"a")).shape == (64, 48)
