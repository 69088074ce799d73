"""The figure of a comparison: what each arm changed, measure by measure, with intervals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from virtu.show import wording
from virtu.show.look import INK, MUTED, NARROW, PALETTE, WIDTH, dressed, lines, names_axis, names_width, rows

if TYPE_CHECKING:
    import altair as alt

MOST_MEASURES = 12
"""Most measures drawn beside the outcome; those that matter most."""

ROUNDING = 1e-6
"""An effect no larger than this is what rounding in single precision leaves, and does not stand out however sure it is."""

APART = 8
"""Room between the intervals of two arms in a row, pixels."""


def comparison(comparison: Mapping[str, Any], width: int = WIDTH) -> alt.VConcatChart:
    """Draw the effects of all arms with their 95 % intervals: the outcome first, then the measures that matter most.

    Parameters
    ----------
    comparison : mapping
        What ``virtu compare --json`` prints.
    width : int
        Of the whole figure, pixels.
    """
    import altair as alt

    arms, tick = comparison["arms"], comparison.get("unit", "tick")
    outcome, others, left_out = chosen(comparison)
    doings = [wording.doing(arm["do"]) for arm in arms]
    label_width = names_width([*doings, *map(wording.measure, others)], width)
    title = f"{wording.measure(outcome)}: change, {wording.points(_unit(arms, outcome), tick)}"
    panels = [_panel(_outcome_rows(arms, outcome, doings), label_width, width, title)]
    for unit in dict.fromkeys(_unit(arms, name) for name in others):
        data = [row for name in others if _unit(arms, name) == unit for row in _measure_rows(arms, name)]
        panels.append(_panel(data, label_width, width, f"change, {wording.points(unit, tick)}"))
    said = f"Difference each move makes to the same {wording.counted(comparison['histories'])} histories, with 95 % intervals."
    said += " Colours below are those of the moves above." if len(arms) > 1 else ""
    said += f" {left_out} more measures are in the table." if left_out else ""
    return dressed(alt.vconcat(*panels, spacing=18), f"What the move{'s' if len(arms) > 1 else ''} changed", said, width)


def chosen(comparison: Mapping[str, Any]) -> tuple[str, list[str], int]:
    """Return the outcome's measure, the others drawn, and how many are left out.

    Measures of the whole and of persons the moves or the outcome are about go before those of bystanders, and among each those that
    stand out most.
    """
    arms = comparison["arms"]
    names = list(dict.fromkeys(name for arm in arms for name in arm["effects"]))
    outcome = comparison["outcome"] if comparison["outcome"] in names else names[0]
    about = " ".join([outcome, *(wording.doing(arm["do"]) for arm in arms)])

    def rank(name: str) -> tuple[bool, float]:
        return name.partition(":")[2] not in about, -_prominence(arms, name)

    others = sorted((name for name in names if name != outcome), key=rank)
    return outcome, others[:MOST_MEASURES], len(others) - len(others[:MOST_MEASURES])


def _prominence(arms: Sequence[Mapping[str, Any]], name: str) -> float:
    """Return how many half-widths of its interval the largest effect on the measure lies from nothing."""
    effects = [arm["effects"][name] for arm in arms if name in arm["effects"]]
    known = [one for one in effects if None not in (one["mean"], one["low"], one["high"]) and abs(one["mean"]) > ROUNDING]
    return max((abs(one["mean"]) / max((one["high"] - one["low"]) / 2, 1e-12) for one in known), default=0.0)


def _unit(arms: Sequence[Mapping[str, Any]], name: str) -> str:
    return next(str(arm["effects"][name].get("unit", "")) for arm in arms if name in arm["effects"])


def _outcome_rows(arms: Sequence[Mapping[str, Any]], outcome: str, doings: Sequence[str]) -> list[dict[str, Any]]:
    found = [(index, arm["effects"][outcome]) for index, arm in enumerate(arms) if outcome in arm["effects"]]
    return [_row(doings[index], index, effect, 0) for index, effect in found]


def _measure_rows(arms: Sequence[Mapping[str, Any]], name: str) -> list[dict[str, Any]]:
    found = [(index, arm["effects"][name]) for index, arm in enumerate(arms) if name in arm["effects"]]
    middle = (len(arms) - 1) / 2
    return [_row(wording.measure(name), index, effect, (index - middle) * APART) for index, effect in found]


def _row(label: str, arm: int, effect: Mapping[str, Any], shift: float) -> dict[str, Any]:
    """Return one interval; shares are drawn in percentage points."""
    scale = 100 if effect.get("unit") == "share" else 1
    scaled = {key: None if effect[key] is None else scale * effect[key] for key in ("mean", "low", "high")}
    colour = PALETTE[arm % len(PALETTE)]
    return {"row": label, "colour": colour, "shift": shift, "text": wording.estimate(scaled, plus=True), **scaled}


def _panel(data: Sequence[dict[str, Any]], label_width: int, width: int, title: str) -> Any:
    """Return one panel: a row for each name, intervals of several arms in one row a little apart."""
    import altair as alt

    named = [row | {"row": _two_lines(row["row"], label_width - 10)} for row in data]
    order = list(dict.fromkeys(row["row"] for row in named))
    shifts = sorted({float(row["shift"]) for row in named})
    plot = width - label_width - (140 if width >= NARROW else 20)
    height = max(24, APART * len(shifts) + 10, 34 if any("\n" in row for row in order) else 0)
    reach = alt.Scale(domain=_reach(named), nice=False)
    axis = alt.Axis(title=lines(title, plot), tickCount=5 if width >= NARROW else 4)
    layers: list[Any] = [alt.Chart(rows([{"zero": 0}])).mark_rule(color=MUTED).encode(x=alt.X("zero:Q"))]
    for shift in shifts:
        base = alt.Chart(rows([row for row in named if row["shift"] == shift])).encode(
            y=alt.Y("row:N", sort=order, title=None, axis=names_axis(label_width)), color=alt.Color("colour:N", scale=None)
        )
        layers.append(base.mark_rule(strokeWidth=2, yOffset=shift).encode(x=alt.X("low:Q", scale=reach, axis=axis), x2=alt.X2("high:Q")))
        layers.append(base.mark_circle(size=55, opacity=1, yOffset=shift).encode(x=alt.X("mean:Q", scale=reach, axis=axis)))
        if len(order) == len(named) and width >= NARROW:
            layers.append(base.mark_text(align="left").encode(x=alt.value(plot + 10), text=alt.Text("text:N"), color=alt.value(INK)))
    return alt.layer(*layers).properties(width=plot, height=height * len(order))


def _two_lines(text: str, width: float) -> str:
    first, *more = lines(text, width)
    return first if not more else f"{first}\n{more[0]}{' …' if len(more) > 1 else ''}"


def _reach(data: Sequence[dict[str, Any]]) -> list[float]:
    """Return the span of an axis: all intervals and nothing, with some room."""
    ends = [0.0, *(row[key] for row in data for key in ("mean", "low", "high") if row[key] is not None)]
    room = 0.06 * (max(ends) - min(ends)) or 1.0
    return [min(ends) - room, max(ends) + room]
