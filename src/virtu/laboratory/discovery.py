"""Scenario discovery: in which part of the space of a sweep an outcome of interest comes about.

The patient rule induction method (PRIM; Friedman & Fisher 1999) peels thin slices off the space, each time the one without which the
points of interest are densest, and pastes back what was peeled in vain. What is left is a box: bounds on a few inputs. Bryant & Lempert
(2010) made it a tool of scenario discovery and gave the quasi-p value: the chance that a bound would do as well if it had nothing to do
with the outcome. PRIM itself is that of the EMA workbench (Kwakkel 2017).

Of the boxes on a peeling trajectory the one is chosen that holds most points of interest while it is as dense as `DENSITY`, of equals the
one with the fewest bounds; further boxes are looked for among the points that are left.
"""

from __future__ import annotations

import operator
import re
import warnings
from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from importlib.util import find_spec
from typing import Any, NamedTuple

import numpy as np

from virtu.errors import InputError

LIBRARY = "ema_workbench"
DENSITY = 0.8
"""Least share of points of interest in a box."""

PEELED = 0.05
"""Share of the points that is peeled off at once, and least share of all points in a box."""

MOST_BOXES = 4
FEWEST_POINTS = 20

_SIGNS: dict[str, Callable[[Any, float], Any]] = {">=": operator.ge, "<=": operator.le, ">": operator.gt, "<": operator.lt}
_RULE = re.compile(r"\s*(?P<measure>[^<>=]*[^<>=\s])\s*(?P<sign>>=|<=|>|<)\s*(?P<value>[-+.\w]+)\s*")


class Rule(NamedTuple):
    """What is of interest: points at which the mean of a measure is beyond a value."""

    measure: str
    sign: str
    value: float

    def __str__(self) -> str:
        """Write the rule as `rule` reads it."""
        return f"{self.measure} {self.sign} {self.value:g}"


def rule(text: str) -> Rule:
    """Read what is of interest, such as ``on_top:Stalin > 0.5``.

    Raises
    ------
    InputError
        If the text is no such rule.
    """
    found = _RULE.fullmatch(text)
    try:
        value = float(found["value"]) if found else np.nan
    except ValueError:
        value = np.nan
    if found is None or not np.isfinite(value):
        raise InputError(f"{text!r} does not say what is of interest", "write a measure, a sign and a number: 'on_top:Stalin > 0.5'")
    return Rule(found["measure"], found["sign"], value)


def check(texts: Sequence[str], design: str, points: int) -> list[Rule]:
    """Return what is to be discovered in a design, after checking it.

    Raises
    ------
    InputError
        If a text is at fault, the points of the design are too few or hang together, or the EMA workbench is missing.
    """
    rules = [rule(text) for text in texts]
    if not rules:
        return rules
    if design == "morris":
        raise InputError("the points of a Morris design lie along paths, and no boxes are found among them", "choose --design lhs")
    if points < FEWEST_POINTS:
        raise InputError(f"{points} points are too few to find boxes among", f"take {FEWEST_POINTS} at least, better hundreds")
    if find_spec(LIBRARY) is None:
        raise InputError("--discover needs the EMA workbench", "install it with: pip install 'virtu[discovery]'")
    return rules


def discover(wanted: Rule, inputs: np.ndarray, names: Sequence[str], values: np.ndarray) -> dict[str, Any]:
    """Return the boxes in which what is of interest comes about.

    Parameters
    ----------
    wanted : Rule
        What is of interest.
    inputs : numpy.ndarray
        Points, shape (points, inputs).
    names : sequence of str
        Of the inputs.
    values : numpy.ndarray
        Mean of the measure at each point, shape (points,).

    Returns
    -------
    dict
        Ready for JSON: rule, measure, points, cases, density (asked for), and boxes, each with coverage, density, mass, points, bounds
        (input, low, high, p_low, p_high; null where there is no bound) and path: coverage, density, mass and bounds of all boxes that
        were peeled on the way.
    """
    of_interest = np.asarray(_SIGNS[wanted.sign](values, wanted.value))
    cases = int(of_interest.sum())
    found = _boxes(inputs, of_interest) if 0 < cases < len(values) else []
    return {
        "rule": str(wanted),
        "measure": wanted.measure,
        "points": len(values),
        "cases": cases,
        "density": DENSITY,
        "boxes": [_told(box, inputs, names) for box in found],
    }


class Box(NamedTuple):
    """A box on its trajectory."""

    path: list[dict[str, float]]
    at: int  # place of the chosen one on the path
    low: np.ndarray  # (inputs,) bounds, those of all points where there is none
    high: np.ndarray
    chance: Mapping[int, Sequence[float]]  # quasi-p values of the lower and the upper bound by input, below 0 where there is no bound
    inside: int  # points in it


def _boxes(inputs: np.ndarray, of_interest: np.ndarray) -> list[Box]:
    found: list[Box] = []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of libraries about one another, at import; and of rounding in regressions that are not asked for
        frame: Any = import_module("pandas").DataFrame(inputs)
        search: Any = import_module(f"{LIBRARY}.analysis.prim").Prim(
            frame, of_interest, threshold=DENSITY, peel_alpha=PEELED, mass_min=PEELED
        )
        while len(found) < MOST_BOXES:
            box = search.find_box()
            if box is None:
                return found
            path: list[dict[str, float]] = box.peeling_trajectory[["coverage", "density", "mass", "res_dim"]].to_dict("records")
            dense = [place for place, one in enumerate(path) if one["density"] >= DENSITY and one["res_dim"] > 0]
            if not dense:
                return found
            chosen = max(dense, key=lambda place: (path[place]["coverage"], -path[place]["res_dim"], path[place]["density"]))
            box.select(chosen)
            low, high = (box.box_lims[chosen].to_numpy(float)[end] for end in (0, 1))
            found.append(Box(path, chosen, low, high, box.qp[chosen], len(box.yi)))
    return found


def _told(box: Box, inputs: np.ndarray, names: Sequence[str]) -> dict[str, Any]:
    chosen = box.path[box.at]
    bounds = [
        {"input": names[place], **_bound(box, place, "low", inputs[:, place].min()), **_bound(box, place, "high", inputs[:, place].max())}
        for place in sorted(box.chance)
    ]
    path = [{**{key: float(one[key]) for key in ("coverage", "density", "mass")}, "bounds": int(one["res_dim"])} for one in box.path]
    return {**{key: float(chosen[key]) for key in ("coverage", "density", "mass")}, "points": box.inside, "bounds": bounds, "path": path}


def _bound(box: Box, place: int, end: str, edge: float) -> dict[str, float | None]:
    """Return a bound and its quasi-p value, None each where the box goes as far as the points."""
    at, chance = float(getattr(box, end)[place]), float(box.chance[place][0 if end == "low" else 1])
    bound = chance >= 0.0 and at != edge
    return {end: at if bound else None, f"p_{end}": chance if bound else None}
