"""Numbers as a user reads them: one string for one value, on the pages, in figures, on paper and on a terminal.

The units are named here and nowhere else. The network gives a *network output* (the raw logit); the calibration turns it into
*log-odds*, which a heatmap's contributions add up to; log-odds are a *probability* on another scale. What has no calibration
is an *uncalibrated score*.
"""

OUTPUT = "network output"
LOG_ODDS = "log-odds"
PROBABILITY = "probability"
SCORE = "uncalibrated score"

MINUS = "\N{MINUS SIGN}"


def probability(value: float) -> str:
    """A probability or any other share from 0 to 1: ``41 %``, ``3.4 %`` under 10 %, never 0 or 100 without being it."""
    if value <= 0 or value >= 1:
        return "0 %" if value <= 0 else "100 %"
    if value < 0.0005:
        return "under 0.1 %"
    if value >= 0.9995:
        return "over 99.9 %"
    digits = 1 if value < 0.0995 or value >= 0.995 else 0
    return f"{100 * value:.{digits}f} %"


def tick(value: float) -> str:
    """A round share, of an axis or of a choice of stops: ``5 %``, ``0.1 %``."""
    return f"{100 * value:.6g} %"


def percents(low: float, high: float) -> str:
    """An interval of shares, its ends as :func:`probability` writes them: ``31 to 42 %``, ``2.1 to 12 %``.

    Both have a decimal where they would else read alike.
    """
    first, last = probability(low), probability(high)
    if first == last and low >= 0.0005 and high < 0.9995:
        first, last = (f"{100 * end:.1f} %" for end in (low, high))
    return f"{first.removesuffix(' %')} to {last}"


def estimated(value: float, low: float | None, high: float | None) -> str:
    """A share with its interval, if it has one: ``81 % (77 to 85 %)``, ``81 %``."""
    return probability(value) if low is None or high is None else f"{probability(value)} ({percents(low, high)})"


def share(part: int, whole: int) -> str:
    """So many of so many: ``31 of 200 (16 %)``; without a percentage if there are none."""
    counts = f"{part:,} of {whole:,}"
    return f"{counts} ({probability(part / whole)})" if whole else counts


def counted(count: int, noun: str) -> str:
    """``1 film``, ``2,379 films``."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def signed(value: float, digits: int = 2) -> str:
    """A number with its sign, as a contribution in log-odds has one; zero has none."""
    text = f"{abs(value):.{digits}f}"
    if float(text) == 0:
        return text
    return f"{MINUS if value < 0 else '+'}{text}"


def scale_ends(scale: float) -> tuple[str, str]:
    """What is written at the two ends of a colour bar from ``-scale`` to ``scale``."""
    digits = 0 if scale == round(scale) else 1
    return signed(-scale, digits), signed(scale, digits)


def plain(value: float, digits: int = 2) -> str:
    """Log-odds or a network output: a sign only where it is negative."""
    return signed(value, digits).removeprefix("+")


def network_output(value: float, digits: int = 2) -> str:
    """A raw logit with its unit: ``network output -1.32``."""
    return f"{OUTPUT} {plain(value, digits)}"


def uncalibrated(value: float) -> str:
    """A score that is no probability: ``score 0.73``."""
    return f"score {value:.2f}"


def area(value: float | None, low: float | None = None, high: float | None = None, digits: int = 3) -> str:
    """An area under a curve with its interval: ``0.812 (0.771 to 0.848)``; "" if there is none."""
    if value is None:
        return ""
    text = f"{value:.{digits}f}"
    return text if low is None or high is None else f"{text} ({low:.{digits}f} to {high:.{digits}f})"
