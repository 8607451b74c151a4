"""What a simulation's command prints."""

import argparse
from collections.abc import Callable
from dataclasses import fields
from typing import Any


def print_shares(about: str, coverage: Callable[[int], Any], kind: str = "") -> None:
    """``--repetitions`` of a simulation: each share of its dataclass, in percent; ``kind`` stands before each name."""
    parser = argparse.ArgumentParser(description=about, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repetitions", type=int, default=1000)
    repetitions = parser.parse_args().repetitions
    found = coverage(repetitions)
    for name in (field.name for field in fields(found)):
        share = 100 * getattr(found, name)
        words = f"{kind}{name.replace('_', ' ')}"
        print(f"{words}: {share:.1f} % of {repetitions:,} intervals of 95 % hold the true one")
