"""What a Radiograph says of itself: whom it shows, never; that it is damaged, always."""

import numpy as np

from chexview.films.radiograph import Caution, CautionKind, Identity, Radiograph, Window, withheld_for_damage
from tests.films.expectations import is_sentence


def test_a_caution_of_damage_withholds_the_score() -> None:
    harmless = Caution(CautionKind.LOSSY, "It is lossy.")
    assert withheld_for_damage(()) is None and withheld_for_damage((harmless,)) is None
    sentence = withheld_for_damage((harmless, Caution(CautionKind.DAMAGE, "It is damaged.")))
    assert sentence is not None and is_sentence(sentence)


def test_identity_is_in_no_repr() -> None:
    film = Radiograph(
        np.zeros((4, 4), np.uint16), 1.0, 0.0, (Window("w", 1, 2),), "d", identity=Identity("Quartz", "4711")
    )
    assert "Quartz" not in repr(film) + str(film.identity) and "4711" not in repr(film.identity)
