"""What a film's labels say beside what is flagged."""

import pytest

from chexview.text.known_labels import KnownLabels

KNOWN = KnownLabels("NIH's label", ("Mass",), ("Edema",))


@pytest.mark.parametrize(
    ("finding", "flagged", "tag", "sentence"),
    [
        ("Mass", False, "labelled, missed", "By NIH's label this film has a mass: missed at this threshold."),
        ("Mass", True, "labelled", "By NIH's label this film has a mass."),
        (
            "Edema",
            True,
            "not labelled",
            "By NIH's label this film does not have edema: flagged wrongly at this threshold.",
        ),
        ("Edema", False, "", "By NIH's label this film does not have edema."),
        ("Hernia", True, "", ""),
    ],
)
def test_a_missed_finding_is_named(finding: str, flagged: bool, tag: str, sentence: str) -> None:
    assert (KNOWN.tag(finding, flagged), KNOWN.sentence(finding, flagged)) == (tag, sentence)
