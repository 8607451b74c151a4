"""The 14 findings of NIH ChestX-ray14: names, order, words, and the composites built from them.

Source: Wang et al., "ChestX-ray8", CVPR 2017, and the data set's later extension to 14 labels.
The order is that of the CheXNet replications, so that adopted checkpoints need no reordering.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Finding:
    """One finding: ``name`` as in NIH's labels, ``title`` for people, ``meaning`` in one sentence."""

    name: str
    title: str
    meaning: str


FINDINGS: tuple[Finding, ...] = (
    Finding("Atelectasis", "Atelectasis", "Part of a lung has lost its air and collapsed."),
    Finding("Cardiomegaly", "Cardiomegaly", "The heart's shadow is wider than usual."),
    Finding("Effusion", "Effusion", "Fluid between the lung and the chest wall."),
    Finding("Infiltration", "Infiltration", "An ill-defined opacity in the lung; the vaguest of the labels."),
    Finding("Mass", "Mass", "A round opacity of more than 3 cm."),
    Finding("Nodule", "Nodule", "A round opacity of at most 3 cm."),
    Finding("Pneumonia", "Pneumonia", "An infection of the lung, as the report named it."),
    Finding("Pneumothorax", "Pneumothorax", "Air between the lung and the chest wall."),
    Finding("Consolidation", "Consolidation", "Air spaces filled with fluid, pus or cells."),
    Finding("Edema", "Edema", "Fluid in the lung's tissue, often from the heart."),
    Finding("Emphysema", "Emphysema", "Over-inflated lung with destroyed air spaces."),
    Finding("Fibrosis", "Fibrosis", "Scarring of the lung's tissue."),
    Finding("Pleural_Thickening", "Pleural thickening", "The lining of the lung is thicker than usual."),
    Finding("Hernia", "Hernia", "Part of the stomach or bowel lies in the chest."),
)

NAMES: tuple[str, ...] = tuple(finding.name for finding in FINDINGS)
BY_NAME: dict[str, Finding] = {finding.name: finding for finding in FINDINGS}

COMPOSITES: dict[str, tuple[str, ...]] = {"nodule_mass": ("Nodule", "Mass")}
"""A composite is present where any of its parts is; ``nodule_mass`` is the write-up's own label."""

_COMPOSITE_TITLES = {"nodule_mass": "Nodule or mass"}


def title(name: str) -> str:
    """The words for a finding's or composite's name; an unknown name is given back with spaces for underscores."""
    if name in BY_NAME:
        return BY_NAME[name].title
    return _COMPOSITE_TITLES.get(name, name.replace("_", " "))
