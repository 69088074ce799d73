"""What a fitted process of incidents says, in words: who answers whom, how soon, what the background hides, and whether the model fits."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from typing import Any

from virtu.show import wording

CLOSE = 0.05
"""Difference of two spectral radii below which they are the same to a reader."""

NOTABLE = 0.5
"""Share of an interval's half-width from which on something is said about a shift."""

CRITERIA = {"aic": "AIC", "bic": "BIC"}

ABOUT_INTERVALS = (
    "Intervals are 95\u00a0% by the profile of the likelihood, for backgrounds by its curvature in their logarithm; they take the pieces "
    "as given."
)
"""What intervals are."""


def design(result: Mapping[str, Any]) -> str:
    """Return what was fitted: incidents, watch, dates, pieces, redraws, seed."""
    watch, dated = result["watch"], result["dated"]
    parts = [
        f"{wording.counted(result['incidents'])} incidents from {wording.when(watch['from'])} to {wording.when(watch['to'])}",
        f"mostly dated to the {dated['mostly']}" if len(dated["counts"]) > 1 else f"dated to the {dated['mostly']}",
        f"background in {counted(result['pieces'], 'piece')}",
    ]
    return " · ".join([*parts, *([f"{result['redraws']} redraws"] if result["redraws"] else []), f"seed {result['seed']}"])


def counted(number: int, what: str) -> str:
    """Return a number of things, such as ``1 piece`` or ``48 pieces``."""
    return f"{wording.counted(number)} {what}{'' if number == 1 else 's'}"


def estimate(one: Mapping[str, Any]) -> str:
    """Return a value with as many decimals as its interval deserves."""
    return wording.number(one["point"], wording.precision(one))


def within(one: Mapping[str, Any]) -> str:
    """Return an interval, such as ``0.23–0.36``; an end that is not known is said."""
    if one["high"] is None:
        return f"above {wording.number(one['low'])}"
    return wording.interval(one)


def both(one: Mapping[str, Any]) -> str:
    """Return a value and its interval."""
    return f"{estimate(one)} ({within(one)})"


def shares(one: Mapping[str, Any]) -> str:
    """Return a share and its interval, such as ``30 % (23–36)``."""
    if one["high"] is None:
        return f"{wording.share(one['point'], 0)} (at least {wording.share(one['low'], 0)})"
    return f"{wording.share(one['point'], 0)} ({wording.share_interval(one, 0)})"


def answer(result: Mapping[str, Any]) -> list[str]:
    """Return what the fit says, the most important first."""
    said = [_headline(result), _stability(result), _constant(result), _bias(result), _criteria(result), _coarse(result), _spread(result)]
    return [*filter(None, said), fitting(result)]


def _headline(result: Mapping[str, Any]) -> str:
    radius, half_life = result["radius"], result["half_life"]
    if half_life["point"] is None:
        return "No incident is found to be an answer to another: each comes of itself."
    half = f"half of them come within {soon(result)}"
    if len(result["sides"]) == 1:
        return f"Of all incidents {shares(radius)} are answers to others; {half}."
    sides = [f"{wording.share(share, 0)} of {name}" for name, share in zip(result["sides"], result["of_sides"], strict=True)]
    return f"Of all incidents {wording.share(result['answers'], 0)} are answers to others ({', '.join(sides)}); {half}."


def soon(result: Mapping[str, Any]) -> str:
    """Return the half-life with its interval, in days where it is shorter than a unit of time."""
    one, unit = result["half_life"], str(result["unit"])
    if one["point"] < 1.0 and unit != "day":
        scale, unit = one["days"] / one["point"], "day"
        one = {key: None if one[key] is None else scale * one[key] for key in ("point", "low", "high")}
    return f"{both(one)} {unit}s"


def _stability(result: Mapping[str, Any]) -> str:
    """Return what the spectral radius means."""
    radius = result["radius"]
    if result["half_life"]["point"] is None:
        return f"The spectral radius of the branching is at most {wording.number(radius['high'], 2)}." if radius["high"] else ""
    said = f"The spectral radius of the branching is {both(radius)}: "
    if radius["point"] >= 1.0:
        return said + "at or above 1, each incident begets at least one more on average, and the process runs away."
    ends = "below 1, families of incidents die out, and a background that stops would end them."
    if radius["high"] is None or radius["high"] >= 1.0:
        ends = "below 1, families of incidents die out, but the interval reaches 1, from where on the process runs away."
    return said + ends


def _constant(result: Mapping[str, Any]) -> str:
    """Return what a constant background would say, and whether it is refuted."""
    constant = result["constant"]
    if result["pieces"] == 1:
        return (
            "The background is held constant, so that the share of answers is an upper bound: a background that moves passes for answers."
            + _kept(result)
        )
    tests = [one for one in result["criteria"]["tests"] if one["pieces"] == 1]
    if constant["half_life"]["point"] is None:
        said = "With a constant background there would be no answers."
    else:
        bound = "an upper bound, for a background that moves passes for answers"
        said = f"With a constant background the radius would be {both(constant['radius'])}, {bound}."
    return f"{said} {_refutation(tests[0])}" if tests else said


def _refutation(test: Mapping[str, Any]) -> str:
    if test["mean"] is None:
        return "Tables drawn from the fit with a constant background run away."
    if test["fall"] <= 0:
        return "More pieces do not better the AIC."
    mean, most = (wording.number(test[key], 0) for key in ("mean", "most"))
    drawn = f"by {mean} on average and {most} at most in {test['drawn']} tables drawn from it"
    verdict = "A constant background is refuted" if test["refuted"] else "A constant background is not refuted"
    return f"{verdict}: with more pieces the AIC falls by {wording.number(test['fall'], 0)}, {drawn}."


def _kept(result: Mapping[str, Any]) -> str:
    tests = [one for one in result["criteria"]["tests"] if one["pieces"] == 1]
    return f" {_refutation(tests[0])}" if tests else ""


def _bias(result: Mapping[str, Any]) -> str:
    """Return which way the estimate errs where it is the truth, if it does so notably."""
    again, radius = result["redrawn"], result["radius"]
    if again is None or radius["high"] is None:
        return ""
    shift = again["radius"] - radius["point"]
    if abs(shift) < NOTABLE * (radius["high"] - radius["low"]) / 2:
        return ""
    way = "low" if shift < 0 else "high"
    return (
        f"Tables drawn from this fit give a radius of {wording.number(again['radius'], 2)} on average when fitted again, "
        f"{wording.number(abs(shift), 2)} too {way}; corrected for that, it is {both(again['corrected'])}."
    )


def _criteria(result: Mapping[str, Any]) -> str:
    """Return how far the criteria disagree, if they do."""
    found = result["criteria"]
    rows = {row["pieces"]: row for row in found["rows"]}
    aic, bic = rows[found["aic"]], rows[found["bic"]]
    if aic["pieces"] == bic["pieces"] or abs(aic["radius"] - bic["radius"]) < CLOSE:
        return ""
    return (
        f"How much is answer and how much is background depends on how fast the background may move: AIC takes "
        f"{counted(aic['pieces'], 'piece')} (radius {wording.number(aic['radius'], 2)}), BIC {counted(bic['pieces'], 'piece')} "
        f"({wording.number(bic['radius'], 2)})."
    )


def _coarse(result: Mapping[str, Any]) -> str:
    """Return a warning where answers come sooner than dates can tell."""
    half_life, dated = result["half_life"], result["dated"]
    if half_life["days"] is None or half_life["days"] >= dated["mean_days"]:
        return ""
    length = f"{wording.number(dated['mean_days'], 0 if dated['mean_days'] >= 2 else 1)} day{'' if dated['mean_days'] == 1 else 's'}"
    return (
        f"The half-life is shorter than what a date means ({length} on average): that answers come so soon is told by how many incidents "
        "share a date, not by their order, and the half-life itself is hardly known."
    )


def _spread(result: Mapping[str, Any]) -> str:
    """Return how much hangs on the moments that incidents were given within their dates."""
    known = [one["radius"] for one in result["spreads"] if one["radius"] is not None]
    lives = [one["half_life"] for one in result["spreads"] if one["half_life"] is not None]
    if len(known) < 2 or not lives:
        return ""
    within_dates = f"Moments within dates are drawn by chance; with {len(known)} seeds the radius is"
    ends = [f"{wording.number(min(values), 3)} to {wording.number(max(values), 3)}" for values in (known, lives)]
    return f"{within_dates} {ends[0]}, the half-life {ends[1]} {result['unit']}s."


def fitting(result: Mapping[str, Any]) -> str:
    """Return whether the residuals are those of the right model."""
    check = result["residuals"]
    worst = min(check["sides"].values(), key=lambda one: min(one["p_value"], one["memory_p_value"]))
    numbers = (
        f"distance from exponential gaps {wording.number(worst['distance'], 3)} (p = {wording.number(worst['p_value'], 2)}), "
        f"correlation of a gap with the next {wording.number(worst['memory'], 3)} (p = {wording.number(worst['memory_p_value'], 2)})"
    )
    tests = 2 * len(check["sides"])
    source = (
        f"against {check['drawn']} tables drawn from the fit" if check["drawn"] else "p-values are too large, as parameters were fitted"
    )
    source += f"; of {tests} tests the least p should be above {wording.number(check['level'] / tests, 3)}"
    if check["fits"]:
        return f"The model fits: its residuals are not distinguishable from those of the right one; {numbers}, {source}."
    return f"The model does not fit in every respect: {numbers}, {source}. What it says of answers is to be read with care."


def rows(result: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    """Return the parameters of answering: what, value, interval."""
    sides, found = result["sides"], []
    several = len(sides) > 1
    for to, row in zip(sides, result["branching"], strict=True):
        for by, one in zip(sides, row, strict=True):
            what = f"{to} in answer to one of {by}" if several else "answers to one incident"
            found.append((what, estimate(one), within(one)))
    found.append(("spectral radius", estimate(result["radius"]), within(result["radius"])))
    found.append((f"half-life, {result['unit']}s", estimate(result["half_life"]), within(result["half_life"])))
    return found


def backgrounds(result: Mapping[str, Any], most: int) -> list[list[str]]:
    """Return the background, a row a piece: from, to, a rate with its interval for each side; nothing where pieces are more than `most`."""
    edges, sides = result["background"]["edges"], result["background"]["sides"]
    if len(edges) - 1 > most:
        return []
    return [[edges[piece], edges[piece + 1], *(both(side[piece]) for side in sides)] for piece in range(len(edges) - 1)]


def reach(result: Mapping[str, Any]) -> str:
    """Return least, mean and greatest background of each side."""
    parts = []
    for name, side, mean in zip(result["sides"], result["background"]["sides"], result["background"]["mean"], strict=True):
        points = [one["point"] for one in side]
        whose = f"{name}: " if len(result["sides"]) > 1 else ""
        ends = f"{wording.number(min(points))} to {wording.number(max(points))}, on average " if len(points) > 1 else ""
        parts.append(f"{whose}{ends}{wording.number(mean)}")
    return f"Background, incidents a {result['unit']}: {'; '.join(parts)}."


def criteria(result: Mapping[str, Any]) -> list[list[str]]:
    """Return the criteria, a row a number of pieces, as differences from the best."""
    found = result["criteria"]
    least = {key: min(row[key] for row in found["rows"]) for key in ("aic", "bic")}
    tested = {test["pieces"]: test for test in found["tests"]}
    table = []
    for row in found["rows"]:
        test = tested.get(row["pieces"])
        verdict = "taken" if row["pieces"] == found["chosen"] else "" if test is None else "refuted" if test["refuted"] else "not refuted"
        table.append(
            [
                str(row["pieces"]),
                wording.number(row["log_likelihood"], 1),
                *(f"{row[key] - least[key]:.1f}" for key in ("aic", "bic")),
                wording.number(row["trend_aic"] - least["aic"], 1),
                wording.number(row["radius"], 2),
                wording.number(row["half_life"]),
                verdict,
            ]
        )
    return table


CRITERIA_HEADS = ("pieces", "log-likelihood", "AIC", "BIC", "AIC, trend alone", "radius", "half-life", "")
"""Headings of `criteria`."""


def about_criteria(result: Mapping[str, Any]) -> str:
    """Return what the criteria are and how the pieces were chosen."""
    found = result["criteria"]
    how = {
        "given": "The number of pieces was given.",
        "aic": "The least AIC was taken.",
        "bic": "The least BIC was taken.",
        "draws": "Taken are the fewest pieces that are not refuted: in tables drawn from fewer the AIC would hardly ever fall so much.",
    }[found["by"]]
    edge = " More were not tried." if found["chosen"] == found["most"] and found["by"] != "given" else ""
    return (
        f"AIC and BIC less their least; AIC of a background alone, without answers, less the least AIC. {how}{edge} Short pieces follow "
        "the ups and downs of families and take answers away; few pieces pass a moving background off as answers."
    )


def severities(result: Mapping[str, Any]) -> list[list[str]]:
    """Return the severities, a row a side: count, median, log sd, share above the threshold as it is and as of a lognormal, distance."""
    known = result["severity"]
    if known is None:
        return []
    sides = {"all": known["all"]} | (known["sides"] if len(known["sides"]) > 1 else {})
    return [
        [
            name,
            wording.counted(one["count"]),
            both(one["median"]),
            both(one["log_sd"]),
            f"{wording.share(one['above']['mean'])} ({wording.share_interval(one['above'])})",
            wording.share(one["lognormal_above"]),
            wording.number(one["distance"], 2),
        ]
        for name, one in sides.items()
    ]


SEVERITY_HEADS = ("", "known", "median", "log sd", "above", "lognormal", "distance")
"""Headings of `severities`."""


def about_severities(result: Mapping[str, Any]) -> str:
    """Return what the columns on severity are."""
    known = result["severity"]
    return (
        f"Above: share of severities above {wording.number(known['threshold'])}, as it is and as of the lognormal. Distance: greatest gap "
        "between the shares below any value; whole numbers alone make it large."
    )


def residuals(result: Mapping[str, Any]) -> list[list[str]]:
    """Return the residual check, a row a side."""
    return [
        [
            name,
            wording.counted(one["gaps"]),
            wording.number(one["distance"], 3),
            wording.number(one["p_value"], 2),
            wording.number(one["memory"], 3),
            wording.number(one["memory_p_value"], 2),
        ]
        for name, one in result["residuals"]["sides"].items()
    ]


RESIDUAL_HEADS = ("", "gaps", "distance", "p", "memory", "p")
"""Headings of `residuals`."""


def snippet(result: Mapping[str, Any]) -> str:
    """Return the parameters as a scenario of the street would have them, in YAML."""
    found = result["scenario"]["incidents"]
    sides = ", ".join(result["sides"])
    lines = [
        "incidents:",
        f"  background: {_flow(found['background'])}  # a week, mean over the watch" + (f": {sides}" if len(result["sides"]) > 1 else ""),
        f"  branching: [{', '.join(_flow(row) for row in found['branching'])}]",
        f"  half_life: {_plain(found['half_life'])}  # weeks",
    ]
    if found["severity"] is not None:
        lines.append(f"  severity: {{median: {_plain(found['severity']['median'])}, log_sd: {_plain(found['severity']['log_sd'])}}}")
    return "\n".join(lines)


def _flow(values: Sequence[float]) -> str:
    return f"[{', '.join(map(_plain, values))}]"


def _plain(value: float | None) -> str:
    return "null" if value is None else f"{value:.4g}"


def command(result: Mapping[str, Any]) -> str:
    """Return the command line that gives the same fit again."""
    options, words = result["options"], ["virtu", "fit", result["table"]]
    named = {"start": "from", "end": "to"}
    for name in ("date", "side", "severity", "dates", "sides", "start", "end", "unit", "threshold"):
        if options[name] is not None:
            value = f"{options[name]:g}" if isinstance(options[name], float) else str(options[name])
            words += [f"--{named.get(name, name)}", value]
    words += [word for condition in options["where"] for word in ("--where", condition)]
    if options["pieces"] != "auto":
        words += ["--pieces", str(options["pieces"])]
    return shlex.join([*words, "--redraws", str(result["redraws"]), "--seed", str(result["seed"])])
