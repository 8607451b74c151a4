"""What is said of similar films."""

from chexview.evaluation.estimate import Estimate, Remark
from chexview.evaluation.neighbourhood import NeighbourhoodWorth, TruthCount
from chexview.text.similarity import counts_sentence, worth_sentence


def test_each_truth_says_how_many_films_it_knows() -> None:
    counts = (TruthCount("", 7, 20), TruthCount("Three radiologists, adjudicated", 11, 12))
    assert counts_sentence(counts, "Nodule", 20) == (
        "Of the 20 most similar validation films 7 had a nodule by the run's labels, 11 by three radiologists, adjudicated (of 12 "
        "they saw)."
    )
    assert "3 had a nodule by the run's labels (of 9 with a label)" in counts_sentence(
        (TruthCount("", 3, 9),), "Nodule", 20
    )


def test_the_worth_has_its_interval_and_its_counts() -> None:
    share = Estimate(0.6612, 0.61, 0.71, 1410, 900, 80, 70)
    score = Estimate(0.7201, 0.68, 0.76, 1410, 900, 80, 70)
    sentence = worth_sentence(NeighbourhoodWorth(share, score), "Nodule")
    assert (
        "0.661 (0.610 to 0.710)" in sentence
        and "0.720 (0.680 to 0.760)" in sentence
        and "1,410 films, 80 with it" in sentence
    )
    none = Estimate(None, None, None, 30, 30, 0, 0, Remark.NO_POSITIVE)
    assert worth_sentence(NeighbourhoodWorth(none, none), "Nodule").endswith("not known: no film with the finding.")
