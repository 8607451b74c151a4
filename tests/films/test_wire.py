"""Frames between the server and its decoding child."""

import logging

import pytest

from chexview.films import wire
from chexview.films.decoder_pool import DecoderPool
from tests.films.builders import (
    NAME,
    PATIENT,
    film,
)


def test_identity_crosses_the_pipe_and_nothing_else(pools: list[DecoderPool], caplog: pytest.LogCaptureFixture) -> None:
    pools.append(DecoderPool(1))
    with caplog.at_level(logging.DEBUG):
        radiograph = pools[0].read(film())
    assert radiograph.identity.patient_name == NAME
    assert NAME not in repr(radiograph) + caplog.text
    head, _ = wire.pack(radiograph)
    del head["identity"], head["origin"]
    assert NAME not in str(head) and PATIENT not in str(head)
