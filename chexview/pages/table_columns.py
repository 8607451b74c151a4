"""How the columns of tables on Evaluate and Read are headed and written."""

from collections.abc import Iterable

import streamlit as st
from streamlit.elements.lib.column_types import ColumnConfig

from chexview.evaluation.published import Published

NUMBER, TEXT = st.column_config.NumberColumn, st.column_config.TextColumn
FINDING = {"Finding": TEXT(width=132)}
"""As wide as the longest name of a finding."""
AREAS = {
    **FINDING,
    "AUROC": NUMBER(format="%.3f", width=70),
    "AUROC 95 %": TEXT("95 %", width=108, help="95 % interval of the AUROC"),
    "Control AUROC": NUMBER("Control", format="%.3f", width=70, help="AUROC of blur and brightness alone"),
    "Control 95 %": TEXT("95 %", width=108, help="95 % interval of the control's AUROC"),
    "AUPRC": NUMBER(format="%.3f", width=70, help="Average precision, beside the prevalence"),
    "AUPRC 95 %": TEXT("95 %", width=108, help="95 % interval of the average precision"),
    "Prevalence": NUMBER(width=85, help="Share of films with the finding"),
    "Films": NUMBER(format="localized", width=62, help="Films with the finding"),
    "Patients": NUMBER(format="localized", width=70, help="Patients with at least one such film"),
    "Sensitivity": NUMBER(width=85),
    "Sensitivity 95 %": TEXT("95 %", width=92, help="95 % interval of the sensitivity"),
    "Specificity": NUMBER(width=85),
    "Specificity 95 %": TEXT("95 %", width=92, help="95 % interval of the specificity"),
    "Remark": TEXT(width=195),
}
COUNTS = {
    **FINDING,
    "Flagged from": TEXT(help="The threshold"),
    "Correctly flagged": NUMBER(format="localized", help="True positives: with the finding, flagged"),
    "Missed": NUMBER(format="localized", help="False negatives: with the finding, not flagged"),
    "Flagged wrongly": NUMBER(format="localized", help="False positives: without the finding, flagged"),
    "Correctly not flagged": NUMBER(format="localized", help="True negatives: without the finding, not flagged"),
    "Flags per 100": NUMBER(format="%.1f", help="Flagged films of 100, rightly or wrongly"),
}
MAPS = {**FINDING, "Boxes": NUMBER(format="localized"), "Verdict": TEXT(width=215)}
CHANGES = {**FINDING, "Log-odds": NUMBER(format="%+.2f", help="How far the calibrated log-odds moved")}


def maps(names: Iterable[str]) -> dict[str, ColumnConfig]:
    """The columns of a table of map scores; every other column of numbers has three digits."""
    return {name: MAPS.get(name) or (TEXT() if name == "95 %" else NUMBER(format="%.3f")) for name in names}


def areas(known: Published | None) -> dict[str, ColumnConfig]:
    """The columns of areas and rates, and one for each model that was published on the same films."""
    beside = known.references if known else ()
    return {**AREAS, **{item.name: NUMBER(item.name.split("/")[0], format="%.3f", help=item.name) for item in beside}}
