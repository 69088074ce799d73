"""Numbers as people write them in tables: decimal commas, percent signs, separated thousands, and how sure they are.

A comma or a point alone before three digits, as in ``1,234``, can be read in two ways. Such a cell is read as the rest of the table is
written. Where nothing else tells, a point is a decimal point, as programs write it, and a comma is asked about.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from decimal import Decimal
from typing import Literal, NamedTuple, TypeAlias

from virtu.errors import InputError

Style: TypeAlias = Literal[".", ","]
"""The sign before the decimals."""

MISSING = frozenset(("", "-", "–", "—", "?", ".", "na", "n/a", "nan", "none", "null", "missing", "unknown"))
"""What stands in a cell that says nothing."""

LARGEST = 12
"""Most digits before the decimals."""

LONGEST = 40
"""Most characters of a number."""

_SIGNS = str.maketrans({"−": "-", "％": "%", "﹪": "%", "\u00a0": " ", "\u202f": " ", "\u2009": " ", "’": "'", "＋": "+"})
_NUMBER = re.compile(r"(?P<sign>[-+]?) ?(?P<body>[0-9][0-9., ']*|[.,][0-9]+)(?P<power>[eE][-+]?[0-9]{1,3})? ?(?P<percent>%?)", re.ASCII)
_MARGIN = re.compile(r"±|\+ ?/? ?-")
_APART = re.compile(r"(?P<whole>[0-9]{1,3}(?:(?P<sign>[ '])[0-9]{3})(?:(?P=sign)[0-9]{3})*)(?P<rest>(?:[.,][0-9]+)?)")


class Amount(NamedTuple):
    """A number as it stands in a cell, and whether with a percent sign, by which it is not yet divided."""

    value: Decimal
    percent: bool


def tidied(text: str) -> str:
    """Return a cell with the plain forms of minus signs, percent signs and spaces."""
    return text.translate(_SIGNS).strip()


def is_missing(text: str) -> bool:
    """Return whether a cell says nothing."""
    return tidied(text).casefold() in MISSING


def split_margin(text: str) -> tuple[str, str | None]:
    """Return value and margin of a cell such as ``7 ± 1``; None where there is no margin."""
    value, *margin = _MARGIN.split(tidied(text), maxsplit=1)
    return value.strip(), margin[0].strip() if margin else None


def style_of(texts: Iterable[str]) -> Style | None:
    """Return the sign before the decimals in these cells; None where they do not tell, or not all the same."""
    shown: set[Style] = {style for text in texts for part in split_margin(text) if part for style in _shown(part)}
    return shown.pop() if len(shown) == 1 else None


def read(text: str, style: Style | None) -> Amount:
    """Read a number.

    Parameters
    ----------
    text : str
        Such as ``0,8``, ``1 234.5``, ``40 %`` or ``1e-3``.
    style : {'.', ','}, optional
        The sign before the decimals, from `style_of`.

    Raises
    ------
    InputError
        If it is no number, or can be read as two; without the place.
    """
    found = _NUMBER.fullmatch(tidied(text)) if len(text) <= LONGEST else None
    if found is None:
        raise InputError(f"{shortened(text)} is not a number")
    plain = _plain(found["body"].strip(), style)
    if plain is None:
        raise InputError(f"the digits of {shortened(text)} are grouped in no known way", "thousands are separated three by three")
    value = Decimal(f"{found['sign']}{plain}{found['power'] or ''}")
    if value and value.adjusted() >= LARGEST:
        raise InputError(f"{shortened(text)} is too large", f"numbers of up to {LARGEST} digits are read; choose a larger unit")
    return Amount(value, bool(found["percent"]))


def shortened(text: str) -> str:
    """Return a cell as messages quote it."""
    text = " ".join(text.split())
    return repr(text if len(text) <= LONGEST else text[:LONGEST] + "…")


def _plain(body: str, style: Style | None) -> str | None:
    """Return digits with at most one point, which stands before the decimals; None where they are grouped in no known way."""
    apart = _APART.fullmatch(body)
    if apart:
        # Where a space or an apostrophe parts the thousands, a comma or a point can only stand before decimals.
        return re.sub(r"[ ']", "", apart["whole"]) + apart["rest"].replace(",", ".")
    signs = [sign for sign in body if not sign.isdigit()]
    if not signs:
        return body
    if not set(signs) <= set(".,"):
        return None
    mark = signs[-1]
    if len(signs) > 1 and len(set(signs)) == 1:
        return _without(body, mark)
    left, right = body.rsplit(mark, 1)
    if len(signs) == 1 and _can_be_thousands(body) and style != mark and (style or mark == ","):
        if style is None:
            raise InputError(f"{body} can be read as {left}.{right} or as {left}{right}", "write the decimals with a point")
        return left + right
    whole = left if len(signs) == 1 else _without(left, "," if mark == "." else ".")
    return None if whole is None else f"{whole or '0'}.{right or '0'}"


def _without(digits: str, sign: str) -> str | None:
    return digits.replace(sign, "") if re.fullmatch(rf"[0-9]{{1,3}}(?:{re.escape(sign)}[0-9]{{3}})+", digits) else None


def _can_be_thousands(body: str) -> bool:
    return re.fullmatch(r"[1-9][0-9]{0,2}[.,][0-9]{3}", body) is not None


def _shown(text: str) -> set[Style]:
    """Return the sign before the decimals, if this one cell tells."""
    found = _NUMBER.fullmatch(text)
    body = re.sub(r"[ ']", "", found["body"]) if found else ""
    signs = [sign for sign in body if sign in ".,"]
    if not signs or (len(signs) == 1 and _can_be_thousands(body)):
        return set()
    if len(signs) > 1 and len(set(signs)) == 1:
        return {"," if signs[0] == "." else "."}
    return {"," if signs[-1] == "," else "."}
