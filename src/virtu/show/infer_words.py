"""What an inference from choices says, in words: what was learnt of whom, what was not, and what trades off with what."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from typing import Any

from virtu.show import wording

KNOWN, SOME = 0.5, 0.1
"""Contraction from which on a trait is said to be known well, and to be known somewhat; below it is as unknown as before."""

SURE = 0.9
"""Posterior chance from which on a type or a level is named as what a person is."""

TRAIT_HEADS = ("Trait", "Median", "95 % interval", "Highest", "Prior, 95 %", "Learnt")

ABOUT_INTERVALS = (
    "Intervals hold the central 95\u00a0% of the posterior. Learnt: share of the prior variance that the choices took away; at 0\u00a0% "
    "nothing was learnt, below it the choices contradict what had seemed likely. All of it holds if people choose by the rules of the "
    "game's model."
)
"""What the numbers of a table of traits are."""


def design(result: Mapping[str, Any]) -> str:
    """Return what was inferred from what: persons, choices, method, seed."""
    people = len(result["people"])
    said = [f"{wording.counted(result['choices'])} choices", f"{people} {'person' if people == 1 else 'people'}", result["about"]]
    return " · ".join([*said, result["method"], f"seed {result['seed']}"])


def answer(result: Mapping[str, Any]) -> list[str]:
    """Return a sentence or more on each person."""
    return [f"{name}: {'; '.join(_parts(one))}." for name, one in result["people"].items()]


def _parts(one: Mapping[str, Any]) -> list[str]:
    said = [_class(one["types"], "of the type"), _class(one["levels"], "reasons at")]
    known = [name for name, value in one["traits"].items() if value["contraction"] >= KNOWN]
    some = [name for name, value in one["traits"].items() if SOME <= value["contraction"] < KNOWN]
    said += [f"well learnt {_listed(known)}" if known else "no trait is known well"]
    said += [f"somewhat {_listed(some)}" if some else ""]
    said += [f"no more is known than before of {_listed(one['unknown'])}" if one["unknown"] else ""]
    said += [trade_off(pair) for pair in one["trade_offs"][:2]]
    return [part for part in said if part]


def _class(chances: Mapping[str, float], verb: str) -> str:
    """Return which type or level a person is of, or between which the choices leave it open."""
    if not chances:
        return ""
    best = sorted(chances, key=lambda name: -chances[name])
    first = f"{verb} {best[0]} with chance {wording.share(chances[best[0]], 0)}"
    return first if chances[best[0]] >= SURE else f"{first}, {best[1]} {wording.share(chances[best[1]], 0)}"


def trade_off(pair: Mapping[str, Any]) -> str:
    """Return that two traits cannot be told apart."""
    one, other = (wording.words(name) for name in pair["traits"])
    sign = "less" if pair["correlation"] > 0.0 else "more"
    said = f"{one} and {other} trade off (correlation {wording.number(pair['correlation'], 2)})"
    return f"{said}: less of the one with {sign} of the other fits as well"


def rows(result: Mapping[str, Any], person: str) -> list[tuple[str, ...]]:
    """Return a person's row for each trait, in the order of `TRAIT_HEADS`."""
    found = []
    for name, value in result["people"][person]["traits"].items():
        decimals = wording.precision(value)
        found.append(
            (
                wording.words(name),
                wording.number(value["median"], decimals),
                wording.interval(value),
                wording.number(value["highest"], decimals),
                wording.interval(result["prior"][name]),
                wording.share(value["contraction"], 0),
            )
        )
    return found


def chances(one: Mapping[str, Any]) -> list[str]:
    """Return the chances of types and levels of a person, a line each."""
    lines = []
    for what, listed in (("type", one["types"]), ("level", one["levels"])):
        if listed:
            told = (f"{name.removeprefix('level ')} {wording.share(chance, 0)}" for name, chance in listed.items())
            lines.append(f"{what}: {', '.join(told)}")
    return lines


def notes(result: Mapping[str, Any]) -> list[str]:
    """Return what was assumed, and how far the answer can be relied on."""
    fixed = [f"{wording.words(name)} {value['fixed']:g}" for name, value in result["prior"].items() if "fixed" in value]
    said = [*result["notes"], *([f"taken for known: {', '.join(fixed)}"] if fixed else [])]
    said += [*text(result), *(overlap(one) for one in result["readings"])]
    if result["chains"]:
        said.append(f"split R̂ of the chains at most {wording.number(result['chains']['split_r_hat'], 3)}")
    least = min(one["effective"] for one in result["people"].values())
    took = result["seconds"]
    said.append(
        f"effective draws of a person at least {least:.0f}; compiling took {took['compiling']:.1f} s, the answer {took['answering']:.1f} s"
    )
    return [f"{one[0].upper()}{one[1:]}." for one in said]


def text(result: Mapping[str, Any]) -> list[str]:
    """Return what a text was allowed to say, and what it changed."""
    found = result["text"]
    if found is None:
        return []
    who, r = result["options"]["actor"], wording.number(found["r"], 2)
    said = (
        f"the text of {who} ({wording.counted(found['words'])} words) counts as a measurement of the mean of both empathy weights with a "
        f"correlation of {r} ({wording.number(found['low'], 2)}–{wording.number(found['high'], 2)}, cross-validated over "
        f"{found['people']} people), so that it moves the posterior by at most {wording.share(found['at_most'], 0)} of the way to what it "
        f"says, {wording.number(found['says'], 2)}; it moved the mean from {wording.number(found['before'], 3)} to "
        f"{wording.number(found['after'], 3)}. The highest point and the prior are those without it"
    )
    return [said]


def overlap(one: Mapping[str, Any]) -> str:
    """Return what two reading lists have in common."""
    names, shared = " and ".join(one["people"]), "; ".join(one["shared"]) or "none"
    counts = f"titles {one['counts'][0]} and {one['counts'][1]}, in common: {shared}"
    words = f"{wording.share(one['words'], 0)} of their words in common"
    return f"reading lists of {names}: {counts}; {words}. What people read says nothing of their traits, and changed none"


def probes(result: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return the next probes and what they are expected to tell, bits."""
    return [(one["probe"], wording.number(one["bits"], 3)) for one in result["next"]]


def command(result: Mapping[str, Any]) -> str:
    """Return the command that gives the same answer again."""
    given = result["options"]
    parts = ["virtu", "infer", str(result["table"]), "--game", result["game"]]
    parts += ["--who", given["who"]] if given["who"] else []
    parts += ["--sampler", given["sampler"]] if given["sampler"] != "laplace" else []
    for name, level in given["prior"].items():
        parts += ["--prior", f"{name} = {_level(level)}"]
    parts += ["--next"] if given["next"] else []
    parts += [word for name in ("text", "actor", "readings") if given[name] for word in (f"--{name}", given[name])]
    return shlex.join([*parts, "--seed", str(result["seed"])])


def _level(level: Any) -> str:
    if not isinstance(level, Mapping):
        return f"{level:g}"
    ((kind, arguments),) = level.items()
    return f"{{{kind}: [{', '.join(f'{one:g}' for one in arguments)}]}}"


def _listed(names: list[str]) -> str:
    words = [wording.words(name) for name in names]
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)
