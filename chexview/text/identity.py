"""A patient's name and dates, which a DICOM header writes for machines, as people write them."""

_GROUPS, _PARTS = "=", "^"


def person_name(text: str) -> str:
    """A name of VR PN (PS3.5 6.2.1) with its family name first: ``Doe^Jane^A^Dr^`` as ``Doe, Dr Jane A``.

    Where it is also given in other scripts, these follow in brackets.
    """
    groups = [name for group in text.split(_GROUPS) if (name := _one_script(group))]
    return f"{groups[0]} ({', '.join(groups[1:])})" if len(groups) > 1 else "".join(groups)


def _one_script(group: str) -> str:
    family, given, middle, prefix, suffix, *_ = (*(part.strip() for part in group.split(_PARTS)), "", "", "", "", "")
    others = " ".join(part for part in (prefix, given, middle) if part)
    return ", ".join(part for part in (family, others, suffix) if part)


def day(text: str) -> str:
    """A date of VR DA as ``2024-01-02``; anything else as it is."""
    is_date = len(text) == 8 and text.isascii() and text.isdigit()
    return f"{text[:4]}-{text[4:6]}-{text[6:]}" if is_date else text
