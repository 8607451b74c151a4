"""The one vocabulary of outside names: columns, findings, and words that say something else.

Spelling does not matter (case, spaces, underscores, hyphens); meaning does. A word of a table's labels is one of:

- a finding's name (``Effusion``, ``pleural effusion``): the film has it;
- nothing (``No Finding``, ``normal``): the film was looked at and has none;
- broader than one finding (``Nodule/Mass``, ``lung opacity``): the film may have any of those, so none of them is denied;
- about something else (``scoliosis``, ``endotracheal tube``): it neither gives nor denies a finding;
- not understood: then what the film does not name is unknown, never negative.

Names as in NIH ChestX-ray14, CheXpert, MIMIC-CXR-JPG, PadChest and VinDr-CXR.
"""

import re
from dataclasses import dataclass
from enum import StrEnum

from chexview.findings import NAMES, title

COLUMNS: dict[str, tuple[str, ...]] = {
    "image": (
        "image",
        "image index",
        "filename",
        "file name",
        "file",
        "path",
        "image id",
        "imageid",
        "image name",
        "dicom id",
        "sop instance uid",
        "id",
    ),
    "patient": ("patient", "patient id", "patientid", "subject id", "subject"),
    "sex": ("sex", "gender", "patient gender", "patient sex", "patientsex", "patientsex dicom"),
    "age": ("age", "patient age", "patientage"),
    "view": ("view", "view position", "viewposition", "ap/pa", "projection"),
    "side": ("frontal/lateral",),
    "birth": ("patientbirth",),
    "taken": ("studydate dicom",),
    "study": ("study id",),
    "words": ("finding labels", "labels", "findings"),
}
"""The names under which public data sets have a column, by what it holds, as :func:`plain` writes them."""

_FINDINGS: dict[str, tuple[str, ...]] = {
    "Atelectasis": (
        "atelectasis",
        "atelectasis basal",
        "laminar atelectasis",
        "lobar atelectasis",
        "segmental atelectasis",
        "total atelectasis",
        "round atelectasis",
    ),
    "Cardiomegaly": ("cardiomegaly",),
    "Effusion": ("effusion", "pleural effusion", "loculated pleural effusion", "loculated fissural effusion"),
    "Infiltration": ("infiltration", "infiltrate", "infiltrates"),
    "Mass": ("mass", "pulmonary mass", "lung mass"),
    "Nodule": ("nodule", "multiple nodules", "pulmonary nodule", "lung nodule"),
    "Pneumonia": ("pneumonia", "atypical pneumonia"),
    "Pneumothorax": ("pneumothorax",),
    "Consolidation": ("consolidation",),
    "Edema": ("edema", "oedema", "pulmonary edema", "pulmonary oedema"),
    "Emphysema": ("emphysema", "pulmonary emphysema"),
    "Fibrosis": ("fibrosis", "pulmonary fibrosis", "lung fibrosis"),
    "Pleural_Thickening": (
        "pleural thickening",
        "thickening pleural",
        "apical pleural thickening",
        "calcified pleural thickening",
    ),
    "Hernia": ("hernia", "hiatal hernia", "hiatus hernia"),
    "opacity": ("airspace opacity", "air space opacity"),
    "nodule_mass": ("nodule mass", "nodule/mass", "nodule or mass"),
}

SEVERAL: dict[str, tuple[str, ...]] = {"hydropneumothorax": ("Effusion", "Pneumothorax")}
"""Words that give more than one finding."""

BROADER: dict[str, tuple[str, ...]] = {
    "lung lesion": ("Nodule", "Mass"),
    "lung opacity": ("Atelectasis", "Infiltration", "Mass", "Nodule", "Pneumonia", "Consolidation", "Edema"),
    "increased density": ("Atelectasis", "Infiltration", "Mass", "Nodule", "Pneumonia", "Consolidation"),
    "alveolar pattern": ("Infiltration", "Pneumonia", "Consolidation", "Edema"),
    "interstitial pattern": ("Infiltration", "Edema", "Fibrosis"),
    "reticular interstitial pattern": ("Infiltration", "Edema", "Fibrosis"),
    "reticulonodular interstitial pattern": ("Infiltration", "Nodule", "Fibrosis"),
    "miliary opacities": ("Infiltration", "Nodule"),
    "ground glass pattern": ("Infiltration", "Pneumonia", "Consolidation", "Edema"),
    "air bronchogram": ("Infiltration", "Pneumonia", "Consolidation"),
    "interstitial lung disease": ("Infiltration", "Fibrosis"),
    "ild": ("Infiltration", "Fibrosis"),
    "volume loss": ("Atelectasis",),
    "lobar collapse": ("Atelectasis",),
    "tuberculosis": ("Infiltration", "Consolidation", "Pneumonia"),
    "pneumonitis": ("Infiltration", "Pneumonia"),
    "heart insufficiency": ("Cardiomegaly", "Edema"),
    "respiratory distress": ("Edema", "Infiltration"),
    "adult respiratory distress syndrome": ("Edema", "Infiltration", "Consolidation"),
    "lung metastasis": ("Nodule", "Mass"),
    "lung tumor": ("Nodule", "Mass"),
    "cavitation": ("Mass", "Infiltration"),
    "abscess": ("Mass", "Consolidation"),
    "empyema": ("Effusion",),
    "copd signs": ("Emphysema",),
    "copd": ("Emphysema",),
    "hyperinflated lung": ("Emphysema",),
    "bullas": ("Emphysema",),
    "air trapping": ("Emphysema",),
    "fibrotic band": ("Fibrosis",),
    "post radiotherapy changes": ("Fibrosis",),
    "pleural plaques": ("Pleural_Thickening",),
    "pleural other": ("Pleural_Thickening",),
    "fissure thickening": ("Pleural_Thickening", "Effusion"),
    "costophrenic angle blunting": ("Effusion", "Pleural_Thickening"),
    "pleural mass": ("Mass", "Pleural_Thickening"),
    "enlarged cardiomediastinum": ("Cardiomegaly",),
    "cardiomediastinal enlargement": ("Cardiomegaly",),
    "pericardial effusion": ("Cardiomegaly",),
    "infiltrates or consolidation": ("Infiltration", "Consolidation"),
    "other lesion": NAMES,
    "other diseases": NAMES,
    "unchanged": NAMES,
    "exclude": NAMES,
    "suboptimal study": NAMES,
}
"""Words that leave some findings open: each may or may not be there. Those at the end say nothing of any finding."""

NOTHING = ("no finding", "no findings", "normal")
"""Words that say that a film was looked at and has none of the findings."""

ELSEWHERE = frozenset(
    """abnormal foreign body|adenopathy|air fluid level|alveolar calcification|aneurysm|aortic aneurysm|aortic atheromatosis
aortic button enlargement|aortic elongation|aortic endoprosthesis|aortic enlargement|apical scar|artery calcification
artificial aortic heart valve|artificial heart valve|artificial mitral heart valve|ascendent aortic elongation|asbestosis signs
atherosclerosis|axial hyperostosis|azygoesophageal recess shift|azygos lobe|blastic bone lesion|bone cement
bone metastasis|breast mass|bronchiectasis|bronchovascular markings|calcified adenopathy|calcified densities
calcified fibroadenoma|calcified granuloma|calcified mediastinal adenopathy|calcification|callus rib fracture
catheter|central vascular redistribution|central venous catheter|central venous catheter via jugular vein
central venous catheter via subclavian vein|central venous catheter via umbilical vein|cervical rib|chest drain tube
chilaiditi sign|chronic changes|clavicle fracture|descendent aortic elongation|dextrocardia|diaphragmatic eventration
dual chamber device|double j stent|electrical device|end on vessel|endoprosthesis|endotracheal tube
esophagic dilatation|external foreign body|flattened diaphragm|fracture|gastrostomy tube|goiter|granuloma
gynecomastia|heart valve calcified|hemidiaphragm elevation|hilar congestion|hilar enlargement|humeral fracture
humeral prosthesis|hypoexpansion|hypoexpansion basal|hyperinflated chest|inverted diaphragm|kyphosis
lung vascular paucity|lymphangitis carcinomatosa|lytic bone lesion|major fissure thickening|mammary prosthesis
mastectomy|mediastinal enlargement|mediastinal mass|mediastinal shift|mediastinic lipomatosis|metal
minor fissure thickening|nephrostomy tube|nipple shadow|nsg tube|osteopenia|osteoporosis|osteosynthesis material
pacemaker|pectum carinatum|pectum excavatum|pneumomediastinum|pneumoperitoneo|prosthesis|pseudonodule
pulmonary artery enlargement|pulmonary artery hypertension|pulmonary hypertension|pulmonary venous hypertension
reservoir central venous catheter|rib fracture|right sided aortic arch|sclerotic bone lesion|scoliosis
single chamber device|soft tissue mass|sternoclavicular junction hypertrophy|sternotomy|subacromial space narrowing
subcutaneous emphysema|supra aortic elongation|suprahilar mass|surgery|surgery breast|surgery heart|surgery humeral
surgery lung|surgery neck|support devices|superior mediastinal enlargement|suture material|thoracic cage deformation
tracheal shift|tracheostomy tube|tuberculosis sequelae|vascular hilar enlargement|vascular redistribution
ventriculoperitoneal drain tube|vertebral anterior compression|vertebral compression|vertebral degenerative changes
vertebral fracture""".replace("\n", "|").split("|")
)
"""Words of public data sets for things that are none of the findings and say nothing about them."""


_DENIALS = tuple("-\u2013\u2212!~")
"""A word or column that begins so may say the opposite, or only be one of a list."""


class Meaning(StrEnum):
    """What a word of a table's labels says."""

    FINDING = "finding"
    NOTHING = "nothing"
    BROADER = "broader"
    ELSEWHERE = "elsewhere"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Word:
    """A word's meaning, and the findings that it gives (of ``FINDING``) or leaves open (of ``BROADER``)."""

    meaning: Meaning
    findings: tuple[str, ...] = ()


def plain(text: str) -> str:
    """A name without what spelling adds: small letters, and one space for spaces, underscores and hyphens."""
    return re.sub(r"[\s_\-]+", " ", text).strip().lower()


_BY_WORD = {plain(word): finding for finding in NAMES for word in (finding, title(finding))} | {
    plain(word): finding for finding, words in _FINDINGS.items() for word in (finding, *words)
}


def finding_of(text: str) -> str | None:
    """The finding, or composite, that a name stands for; None for any other name."""
    return _BY_WORD.get(plain(text))


def names_of(finding: str) -> tuple[str, ...]:
    """All names of a finding, as :func:`plain` writes them."""
    return tuple(word for word, found in _BY_WORD.items() if found == finding)


def word(text: str) -> Word:
    """What a word of a table's labels says."""
    name = plain(text)
    if text.strip()[:1] in _DENIALS:
        return Word(Meaning.UNKNOWN)
    if name in SEVERAL:
        return Word(Meaning.FINDING, SEVERAL[name])
    if (found := _BY_WORD.get(name)) is not None:
        return Word(Meaning.FINDING, (found,))
    if name in NOTHING:
        return Word(Meaning.NOTHING)
    if name in BROADER:
        return Word(Meaning.BROADER, BROADER[name])
    return Word(Meaning.ELSEWHERE) if name in ELSEWHERE else Word(Meaning.UNKNOWN)


def column_for(role: str, columns: "list[str] | tuple[str, ...]") -> str | None:
    """The column that holds ``role`` (a key of :data:`COLUMNS`), by the order of its names; None if there is none."""
    by_name: dict[str, str] = {}
    for column in columns:
        by_name.setdefault(plain(column), column)
    return next((by_name[name] for name in map(plain, COLUMNS[role]) if name in by_name), None)


class Role(StrEnum):
    """What a finding's column holds."""

    LABEL = "label"
    LOGIT = "logit"
    PROBABILITY = "probability"
    SCORE = "score"
    BARE = "bare"


_ROLES: dict[str, Role] = {
    **dict.fromkeys(("label", "labels", "true", "truth", "gt", "target", "actual", "reference"), Role.LABEL),
    **dict.fromkeys(("logit", "logits"), Role.LOGIT),
    **dict.fromkeys(("prob", "probs", "probability", "p", "proba", "sigmoid"), Role.PROBABILITY),
    **dict.fromkeys(("score", "scores", "pred", "preds", "predicted", "prediction", "output", "outputs"), Role.SCORE),
}
_SILENT = frozenset({"y", "ground", "class"})
"""Parts of a column's name that say nothing by themselves: ``y_pred_Mass``, ``ground_truth_Mass``."""
_UNCLEAR = "class"
"""Alone it may be the truth or the model's answer: ``Mass_class``."""


@dataclass(frozen=True, slots=True)
class FindingColumn:
    """A column about one finding, and what it holds of it."""

    finding: str
    role: Role


def finding_column(name: str) -> FindingColumn | None:
    """What a column is about: ``prob__Mass``, ``Mass_label``, ``y_true_Mass``, ``Mass``; None for any other column."""
    parts = [part for part in plain(name).split(" ") if part]
    roles: set[Role] = set()
    is_class = _UNCLEAR in parts
    while parts and (found := finding_of(" ".join(parts))) is None:
        for end in (0, -1):
            if parts[end] in _ROLES or parts[end] in _SILENT:
                if (role := _ROLES.get(parts.pop(end))) is not None:
                    roles.add(role)
                break
        else:
            return None
    if not parts or len(roles - {Role.SCORE}) > 1 or (is_class and not roles):
        return None
    if name.strip()[:1] in _DENIALS or (Role.LABEL in roles and len(roles) > 1):
        return None  # "-Mass" may be the score of its absence, "Mass_pred_label" is the model's answer and no truth
    exact = roles - {Role.SCORE} or roles
    return FindingColumn(found or "", exact.pop() if exact else Role.BARE)
