"""What a report and a terminal say of a run, as plain text: sentences and rows of tables, nothing of how they look."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from virtu.record import statistics
from virtu.scenario.arenas import ARENAS, AnyScenario
from virtu.scenario.schema import COLLECTIVE, Scenario
from virtu.scenario.vocabulary import DISTRIBUTIONS, traits
from virtu.show import series, wording

if TYPE_CHECKING:
    import xarray as xr

MOST_DOUBTFUL = 4
"""Most measures with doubtful intervals that are named."""

LIKELY = 0.5
"""A person is said to be the first to fall only if it falls in more than this share of the histories."""


class Measure(NamedTuple):
    """A measure of the whole run: its words, mean, bounds and unit."""

    label: str
    mean: str
    interval: str
    unit: str


class Effect(NamedTuple):
    """What an arm changed in one measure, shares in percentage points; in how many histories it is the same, more or less."""

    label: str
    mean: str
    interval: str
    unit: str
    same: str
    more: str
    less: str
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
    """Return the measures of the whole run, of times also the medians; those of single persons are left out."""
    rows = []
    for name, value in summary["measures"].items():
        if ":" not in name:
            label, unit = wording.measure(name), wording.unit(value["unit"], summary["unit"])
            rows.append(Measure(label, *_shown(value), unit))
            if "median" in value:
                rows.append(Measure(f"{label}, median", *_median(value["median"]), unit))
    return rows


def effects(found: Mapping[str, Mapping[str, Any]], names: Sequence[str], tick: str) -> list[Effect]:
    """Return effects on measures as rows of a table, of times also the medians of the differences; ``tick`` is the unit of a tick."""
    rows = []
    for name in names:
        if name in found:
            rows.append(effect(name, found[name], tick))
            if "median" in found[name]:
                middle, bounds = _median(found[name]["median"])
                rows.append(
                    rows[-1]._replace(label=f"{rows[-1].label}, median", mean=wording.signed(middle), interval=bounds, reduction="–")
                )
    return rows


def stopped(result: Mapping[str, Any]) -> str:
    """Return why a run or a comparison stopped when it did, in words; empty where nobody looked."""
    found = result.get("until")
    if not found:
        return ""
    count, what = wording.counted(found["histories"]), wording.measure(found["outcome"])
    end = f"after {count} histories" if found["reached"] else f"with all {count} histories, before it was met"
    scale = 100 if _is_share(result, found["outcome"]) else 1
    told = [wording.estimate({key: scale * one[key] for key in ("mean", "low", "high")}) for one in found["intervals"]]
    sign = wording.NO_BREAK + "%" if scale == 100 else ""
    intervals = "; ".join(f"{one}{sign}" for one in told)
    return (
        f"Stopped by the rule “{found['rule']}” for “{what}” {end}: {intervals}. This interval holds at whatever moment one stops "
        "(confidence sequence); those of other measures are made for a number of histories that is fixed beforehand."
    )


def shams(arm: Mapping[str, Any]) -> str:
    """Return how many effects known to be nought lie outside their intervals, as a sentence; empty where none were asked for."""
    found = arm.get("shams")
    if not found:
        return ""
    if found["outside"] is None:
        return "No shams: the arm changes nothing."
    said = (
        f"Of {wording.counted(found['shams'])} shams of {found['measures']} measures, {wording.share(found['outside'])} lie outside their "
        f"95\u00a0% intervals, {wording.share(found['promised'], 0)} are promised"
    )
    worst = sorted(found["doubtful"].items(), key=lambda item: -item[1])
    named = ", ".join(f"{wording.measure(name)} ({wording.share(share)})" for name, share in worst[:MOST_DOUBTFUL])
    rest = f" and {len(worst) - MOST_DOUBTFUL} more" if len(worst) > MOST_DOUBTFUL else ""
    return f"{said}. Too narrow: {named}{rest}." if worst else f"{said}."


def effect(name: str, value: Mapping[str, Any], tick: str) -> Effect:
    """Return an effect on a measure as a row of a table; ``tick`` is the unit of a tick."""
    scale = 100 if value.get("unit") == "share" else 1
    scaled = {key: None if value[key] is None else scale * value[key] for key in ("mean", "low", "high")}
    nothing = scaled["mean"] == scaled["low"] == scaled["high"] == 0
    return Effect(
        label=wording.measure(name),
        mean="exactly 0" if nothing else wording.signed(wording.mean(scaled)),
        interval="" if nothing else wording.interval(scaled),
        unit=wording.points(value["unit"], tick),
        same=wording.share(value["unchanged"]),
        more=wording.share(value["helped"]),
        less=wording.share(value["hurt"]),
        reduction="–" if value["variance_reduction"] is None else f"× {wording.number(value['variance_reduction'], 1)}",
    )


def felt(value: Mapping[str, Any] | None) -> str:
    """Return the change of satisfaction felt by whom the move is about, as a sentence; empty where there is nobody."""
    return f"Felt by {value['actor']}: {wording.estimate(value, plus=True)} a tick." if value and value.get("actor") else ""


def horizon(value: Mapping[str, Any]) -> str:
    """Return how many histories a move changed, and when, as a sentence."""
    tick = "" if value["median_tick"] is None else f", from tick {wording.number(value['median_tick'], 0)} on by the median"
    return f"{wording.share(value['share_diverged'])} of the histories came out different{tick}."


def personal(summary: Mapping[str, Any], *, brief: bool = False) -> tuple[list[str], list[tuple[str, list[str]]]]:
    """Return the measures of single persons as a table.

    Parameters
    ----------
    summary : mapping
        What ``virtu run --json`` prints.
    brief : bool
        Write half the width of an interval after ± instead of its bounds.

    Returns
    -------
    list of str
        Headings of the columns, with units.
    list of tuple of str and list of str
        One row a person: the name, and for every column the mean with its interval, empty where there is none.
    """
    named = [(*name.partition(":")[::2], value) for name, value in summary["measures"].items() if ":" in name]
    kinds = {kind: wording.unit(value["unit"], summary["unit"]) for kind, _, value in named}
    columns = {kind: [value for one, _, value in named if one == kind] for kind in kinds}
    decimals = {kind: _common_precision(values) for kind, values in columns.items()}
    cells = {(kind, person): _brief(value, decimals[kind]) if brief else _cell(value) for kind, person, value in named}
    headings = [f"{wording.measure(kind)}, {unit}" if unit else wording.measure(kind) for kind, unit in kinds.items()]
    people = list(dict.fromkeys(person for _, person, _ in named))
    return headings, [(wording.person(person), [cells.get((kind, person), "") for kind in kinds]) for person in people]


def exits(summary: Mapping[str, Any]) -> list[Exit]:
    """Return the recorded exits beside the simulated ones."""
    check = summary.get("history_check") or {"exits": []}
    return [
        Exit(
            actor=one["actor"],
            recorded=str(one["recorded_date"] or "–"),
            share=wording.share(_level(one["share_fallen"]), 0),
            median=str(one["median_date"] or "–"),
            interval=f"{one['low_date']} to {one['high_date']}" if one["low_date"] else "–",
            agrees=bool(one["agrees"]) if one["median_date"] else None,
        )
        for one in check["exits"]
    ]


def on_record(check: Mapping[str, Any]) -> float:
    """Return the share of histories that end as on record; 0 where whoever is on record never has a place."""
    return _level(check["share_on_top"]) or 0.0


def order(summary: Mapping[str, Any]) -> str:
    """Return a sentence on how the simulated order of falls agrees with the recorded one; empty where there is none."""
    found = (summary.get("history_check") or {}).get("order")
    if not found or not found.get("pairs"):
        return ""
    tau = found["kendall_tau"]
    share = wording.share(_level(found["concordant"]))
    return f"Of {found['pairs']} pairs of recorded exits, {share} come in the recorded order; Kendall’s τ {wording.estimate(tau)}."


def changed_and_default(scenario: AnyScenario) -> tuple[list[Parameter], list[Parameter]]:
    """Return the parameters that the scenario changes, and all others."""
    rows = [
        Parameter(name, f"{scenario.parameters.get(name, knob.default):g}", f"{knob.default:g}", knob.unit, knob.doc)
        for name, knob in ARENAS[scenario.arena].parameters().items()
    ]
    return [row for row in rows if row.value != row.default], [row for row in rows if row.value == row.default]


def assumed(scenario: AnyScenario, person: str) -> list[Assumed]:
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


def design(summary: Mapping[str, Any]) -> str:
    """Return what was run, in one line: histories, length, seed, and what was done in them."""
    cut = ", interrupted" if summary.get("interrupted") else ""
    done = f" · with {wording.doing(summary['do'])}" if summary.get("do") else ""
    kind = "histories of persons" if summary.get("individuals") else "histories"
    return f"{wording.counted(summary['histories'])} {kind}{cut} · {summary['ticks']} {summary['unit']}s · seed {summary['seed']}{done}"


def run_command(summary: Mapping[str, Any], scenario: AnyScenario) -> str:
    """Return the command line that gives the same run again."""
    ticks = ["--ticks", str(summary["ticks"])] if summary["ticks"] != scenario.ticks else []
    done = [word for one in summary.get("do") or () for word in ("--do", str(one))]
    options = ["--histories", str(_most(summary)), "--seed", str(summary["seed"])]
    persons = ["--individuals"] if summary.get("individuals") else []
    return shlex.join(["virtu", "run", str(summary["scenario"]), *options, *ticks, *done, *persons, *_until(summary)])


def compare_command(comparison: Mapping[str, Any]) -> str:
    """Return the command line that gives the same comparison again."""
    arms = [word for arm in comparison["arms"] for word in ("--do", wording.doing(arm["do"]))]
    options = ["--histories", str(_most(comparison)), "--seed", str(comparison["seed"]), *_until(comparison)]
    options += ["--sham", str(sham["shams"])] if (sham := comparison["arms"][0].get("shams")) else []
    return shlex.join(["virtu", "compare", str(comparison["scenario"]), *arms, "--outcome", str(comparison["outcome"]), *options])


def _most(result: Mapping[str, Any]) -> int:
    """Return how many histories were asked for."""
    return (result.get("until") or {}).get("most", result["histories"])


def _until(result: Mapping[str, Any]) -> list[str]:
    return ["--until", result["until"]["rule"]] if result.get("until") else []


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
    fallen = (statistics.fall_ticks(dataset) >= 0).sum(axis=1)
    error = float(1.959964 * fallen.std(ddof=1) / np.sqrt(len(fallen))) if len(fallen) > 1 else 0.0
    mean = float(fallen.mean())
    if not mean:
        return "Nobody ever falls."
    said = (
        f"On average {wording.estimate({'mean': mean, 'low': mean - error, 'high': mean + error})} persons fall, natural deaths not counted"
    )
    likely = [row for row in series.fall_dates(dataset) if row["share"] > LIKELY]
    if not likely:
        return f"{said}; nobody does so in more than half of the histories."
    first = min(likely, key=lambda row: row["ticks"][2])
    dates = dataset["date"].values.astype(str)
    low, median, high = (wording.when(str(dates[round(first["ticks"][index])])) for index in (0, 2, 4))
    who = f"{first['actor']} does so in {wording.share(first['share'], 0)}"
    return f"{said}; {who}, first among those who mostly do, in {median} by the median (90\u00a0% of dates from {low} to {high})."


def _record_sentence(summary: Mapping[str, Any]) -> str:
    check = summary.get("history_check")
    if not check:
        return ""
    found = exits(summary)
    agreeing = f"{sum(one.agrees is True for one in found)} of {len(found)} recorded exits agree"
    dated = f"{agreeing}, as they come in at least half of the histories and within the simulated 95\u00a0% of dates"
    if not check.get("record_on_top"):
        return f"{dated}." if found else ""
    who = wording.person(check["record_on_top"])
    top = f"On record {'there was collective leadership' if check['record_on_top'] == COLLECTIVE else f'{who} ended on top'}"
    return f"{top}, as in {wording.share(on_record(check))} of the histories" + (f"; {dated}." if found else ".")


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


def _level(value: Mapping[str, Any] | float | None) -> float | None:
    """Return a share that comes with or without its interval."""
    return value["mean"] if isinstance(value, Mapping) else value


def _median(value: Mapping[str, Any]) -> tuple[str, str]:
    bounds = {"mean": value["median"], "low": value["low"], "high": value["high"]}
    return wording.number(value["median"], wording.precision(bounds) or 0), wording.interval(bounds)


def _is_share(result: Mapping[str, Any], outcome: str) -> bool:
    """Whether the outcome of a run or a comparison is told in per cent."""
    if "arms" in result:
        return result["arms"][0]["effects"][outcome]["unit"] == "share"
    return outcome.partition(":")[0] in ("on_top", "rules", COLLECTIVE) or result["measures"][outcome]["unit"] == "share"


def _shown(value: Mapping[str, Any]) -> tuple[str, str]:
    if value.get("unit") == "share" and value["mean"] is not None:
        return wording.share(value["mean"]), wording.share_interval(value)
    return wording.mean(value), wording.interval(value)


def _cell(value: Mapping[str, Any]) -> str:
    middle, bounds = _shown(value)
    return f"{middle} ({bounds})" if bounds else middle


def _brief(value: Mapping[str, Any], decimals: int | None) -> str:
    """Return a mean and half the width of its interval; without the sign of shares after ±."""
    if value["low"] is None or value["high"] is None:
        return _shown(value)[0]
    half = (value["high"] - value["low"]) / 2
    if value["unit"] == "share":
        return f"{wording.share(value['mean'])} ±{100 * half:.1f}"
    return f"{wording.number(value['mean'], decimals)} ±{wording.number(half, decimals)}"


def _common_precision(values: Sequence[Mapping[str, Any]]) -> int | None:
    """Return the decimals that suit a column: those of its middling interval."""
    halves = [(value["high"] - value["low"]) / 2 for value in values if value["low"] is not None and value["high"] is not None]
    half = float(np.median(halves)) if halves else 0.0
    return wording.precision({"low": -half, "high": half})
