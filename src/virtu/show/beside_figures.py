"""The figure of two distributions side by side: the outcome without and with a move."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from virtu.show import wording
from virtu.show.look import BLUE, GREY, INK, NARROW, WIDTH, dressed, names_axis, names_width, percent_axis, rows

if TYPE_CHECKING:
    import altair as alt

MOST_ROWS = 12
APART = 5.5
"""How far the two bars of a row lie from its middle, pixels."""


def beside(comparison: Mapping[str, Any], arm: int = 0, width: int = WIDTH) -> alt.LayerChart:
    """Draw how the outcome is distributed without and with what an arm does.

    Parameters
    ----------
    comparison : mapping
        What ``virtu compare --json`` prints.
    arm : int
        Number of the arm.
    width : int
        Of the whole figure, pixels.
    """
    found = comparison["arms"][arm]["distribution"]
    chart = _shares(found["shares"], width) if "shares" in found else _bins(found["bins"], comparison, width)
    said = f"{wording.counted(comparison['histories'])} histories. Grey: as it is; blue: with the move."
    said += " Lines: 95 % intervals (Wilson)." if "shares" in found else ""
    left_out = max(0, len(found.get("shares", ())) - MOST_ROWS)
    said += f" {left_out} more, less often, are not drawn." if left_out else ""
    return dressed(chart, "Without and with the move", said, width)


def _label(measure: str) -> str:
    whom = measure.partition(":")[2]
    return whom or wording.measure(measure)


def _shares(found: list[Mapping[str, Any]], width: int) -> Any:
    import altair as alt

    data = [
        {"name": _label(row["measure"]), "colour": colour, "shift": shift, **row[arm]}
        for row in found[:MOST_ROWS]
        for arm, colour, shift in (("baseline", GREY, -APART), ("arm", BLUE, APART))
    ]
    order = [_label(row["measure"]) for row in found[:MOST_ROWS]]
    label_width = names_width(order, width)
    reach = alt.Scale(domain=[0, max(0.05, *(row["high"] for row in data))], nice=False)
    axis = percent_axis("share of histories", count=5 if width >= NARROW else 3)
    layers: list[Any] = []
    for shift in (-APART, APART):
        one = alt.Chart(rows([row for row in data if row["shift"] == shift]))
        base = one.encode(y=alt.Y("name:N", sort=order, title=None, axis=names_axis(label_width)))
        colour = alt.Color("colour:N", scale=None)
        layers.append(base.mark_bar(height=9, yOffset=shift).encode(x=alt.X("mean:Q", scale=reach, axis=axis), color=colour))
        layers.append(base.mark_rule(color=INK, yOffset=shift).encode(x=alt.X("low:Q", scale=reach), x2=alt.X2("high:Q")))
    return alt.layer(*layers).properties(width=width - label_width - 40, height=30 * len(order))


def _bins(found: Mapping[str, Any], comparison: Mapping[str, Any], width: int) -> Any:
    import altair as alt

    edges = found["edges"]
    data = [
        {"low": low, "high": high, "share": share, "colour": colour, "what": what}
        for what, colour in (("baseline", GREY), ("arm", BLUE))
        for low, high, share in zip(edges[:-1], edges[1:], found[what], strict=True)
    ]
    effect = next(iter(comparison["arms"]))["effects"][comparison["outcome"]]
    unit = wording.unit(effect["unit"], comparison.get("unit", "tick"))
    title = ", ".join(filter(None, (wording.measure(comparison["outcome"]), unit)))
    x, x2 = alt.X("low:Q", title=title, scale=alt.Scale(domain=[edges[0], edges[-1]], nice=False)), alt.X2("high:Q")
    y, colour = alt.Y("share:Q", axis=percent_axis("share of histories")), alt.Color("colour:N", scale=None)
    layers = [
        alt.Chart(rows([row for row in data if row["what"] == what]))
        .mark_bar(opacity=0.55, binSpacing=1)
        .encode(x=x, x2=x2, y=y, y2=alt.datum(0), color=colour)
        for what in ("baseline", "arm")
    ]
    return alt.layer(*layers).properties(width=width - 70, height=190)
