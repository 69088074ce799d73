"""What scenario discovery found in a sweep, in words and rows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from virtu.show import wording

ABOUT = (
    "A box holds a share of all points of interest (coverage); of the points in it a share is of interest (density). The quasi-p value is "
    "the chance that a bound would do as well if it had nothing to do with the outcome; bounds above 0.05 may be there by accident. Points "
    "are judged by their means, in which chance is left."
)


class Bounds(NamedTuple):
    """A box as a row: where it lies, and what it holds."""

    box: str
    where: str
    coverage: str
    density: str
    mass: str


def answer(found: Mapping[str, Any]) -> str:
    """Return in a sentence where an outcome of interest comes about."""
    count = f"{wording.counted(found['cases'])} of {wording.counted(found['points'])} points"
    if not found["boxes"]:
        asked = wording.share(found["density"])
        none = "" if found["cases"] in (0, found["points"]) else f", and no box in which at least {asked} of the points are of that kind"
        return f"{found['rule']}: at {count}{none}."
    best = found["boxes"][0]
    share, dense = wording.share(best["coverage"]), wording.share(best["density"])
    return f"{found['rule']}: at {count}. Of these, {share} lie where {where(best)}, and there it holds at {dense} of the points."


def where(box: Mapping[str, Any]) -> str:
    """Return the bounds of a box with their quasi-p values."""
    return " and ".join(_bound(one) for one in box["bounds"])


def _bound(one: Mapping[str, Any]) -> str:
    low, high = (None if one[end] is None else f"{one[end]:.3g} (p {_chance(one[f'p_{end}'])})" for end in ("low", "high"))
    if low is not None and high is not None:
        return f"{one['input']} is between {low} and {high}"
    return f"{one['input']} is at least {low}" if high is None else f"{one['input']} is at most {high}"


def _chance(value: float) -> str:
    return "< 0.001" if value < 0.001 else f"{value:.2g}"


def rows(found: Mapping[str, Any]) -> list[Bounds]:
    """Return the boxes as rows, in the order in which they were found."""
    return [
        Bounds(str(number), where(box), *(wording.share(box[key]) for key in ("coverage", "density", "mass")))
        for number, box in enumerate(found["boxes"], 1)
    ]
