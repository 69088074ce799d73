"""The figures of a fitted process of incidents: what came and what was expected, who answers whom, what pieces do to it, residuals."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from virtu.show import fit_words as words
from virtu.show import wording
from virtu.show.look import (
    BLUE,
    GREEN,
    GREY,
    INK,
    MUTED,
    NARROW,
    VERMILION,
    WIDTH,
    dressed,
    instants,
    names_axis,
    names_width,
    rows,
    time_axis,
)

if TYPE_CHECKING:
    import altair as alt

BAND = 1.358
"""95 % point of Kolmogorov's distribution: the greatest gap of n numbers times √n lies below it."""

ROW = 24
"""Height of a row, pixels."""


def periods(result: Mapping[str, Any], width: int = WIDTH) -> alt.VConcatChart:
    """Draw the incidents of each period, those expected, and those that come of themselves, a panel a side.

    Parameters
    ----------
    result : mapping
        What ``virtu fit --json`` prints.
    width : int
        Of the whole figure, pixels.
    """
    import altair as alt

    found, several = result["periods"], len(result["sides"]) > 1
    at = instants(found["from"], range(len(found["from"])))
    end = at[-1] + 86_400_000 * found["days"][-1]
    panels = []
    for place, name in enumerate(result["sides"]):
        data = [{"at": one, "to": then} for one, then in pairwise([*at, end])]
        for key in ("counts", "expected", "background"):
            for row, value, days in zip(data, found[key][place], found["days"], strict=True):
                row[key] = value * max(found["days"]) / days  # the last period may be cut short by the end of the watch
        last = place == len(result["sides"]) - 1
        axis = time_axis("at", found["from"], found["period"], (at[0], end), 8 if width >= NARROW else 4, labels=last)
        panels.append(_period_panel(data, axis, width - 62, 150 if several else 220, name if several else "", found["period"]))
    length = found["period"] if found["period"][0].isalpha() else f"period of {found['period']}"
    said = (
        f"Grey: incidents a {length}. Blue: expected, given all that came before. Orange: the background, those that come of themselves; "
        f"what lies between is answers. {words.counted(result['pieces'], 'piece')} of background."
    )
    return dressed(alt.vconcat(*panels, spacing=12), "What came, and what was to be expected", said, width)


def _period_panel(data: Sequence[Mapping[str, Any]], axis: alt.X, width: float, height: int, title: str, period: str) -> Any:
    import altair as alt

    base = alt.Chart(rows(data))
    count = alt.Axis(title=f"incidents a {period}" if period[0].isalpha() else f"incidents in {period}", tickCount=4)
    counted = alt.Y("counts:Q", axis=count, scale=alt.Scale(nice=False))
    bar = base.mark_rect(color=GREY, opacity=0.75).encode(x=axis, x2=alt.X2("to"), y=counted, y2=alt.datum(0))
    line = base.mark_line(color=BLUE, strokeWidth=1.4, interpolate="step-after").encode(x=axis, y=alt.Y("expected:Q"))
    step = base.mark_line(color=VERMILION, strokeWidth=1.6, interpolate="step-after").encode(x=axis, y=alt.Y("background:Q"))
    heading = alt.TitleParams(title, anchor="start", frame="group", fontSize=12, color=INK)
    chart = alt.layer(bar, line, step).properties(width=width, height=height)
    return chart.properties(title=heading) if title else chart


def branching(result: Mapping[str, Any], width: int = WIDTH) -> alt.LayerChart:
    """Draw how many incidents of each side answer one of each, with intervals.

    Parameters
    ----------
    result, width
        As `periods`.
    """
    sides, data = result["sides"], []
    for place, to in enumerate(sides):
        for other, by in enumerate(sides):
            one = result["branching"][place][other]
            share = wording.share(result["by_sides"][place][other], 0)
            name = f"{to} answers {by}" if len(sides) > 1 else "answers to one incident"
            text = f"{words.both(one)}, {share} of {to if len(sides) > 1 else 'all'}"
            data.append({"name": name, **one, "text": text, "colour": BLUE if place == other else VERMILION})
    radius, constant = result["radius"], result["constant"]["radius"]
    if len(sides) > 1:
        data.append({"name": "spectral radius", **radius, "text": words.both(radius), "colour": INK})
    if result["pieces"] > 1:
        data.append({"name": "… background constant", **constant, "text": words.both(constant), "colour": MUTED})
    if result["redrawn"] is not None:
        corrected = result["redrawn"]["corrected"]
        data.append({"name": "… corrected by redraws", **corrected, "text": words.both(corrected), "colour": MUTED})
    said = "Incidents that one incident begets on average; line: 95 % interval. Dashed: 1, from where on the process runs away."
    said += " Blue: of its own side, orange: of the other's." if len(sides) > 1 else ""
    return _dots(data, "Who answers whom", said, width)


def _dots(data: Sequence[dict[str, Any]], title: str, said: str, width: int) -> Any:
    """Return values with their intervals, a row each, and a mark at 1."""
    import altair as alt

    names = [one["name"] for one in data]
    ends = [one["high"] if one["high"] is not None else 2 * (one["point"] or 0.5) for one in data]
    reach = alt.Scale(domain=[0.0, 1.04 * max(1.0, *ends)], nice=False)
    points = [{**one, "high": end, "point": one["point"] or 0.0} for one, end in zip(data, ends, strict=True)]
    label_width = names_width(names, width)
    plot = width - label_width - (210 if width >= NARROW else 24)
    axis = alt.Axis(title=None, tickCount=6)
    base = alt.Chart(rows(points)).encode(
        y=alt.Y("name:N", sort=names, title=None, axis=names_axis(label_width)), color=alt.Color("colour:N", scale=None)
    )
    one = alt.Chart(rows([{"one": 1.0}])).mark_rule(color=MUTED, strokeDash=[4, 3]).encode(x=alt.X("one:Q", scale=reach, axis=axis))
    line = base.mark_rule(strokeWidth=3, opacity=0.5).encode(x=alt.X("low:Q", scale=reach, axis=axis), x2=alt.X2("high:Q"))
    dot = base.mark_circle(size=70, opacity=1).encode(x=alt.X("point:Q", scale=reach, axis=axis))
    label = base.mark_text(align="left").encode(x=alt.value(plot + 10), text=alt.Text("text:N"), color=alt.value(INK))
    layers = [one, line, dot, *([label] if width >= NARROW else [])]
    return dressed(alt.layer(*layers).properties(width=plot, height=ROW * len(data)), title, said, width)


def pieces(result: Mapping[str, Any], width: int = WIDTH) -> alt.LayerChart:
    """Draw the spectral radius for each number of pieces of background.

    Parameters
    ----------
    result, width
        As `periods`.
    """
    import altair as alt

    found = result["criteria"]
    data = []
    for row in found["rows"]:
        marks = [name for key, name in words.CRITERIA.items() if found[key] == row["pieces"]]
        taken = row["pieces"] == found["chosen"]
        text = ", ".join([*(["taken"] if taken else []), *marks])
        data.append(
            {"pieces": row["pieces"], "radius": row["radius"], "text": text, "colour": BLUE if taken else GREY, "size": 90 if taken else 45}
        )
    top = 1.1 * max(1.0, *(row["radius"] for row in data))
    most = 1.25 * data[-1]["pieces"]
    axis = alt.Axis(title="pieces of background", values=[row["pieces"] for row in data], grid=False, labelOverlap=True, format="d")
    x = alt.X("pieces:Q", scale=alt.Scale(type="log", domain=[0.85, most], nice=False), axis=axis)
    y = alt.Y("radius:Q", scale=alt.Scale(domain=[0, top], nice=False), axis=alt.Axis(title="spectral radius", tickCount=5))
    base = alt.Chart(rows(data)).encode(x=x, y=y)
    line = base.mark_line(color=GREY, strokeWidth=1.2)
    dot = base.mark_circle(opacity=1).encode(color=alt.Color("colour:N", scale=None), size=alt.Size("size:Q", scale=None))
    label = base.mark_text(dy=-14, color=INK).encode(text=alt.Text("text:N"))
    one = alt.Chart(rows([{"one": 1.0}])).mark_rule(color=MUTED, strokeDash=[4, 3]).encode(y=alt.Y("one:Q"))
    said = (
        "Few pieces pass a moving background off as answers, short ones take answers for background. Labels: taken, least AIC, least BIC."
    )
    chart = alt.layer(one, line, dot, label).properties(width=width - 62, height=190)
    return dressed(chart, "Answers or background?", said, width)


def residuals(result: Mapping[str, Any], width: int = WIDTH) -> alt.VConcatChart:
    """Draw the quantiles of rescaled gaps against exponential ones, and how far the shares below them differ, a row a side.

    Parameters
    ----------
    result, width
        As `periods`.
    """
    import altair as alt

    wide, several = width >= NARROW, len(result["sides"]) > 1
    plot = (width - 150) / 2 if wide else width - 70
    panels = []
    for name, one in result["residuals"]["sides"].items():
        both = [_quantiles(one["points"], plot), _gaps(one["points"], one["gaps"], plot)]
        row = alt.hconcat(*both, spacing=24) if wide else alt.vconcat(*both, spacing=14)
        heading = alt.TitleParams(name, anchor="start", fontSize=12, color=INK)
        panels.append(row.properties(title=heading) if several else row)
    said = (
        "Gaps between incidents, counted in incidents expected, are exponential of mean 1 if the model is right. "
        f"{'Left' if wide else 'Above'}: their quantiles, on the line if so. {'Right' if wide else 'Below'}: share below each quantile "
        "less the share there should be; of samples that were not fitted 95 % stay between the dashed lines."
    )
    return dressed(alt.vconcat(*panels, spacing=18), "Does the model fit?", said, width)


def _quantiles(points: Sequence[Sequence[float]], plot: float) -> Any:
    import altair as alt

    data = [{"wanted": wanted, "found": found} for wanted, found in points]
    top = 1.03 * max(max(one.values()) for one in data)
    scale = alt.Scale(domain=[0, top], nice=False)
    x = alt.X("wanted:Q", scale=scale, axis=alt.Axis(title="exponential", tickCount=5))
    y = alt.Y("found:Q", scale=scale, axis=alt.Axis(title="gaps, expected incidents", tickCount=5))
    line = alt.Chart(rows([{"wanted": 0.0, "found": 0.0}, {"wanted": top, "found": top}])).mark_line(color=MUTED, strokeDash=[4, 3])
    dot = alt.Chart(rows(data)).mark_circle(color=BLUE, size=26, opacity=0.9)
    return alt.layer(line.encode(x=x, y=y), dot.encode(x=x, y=y)).properties(width=plot, height=190)


def _gaps(points: Sequence[Sequence[float]], count: int, plot: float) -> Any:
    import altair as alt

    # Quantile by quantile the share that ought to lie below the gap found, less the share that does.
    data = [{"share": -math.expm1(-wanted), "apart": math.exp(-found) - math.exp(-wanted)} for wanted, found in points]
    band = BAND / math.sqrt(count)
    top = 1.15 * max(band, *(abs(one["apart"]) for one in data))
    x = alt.X("share:Q", scale=alt.Scale(domain=[0, 1], nice=False), axis=alt.Axis(title="share below", tickCount=5))
    y = alt.Y("apart:Q", scale=alt.Scale(domain=[-top, top], nice=False), axis=alt.Axis(title="too many below", tickCount=5))
    line = alt.Chart(rows(data)).mark_line(color=BLUE, strokeWidth=1.6).encode(x=x, y=y)
    ends = alt.Chart(rows([{"apart": -band}, {"apart": band}])).mark_rule(color=MUTED, strokeDash=[4, 3]).encode(y=y)
    zero = alt.Chart(rows([{"apart": 0.0}])).mark_rule(color=GREEN, opacity=0.6).encode(y=y)
    return alt.layer(ends, zero, line).properties(width=plot, height=190)
