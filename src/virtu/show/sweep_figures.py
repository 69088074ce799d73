"""The figures of a sweep: how a measure goes with each input, a map of two of them, and indices."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from virtu.show import sweep_words, wording
from virtu.show.look import BLUE, GREY, INK, MUTED, NARROW, VERMILION, WIDTH, dressed, names_axis, names_width, rows

if TYPE_CHECKING:
    import altair as alt

MOST_PANELS = 12
"""Most inputs drawn; those that move the measure most."""


def main_effects(result: Mapping[str, Any], measured: Mapping[str, Any], width: int = WIDTH) -> alt.ConcatChart:
    """Draw how a measure goes with each input, the others as they come, with intervals that allow for chance.

    Parameters
    ----------
    result : mapping
        What ``virtu sweep --json`` prints.
    measured : mapping
        One of its measures.
    width : int
        Of the whole figure, pixels.
    """
    import altair as alt

    scale, drawn = _scale(measured), _strongest(measured, MOST_PANELS)
    columns = 1 if width < NARROW else min(2, len(drawn))
    plot = (width - 70 * columns) // columns
    ends = [level[end] for one in drawn for level in one["levels"] for end in ("low", "high", "mean") if level[end] is not None]
    domain = [scale * min(ends), scale * max(ends)]
    y_scale = alt.Scale(domain=domain, nice=True, zero=False) if domain[0] < domain[1] else alt.Scale(zero=False)
    panels = []
    for one in drawn:
        data = [
            {key: None if level[key] is None else scale * level[key] for key in ("mean", "low", "high")} | {"at": level["at"]}
            for level in one["levels"]
        ]
        x = alt.X("at:Q", axis=alt.Axis(title=one["input"], grid=False, tickCount=5), scale=alt.Scale(zero=False, nice=False))
        y = alt.Y("mean:Q", axis=alt.Axis(title=_unit(result, measured), tickCount=5), scale=y_scale)
        chart = alt.Chart(rows(data)).encode(x=x)
        band = chart.mark_area(color=BLUE, opacity=0.2).encode(y=alt.Y("low:Q", scale=y_scale), y2=alt.Y2("high:Q"))
        line, dots = chart.mark_line(color=BLUE, strokeWidth=2).encode(y=y), chart.mark_circle(color=BLUE, size=36, opacity=1).encode(y=y)
        panels.append(alt.layer(band, line, dots).properties(width=plot, height=170))
    left_out = f" The {len(drawn)} of {len(measured['main'])} inputs that move it most." if len(drawn) < len(measured["main"]) else ""
    said = f"{sweep_words.answer(result, measured)} Means over all points at or near a value; bands: 95 %, for chance.{left_out}"
    title = f"{wording.measure(measured['measure'])}, by input"
    return dressed(alt.concat(*panels, columns=columns, spacing=24), title, said, width)


def phase_map(result: Mapping[str, Any], measured: Mapping[str, Any], width: int = WIDTH) -> alt.LayerChart | None:
    """Draw a measure over the two inputs that move it most: a cell for each pair of values of a grid, or a dot for each point.

    Parameters
    ----------
    result, measured, width
        As in `main_effects`.

    Returns
    -------
    altair.LayerChart or None
        None where fewer than two inputs were varied.
    """
    import altair as alt

    names = [one["name"] for one in result["design"]["inputs"]]
    if len(names) < 2:
        return None
    across, up = (names.index(one["input"]) for one in _strongest(measured, 2))
    data = _cells(result, measured["measure"], across, up, _scale(measured))
    grid = result["design"]["name"] == "grid"
    kind = "O" if grid else "Q"
    sort = alt.Sort("descending") if grid else alt.Undefined
    # `Q` axes fit the points; on a grid, each value has a row or column of its own.
    x = alt.X(
        f"x:{kind}", axis=alt.Axis(title=names[across], grid=False, labelAngle=0, labelOverlap=True, format=".3~g"), scale=_fitted(grid)
    )
    y = alt.Y(f"y:{kind}", axis=alt.Axis(title=names[up], grid=False, labelOverlap=True, format=".3~g"), sort=sort, scale=_fitted(grid))
    legend = alt.Legend(
        title=_unit(result, measured), orient="right" if width >= NARROW else "bottom", symbolFillColor=BLUE, symbolStrokeWidth=0
    )
    found = [one["value"] for one in data]
    shade = alt.FillOpacity(
        "value:Q", legend=legend, scale=alt.Scale(domain=[min(found), max(found) + 1e-9], range=[0.05, 1.0], zero=False, nice=False)
    )
    chart = alt.Chart(rows(data)).encode(x=x, y=y)
    ground = chart.mark_rect(color=BLUE) if grid else chart.mark_circle(color=BLUE, size=70, stroke=GREY, strokeWidth=0.5)
    plot = width - (170 if width >= NARROW else 70)
    others = ""
    if len(names) > 2:
        others = ", the mean over all values of the others" if grid else ", the others as they come"
    ends = f"from {min(found):.3g} to {max(found):.3g} ({_unit(result, measured)})"
    said = f"The darker, the more, {ends}{others}. {wording.counted(result['histories'])} histories at each point."
    return dressed(
        alt.layer(ground.encode(fillOpacity=shade)).properties(width=plot, height=min(plot, 360)),
        f"{wording.measure(measured['measure'])}: a map",
        said,
        width,
    )


def indices(result: Mapping[str, Any], measured: Mapping[str, Any], width: int = WIDTH) -> alt.LayerChart | None:
    """Draw the indices of a measure with their intervals, None where there are none.

    Parameters
    ----------
    result, measured, width
        As in `main_effects`.
    """
    import altair as alt

    found = measured["indices"]
    if not found or not found["inputs"]:
        return None
    sobol = found["method"] == "sobol"
    keys = ("total", "first") if sobol else ("mu_star", "sigma")
    scale = 1 if sobol else _scale(measured)
    order = sorted(found["inputs"], key=lambda one: -one[keys[0]]["mean"])
    data = [
        {"input": one["input"], "index": sweep_words.LABELS[key], **{end: scale * one[key][end] for end in ("mean", "low", "high")}}
        for one in order
        for key in keys
    ]
    room = names_width([one["input"] for one in order], width)
    labels = [sweep_words.LABELS[key] for key in keys]
    color = alt.Color("index:N", scale=alt.Scale(domain=labels, range=[BLUE, VERMILION]), legend=alt.Legend(title=None, orient="top"))
    offset = alt.YOffset("index:N", sort=labels)
    title = "share of the variance between points" if sobol else _unit(result, measured)
    y = alt.Y("input:N", sort=[one["input"] for one in order], title=None, axis=names_axis(room))
    chart = alt.Chart(rows(data)).encode(y=y, yOffset=offset, color=color)
    x = alt.X("mean:Q", axis=alt.Axis(title=title, tickCount=6))
    rule = chart.mark_rule(strokeWidth=2).encode(x=alt.X("low:Q"), x2=alt.X2("high:Q"))
    zero = alt.Chart(rows([{"zero": 0}])).mark_rule(color=MUTED).encode(x=alt.X("zero:Q"))
    layers = [zero, rule, chart.mark_circle(size=60, opacity=1).encode(x=x)]
    if not sobol:
        layers.append(
            alt.Chart(rows([{"floor": scale * found["noise"]}])).mark_rule(color=INK, strokeDash=[4, 3]).encode(x=alt.X("floor:Q"))
        )
    floor = "" if sobol else " Dashed: the μ* that chance alone would give."
    said = f"{sweep_words.about_indices(measured)}{floor} Lines: 95 %."
    heading = f"{wording.measure(measured['measure'])}: what goes back to which input"
    return dressed(alt.layer(*layers).properties(width=width - room - 30, height=44 * len(order)), heading, said, width)


def _strongest(measured: Mapping[str, Any], count: int) -> list[Mapping[str, Any]]:
    return sorted(measured["main"], key=sweep_words.reach, reverse=True)[:count]


def _cells(result: Mapping[str, Any], measure: str, across: int, up: int, scale: int) -> list[dict[str, float]]:
    """Return the measure by two inputs: the mean over points that share both."""
    sums: dict[tuple[float, float], list[float]] = {}
    for point in result["points"]:
        at = (float(f"{point['inputs'][across]:.6g}"), float(f"{point['inputs'][up]:.6g}"))
        sums.setdefault(at, []).append(scale * point["measures"][measure]["mean"])
    return [{"x": x, "y": y, "value": sum(found) / len(found)} for (x, y), found in sums.items()]


def _fitted(grid: bool) -> Any:
    import altair as alt

    return alt.Undefined if grid else alt.Scale(zero=False, nice=False, padding=6)


def _scale(measured: Mapping[str, Any]) -> int:
    return 100 if measured["unit"] == "share" else 1


def _unit(result: Mapping[str, Any], measured: Mapping[str, Any]) -> str:
    return "%" if measured["unit"] == "share" else wording.unit(measured["unit"], result["unit"])
