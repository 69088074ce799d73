"""The figures of a calibration: from prior to posterior, input by input, and facts beside what the fitted model gives."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from virtu.show import wording
from virtu.show.look import BLUE, GREY, INK, NARROW, VERMILION, WIDTH, dressed, names_axis, names_width, rows

if TYPE_CHECKING:
    import altair as alt

ROW = 30
"""Height of a row, pixels."""


def densities(result: Mapping[str, Any], width: int = WIDTH) -> alt.VConcatChart:
    """Draw the prior and the posterior of each input, with the 95 % interval and the median below.

    Parameters
    ----------
    result : mapping
        What ``virtu fit SCENARIO --targets FACTS --json`` prints.
    width : int
        Of the whole figure, pixels.
    """
    import altair as alt

    columns = 3 if width >= NARROW else 1
    plot = (width - 26 * columns) / columns
    panels = [_panel(one, result["densities"][one["name"]], plot) for one in result["free"]]
    lines = [alt.hconcat(*panels[first : first + columns], spacing=18) for first in range(0, len(panels), columns)]
    said = "Grey: prior, the same everywhere in the range. Blue: posterior. Bars: 95 % intervals, with the median."
    return dressed(alt.vconcat(*lines, spacing=16), "What the facts say of the inputs", said, width)


def _panel(one: Mapping[str, Any], found: Mapping[str, Any], plot: float) -> Any:
    import altair as alt

    top = max(found["prior"], *found["posterior"])
    x = alt.X("at:Q", scale=alt.Scale(domain=one["prior"], nice=False), axis=alt.Axis(title=None, tickCount=4))
    y = alt.Y("density:Q", scale=alt.Scale(domain=[-0.14 * top, top]), axis=None)
    prior = [{"at": at, "density": found["prior"]} for at in one["prior"]]
    curve = [{"at": at, "density": density} for at, density in zip(found["at"], found["posterior"], strict=True)]
    bar = alt.Chart(rows([{"at": one["low"], "to": one["high"], "density": -0.08 * top}]))
    dot = alt.Chart(rows([{"at": one["median"], "density": -0.08 * top}]))
    layers = [
        alt.Chart(rows(prior)).mark_area(color=GREY, opacity=0.45).encode(x=x, y=y, y2=alt.datum(0)),
        alt.Chart(rows(curve)).mark_line(color=BLUE, strokeWidth=1.6).encode(x=x, y=y),
        bar.mark_rule(color=BLUE, strokeWidth=3, opacity=0.6).encode(x=x, x2=alt.X2("to"), y=y),
        dot.mark_circle(color=BLUE, size=40, opacity=1).encode(x=x, y=y),
    ]
    heading = alt.TitleParams(one["name"], anchor="start", fontSize=12, color=INK)
    return alt.layer(*layers).properties(width=plot, height=110, title=heading)


def facts(result: Mapping[str, Any], width: int = WIDTH) -> alt.LayerChart:
    """Draw each fact with its interval above what the fitted model gives, as multiples of the width of the fact's interval.

    Parameters
    ----------
    result, width
        As `densities`.
    """
    import altair as alt

    names = [one["measure"] for one in result["facts"]]
    label = names_width(names, width)
    bars, dots = [], []
    for one in result["facts"]:
        centre, unit = one["value"], max(one["high"] - one["low"], 1e-12) / 2.0
        shown = (("fact", one | {"mean": one["value"]}, INK), ("model", one["model"], BLUE if one["met"] else VERMILION))
        for kind, value, colour in shown:
            low, middle, high = (min(max((value[key] - centre) / unit, -FARTHEST), FARTHEST) for key in ("low", "mean", "high"))
            mark = {"fact": one["measure"], "kind": kind, "colour": colour}
            bars.append(mark | {"low": low, "high": high})
            dots.append(mark | {"at": middle})
    scale = alt.Scale(domain=[-FARTHEST, FARTHEST], nice=False)
    axis = alt.Axis(title="distance from the fact, in half-widths of its interval", tickCount=7)
    y = alt.Y("fact:N", sort=names, title=None, axis=names_axis(label))
    offset, color = alt.YOffset("kind:N", sort=["fact", "model"]), alt.Color("colour:N", scale=None)
    lines = (
        alt.Chart(rows(bars))
        .mark_rule(strokeWidth=2.5)
        .encode(x=alt.X("low:Q", scale=scale, axis=axis), x2="high:Q", y=y, yOffset=offset, color=color)
    )
    marks = (
        alt.Chart(rows(dots))
        .mark_circle(size=48, opacity=1)
        .encode(x=alt.X("at:Q", scale=scale, axis=axis), y=y, yOffset=offset, color=color)
    )
    said = (
        "Black: facts with their 95 % intervals. Below them the model, blue where the fact is met, orange where it is missed; bars are "
        f"95 % of what the model gives at what is known of the inputs, cut off at {FARTHEST:g}."
    )
    met = sum(one["met"] for one in result["facts"])
    layered = alt.layer(lines, marks).properties(width=width - label - 30, height=max(ROW * len(names), 80))
    return dressed(layered, f"Facts and model: {wording.counted(met)} of {len(names)} met", said, width)


FARTHEST = 6.0
"""Distance at which the figure of facts ends, half-widths."""
