"""The 14 findings of NIH ChestX-ray14: names, order, words, and the composites built from them.

Source: Wang et al., "ChestX-ray8", CVPR 2017, and the data set's later extension to 14 labels.
The order is that of the CheXNet replications, so that adopted checkpoints need no reordering.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Finding:
    """One finding: ``name`` as in NIH's labels, ``title`` for people, ``meaning`` in one sentence.

    ``countable`` says that it takes an article within a sentence: "a nodule", but "edema".
    """

    name: str
    title: str
    meaning: str
    countable: bool = False

    @property
    def phrase(self) -> str:
        """The finding within a sentence: ``a nodule``, ``an effusion``, ``pleural thickening``."""
        word = self.title.lower()
        if not self.countable:
            return word
        return f"{'an' if word[0] in 'aeiou' else 'a'} {word}"


FINDINGS: tuple[Finding, ...] = (
    Finding("Atelectasis", "Atelectasis", "Part of a lung has lost its air and collapsed."),
    Finding("Cardiomegaly", "Cardiomegaly", "The heart's shadow is wider than usual."),
    Finding("Effusion", "Effusion", "Fluid between the lung and the chest wall.", countable=True),
    Finding(
        "Infiltration", "Infiltration", "An ill-defined opacity in the lung; the vaguest of the labels.", countable=True
    ),
    Finding("Mass", "Mass", "A round opacity of more than 3 cm.", countable=True),
    Finding("Nodule", "Nodule", "A round opacity of at most 3 cm.", countable=True),
    Finding("Pneumonia", "Pneumonia", "An infection of the lung, as the report named it."),
    Finding("Pneumothorax", "Pneumothorax", "Air between the lung and the chest wall.", countable=True),
    Finding("Consolidation", "Consolidation", "Air spaces filled with fluid, pus or cells.", countable=True),
    Finding("Edema", "Edema", "Fluid in the lung's tissue, often from the heart."),
    Finding("Emphysema", "Emphysema", "Over-inflated lung with destroyed air spaces."),
    Finding("Fibrosis", "Fibrosis", "Scarring of the lung's tissue."),
    Finding("Pleural_Thickening", "Pleural thickening", "The lining of the lung is thicker than usual."),
    Finding("Hernia", "Hernia", "Part of the stomach or bowel lies in the chest.", countable=True),
)

CHESTX_RAY14: tuple[str, ...] = (
    "Atelectasis",
    "Cardiomegaly",
    "Effusion",
    "Infiltration",
    "Mass",
    "Nodule",
    "Pneumonia",
    "Pneumothorax",
    "Consolidation",
    "Edema",
    "Emphysema",
    "Fibrosis",
    "Pleural_Thickening",
    "Hernia",
)
"""NIH's own labels, in the order of those who trained on them: what their tables and networks hold, whatever CheXView learns to
know beside them."""

NAMES: tuple[str, ...] = tuple(finding.name for finding in FINDINGS)
BY_NAME: dict[str, Finding] = {finding.name: finding for finding in FINDINGS}

COMPOSITES: dict[str, tuple[str, ...]] = {
    "nodule_mass": ("Nodule", "Mass"),
    "opacity": ("Infiltration", "Consolidation", "Pneumonia", "Edema", "Atelectasis"),
}
"""A composite is present where any of its parts is; ``nodule_mass`` is the write-up's own label, ``opacity`` what radiologists
who adjudicated NIH's films called an airspace opacity."""

_COMPOSITE_WORDS = {
    "nodule_mass": Finding("nodule_mass", "Nodule or mass", "A round opacity of any size.", countable=True),
    "opacity": Finding(
        "opacity", "Airspace opacity", "Infiltration, consolidation, pneumonia, edema or atelectasis.", countable=True
    ),
}


def _known(name: str) -> Finding | None:
    return BY_NAME.get(name) or _COMPOSITE_WORDS.get(name)


def title(name: str) -> str:
    """The words for a finding's or composite's name; an unknown name is given back with spaces for underscores."""
    found = _known(name)
    return found.title if found else name.replace("_", " ")


def phrase(name: str) -> str:
    """A finding within a sentence: ``a nodule``, ``pleural thickening``; one that is not known here, as it is written."""
    found = _known(name)
    if found:
        return found.phrase
    words = name.replace("_", " ")
    return words.lower() if words.istitle() else words
