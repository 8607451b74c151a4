"""Estimates as one reads them: the number, its interval, its counts, or the remark if one is needed."""

from chexview.evaluation.estimate import Estimate
from chexview.text import numbers


def number(item: Estimate, digits: int = 3) -> str:
    """An area under a curve or another plain number: ``0.812 (0.771 to 0.848)``, ``0.812``, or the remark."""
    return numbers.area(item.value, item.low, item.high, digits) or _absent(item)


def rate(item: Estimate) -> str:
    """A share of films: ``81 % (77 to 85 %)``, ``81 %``, or the remark."""
    return _absent(item) if item.value is None else numbers.estimated(item.value, item.low, item.high)


def counts(item: Estimate) -> str:
    """The positive films and patients: ``86 films of 32 patients``."""
    return f"{numbers.counted(item.positive_films, 'film')} of {numbers.counted(item.positive_patients, 'patient')}"


def _absent(item: Estimate) -> str:
    return item.remark.value or "not known"
