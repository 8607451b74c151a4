"""Digests: what a split, a table or a file is, in 64 hexadecimal digits of SHA-256 (FIPS 180-4)."""

import hashlib
from collections.abc import Iterable, Mapping
from pathlib import Path


def file_digest(path: Path) -> str:
    """SHA-256 of a file's bytes, in hexadecimal. Raises OSError if the file cannot be read."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def bytes_digest(content: bytes) -> str:
    """SHA-256 of bytes, in hexadecimal."""
    return hashlib.sha256(content).hexdigest()


def images_digest(images: Iterable[str]) -> str:
    """SHA-256 of the sorted image ids, one a line: the same for the same films in any order."""
    return hashlib.sha256("".join(f"{image}\n" for image in sorted(images)).encode()).hexdigest()


def split_hash(splits: Mapping[str, Iterable[str]]) -> str:
    """One digest of a whole split: ``{"train": images, "validation": images, "test": images}`` in any order.

    It is the SHA-256 of the lines ``<split> <digest of its images>`` sorted by split, so that two splits are equal
    exactly where every film stands on the same side.
    """
    lines = (f"{name} {images_digest(images)}\n" for name, images in splits.items())
    return hashlib.sha256("".join(sorted(lines)).encode()).hexdigest()
