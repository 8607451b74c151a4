"""The examination: one finding of a run on a list of films, judged by one truth. Everything a page shows of it is here.

Nothing is computed before it is asked for, and nothing twice: the films are selected once, sorted once, resampled once.
The truth is the run's own labels, or those of a reference standard for the same films; films without a label of the
chosen truth are left out and counted.
"""

from collections.abc import Hashable
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from typing import Protocol

import numpy as np
import numpy.typing as npt

from chexview.calibration import Calibration
from chexview.evaluation.bands import RocBand, roc_band
from chexview.evaluation.calibration import CalibrationSummary, ReliabilityBin, reliability, summarise
from chexview.evaluation.cases import CaseOrder, cell_films
from chexview.evaluation.confusion import Cell, Confusion, ThresholdTable, confusion, threshold_table
from chexview.evaluation.curves import PrCurve, RocCurve, precision_recall_of, roc_of
from chexview.evaluation.estimate import Estimate
from chexview.evaluation.intervals import auroc_estimate, average_precision_estimate, share_estimate
from chexview.evaluation.run import ValidationRun
from chexview.evaluation.run_schema import Counts
from chexview.evaluation.selection import Bools, Ints, Selection
from chexview.evaluation.summary import assessed, has_control
from chexview.evaluation.thresholds import Offer, calibration_of, offer


class Truth(Hashable, Protocol):
    """Labels of films by somebody else than the run: a reference standard."""

    @property
    def name(self) -> str:
        """Its folder's name, as it stands in an address."""

    @property
    def title(self) -> str:
        """A few words for people."""

    @property
    def digest(self) -> str:
        """SHA-256: the key for caches."""

    def judges(self, finding: str) -> bool:
        """Whether it says anything of a run's finding or composite."""

    def labels(self, finding: str, images: npt.NDArray[np.object_]) -> npt.NDArray[np.int8]:
        """Labels (n,) of a run's finding on images (n,): 1, 0, or -1 where it says nothing.

        Raises ReferenceStandardError if it does not judge the finding.
        """


@dataclass(frozen=True, slots=True, eq=False)
class BothLabels:
    """The same films twice: by the run's own labels, and by another truth."""

    by_label: Selection
    by_truth: Selection


@dataclass(frozen=True, eq=False, repr=False)
class Examination:
    """One finding of ``run`` on the films of a list, by ``truth`` (None: the run's own labels), at ``threshold``.

    ``films_list`` names a list of the run. ``threshold`` is the logit from which films are flagged, None if nobody
    has chosen one. ``control`` asks for the logits of the blur-and-brightness control instead of the model's.
    Raises RunError, when first asked for a number, where the run lacks the finding or the list.
    """

    run: ValidationRun
    films_list: str
    finding: str
    truth: Truth | None = None
    threshold: float | None = None
    control: bool = False

    @property
    def key(self) -> tuple[str, str, str, str, bool]:
        """What its numbers at any threshold may be cached by: digests and names, nothing of a patient."""
        return self.run.digest, self.films_list, self.finding, self.truth.digest if self.truth else "", self.control

    def at(self, threshold: float | None) -> "Examination":
        """The same at another threshold; what is computed already goes with it."""
        other = replace(self, threshold=threshold)
        for name, value in vars(self).items():
            vars(other).setdefault(name, value)
        return other

    @cached_property
    def selection(self) -> Selection:
        """The films of known label: labels, logits, patients and rows of the run's table."""
        if self.truth is None:
            return self.run.select(self.finding, self.films_list, self.control)
        labels = self.truth.labels(self.finding, self.run.table.column("image"))
        return self.run.select_judged(self.finding, self.films_list, labels, self.control)

    @cached_property
    def both_labels(self) -> BothLabels:
        """The films that have a label of the run and one of the chosen truth, by each of the two."""
        own = self.run.labels(self.finding)[self.selection.rows]
        by_truth = self.selection.where(own >= 0)
        return BothLabels(replace(by_truth, labels=own[own >= 0] == 1), by_truth)

    @property
    def scores(self) -> npt.NDArray[np.float32]:
        """The logits (n,) of the films of known label."""
        return self.selection.logits

    @property
    def labels(self) -> Bools:
        """Which of these films (n,) have the finding by the chosen truth."""
        return self.selection.labels

    @property
    def films(self) -> int:
        """How many films of the list have a label of the chosen truth."""
        return self.selection.films

    @property
    def patients(self) -> int:
        """How many patients those films are of."""
        return self.selection.patients_with_films

    @property
    def positive_films(self) -> int:
        """How many of those films have the finding."""
        return self.selection.positive_films

    @property
    def positive_patients(self) -> int:
        """How many patients have at least one film with it."""
        return self.selection.positive_patients

    @property
    def listed(self) -> Counts:
        """The films and patients of the whole list, with a label or without."""
        return self.run.meta.counts[self.films_list]

    @cached_property
    def table(self) -> ThresholdTable:
        """The counts at every threshold that occurs."""
        return threshold_table(self.selection)

    @cached_property
    def curve(self) -> RocCurve:
        """The exact ROC curve."""
        return roc_of(self.selection)

    @cached_property
    def auroc(self) -> Estimate:
        """The area under it, with its interval."""
        return auroc_estimate(self.selection)

    @cached_property
    def band(self) -> RocBand | None:
        """The 95 % band around it; None with too few patients."""
        return roc_band(self.selection)

    @cached_property
    def precision_recall(self) -> PrCurve:
        """The exact precision-recall curve."""
        return precision_recall_of(self.curve)

    @cached_property
    def average_precision(self) -> Estimate:
        """The area under that, with its interval; to be read beside the prevalence, which chance reaches."""
        return average_precision_estimate(self.selection)

    @cached_property
    def prevalence(self) -> Estimate:
        """The share of films with the finding."""
        return share_estimate(self.labels, self.selection.patients)

    @cached_property
    def offer(self) -> Offer:
        """The thresholds by policy. They are the model's: another truth judges them, but does not choose them."""
        return offer(self.run, self.finding, self.films_list)

    def confusion(self, threshold: float | None = None) -> Confusion:
        """Counts and rates at a threshold (None: the examination's own). Raises ValueError if there is neither."""
        chosen = self._chosen(threshold)
        if chosen not in self._confusions:
            self._confusions[chosen] = confusion(self.selection, chosen)
        return self._confusions[chosen]

    @cached_property
    def _confusions(self) -> dict[float, Confusion]:
        return {}

    def rows(self, cell: Cell, threshold: float | None = None, order: CaseOrder = CaseOrder.HARDEST) -> Ints:
        """The rows, in the run's table, of the films in a cell of the confusion matrix, in an order that teaches."""
        return cell_films(self.selection, self._chosen(threshold), cell, order)

    def _chosen(self, threshold: float | None) -> float:
        chosen = self.threshold if threshold is None else threshold
        if chosen is None:
            raise ValueError("no threshold: give one, or make the examination with one")
        return chosen

    @cached_property
    def calibration(self) -> Calibration | None:
        """The line from logits to calibrated log-odds; None if the run has none for this finding."""
        return calibration_of(self.run, self.finding)

    @cached_property
    def calibration_summary(self) -> CalibrationSummary | None:
        """How well the probabilities hold on these films; None without calibration or without films."""
        if self.calibration is None or not self.films:
            return None
        return summarise(self.selection, self.calibration)

    @cached_property
    def reliability(self) -> tuple[ReliabilityBin, ...]:
        """Predicted beside observed shares, in bins of equal mass; empty without calibration."""
        return () if self.calibration is None else reliability(self.selection, self.calibration)

    @cached_property
    def of_control(self) -> "Examination | None":
        """The same films ranked by blur and brightness alone; None if that control was not run."""
        return replace(self, threshold=None, control=True) if has_control(self.run, self.finding) else None

    def __repr__(self) -> str:
        by = "the run's own labels" if self.truth is None else self.truth.title
        return f"Examination({self.finding} of {self.run.name} on {self.films_list}, by {by})"


def examine(run: ValidationRun, films_list: str, finding: str, truth: Truth | None = None) -> Examination:
    """The examination without a threshold, made once for everybody: what one session has computed, another finds done."""
    return _examined(run, films_list, finding, truth)


@lru_cache(maxsize=128)
def _examined(run: ValidationRun, films_list: str, finding: str, truth: Truth | None) -> Examination:
    return Examination(run, films_list, finding, truth)


def examine_all(run: ValidationRun, films_list: str, truth: Truth | None = None) -> tuple[Examination, ...]:
    """Every finding of a run and every composite that the truth judges, in the run's order."""
    findings = (finding for finding in assessed(run) if truth is None or truth.judges(finding))
    return tuple(examine(run, films_list, finding, truth) for finding in findings)
