"""What a forecast says, in words: the answer in a sentence, the models, the inputs, and how the table was read."""

from __future__ import annotations

import math
import shlex
from collections.abc import Mapping, Sequence
from typing import Any

from virtu.show import wording

MODELS: dict[str, str] = {
    "baseline": "baseline: weighted mean",
    "median": "weighted median",
    "mean": "unweighted mean",
    "nash": "Nash bargain",
    "expected_utility": "expected utility",
    "spatial_bargaining": "spatial bargain (KTAB)",
}
"""Models, in the order in which they are shown."""

SOURCES = {"given": "as given", "format": "that of the file's format", "inferred": "inferred from the positions"}

ABOUT_MODELS = (
    "Weights are capability × salience. The baseline is shown first because no model with more in it is known to forecast the decisions "
    "of cooperative bodies better."
)


def decimals(scale: Mapping[str, Any]) -> int:
    """Return with how many decimals positions on a scale are shown: three or four digits over its length."""
    return max(0, min(6, 3 - math.ceil(math.log10(scale["high"] - scale["low"]))))


def place(value: float | None, scale: Mapping[str, Any], *, plus: bool = False) -> str:
    """Return a position, or a change of one with its sign."""
    text = wording.number(value, decimals(scale))
    return wording.signed(text) if plus else text


def span(value: Mapping[str, Any], scale: Mapping[str, Any]) -> str:
    """Return a 95 % range such as ``7.18–7.58``; empty where there were no draws."""
    if value["low"] is None:
        return ""
    low, high = (place(value[end], scale) for end in ("low", "high"))
    return f"{low} to {high}" if wording.MINUS in low + high else f"{low}–{high}"


def ends(scale: Mapping[str, Any]) -> str:
    """Return the ends of a scale, such as ``4 to 10``."""
    return " to ".join(f"{scale[end]:g}".replace("-", wording.MINUS) for end in ("low", "high"))


def listed(names: Sequence[str]) -> str:
    """Return names as a list in a sentence."""
    return " and ".join(filter(None, [", ".join(names[:-1]), *names[-1:]]))


def answer(issue: Mapping[str, Any]) -> list[str]:
    """Return the answer on an issue: what the baseline expects, how far the models differ, who is pivotal, and what came about."""
    scale, models, apart = issue["scale"], issue["models"], issue["disagreement"]
    base = models["baseline"]
    within = f" (95\u00a0% of draws: {span(base, scale)})" if base["low"] is not None else ""
    lowest, highest = (f"{place(models[apart[end]]['point'], scale)} ({short(apart[end])})" for end in ("lowest", "highest"))
    said = [
        f"The baseline expects {place(base['point'], scale)}{within} on the scale from {ends(scale)}; "
        f"the {len(models)} models lie between {lowest} and {highest}."
    ]
    holders = issue["pivotal"]["median_holders"]
    members = issue["coalition"]["members"]
    said.append(
        f"{listed(holders)} hold{'s' * (len(holders) == 1)} the weighted median. "
        f"If every ally may be the next victim, {listed(members)} would rule{' alone' * (len(members) == 1)}."
    )
    if issue["scores"]:
        errors = {model: score["absolute_error"] for model, score in issue["scores"]["models"].items()}
        best = min(errors, key=errors.__getitem__)
        came = f"It came out at {wording.printed(issue['scores']['actual'])}: nearest was the {short(best)}, "
        came += f"off by {place(errors[best], scale)}"
        rest = "" if best == "baseline" else f"; the baseline was off by {place(errors['baseline'], scale)}"
        said.append(f"{came}{rest}.")
    return said


def short(model: str) -> str:
    """Return the short name of a model within a sentence."""
    return "baseline" if model == "baseline" else MODELS[model].removesuffix(" (KTAB)")


def design(result: Mapping[str, Any]) -> str:
    """Return how the forecast was made: actors, draws, seed, and what is uncertain."""
    parts = [f"{len(result['actors'])} actors"]
    known = result["uncertainty"]
    if not result["draws"]:
        return f"{parts[0]} · point forecasts: the table states no uncertainty"
    parts.append(f"{wording.counted(result['draws'])} draws of the uncertain numbers")
    if known["assumed"]:
        rest = " where the table states none" if known["stated"] else ""
        parts.append(f"±{100 * known['assumed']:g}\u00a0% assumed{rest}")
    return " · ".join([*parts, f"seed {result['seed']}"])


def outside(issue: Mapping[str, Any]) -> str:
    """Return which models' points lie outside the range of their draws, and why that happens; empty where none does."""
    models = issue["models"]
    jumping = [short(name) for name, one in models.items() if one["low"] is not None and not one["low"] <= one["point"] <= one["high"]]
    if not jumping:
        return ""
    return (
        f"The forecast of the {listed(jumping)} from the values as they stand lies outside the range of its draws: equal positions or "
        "weights are a special case that the draws break."
    )


def last_word(issue: Mapping[str, Any]) -> str:
    """Return who gains most by speaking last, and by what rule."""
    word, scale = issue["last_word"], issue["scale"]
    name, first = next(iter(word["actors"].items()))
    moved = place(first["shift"]["point"], scale, plus=True)
    return (
        f"Who speaks last is taken to propose the baseline, shaded by {word['shade']:g} of the way to its own position (the default of the "
        f"organisation's meeting). {name} would gain most, by salience × distance won: its proposal lies {moved} from the baseline."
    )


def coalition(issue: Mapping[str, Any]) -> str:
    """Return what the ruling coalition rests on."""
    found = issue["coalition"]
    said = f"The ruling coalition holds {wording.share(found['share'])} of the weight"
    said += "." if found["exact"] else "; it is the lightest found, for there are too many actors to examine all coalitions."
    if found["ties"]:
        said += f" {found['ties']} more would be as strong."
    if found["draws"]:
        said += f" “In coalition”: share of {wording.counted(found['draws'])} draws in which the actor is a member."
    return said


def turns(issue: Mapping[str, Any]) -> str:
    """Return how the spatial bargain came to rest."""
    found = issue["turns"]
    rest = "" if found["settled"] == 1.0 else f"; of all bargains run, {wording.share(found['settled'])} came to rest within 100"
    return f"The spatial bargain took {found['point']} turns{rest}."


def disagreement(issue: Mapping[str, Any]) -> str:
    """Return how far apart the models are."""
    apart, scale = issue["disagreement"], issue["scale"]
    return (
        f"Disagreement between models: range {place(apart['range'], scale)} ({wording.share(apart['share_of_scale'], 0)} of the scale), "
        f"standard deviation {place(apart['sd'], scale)}."
    )


def row_of(row: Mapping[str, Any], between: str = ": ") -> str:
    """Return what an input of the tornado is called."""
    return f"{row['actor']}{between}{row['kind']}"


def exact(one: Mapping[str, Any]) -> bool:
    """Return whether a change is nothing at the point and in every draw."""
    return one["point"] == 0.0 and one["same"] in (None, 1.0)


def varied(result: Mapping[str, Any]) -> str:
    """Return how far each input was moved."""
    if share := result["uncertainty"]["varied"]:
        return f"Each number alone goes ±{100 * share:g}\u00a0%: of its value, for positions of the scale."
    return "Each number alone goes to the ends of its 95\u00a0% range."


def command(result: Mapping[str, Any]) -> str:
    """Return the command line that gives the same forecast again."""
    options, words = result["options"], ["virtu", "forecast", result["table"]]
    words += [word for arm in result["arms"] for word in ("--do", wording.doing(arm["do"]))]
    words += [word for scale in options["scale"] for word in ("--scale", scale)]
    for name in ("assume_salience", "full_salience"):
        if options[name] is not None:
            words += [f"--{name.replace('_', '-')}", f"{options[name]:g}"]
    if result["uncertainty"]["assumed"]:
        words += ["--uncertainty", f"{100 * result['uncertainty']['assumed']:g}%"]
    for name, issue in result["issues"].items():
        if issue["scores"]:
            actual = wording.printed(issue["scores"]["actual"])
            words += ["--actual", actual if len(result["issues"]) == 1 else f"{name}={actual}"]
    return shlex.join([*words, *(["--draws", str(result["draws"])] if result["draws"] else []), "--seed", str(result["seed"])])
