"""What a report and a terminal say of a run of the street, as plain text: sentences and rows of tables, nothing of how they look."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from virtu.show import wording

OF_CAMPS = ("fired_first", "incidents", "turnout", "intensity", "overestimate", "radical", "seen_radical", "reasonableness", "felt")
"""Measures of camps in the order in which they are told."""


class Support(NamedTuple):
    """Share of the people for a camp, the state or the outsider at the end, or of those who abstain."""

    option: str
    share: float
    mean: str
    interval: str


class Recorded(NamedTuple):
    """A recorded number beside the simulated ones."""

    label: str
    when: str
    recorded: str
    median: str
    interval: str
    unit: str
    agrees: bool | None


def support(summary: Mapping[str, Any]) -> list[Support]:
    """Return whom the people support at the end, most support first; left out is whom nobody does, as an outsider who is a camp."""
    found = {name.partition(":")[2]: value for name, value in summary["measures"].items() if name.startswith("support:")}
    ranked = sorted(found.items(), key=lambda item: -item[1]["mean"])
    return [Support(name, value["mean"], *_percent(value)) for name, value in ranked if value["mean"]]


def camps(summary: Mapping[str, Any]) -> tuple[list[str], list[tuple[str, list[str], str]]]:
    """Return the measures of camps as a table: the camps, and a row for each measure with its words, a cell a camp, and its unit."""
    kinds = [kind for kind in OF_CAMPS if any(name.startswith(f"{kind}:") for name in summary["measures"])]
    names = [name.partition(":")[2] for name in summary["measures"] if kinds and name.startswith(f"{kinds[0]}:")]
    rows = []
    for kind in kinds:
        values = [summary["measures"][f"{kind}:{name}"] for name in names]
        share = values[0]["unit"] == "share"
        rows.append((wording.measure(kind), [_cell(value) for value in values], "%" if share else values[0]["unit"]))
    return names, rows


def opening(summary: Mapping[str, Any], title: str) -> list[str]:
    """Return the run in two sentences: who rules at the end, and what it costs."""
    first, share = max(summary["on_top"].items(), key=lambda item: item[1]["mean"])
    histories = wording.counted(summary["histories"])
    said = f"{wording.share(share['mean'])} of them (95\u00a0% interval {wording.share_interval(share)})"
    killed, injured = (summary["measures"][name] for name in ("killed", "injured"))
    return [
        f"In {histories} simulated histories of “{title}” the end finds one ruler more often than any other: {first}, in {said}.",
        f"On average {wording.estimate(killed)} people are killed and {wording.estimate(injured)} injured.",
    ]


def findings(summary: Mapping[str, Any]) -> list[Recorded]:
    """Return the recorded numbers beside the simulated ones."""
    return [_recorded(one) for one in (summary.get("history_check") or {"findings": []})["findings"]]


def ruler_on_record(summary: Mapping[str, Any]) -> str:
    """Return a sentence on who ruled on record; empty where that is not recorded."""
    check = summary.get("history_check")
    if not check or not check["record_on_top"]:
        return ""
    share = check["share_on_top"]
    said = f"On record {check['record_on_top']} rules at the end, as in {wording.share(share['mean'] if share else 0.0)} of the histories"
    since = check["since"]
    if not since or not since["median_date"]:
        return f"{said}."
    when = f"in these since {wording.when(since['median_date'])} by the median, 95\u00a0% from {wording.when(since['low_date'])}"
    return f"{said}; on record since {wording.when(since['recorded'])}, {when} to {wording.when(since['high_date'])}."


def _recorded(one: Mapping[str, Any]) -> Recorded:
    scale, unit = (100.0, "%") if one["unit"] == "share" else (1.0, one["unit"])
    found = one["simulated"]
    when = wording.when(one["at"]) if one["since"] is None else f"{wording.when(one['since'])} to {wording.when(one['at'])}"
    scaled = None if found is None else {key: scale * value for key, value in found.items()}
    return Recorded(
        label=wording.measure(one["measure"]),
        when=when,
        recorded=wording.number(scale * one["recorded"]),
        median="–" if scaled is None else wording.number(scaled["median"]),
        interval="outside the run" if scaled is None else wording.interval(scaled),
        unit=unit,
        agrees=one["agrees"],
    )


def _percent(value: Mapping[str, Any]) -> tuple[str, str]:
    """Return a share and the bounds of its interval in per cent, to the precision it deserves."""
    scaled = {key: None if value[key] is None else 100.0 * value[key] for key in ("mean", "low", "high")}
    return f"{wording.mean(scaled)}\u00a0%", wording.interval(scaled)


def _cell(value: Mapping[str, Any]) -> str:
    """Return a mean and half the width of its interval, but with three digits that count at most; shares in per cent."""
    scale = 100.0 if value["unit"] == "share" else 1.0
    mean, low, high = (None if value[key] is None else scale * value[key] for key in ("mean", "low", "high"))
    decimals = wording.precision({"low": low, "high": high})
    if mean is None or low is None or high is None or decimals is None:
        return wording.number(mean)
    decimals = min(decimals, wording.decimals_of(mean))
    half = (high - low) / 2.0
    seen = half >= 0.5 * 10.0**-decimals
    return f"{wording.number(mean, decimals)} ±{wording.number(half, decimals)}" if seen else wording.number(mean, decimals)
