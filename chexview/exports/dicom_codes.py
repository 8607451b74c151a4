"""The codes by which DICOM objects name findings, measurements and answers: one table.

Findings take the code that DICOM itself uses in its context groups for chest findings (CID 6102 to 6105, 645, 3700) where it has
one, else SNOMED CT's, else one of our own scheme, which says that it is nobody's standard: pleural thickening as NIH's labels
mean it, and whatever an adopted checkpoint assesses beside the 14.
"""

from dataclasses import dataclass

from chexview.findings import title

OWN = "99CHEXVIEW"
"""The designator of our own scheme; 99 marks a private one (PS3.16 8.2)."""


@dataclass(frozen=True, slots=True)
class Code:
    """A code value, the scheme it is of, and its meaning as text."""

    value: str
    scheme: str
    meaning: str


FINDINGS: dict[str, Code] = {
    "Atelectasis": Code("46621007", "SCT", "Atelectasis"),
    "Cardiomegaly": Code("8186001", "SCT", "Cardiomegaly"),
    "Effusion": Code("60046008", "SCT", "Pleural effusion"),
    "Infiltration": Code("112121", "DCM", "Infiltrate"),
    "Mass": Code("4147007", "SCT", "Mass"),
    "Nodule": Code("27925004", "SCT", "Nodule"),
    "Pneumonia": Code("233604007", "SCT", "Pneumonia"),
    "Pneumothorax": Code("36118008", "SCT", "Pneumothorax"),
    "Consolidation": Code("95436008", "SCT", "Lung consolidation"),
    "Edema": Code("19242006", "SCT", "Pulmonary edema"),
    "Emphysema": Code("87433001", "SCT", "Pulmonary emphysema"),
    "Fibrosis": Code("51615001", "SCT", "Pulmonary fibrosis"),
    "Pleural_Thickening": Code("Pleural_Thickening", OWN, "Pleural thickening"),
    "Hernia": Code("39839004", "SCT", "Diaphragmatic hernia"),
}

PROBABILITY = Code("122157", "DCM", "Probability")
SCORE = Code("score", OWN, "Uncalibrated score")
THRESHOLD = Code("122411", "DCM", "Threshold Value")
ASSESSED = Code("assessed", OWN, "Findings assessed")
FLAGGED_COUNT = Code("flagged_count", OWN, "Findings flagged")
FLAGGED = Code("flagged", OWN, "Flagged at its threshold")
VERDICT = Code("verdict", OWN, "Reader's verdict")
SUMMARY = Code("summary", OWN, "Summary of the reading")
COMMENT = Code("121106", "DCM", "Comment")
YES, NO = Code("373066001", "SCT", "Yes"), Code("373067005", "SCT", "No")
NO_UNITS = Code("1", "UCUM", "no units")
CHEST = Code("51185008", "SCT", "Chest")
CHEST_FILM = Code("399208008", "SCT", "Plain chest X-ray")
CLASS_ACTIVATION = Code("130402", "DCM", "Class activation")
MACHINE_LEARNING = Code("123110", "DCM", "Artificial Intelligence")
REPORT = Code("126000", "DCM", "Imaging Measurement Report")


def finding_code(name: str) -> Code:
    """The code of a finding; of our own scheme where no standard one is known."""
    return FINDINGS.get(name) or Code(name[:16], OWN, title(name)[:64])
