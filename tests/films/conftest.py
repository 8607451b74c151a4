"""Decoder pools that are closed after each test."""

from collections.abc import Iterator

import pytest

from chexview.films.decoder_pool import DecoderPool


@pytest.fixture
def pools() -> Iterator[list[DecoderPool]]:
    made: list[DecoderPool] = []
    yield made
    for pool in made:
        pool.close()
