"""What a report and a terminal say of a run, as plain text: sentences and rows of tables, nothing of how they look."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from virtu.scenario.schema import COLLECTIVE, Scenario
from virtu.scenario.vocabulary import DISTRIBUTIONS, parameters, traits
from virtu.show import series, wording

if TYPE_CHECKING:
    import xarray as xr

LIKELY = 0.5
"""A person is said to be the first to fall only if it falls in more than this share of the histories."""


class Measure(NamedTuple):
    """A measure of the whole run: its words, mean, bounds and unit."""

    label: str
    mean: str
    interval: str
    unit: str


class Effect(NamedTuple):
    """What an arm changed in one measure; shares as percentage points."""

    label: str
    mean: str
    interval: str
    unit: str
    unchanged: str
    helped: str
    hurt: str
    reduction: str


class Exit(NamedTuple):
    """A recorded exit beside the simulated ones."""

    actor: str
    recorded: str
    share: str
    median: str
    interval: str
    agrees: bool | None


class Parameter(NamedTuple):
    """A parameter with its value and its default."""

    name: str
    value: str
    default: str
    unit: str
    doc: str


class Assumed(NamedTuple):
    """What the scenario says of a trait of a person, and what that rests on."""

    trait: str
    level: str
    basis: str
    sources: tuple[str, ...]


def opening(dataset: xr.Dataset, summary: Mapping[str, Any], scenario: Scenario) -> list[str]:
    """Return the run in three sentences: who ends on top, who falls, and how it compares with the record or with appearances."""
    third = _record_sentence(summary) or _estimate_sentence(dataset)
    return [_top_sentence(dataset, summary, scenario), _fall_sentence(dataset), *([third] if third else [])]


def measures(summary: Mapping[str, Any]) -> list[Measure]:
    """Return the measures of the whole run, those of single persons left out."""
    return [
        Measure(wording.measure(name), *_shown(value), "" if value.get("unit") == "share" else str(value.get("unit", "")))
        for name, value in summary["measures"].items()
        if ":" not in name
    ]


def effect(name: str, value: Mapping[str, Any]) -> Effect:
    """Return an effect on a measure as a row of a table."""
    scale = 100 if value.get("unit") == "share" else 1
    scaled = {key: None if value[key] is None else scale * value[key] for key in ("mean", "low", "high")}
    nothing = scaled["mean"] == scaled["low"] == scaled["high"] == 0
    return Effect(
        label=wording.measure(name),
        mean="exactly 0" if nothing else wording.signed(wording.mean(scaled)),
        interval="" if nothing else wording.interval(scaled),
        unit=wording.points(str(value.get("unit", ""))),
        unchanged=wording.share(value["unchanged"]),
        helped=wording.share(value["helped"]),
        hurt=wording.share(value["hurt"]),
        reduction="–" if value["variance_reduction"] is None else f"× {wording.number(value['variance_reduction'], 1)}",
    )


def felt(value: Mapping[str, Any] | None) -> str:
    """Return the change of satisfaction felt by whom the move is about, as a sentence; empty where there is nobody."""
    return f"Felt by {value['actor']}: {wording.estimate(value, plus=True)} a tick." if value and value.get("actor") else ""


def horizon(value: Mapping[str, Any]) -> str:
    """Return how many histories a move changed, and when, as a sentence."""
    tick = "" if value["median_tick"] is None else f", from tick {wording.number(value['median_tick'], 0)} on by the median"
    return f"{wording.share(value['share_diverged'])} of the histories came out different{tick}."


def personal(summary: Mapping[str, Any]) -> tuple[list[str], list[tuple[str, list[str]]]]:
    """Return the measures of single persons as a table.

    Returns
    -------
    list of str
        Headings of the columns.
    list of tuple of str and list of str
        One row a person: the name, and for every column the mean with its interval, empty where there is none.
    """
    named = [name.partition(":") for name in summary["measures"] if ":" in name]
    kinds, people = list(dict.fromkeys(kind for kind, _, _ in named)), list(dict.fromkeys(person for _, _, person in named))
    found = {person: [_cell(summary["measures"].get(f"{kind}:{person}")) for kind in kinds] for person in people}
    return [wording.measure(kind) for kind in kinds], [(wording.person(person), cells) for person, cells in found.items()]


def exits(summary: Mapping[str, Any]) -> list[Exit]:
    """Return the recorded exits beside the simulated ones."""
    check = summary.get("history_check") or {"exits": []}
    return [
        Exit(
            actor=one["actor"],
            recorded=str(one["recorded_date"] or "–"),
            share=wording.share(one["share_fallen"], 0),
            median=str(one["median_date"] or "–"),
            interval=f"{one['low_date']} to {one['high_date']}" if one["low_date"] else "–",
            agrees=one["agrees"] if one["median_date"] else None,
        )
        for one in check["exits"]
    ]


def order(summary: Mapping[str, Any]) -> str:
    """Return a sentence on how the simulated order of falls agrees with the recorded one; empty where there is none."""
    found = (summary.get("history_check") or {}).get("order")
    if not found or not found.get("pairs"):
        return ""
    tau = found["kendall_tau"]
    said = f"Of {found['pairs']} pairs of recorded exits, {wording.number(found['concordant'], 1)} come in the recorded order on average"
    return f"{said}; Kendall’s τ {wording.estimate(tau)}." if tau and tau["mean"] is not None else f"{said}."


def changed_and_default(scenario: Scenario) -> tuple[list[Parameter], list[Parameter]]:
    """Return the parameters that the scenario changes, and all others."""
    rows = [
        Parameter(name, f"{scenario.parameters.get(name, knob.default):g}", f"{knob.default:g}", knob.unit, knob.doc)
        for name, knob in parameters().items()
    ]
    return [row for row in rows if row.value != row.default], [row for row in rows if row.value == row.default]


def assumed(scenario: Scenario, person: str) -> list[Assumed]:
    """Return what the scenario says of the traits of a person."""
    return [
        Assumed(wording.words(trait), level(stated.value), "; ".join(filter(None, (stated.assumption, stated.note))), tuple(stated.source))
        for trait, stated in scenario.actors[person].traits.items()
        if trait in traits()
    ]


def level(value: float | Mapping[str, Sequence[float]]) -> str:
    """Return a number or a distribution in words, such as ``normal, mean 0.5, sd 0.1``."""
    if not isinstance(value, Mapping):
        return f"{value:g}"
    [(kind, arguments)] = value.items()
    names = DISTRIBUTIONS.get(kind, ())
    if len(names) != len(arguments):
        return f"{kind}: {', '.join(f'{argument:g}' for argument in arguments)}"
    return ", ".join([kind, *(f"{wording.words(name)} {argument:g}" for name, argument in zip(names, arguments, strict=True))])


def run_command(summary: Mapping[str, Any], scenario: Scenario) -> str:
    """Return the command line that gives the same run again."""
    ticks = ["--ticks", str(summary["ticks"])] if summary["ticks"] != scenario.ticks else []
    options = ["--histories", str(summary["histories"]), "--seed", str(summary["seed"])]
    return shlex.join(["virtu", "run", str(summary["scenario"]), *options, *ticks])


def compare_command(comparison: Mapping[str, Any]) -> str:
    """Return the command line that gives the same comparison again."""
    arms = [word for arm in comparison["arms"] for word in ("--do", wording.doing(arm["do"]))]
    options = ["--histories", str(comparison["histories"]), "--seed", str(comparison["seed"])]
    return shlex.join(["virtu", "compare", str(comparison["scenario"]), *arms, "--outcome", str(comparison["outcome"]), *options])


def _top_sentence(dataset: xr.Dataset, summary: Mapping[str, Any], scenario: Scenario) -> str:
    dates = dataset["date"].values
    span = f"{wording.when(str(dates[0]))} to {wording.when(str(dates[-1]))}"
    start = f"In {wording.counted(summary['histories'])} simulated histories of “{scenario.title}” ({span}), "
    ranked = sorted(((name, share) for name, share in summary["on_top"].items()), key=lambda item: -item[1]["mean"])
    first, share = ranked[0]
    said = f"{wording.share(share['mean'])} of them (95\u00a0% interval {wording.share_interval(share)})"
    if first != COLLECTIVE:
        together = summary["on_top"].get(COLLECTIVE)
        rest = f"; in {wording.share(together['mean'])} nobody leads" if together and together["mean"] else ""
        return f"{start}{first} ends on top more often than anybody else: in {said}{rest}."
    second, share = ranked[1]
    return f"{start}nobody leads at the end in {said}; {second}, most often on top, is so in {wording.share(share['mean'])}."


def _fall_sentence(dataset: xr.Dataset) -> str:
    fallen = (dataset["fall_tick"] >= 0).sum("actor").values
    error = float(1.959964 * fallen.std(ddof=1) / np.sqrt(len(fallen))) if len(fallen) > 1 else 0.0
    mean = float(fallen.mean())
    if not mean:
        return "Nobody ever loses a seat."
    said = f"On average {wording.estimate({'mean': mean, 'low': mean - error, 'high': mean + error})} persons lose their seat"
    likely = [row for row in series.fall_dates(dataset) if row["share"] > LIKELY]
    if not likely:
        return f"{said}; nobody does in more than half of the histories."
    dates = dataset["date"].values.astype(str)
    low, median, high = (wording.when(str(dates[round(likely[0]["ticks"][index])])) for index in (0, 2, 4))
    return f"{said}; the first is usually {likely[0]['actor']}, in {median} by the median (90\u00a0% of dates from {low} to {high})."


def _record_sentence(summary: Mapping[str, Any]) -> str:
    check = summary.get("history_check")
    if not check:
        return ""
    found = exits(summary)
    dated = f"{sum(one.agrees is True for one in found)} of {len(found)} recorded exits lie within the simulated 95\u00a0% of dates"
    if not check.get("record_on_top"):
        return f"{dated}." if found else ""
    who = wording.person(check["record_on_top"])
    top = f"On record {'there was collective leadership' if check['record_on_top'] == COLLECTIVE else f'{who} ended on top'}"
    return f"{top}, as in {wording.share(check['share_on_top'])} of the histories" + (f"; {dated}." if found else ".")


def _estimate_sentence(dataset: xr.Dataset) -> str:
    who = series.winner(dataset)
    if who is None:
        return ""
    bands = series.estimate_bands(dataset, who)
    middle = len(bands["ticks"]) // 2
    gap, true = bands["gap"][middle], bands["strength"][middle]
    if gap is None or true is None:
        return ""
    by = f"{wording.number(abs(gap[2]))} {'below' if gap[2] < 0 else 'above'}"
    truth = f"the truth of {wording.number(true[2])} strength units (medians)"
    return f"In {wording.when(bands['dates'][middle])} the others’ estimate of {who}’s strength lies {by} {truth}."


def _shown(value: Mapping[str, Any]) -> tuple[str, str]:
    if value.get("unit") == "share" and value["mean"] is not None:
        return wording.share(value["mean"]), wording.share_interval(value)
    return wording.mean(value), wording.interval(value)


def _cell(value: Mapping[str, Any] | None) -> str:
    return "" if value is None else "{} ({})".format(*_shown(value))
