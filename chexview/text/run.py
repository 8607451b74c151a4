"""Text and short HTML about stored runs; every text from outside is escaped. No Streamlit."""

from collections.abc import Mapping
from html import escape

from chexview.evaluation.performance import MeanAuroc
from chexview.evaluation.run import ValidationRun
from chexview.evaluation.run_schema import Counts, FilmList, RunMetadata
from chexview.evaluation.table import LABEL, LOGIT
from chexview.text.markup import fact
from chexview.text.numbers import counted

IMPORT = (
    "A table with a column of image names and a column of scores for each finding (NIH's names, bare or as prob__Effusion or "
    "logit__Effusion), as CSV, TSV, parquet, or zipped. Labels stand in it as label__Effusion (1, 0, empty), or are joined from "
    "NIH's Data_Entry table. Nothing leaves this machine."
)


def card(run: ValidationRun, first: FilmList, mean: MeanAuroc, installed: Mapping[str, str], own: bool) -> str:
    """A run's facts: what it is of, how well it ranks, on whom, and whether its patients were trained on."""
    meta = run.meta
    where = "your own" if own else "bundled"
    small = f"<small>{escape(run.name)}, {where}, {escape(meta.made.when[:10])}</small>"
    title = f"<h3 class='run-title run-head'>{escape(meta.title)}{small}</h3>"
    facts = [_mean(mean, first), _films(run), _patients(run), _checkpoint(run, installed)]
    split = f"Split {meta.split_hash[:12]}" if meta.split_hash else "Split not stated"
    return (
        f"{title}<dl class='facts-row'>{''.join(facts)}</dl>"
        f"<p class='fine'>{escape(meta.data_set)}. <span title='{escape(meta.split_hash, quote=True)}'>{escape(split)}</span>. "
        f"{escape(meta.attribution)}</p>"
    )


def _mean(mean: MeanAuroc, first: FilmList) -> str:
    if mean.value is None:
        return fact("Mean AUROC", "none", "", "Too few patients have a finding.")
    reach = f"{mean.low:.3f} to {mean.high:.3f}" if mean.low is not None and mean.high is not None else ""
    return fact(
        "Mean AUROC", f"{mean.value:.3f}", reach, f"{first.title}, over {counted(len(mean.findings), 'finding')}"
    )


def _films(run: ValidationRun) -> str:
    lists = "; ".join(f"{item.title} {run.meta.counts[item.name].films:,}" for item in run.lists)
    return fact("Films", f"{run.table.rows:,}", "", lists)


def _patients(run: ValidationRun) -> str:
    proof = run.meta.patient_overlap
    if proof is None:
        return fact(
            "Patients shared with training", "not known", "", "The run does not say whose films it was trained on."
        )
    words = f"{proof.training_patients:,} trained on, {proof.validation_patients + proof.test_patients:,} here"
    return fact("Patients shared with training", f"{proof.shared:,}", "", words)


def _checkpoint(run: ValidationRun, installed: Mapping[str, str]) -> str:
    weights = run.meta.checkpoint.weights
    if not weights:
        return fact("Checkpoint", run.meta.checkpoint.name, "", "Its weights are not known; heatmaps cannot be shown.")
    if weights in installed:
        return fact("Checkpoint", installed[weights], "", "Installed here.")
    return fact("Checkpoint", run.meta.checkpoint.name, "", "Not installed here; heatmaps cannot be shown.")


def predictions(run: ValidationRun) -> str:
    """Every film's labels and logits as CSV; a text that begins like a formula gets an apostrophe before it."""
    columns = ["image", "patient", "sex", "age", "view", "split"]
    for finding in run.findings:
        columns += [LABEL + finding, LOGIT + finding]
    frame = run.frame(columns)
    for name in ("image", "patient"):
        frame[name] = [f"'{text}" if str(text)[:1] in "=+-@\t\r" else text for text in frame[name]]
    return frame.to_csv(index=False)


def about(run: ValidationRun) -> list[tuple[str, str]]:
    """Where the numbers come from, as rows of a table."""
    meta = run.meta
    chosen = meta.chosen_on
    rows = [
        ("Run", f"{meta.title} (folder {run.name})"),
        (
            "Checkpoint",
            meta.checkpoint.name + (f", weights {meta.checkpoint.weights}" if meta.checkpoint.weights else ""),
        ),
        ("Data set", meta.data_set),
        ("Attribution", meta.attribution),
        ("Lists", "; ".join(_list_words(item, meta.counts[item.name]) for item in meta.lists)),
        ("Thresholds and calibration", f"chosen on {chosen.list_name} of {chosen.run}" if chosen else "not stated"),
        ("Split", meta.split_hash or "not stated"),
        ("Made", f"{meta.made.when}, with {', '.join(f'{a} {b}' for a, b in meta.made.software.items())}"),
        ("SHA-256 of run.json", run.digest),
    ]
    rows += [(f"SHA-256 of {name}", digest) for name, digest in meta.tables.items()]
    return rows


def _list_words(item: FilmList, counts: Counts) -> str:
    return f"{item.title}, {counted(counts.films, 'film')} of {counted(counts.patients, 'patient')}"


def overlap(meta: RunMetadata) -> str:
    label, proof = "Patients shared with training", meta.patient_overlap
    if proof is None:
        return fact(label, "not known", "", "The run does not say whose films the model was trained on.", pale=True)
    parts = [
        counted(proof.training_patients, "training patient"),
        f"{proof.validation_patients:,} validation",
        f"{proof.test_patients:,} test",
    ]
    return fact(label, f"{proof.shared:,}", "", f"{', '.join(parts)}; no patient is in two of them")
