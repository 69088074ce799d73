"""The figure of how long it takes until people lose standing, or until somebody fires: Kaplan-Meier curves."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from virtu.show import wording
from virtu.show.figures import MOST_PANELS, panel_columns
from virtu.show.look import BLUE, INK, WIDTH, dressed, percent_axis, rows

if TYPE_CHECKING:
    import altair as alt


def curves(summary: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return the curves that are drawn: of those to whom it happens in some history, the most frequent first."""
    return [one for one in (summary.get("survival") or {"curves": []})["curves"] if one["events"]][:MOST_PANELS]


def drawings(summary: Mapping[str, Any]) -> dict[str, Callable[[int], Any]]:
    """Return the figure by its name, nothing where there is no curve to draw."""
    return {"survival": lambda width: survival(summary, width)} if curves(summary) else {}


def survival(summary: Mapping[str, Any], width: int = WIDTH) -> alt.FacetChart:
    """Draw in which share of the histories it has not happened yet, with pointwise 95 % intervals; a panel each.

    Parameters
    ----------
    summary : mapping
        What ``virtu run --json`` prints, with at least one curve to draw.
    width : int
        Of the whole figure, pixels.
    """
    import altair as alt

    drawn, said = curves(summary), summary["survival"]
    names = {one["of"]: f"{one['of']} (n = {wording.counted(one['histories'])})" for one in drawn}
    data = [
        {"of": names[one["of"]], "tick": tick, "surviving": share, "low": low, "high": high}
        for one in drawn
        for tick, share, low, high in zip(one["tick"], one["surviving"], one["low"], one["high"], strict=True)
    ]
    columns = panel_columns(len(drawn), width)
    plot = (width - 50) / columns - 14
    time = alt.X("tick:Q", title=None, axis=alt.Axis(tickCount=3, grid=False), scale=alt.Scale(nice=False))
    axis, reach = percent_axis(count=3), alt.Scale(domain=[0, 1])
    base = alt.Chart()
    band = base.mark_area(color=BLUE, opacity=0.3, interpolate="step-after").encode(
        x=time, y=alt.Y("low:Q", axis=axis, scale=reach), y2=alt.Y2("high")
    )
    line = base.mark_line(color=BLUE, strokeWidth=2, interpolate="step-after").encode(
        x=time, y=alt.Y("surviving:Q", axis=axis, scale=reach)
    )
    header = alt.Header(
        title=None, labelAnchor="start", labelFontWeight=600, labelColor=INK, labelFontSize=12, labelPadding=4, labelLimit=plot
    )
    facet = alt.Facet("of:N", sort=list(names.values()), header=header)
    panel = alt.layer(band, line, data=rows(data)).properties(width=plot, height=100)
    chart = panel.facet(facet, columns=columns, spacing=14).resolve_axis(x="independent")
    rest = sum(bool(one["events"]) for one in said["curves"]) - len(drawn)
    text = (
        f"Share of histories in which it has not happened after so many {summary['unit']}s since {said['since']} (Kaplan-Meier); band: "
        "95 % interval at each moment (Greenwood). Histories without it are watched to the horizon, people to their death; "
        f"n: histories that are watched.{f' {rest} more, with fewer, are not drawn.' if rest > 0 else ''}"
    )
    return dressed(chart, f"How long until somebody {said['event']}", text, width)
