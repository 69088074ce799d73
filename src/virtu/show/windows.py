"""What the window of a move says: a sentence, the rows of its table, and its figure."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from virtu.show import wording
from virtu.show.look import BLUE, INK, MUTED, NARROW, WIDTH, dressed, instants, rows, time_axis

if TYPE_CHECKING:
    import altair as alt


class Moment(NamedTuple):
    """A moment as a row of a table; shares in percentage points."""

    date: str
    matters: str
    mean: str
    interval: str
    band: str
    same: str
    made: str


def moments(when: Mapping[str, Any]) -> list[Moment]:
    """Return the moments as rows, the first first."""
    return [_moment(when, point) for point in when["points"]]


def answer(when: Mapping[str, Any]) -> str:
    """Return in a sentence until when the move matters."""
    what = f"{wording.doing(when['move'])}: {wording.measure(when['outcome'])}"
    told = [point for point in when["points"] if _matters(point["effect"])]
    if not told:
        return f"{what} is not seen to change at any of {len(when['points'])} moments."
    most = max(told, key=lambda point: abs(point["effect"]["mean"]))
    unit = wording.points(when["outcome_unit"], when["unit"])
    peak = f"most when made in {wording.when(most['date'])}, {_estimate(when, most['effect'])} {unit}".strip()
    last = wording.when(when["last"]["date"])
    after = [point for point in when["points"] if point["tick"] > when["last"]["tick"]]
    until = f"last in {last}" if after else f"still in {last}, the last moment tried"
    return f"{what} changes {peak}, and {until}."


def design(when: Mapping[str, Any]) -> str:
    """Return how it was computed, in one line."""
    counts = f"{wording.counted(when['histories'])} histories, each without the move and with it at {len(when['points'])} moments"
    return f"{counts}, {when['step']} {when['unit']}{'s' if when['step'] > 1 else ''} apart · seed {when['seed']}"


def command(when: Mapping[str, Any]) -> str:
    """Return the command line that gives the same answer again."""
    options = ["--move", wording.doing(when["move"]), "--outcome", when["outcome"], "--step", str(when["step"])]
    options += ["--histories", str(when["histories"]), "--ticks", str(when["ticks"]), "--seed", str(when["seed"])]
    return shlex.join(["virtu", "when", when["scenario"], *options])


def window(when: Mapping[str, Any], width: int = WIDTH) -> alt.LayerChart:
    """Draw the effect by the moment at which the move is made, with intervals for each moment and for all at once.

    Parameters
    ----------
    when : mapping
        What ``virtu when --json`` prints.
    width : int
        Of the whole figure, pixels.
    """
    import altair as alt

    dates = [point["date"] for point in when["points"]]
    at = instants(dates, [point["tick"] for point in when["points"]])
    scale = 100 if when["outcome_unit"] == "share" else 1
    data = [{"at": where, **_scaled(point["effect"], scale)} for where, point in zip(at, when["points"], strict=True)]
    plot = width - 70
    time = time_axis("at", dates, when["unit"], (at[0], at[-1]) if len(at) > 1 else (at[0] - 1, at[0] + 1), 4 if width < NARROW else 8)
    y = alt.Y("mean:Q", axis=alt.Axis(title=f"change, {wording.points(when['outcome_unit'], when['unit'])}", tickCount=5))
    chart = alt.Chart(rows(data)).encode(x=time)
    layers: list[Any] = [
        chart.mark_area(color=BLUE, opacity=0.15).encode(y=alt.Y("band_low:Q"), y2=alt.Y2("band_high:Q")),
        chart.mark_area(color=BLUE, opacity=0.3).encode(y=alt.Y("low:Q"), y2=alt.Y2("high:Q")),
        chart.mark_line(color=BLUE, strokeWidth=2).encode(y=y),
        chart.mark_circle(color=BLUE, size=40, opacity=1).encode(y=y),
        alt.Chart(rows([{"zero": 0}])).mark_rule(color=MUTED).encode(y=alt.Y("zero:Q")),
    ]
    if when["last"]:
        end = next(row for row, point in zip(data, when["points"], strict=True) if point["tick"] == when["last"]["tick"])
        layers.append(alt.Chart(rows([end])).mark_rule(color=INK, strokeDash=[4, 3]).encode(x=time))
    said = (
        f"{answer(when)} Bands: 95 % for each moment (dark) and for all moments at once (light); dashed: the last moment at which the "
        f"light one excludes 0. {wording.counted(when['histories'])} histories."
    )
    return dressed(alt.layer(*layers).properties(width=plot, height=240), f"When: {wording.doing(when['move'])}", said, width)


def _matters(effect: Mapping[str, Any]) -> bool:
    low, high = effect["band_low"], effect["band_high"]
    return low is not None and (low > 0 or high < 0)


def _scaled(effect: Mapping[str, Any], scale: float) -> dict[str, Any]:
    keys = ("mean", "low", "high", "band_low", "band_high")
    return {key: None if effect[key] is None else scale * effect[key] for key in keys}


def _estimate(when: Mapping[str, Any], effect: Mapping[str, Any]) -> str:
    return wording.estimate(_scaled(effect, 100 if when["outcome_unit"] == "share" else 1), plus=True)


def _moment(when: Mapping[str, Any], point: Mapping[str, Any]) -> Moment:
    effect = point["effect"]
    scaled = _scaled(effect, 100 if when["outcome_unit"] == "share" else 1)
    nothing = scaled["mean"] == scaled["low"] == scaled["high"] == 0
    band = {"mean": scaled["mean"], "low": scaled["band_low"], "high": scaled["band_high"]}
    return Moment(
        date=wording.when(point["date"]),
        matters="matters" if _matters(effect) else "",
        mean="exactly 0" if nothing else wording.signed(wording.mean(scaled)),
        interval="" if nothing else wording.interval(scaled),
        band="" if nothing else wording.interval(band),
        same=wording.share(effect["unchanged"]),
        made="" if point["made"] is None else wording.share(point["made"]),
    )
