"""What is found of claims, in words and numbers, for the terminal and for the page alike."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from virtu.show import account, wording

SAME_SIGN = 0.9
"""Share of the points with the same sign from which a result is called steady."""


class Line(NamedTuple):
    """A contrast in words and numbers."""

    says: str
    expected: str
    change: str
    interval: str
    unit: str
    unchanged: str
    same_sign: str
    verdict: str
    beside: bool


def line(contrast: Mapping[str, Any]) -> Line:
    """Return a contrast as it is shown."""
    shown = account.effect(contrast["measure"], {**contrast["effect"], "unit": contrast["unit"]}, "tick")
    signs = {"+": "+", "-": wording.MINUS, "?": "?"}
    change, interval, unit, same = shown[1:5]
    steady = wording.share(contrast["same_sign"], 0)
    return Line(
        contrast["says"], signs[contrast["expected"]], change, interval, unit, same, steady, contrast["verdict"], contrast["beside"]
    )


def design(result: Mapping[str, Any]) -> str:
    """Return what was run, in a line."""
    said = f"{wording.counted(result['histories'])} histories of each arm at the defaults"
    if result["points"]:
        said += f", {wording.counted(result['point_histories'])} at each of {result['points']} points within ±{100 * result['spread']:g} %"
    return f"{said} · seed {result['seed']}"


def counted(rows: Sequence[Mapping[str, Any]]) -> str:
    """Return how many claims came out which way, such as ``12 supported, 3 reversed``."""
    found = [row["verdict"] for row in rows]
    words = [word for word in ("supported", "reversed", "mixed", "no effect", "does not apply") if word in found]
    return ", ".join(f"{found.count(word)} {word}" for word in words)


def steady(rows: Sequence[Mapping[str, Any]]) -> str:
    """Return how many of the deciding contrasts that found an effect kept its sign at nearly all points; empty without points."""
    found = [one for row in rows for one in row["contrasts"] if not one["beside"] and one["verdict"] != "no effect"]
    known = [one["same_sign"] for one in found if one["same_sign"] is not None]
    if not known:
        return ""
    kept = sum(share >= SAME_SIGN for share in known)
    return f"Of {len(known)} deciding contrasts with an effect, {kept} keep its sign at {100 * SAME_SIGN:g} % of the points or more."


RULE = (
    "A contrast is supported where its 95 % interval excludes 0 on the side the claim foretells, reversed where it excludes 0 on the "
    "other, else no effect. A claim has the verdict of its deciding contrasts, or is mixed where they differ."
)
