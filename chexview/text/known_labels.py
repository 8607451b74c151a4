"""What a film's labels say of its findings, beside what is flagged. No Streamlit, no I/O."""

from dataclasses import dataclass

from chexview.findings import phrase


@dataclass(frozen=True, slots=True)
class KnownLabels:
    """A film's labels: findings that it has, and findings that it does not have. ``whose`` is as in ``NIH's label``."""

    whose: str
    present: tuple[str, ...]
    absent: tuple[str, ...]

    def tag(self, finding: str, flagged: bool) -> str:
        """A word or two beside a finding; "" if nothing is known, or where neither label nor flag is set."""
        if finding in self.present:
            return "labelled" if flagged else "labelled, missed"
        return "not labelled" if finding in self.absent and flagged else ""

    def sentence(self, finding: str, flagged: bool) -> str:
        """The same as a sentence; "" if nothing is known."""
        if finding not in (*self.present, *self.absent):
            return ""
        has = finding in self.present
        said = f"By {self.whose} this film {'has' if has else 'does not have'} {phrase(finding)}"
        if has == flagged:
            return f"{said}."
        return f"{said}: {'missed at this threshold' if has else 'flagged wrongly at this threshold'}."
