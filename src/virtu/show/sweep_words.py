"""What a sweep says, in words and rows; the terminal and the report both use them."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from typing import Any, NamedTuple

from virtu.show import wording

COUNTED = {"grid": "", "lhs": "Latin hypercube", "sobol": "Sobol design", "morris": "Morris design"}
LABELS = {"first": "alone", "total": "with others", "mu": "μ", "mu_star": "μ*", "sigma": "σ"}
"""What the indices are called in tables."""

ABOUT = {
    "sobol": (
        "Sobol indices: the share of the variance between points that goes back to an input alone, and with all it does together with "
        "others. What chance puts into the means is taken out of both. Intervals allow for chance and for the choice of points."
    ),
    "morris": (
        "Elementary effects, over the whole range of an input: their mean μ, their mean size μ*, and their spread σ, which is large where "
        "an input does not add up with others or with itself. Chance is taken out of σ, and alone it makes a μ* of {noise}."
    ),
}


class Line(NamedTuple):
    """An input and what it does."""

    input: str
    low: str  # the measure at the lower end of its range
    high: str  # at the upper
    change: str  # the range between the lowest and the highest level
    indices: tuple[str, ...]


def title(result: Mapping[str, Any]) -> str:
    """Return what was varied, in a few words."""
    names = [one["name"] for one in result["design"]["inputs"]]
    return " × ".join(names) if len(names) < 4 else f"{len(names)} inputs"


def design(result: Mapping[str, Any]) -> str:
    """Return how it was computed, in one line."""
    kind = COUNTED[result["design"]["name"]]
    points = f"{wording.counted(result['design']['points'])} points{f' ({kind})' if kind else ''}"
    done = f", {wording.doing(result['do'])}" if result["do"] else ""
    histories = wording.counted(result["histories"])
    return f"{points}, the same {histories} histories at each{done} · {result['ticks']} {result['unit']}s · seed {result['seed']}"


def command(result: Mapping[str, Any]) -> str:
    """Return the command line that gives the same answer again."""
    planned, grid = result["design"], result["design"]["name"] == "grid"
    options = []
    for number, one in enumerate(planned["inputs"]):
        points = f":{len({point['inputs'][number] for point in result['points']})}" if grid else ""
        name, at, when = one["name"].partition(" @")
        options += ["--vary", f"{name} = {one['low']!r}:{one['high']!r}{points}{at}{when}"]
    for one in result["do"]:
        options += ["--do", one]
    options += ["--design", planned["name"], *([] if grid else ["--points", str(planned["asked"])])]
    for one in result["measures"]:
        options += ["--measure", one["measure"]]
    for one in result.get("discovery", ()):
        options += ["--discover", one["rule"]]
    options += ["--histories", str(result["histories"]), "--ticks", str(result["ticks"]), "--seed", str(result["seed"])]
    return shlex.join(["virtu", "sweep", result["scenario"], *options])


def answer(result: Mapping[str, Any], measured: Mapping[str, Any]) -> str:
    """Return in a sentence which input a measure goes with most, and how."""
    strongest = max(measured["main"], key=reach)
    levels, what = strongest["levels"], wording.measure(measured["measure"])
    if reach(strongest) == 0.0:
        return f"{what} is the same wherever it was looked at."
    first, last = levels[0], levels[-1]
    found = (f"{estimate(result, measured, level)} at {level['at']:.3g}" for level in (first, last))
    return f"{what} goes most with {strongest['input']}: {' and '.join(found)}, the others as they come."


def variance(measured: Mapping[str, Any]) -> str:
    """Return in a sentence what goes back to the inputs and what to chance."""
    found = measured["variance"]
    if found["chance"] is None:
        return "Nothing varies here, or there is too little to tell what does."
    noise = "" if found["noise"] is None else f" Of the variance between the means of points, {wording.share(found['noise'])} is chance."
    return (
        f"Of what varies from one history at one point to another at another, {wording.share(found['inputs'])} goes back to the inputs and "
        f"{wording.share(found['chance'])} to chance.{noise}"
    )


def lines(result: Mapping[str, Any], measured: Mapping[str, Any]) -> list[Line]:
    """Return the inputs as rows, those first that move the measure most."""
    indices = measured["indices"]
    by_name = {} if indices is None else {one["input"]: one for one in indices["inputs"]}
    found = []
    for one in sorted(measured["main"], key=reach, reverse=True):
        of = by_name.get(one["input"], {})
        shown = tuple(_index(of[key], indices["method"], measured) for key in LABELS if key in of) if indices else ()
        low, high = (estimate(result, measured, one["levels"][end]) for end in (0, -1))
        found.append(Line(one["input"], low, high, _number(reach(one), measured), shown))
    return found


def index_names(measured: Mapping[str, Any]) -> tuple[str, ...]:
    """Return what the indices of a measure are called; none where there are none."""
    found = measured["indices"]
    return tuple(LABELS[key] for key in LABELS if key in found["inputs"][0]) if found and found["inputs"] else ()


def about_indices(measured: Mapping[str, Any]) -> str:
    """Return what the indices mean, or why there are none."""
    found = measured["indices"]
    if found is None:
        return ""
    if found["why"]:
        return f"No indices: {found['why']}."
    return ABOUT[found["method"]].format(noise=_number(found.get("noise", 0.0), measured))


def estimate(result: Mapping[str, Any], measured: Mapping[str, Any], level: Mapping[str, Any]) -> str:
    """Return a mean with half its interval and unit."""
    if measured["unit"] == "share":
        return wording.share(level["mean"]) if level["low"] is None else f"{wording.share(level['mean'])} ({wording.share_interval(level)})"
    unit = wording.unit(measured["unit"], result["unit"])
    return f"{wording.estimate(level)} {'' if unit == '0–1' else unit}".strip()


def _index(found: Mapping[str, float], method: str, measured: Mapping[str, Any]) -> str:
    if method == "sobol":
        return f"{_two(found['mean'])} ({_two(found['low'])} to {_two(found['high'])})"
    value = {key: 100 * number for key, number in found.items()} if measured["unit"] == "share" else found
    return f"{wording.mean(value)} ({wording.interval(value)})"


def _two(value: float) -> str:
    return f"{value:.2f}".replace("-0.00", "0.00").replace("-", "−")


def _number(value: float, measured: Mapping[str, Any]) -> str:
    return f"{100 * value:.1f} % points" if measured["unit"] == "share" else wording.rough(value)


def reach(effect: Mapping[str, Any]) -> float:
    """Return how far a measure goes with an input: from its lowest level to its highest."""
    means = [level["mean"] for level in effect["levels"]]
    return max(means) - min(means)
