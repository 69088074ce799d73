"""What a calibration says, in words and rows; the terminal and the report both use them."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from typing import Any

from virtu.show import wording

INPUT_HEADS = ("Input", "Range", "Median", "95 % interval", "Learnt")
FACT_HEADS = ("Fact", "Measured", "95 % interval", "Model", "95 % band", "Would be measured", "Anywhere", "")

ABOUT_INPUTS = (
    "Learnt: share of the prior variance, that of a uniform prior on the range, which the facts took away; at 0\u00a0% nothing was learnt."
)
ABOUT_FACTS = (
    "Model: what the model gives in the mean, at what is known of the inputs. Would be measured: the same with the error of the fact, in "
    "which the fact should lie 95 times in 100. Anywhere: least and greatest result at any point that was tried."
)


def design(result: Mapping[str, Any]) -> str:
    """Return how it was computed, in one line."""
    points = result["points"] + (result["rounds"] - 1) * (result["points"] // 2)
    rounds = "a single round" if result["rounds"] == 1 else f"{result['rounds']} rounds"
    histories = f"the same {wording.counted(result['histories'])} histories at each of {wording.counted(points)} points in {rounds}"
    done = f", {wording.doing(result['do'])}" if result["do"] else ""
    return f"{histories}{done} · {result['ticks']} {result['unit']}s · seed {result['seed']}"


def answer(result: Mapping[str, Any]) -> list[str]:
    """Return what was found, a sentence each: how many facts are met, which are not, what is known, and how far to trust it."""
    facts = result["facts"]
    met = sum(one["met"] for one in facts)
    said = [f"{met} of {len(facts)} facts lie inside what would be measured of the fitted model.", overall(result)]
    said += [missed(one) for one in facts if not one["met"]]
    said += [trade_off(pair) for pair in result["trade_offs"]]
    said += [f"{one[0].upper()}{one[1:]}." for one in result["warnings"]]
    return said


def overall(result: Mapping[str, Any]) -> str:
    """Return how well all facts are met together."""
    fit = result["fit"]
    if fit["p"] is None:
        return "There are no more facts than free inputs, so that how well they are met together tests nothing."
    verdict = "the model does not give all of them together" if fit["p"] < 0.05 else "together they do not contradict the model"
    return (
        f"At best the misfit is χ² {wording.number(fit['chi2'], 1)} with {fit['degrees']} degrees of freedom (p {_p(fit['p'])}): {verdict}."
    )


def missed(one: Mapping[str, Any]) -> str:
    """Return in which direction a fact is missed, and what holds the model back."""
    side = "too little" if one["model"]["mean"] < one["value"] else "too much"
    head = f"{one['measure']}: the model gives {side}, {wording.number(one['model']['mean'])} for {wording.number(one['value'])}"
    if not one["reachable"]:
        return f"{head}; no point in the ranges reaches it."
    if one["against"]:
        return f"{head}; what meets it misses {', '.join(one['against'])}."
    return f"{head} (p {_p(one['p'])})."


def trade_off(pair: Mapping[str, Any]) -> str:
    """Return that two inputs cannot be told apart."""
    one, other = pair["inputs"]
    sign = "less" if pair["correlation"] > 0.0 else "more"
    said = f"{one} and {other} trade off (correlation {wording.number(pair['correlation'], 2)})"
    return f"{said}: less of the one with {sign} of the other fits as well."


def inputs(result: Mapping[str, Any]) -> list[tuple[str, ...]]:
    """Return a row for each input, in the order of `INPUT_HEADS`."""
    found = []
    for one in result["free"]:
        decimals = wording.precision(one)
        learnt = wording.share(one["contraction"], 0)
        ends = f"{one['prior'][0]:g} to {one['prior'][1]:g}"
        found.append((one["name"], ends, wording.number(one["median"], decimals), wording.interval(one), learnt))
    return found


def facts(result: Mapping[str, Any]) -> list[tuple[str, ...]]:
    """Return a row for each fact, in the order of `FACT_HEADS`."""
    return [
        (
            one["measure"],
            wording.number(one["value"]),
            wording.interval(one),
            wording.mean(one["model"]),
            wording.interval(one["model"]),
            wording.interval(one["replicated"]),
            wording.interval({"low": one["lowest"], "high": one["highest"]}),
            "met" if one["met"] else "missed" if one["reachable"] else "out of reach",
        )
        for one in result["facts"]
    ]


def notes(result: Mapping[str, Any]) -> list[str]:
    """Return how far the answer can be relied on as a computation."""
    said = []
    for number, one in enumerate(result["checks"], 2):
        share = wording.share(one["within"], 0)
        points = f"Of the results at the {one['points']:.0f} points of round {number}"
        said.append(f"{points}, {share} lay in the 95\u00a0% foretold by the rounds before.")
    if result["settled"] is not None:
        said.append(
            f"The last round moved no posterior mean by more than {wording.number(result['settled'], 2)} of its standard deviation."
        )
    best = "; ".join(result["best"]["do"])
    return [*said, f"Likeliest single point: {best}"]


def command(result: Mapping[str, Any]) -> str:
    """Return the command that gives the same answer again."""
    parts = ["virtu", "fit", result["scenario"], "--targets", result["targets"]]
    for one in result["free"]:
        name, at, when = one["name"].partition(" @")
        parts += ["--free", f"{name} = {one['prior'][0]!r}:{one['prior'][1]!r}{at}{when}"]
    for one in result["do"]:
        parts += ["--do", one]
    sizes = ("points", "rounds", "histories", "ticks", "seed")
    return shlex.join([*parts, *(word for name in sizes for word in (f"--{name}", str(result[name])))])


def _p(value: float) -> str:
    return "below .001" if value < 0.001 else wording.number(value, 3)
