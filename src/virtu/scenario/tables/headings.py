"""Headings of columns, however their letters and signs are written."""

from __future__ import annotations

import re


def plain(heading: str) -> str:
    """Return a heading in small letters, its words apart by single spaces."""
    return " ".join(re.findall(r"[^\W_]+", heading.casefold()))
