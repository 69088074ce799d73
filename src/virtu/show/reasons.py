"""What an attribution says: sentences, the rows of its table, and its figure."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from virtu.show import wording
from virtu.show.look import BLUE, INK, MUTED, NARROW, VERMILION, WIDTH, dressed, names_axis, names_width, rows

if TYPE_CHECKING:
    import altair as alt

SUM = "together"


class Reason(NamedTuple):
    """A factor as a row of a table; shares in percentage points."""

    factor: str
    meaning: str
    mean: str
    interval: str
    unit: str


def reasons(why: Mapping[str, Any]) -> list[Reason]:
    """Return the factors as rows, those that contribute most first, and their sum as the last row."""
    ranked = sorted(why["factors"], key=lambda one: -abs(one["attribution"]["mean"]))
    found = [_row(why, one["factor"], one["meaning"], one["attribution"]) for one in ranked]
    return [*found, _row(why, SUM, "", why["total"])]


def answer(why: Mapping[str, Any]) -> str:
    """Return the attribution in a sentence: the outcome as it is, with all factors neutral, and what contributes most."""
    as_it_is, neutral = (_level(why, why[key]) for key in ("as_it_is", "neutral"))
    said = f"{wording.measure(why['measure'])}: {as_it_is} as it is, {neutral} with all {len(why['factors'])} factors neutral."
    clear = [one for one in why["factors"] if _sign(one["attribution"])]
    if not clear:
        return f"{said} No single factor can be told from nothing with so many histories."
    most = max(clear, key=lambda one: abs(one["attribution"]["mean"]))
    return f"{said} Most is contributed by {most['factor']}: {_change(why, most['attribution'])}."


def design(why: Mapping[str, Any]) -> str:
    """Return how it was computed, in one line."""
    how = "all coalitions of factors" if why["method"] == "exact" else "sampled orders of the factors, each with its reverse"
    counts = f"{wording.counted(why['histories'])} histories, run {wording.counted(why['runs'])} times in all"
    stop = f" · until {why['until']['rule']}: {'reached' if why['until']['reached'] else 'not reached'}" if why["until"] else ""
    return f"{counts} · {how} · seed {why['seed']}{stop}"


def command(why: Mapping[str, Any]) -> str:
    """Return the command line that gives the same attribution again."""
    factors = [word for one in why["factors"] for word in ("--factor", one["stated"])]
    options = ["--who", why["who"], "--measure", why["measure"], *factors, "--method", why["method"]]
    options += ["--histories", str(why["asked"]), "--ticks", str(why["ticks"]), "--seed", str(why["seed"])]
    return shlex.join(["virtu", "why", why["scenario"], *options, *(["--until", why["until"]["rule"]] if why["until"] else [])])


def attribution(why: Mapping[str, Any], width: int = WIDTH) -> alt.LayerChart:
    """Draw what each factor contributes, with its interval.

    Parameters
    ----------
    why : mapping
        What ``virtu why --json`` prints.
    width : int
        Of the whole figure, pixels.
    """
    import altair as alt

    scale = 100 if why["measure_unit"] == "share" else 1
    ranked = sorted(why["factors"], key=lambda one: -one["attribution"]["mean"])
    data = [_bar(one["factor"], one["attribution"], scale) for one in ranked]
    order = [row["factor"] for row in data]
    label_width = names_width(order, width)
    plot = width - label_width - (130 if width >= NARROW else 20)
    ends = [0.0, *(row[key] for row in data for key in ("mean", "low", "high"))]
    room = 0.05 * (max(ends) - min(ends)) or 1.0
    reach = alt.Scale(domain=[min(ends) - room, max(ends) + room], nice=False)
    title = f"contribution, {wording.points(why['measure_unit'], why['unit'])}"
    x = alt.X("mean:Q", scale=reach, axis=alt.Axis(title=title, tickCount=5))
    base = alt.Chart(rows(data)).encode(y=alt.Y("factor:N", sort=order, title=None, axis=names_axis(label_width)))
    layers: list[Any] = [
        base.mark_bar(height={"band": 0.62}, opacity=0.85).encode(x=x, color=alt.Color("colour:N", scale=None)),
        base.mark_rule(strokeWidth=1.5, color=INK).encode(x=alt.X("low:Q", scale=reach), x2=alt.X2("high:Q")),
        alt.Chart(rows([{"zero": 0}])).mark_rule(color=MUTED).encode(x=alt.X("zero:Q", scale=reach)),
    ]
    if width >= NARROW:
        layers.append(base.mark_text(align="left", color=INK).encode(x=alt.value(plot + 10), text=alt.Text("text:N")))
    said = f"{answer(why)} Bars add up to the difference, {_change(why, why['total'])}; lines are 95 % intervals."
    return dressed(alt.layer(*layers).properties(width=plot, height=26 * len(data)), f"Why: {wording.measure(why['measure'])}", said, width)


def _bar(name: str, value: Mapping[str, Any], scale: float) -> dict[str, Any]:
    mean, low, high = (scale * (value["mean"] if value[key] is None else value[key]) for key in ("mean", "low", "high"))
    known = {"mean": mean, "low": low if value["low"] is not None else None, "high": high if value["high"] is not None else None}
    colour = BLUE if mean >= 0 else VERMILION
    return {"factor": name, "mean": mean, "low": low, "high": high, "colour": colour, "text": wording.estimate(known, plus=True)}


def _row(why: Mapping[str, Any], name: str, meaning: str, value: Mapping[str, Any]) -> Reason:
    scaled = _scaled(why, value)
    unit = wording.points(why["measure_unit"], why["unit"])
    nothing = scaled["mean"] == scaled["low"] == scaled["high"] == 0
    mean = "exactly 0" if nothing else wording.signed(wording.mean(scaled))
    return Reason(name, meaning, mean, "" if nothing else wording.interval(scaled), unit)


def _scaled(why: Mapping[str, Any], value: Mapping[str, Any]) -> dict[str, Any]:
    scale = 100 if why["measure_unit"] == "share" else 1
    return {key: None if value[key] is None else scale * value[key] for key in ("mean", "low", "high")}


def _change(why: Mapping[str, Any], value: Mapping[str, Any]) -> str:
    unit = wording.points(why["measure_unit"], why["unit"])
    return f"{wording.estimate(_scaled(why, value), plus=True)} {unit}".strip()


def _level(why: Mapping[str, Any], value: Mapping[str, Any]) -> str:
    if why["measure_unit"] == "share":
        return wording.share(value["mean"])
    return f"{wording.mean(value)} {wording.unit(why['measure_unit'], why['unit'])}".strip()


def _sign(value: Mapping[str, Any]) -> int:
    low, high = value["low"], value["high"]
    return 0 if low is None or high is None else (low > 0) - (high < 0)
