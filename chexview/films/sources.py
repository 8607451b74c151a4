"""Where the pictures of a data set lie: a table of folders, zips and tar archives, found by name.

NIH publishes its films as ``images_001.tar.gz`` to ``images_012.tar.gz``; a compressed tar can only be read from its beginning,
so its members are taken in the order in which they lie. DICOM files are known by their preamble, whatever they are called.
"""

from collections.abc import Iterable
from pathlib import Path

import pandas as pd

from chexview.films import archives


def all_pictures(sources: Iterable[Path]) -> pd.DataFrame:
    """Every picture of some sources: columns stem, source, member, and place (its number in its source).

    Raises DataError for a source that is not there or cannot be read.
    """
    rows = [
        (archives.stem(member), str(source.resolve()), member, place)
        for source in sources
        for place, member in enumerate(archives.members(source))
    ]
    return pd.DataFrame(rows, columns=["stem", "source", "member", "place"])


def find_pictures(sources: Iterable[Path]) -> tuple[pd.DataFrame, list[str]]:
    """Every picture by stem: columns stem, source, member, and place (its number in its source); and the stems met twice.

    Raises DataError for a source that is not there or cannot be read.
    """
    found = all_pictures(sources)
    again = found["stem"].duplicated()
    return found[~again].reset_index(drop=True), found.loc[again, "stem"].tolist()
