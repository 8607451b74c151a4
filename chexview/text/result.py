"""What came of one film in plain sentences, for the files that leave the app."""

from collections.abc import Iterable

from chexview.findings import title
from chexview.model.card import Card
from chexview.model.reading import FindingScore, Reading
from chexview.text import numbers
from chexview.text.reading import chance, none_flagged
from chexview.worklist.verdicts import Decision, Overruling, Verdict

NO_DICOM = "This film is not a DICOM object of a study, to which results could be added; open it as DICOM."

VERDICTS = {
    Decision.ACCEPTED: "accepted",
    Decision.REJECTED: "rejected: the reader does not see it",
    Decision.CORRECTED: "added by the reader, who sees it",
}


def withheld_words(sentence: str) -> str:
    """What is said in the place of a score."""
    return f"No score is given. {sentence}".rstrip()


def threshold_text(score: FindingScore, card: Card) -> str:
    """A score's threshold as a probability; "none" where there is none."""
    calibration = card.calibration.get(score.name)
    if score.threshold is None or calibration is None:
        return "none"
    return numbers.probability(float(calibration.probability(score.threshold)))


def flagged_sentence(reading: Reading, card: Card) -> str:
    """What is flagged, with probability and threshold; the explicit negative where nothing is."""
    flagged = sorted((score for score in reading.findings if score.flagged), key=lambda score: -score.margin)
    if not flagged:
        return none_flagged(reading)
    parts = [f"{title(score.name)} {chance(score)} (threshold {threshold_text(score, card)})" for score in flagged]
    return f"Flagged, {len(flagged)} of {len(reading.findings)} assessed: {', '.join(parts)}."


def verdict_words(verdict: Verdict) -> str:
    """A reader's verdict, whose it is and when it was given."""
    who = f" by {verdict.reader}" if verdict.reader else ""
    when = f", {verdict.time[:10]}" if verdict.time else ""
    return f"{VERDICTS[verdict.decision]}{who}{when}"


def model_words(card: Card) -> str:
    """The checkpoint and the beginning of its weights' SHA-256."""
    return f"{card.title} (weights SHA-256 {card.weights[:16]})"


def overruled_rows(counted: Iterable[Overruling]) -> list[tuple[str, str]]:
    """How often a model was overruled, by finding: ``overruled on 3 of 20 (15 %): 2 rejected, 1 added``."""
    rows = []
    for item in counted:
        share = numbers.share(item.overruled, item.judged)
        rows.append((title(item.finding), f"overruled on {share}: {item.rejected} rejected, {item.corrected} added"))
    return rows
