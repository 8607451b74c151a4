"""A reference standard of one's own, from a table of image, reader, finding and answer (yes, no or hedge).

The truth of a film is the table's own where it has a reader called ``truth``, else the majority of those who said yes or no; a tie
is unknown. Findings under any name of the vocabulary are the run's; others keep theirs and judge nothing.
"""

import re
from pathlib import Path, PurePosixPath

import numpy as np
import pandas as pd

from chexview.errors import ReferenceStandardError, TableError
from chexview.evaluation.reference_schema import JudgedBy, ReaderFacts, ReferenceMetadata
from chexview.evaluation.references import Answer, ReferenceStandard, write_reference
from chexview.evaluation.run_schema import made_now
from chexview.findings import COMPOSITES
from chexview.labels.aliases import column_for, finding_of, plain
from chexview.labels.image_names import depth, shortened
from chexview.labels.tables import TextTable, read_table

TRUTH = ("truth", "consensus", "adjudicated")
COLUMNS = ("image", "reader", "finding", "answer")
_ANSWERS = {
    **dict.fromkeys(("yes", "1", "1.0", "y", "present", "positive", "true"), Answer.YES),
    **dict.fromkeys(("no", "0", "0.0", "n", "absent", "negative", "false"), Answer.NO),
    **dict.fromkeys(("hedge", "uncertain", "maybe", "unsure", "-1", "2"), Answer.HEDGE),
}
_NIH = re.compile(r"^\d{8}_\d{3}\.")


def import_reference(data: bytes, name: str, folder: Path, title: str = "") -> ReferenceStandard:
    """Stores a table of answers as the reference standard ``folder``. Raises ReferenceStandardError naming row and column."""
    try:
        table = read_table(data, name)
        answers, patients = _answers(table, name)
    except TableError as error:
        raise ReferenceStandardError(str(error)) from error
    labels, majority = _truth(answers, patients)
    single = answers[~answers["reader"].map(plain).isin(TRUTH)].reset_index(drop=True)
    own = [name.removeprefix("label__") for name in map(str, labels.columns) if name.startswith("label__")]
    judges = {finding: JudgedBy((finding,)) for finding in own if finding_of(finding) == finding}
    judges |= {
        composite: JudgedBy(parts)
        for composite, parts in COMPOSITES.items()
        if composite not in judges and set(parts) <= set(own)
    }
    if not judges:
        raise ReferenceStandardError(
            f"{name} names no finding that a run has ({', '.join(own[:4])}); name findings as NIH does."
        )
    readers = {reader: ReaderFacts(reader, majority) for reader in sorted(single["reader"].unique())}
    bare = PurePosixPath(name).name.split(".")[0]
    meta = ReferenceMetadata(
        title=title.strip() or bare,
        labelled_by=f"{len(readers)} readers of {name}" if readers else f"The truth of {name}",
        method="The majority of the readers; a tie is unknown."
        if majority
        else "The truth that the table itself gives.",
        data_set=f"imported from {name}",
        citation="",
        terms="Your own.",
        judges=judges,
        made=made_now(),
        answers="Answers as they stand in the table." if readers else "",
        readers=readers,
    )
    return write_reference(folder, meta, labels, single)


def _answers(table: TextTable, name: str) -> tuple[pd.DataFrame, dict[str, str]]:
    """image, reader, finding, answer; and each image's patient. Raises TableError."""
    headings = list(table.frame.columns)
    by_name = {plain(column): column for column in headings}
    chosen = {
        role: column
        for role in COLUMNS
        if (column := column_for(role, headings) if role == "image" else by_name.get(role))
    }
    if missing := [role for role in COLUMNS if role not in chosen]:
        raise TableError(f"{name} has no column {missing[0]}; it needs image, reader, finding and answer.")
    frame = table.frame[[chosen[role] for role in COLUMNS]].set_axis(list(COLUMNS), axis=1)
    frame = frame.apply(lambda column: column.str.strip())
    for role in COLUMNS[:3]:
        if (empty := (frame[role] == "").to_numpy()).any():
            raise TableError(f"{name}, column {chosen[role]}, row {int(empty.argmax()) + table.first_row} is empty.")
    count = depth(frame["image"].drop_duplicates().tolist())
    frame["image"] = frame["image"].map(lambda text: shortened(text, count))
    frame["finding"] = frame["finding"].map(lambda text: finding_of(text) or text.replace(" ", "_"))
    said = frame["answer"].str.lower().map(_ANSWERS)
    if (strange := said.isna().to_numpy()).any():
        row = int(strange.argmax())
        raise TableError(
            f"{name}, column {chosen['answer']}, row {row + table.first_row}: must be yes, no or hedge; "
            f"it has {frame['answer'].iloc[row][:20]!r}."
        )
    frame["answer"] = said.astype(np.int8)
    doubled = frame.duplicated(["image", "reader", "finding"]).to_numpy()
    if doubled.any():
        row = int(doubled.argmax())
        raise TableError(
            f"{name}, row {row + table.first_row}: {frame['reader'].iloc[row][:40]} answered before on "
            f"{frame['finding'].iloc[row]} of {frame['image'].iloc[row]}."
        )
    return frame, _patients(table, frame["image"].tolist())


def _patients(table: TextTable, images: list[str]) -> dict[str, str]:
    column = column_for("patient", list(table.frame.columns))
    if column is not None:
        return {image: text.strip() or image for image, text in zip(images, table.frame[column], strict=True)}
    return {image: image[:8] if _NIH.match(image) else image for image in images}


def _truth(answers: pd.DataFrame, patients: dict[str, str]) -> tuple[pd.DataFrame, bool]:
    """The labels, one row an image, and whether they are the readers' majority."""
    given = answers[answers["reader"].map(plain).isin(TRUTH)]
    majority = given.empty
    voting = answers if majority else given
    sure = voting[voting["answer"] != Answer.HEDGE]
    votes = sure.groupby(["image", "finding"])["answer"].agg(["sum", "count"])
    votes["label"] = np.sign(2 * votes["sum"] - votes["count"])
    values = votes["label"].map({1: 1, -1: 0, 0: -1}).unstack("finding")
    images = list(dict.fromkeys(answers["image"]))
    labels = pd.DataFrame({"image": images, "patient": [patients[image] for image in images], "part": ""})
    for finding in sorted(answers["finding"].unique()):
        column = values[finding].reindex(images) if finding in values else pd.Series(np.nan, images)
        labels[f"label__{finding}"] = column.fillna(-1).to_numpy(np.int8)
    return labels, majority
