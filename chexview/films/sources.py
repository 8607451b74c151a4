"""Where the pictures of a data set lie: a table of folders, zips and tar archives, found by name.

NIH publishes its films as ``images_001.tar.gz`` to ``images_012.tar.gz``; a compressed tar can only be read from its beginning,
so its members are taken in the order in which they lie. DICOM files are known by their preamble, whatever they are called.
"""

from collections.abc import Iterable
from pathlib import Path

import pandas as pd

from chexview.films import archives


def find_pictures(sources: Iterable[Path]) -> tuple[pd.DataFrame, list[str]]:
    """Every picture by stem: columns stem, source, member, and place (its number in its source); and the stems met twice.

    Raises DataError for a source that is not there or cannot be read.
    """
    rows: dict[str, tuple[str, str, int]] = {}
    doubled: list[str] = []
    for source in sources:
        for place, member in enumerate(archives.members(source)):
            key = archives.stem(member)
            if key in rows:
                doubled.append(key)
            else:
                rows[key] = (str(source.resolve()), member, place)
    columns = ["stem", "source", "member", "place"]
    return pd.DataFrame([(key, *where) for key, where in rows.items()], columns=columns), doubled
