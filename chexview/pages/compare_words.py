"""A comparison of two runs in words, tables and small pieces of HTML, every text escaped. No Streamlit."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from html import escape

import pandas as pd

from chexview.evaluation.comparison import AurocDifference, Disagreement, MeanDifference
from chexview.evaluation.confusion import Confusion
from chexview.evaluation.operating import Policy
from chexview.findings import title
from chexview.pages.evaluate_words import counted, spoken

FIRST, SECOND, LIST, FINDING, POLICY = "first", "second", "list", "finding", "policy"


@dataclass(slots=True)
class View:
    """One session's choices; "" is none yet."""

    first: str = ""
    second: str = ""
    list_name: str = ""
    finding: str = ""
    policy: Policy = Policy.SPECIFICITY_90
    address: dict[str, str] = field(default_factory=dict)

    def adopt(self, address: Mapping[str, str]) -> bool:
        """Takes over an address that the page did not write; False where there is nothing to take over."""
        told = {key: address[key] for key in (FIRST, SECOND, LIST, FINDING, POLICY) if key in address}
        if not told or told == self.address:
            return False
        self.first, self.second = told.get(FIRST, self.first), told.get(SECOND, self.second)
        self.list_name, self.finding = told.get(LIST, self.list_name), told.get(FINDING, self.finding)
        if told.get(POLICY) in {policy.value for policy in Policy}:
            self.policy = Policy(told[POLICY])
        self.address = told
        return True

    def settle(self) -> dict[str, str]:
        """The address of what is shown now, remembered as the page's own."""
        self.address = {
            FIRST: self.first,
            SECOND: self.second,
            LIST: self.list_name,
            FINDING: self.finding,
            POLICY: self.policy.value,
        }
        return self.address


def signed(value: float) -> str:
    """``+0.012``, ``-0.012``; a true minus sign would not be found by a search."""
    return f"{value:+.3f}"


def between(low: float | None, high: float | None) -> str:
    """``-0.010 to +0.034``, or "" where there is no interval."""
    return "" if low is None or high is None else f"{signed(low)} to {signed(high)}"


def p_value(p: float | None) -> str:
    """``0.031``, ``under 0.001``, or ""."""
    if p is None:
        return ""
    return "under 0.001" if p < 0.001 else f"{p:.3f}"


def headline(mean: MeanDifference, films: int, missing: int) -> str:
    """The page's first numbers: the difference of the means, what could have been seen, and the films in common."""
    if mean.value is None:
        primary = _fact("Difference of the mean AUROCs", "none", "", "No finding has enough patients of both kinds.")
    else:
        p = f", p {p_value(mean.p)}" if mean.p is not None else ""
        over = f"First less second, over {counted(len(mean.findings), 'finding')}{p}"
        primary = _fact("Difference of the mean AUROCs", signed(mean.value), between(mean.low, mean.high), over)
    if mean.detectable is None:
        seen = _fact("Smallest difference seen", "not known", "", "The two runs rank these films alike.")
    else:
        seen = _fact(
            "Smallest difference seen",
            f"{mean.detectable:.3f}",
            "",
            "A true difference of this size would be found four times in five.",
        )
    lacking = (
        f"Left out: {counted(missing, 'film')} of the list that the second run lacks." if missing else "The whole list."
    )
    shared = _fact("Films in common", f"{films:,}", "", lacking)
    return f"<h1 class='unseen'>Compare</h1><dl class='facts-row'>{primary}{seen}{shared}</dl>"


def _fact(label: str, value: str, beside: str, below: str) -> str:
    return (
        f"<div class='fact'><dt>{escape(label)}</dt><dd><b>{escape(value)}</b> <span>{escape(beside)}</span>"
        f"<small>{escape(below)}</small></dd></div>"
    )


def verdict(found: AurocDifference, names: tuple[str, str]) -> str:
    """One finding's difference as one says it."""
    if found.first is None or found.second is None:
        return f"{title(found.finding)} cannot be compared: {found.remark.value}."
    told = f"AUROC of {spoken(found.finding)}: {found.first:.3f} by the first run and {found.second:.3f} by the second"
    if found.low is None or found.high is None or found.difference is None:
        return f"{told}; too few patients to tell whether they differ."
    sure = found.p_holm is not None and found.p_holm < 0.05
    better = names[0] if found.difference > 0 else names[1]
    end = f"{better} is better" if sure else "that may be chance"
    return f"{told}, {signed(found.difference)} ({between(found.low, found.high)}); {end}."


def disagreements(sick: Disagreement, well: Disagreement, finding: str) -> str:
    """Which films only one of the runs tells rightly."""
    told = []
    for item, words in ((sick, f"with {spoken(finding)}"), (well, "without")):
        p = f" (p {p_value(item.p)})" if item.p is not None else ""
        told.append(
            f"of {counted(item.films, 'film')} {words}, {item.only_first:,} only the first tells rightly and {item.only_second:,} "
            f"only the second{p}"
        )
    whole = "; ".join(told)
    return f"{whole[0].upper()}{whole[1:]}."


def rates(points: Sequence[Confusion | None]) -> str:
    """Sensitivity, specificity and predictive values of both runs, one below the other."""
    rows = []
    for name in ("sensitivity", "specificity", "ppv", "npv"):
        texts = [getattr(point, name).text(0, percent=True) if point else "no threshold" for point in points]
        cells = "".join(f"<td>{escape(text)}</td>" for text in texts)
        label = name.upper() if name in ("ppv", "npv") else name.capitalize()
        rows.append(f"<tr><th scope='row'>{label}</th>{cells}</tr>")
    return (
        "<table class='rates'><thead><tr><th></th><th scope='col'>First</th><th scope='col'>Second</th></tr></thead>"
        f"<tbody>{''.join(rows)}</tbody></table>"
    )


def frame(found: Sequence[AurocDifference]) -> pd.DataFrame:
    """The table of all findings, in their order."""
    return pd.DataFrame(
        {
            "Finding": [title(item.finding) for item in found],
            "First": [item.first for item in found],
            "Second": [item.second for item in found],
            "Difference": [item.difference for item in found],
            "95 %": [between(item.low, item.high) for item in found],
            "p": [p_value(item.p) for item in found],
            "p, corrected": [p_value(item.p_holm) for item in found],
            "Films": [item.films for item in found],
            "Patients": [item.positive_patients for item in found],
            "Remark": [item.remark.value for item in found],
        }
    )


METHOD = (
    "AUROCs are compared film by film with patients as clusters (DeLong's covariance after Obuchowski); p is corrected for all "
    "findings compared (Holm). The difference of the means comes from 1,000 resamples of patients that both runs share. Rates at "
    "the operating points: McNemar's test with patients as clusters. Whether the two models were trained on these patients is not "
    "known here."
)
