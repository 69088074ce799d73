"""The figures of a run of the street: how militant camps are and seem, their incidents, whom people support, and how stable it all is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from virtu.show import wording
from virtu.show.figures import band_layers, band_rows, panel_columns
from virtu.show.look import BLUE, INK, MUTED, VERMILION, WIDTH, dressed, instant, instants, percent_axis, rows, time_axis
from virtu.show.series import FEWEST
from virtu.show.street_series import Bands, Pair

if TYPE_CHECKING:
    import altair as alt

TRUE, SEEN = "true", "as rivals see it"
OUTLINE = 60
"""Points of the line between rest and running away."""


def intensity(true: Bands, seen: Bands, width: int = WIDTH) -> alt.FacetChart:
    """Draw every camp's intensity as it is and as its rivals' leaders see it; arguments from `street_series.intensity`."""
    import altair as alt

    layers = [_band_of(true, TRUE, BLUE), _band_of(seen, SEEN, VERMILION)]
    data = [line for _, found in layers for line in found]
    said = (
        f"Mean intensity of each camp's supporters, in the unit of the scenario. Blue: as it is; orange: {SEEN}, mean over their "
        f"leaders. Line: median; band: {_held(true)}."
    )
    return _panels(true, data, said, "How militant camps are, and seem", width, alt.Axis(title=None, tickCount=4))


def incidents(found: Bands, width: int = WIDTH) -> alt.FacetChart:
    """Draw every camp's incidents over time; argument from `street_series.incidents`."""
    import altair as alt

    said = f"Incidents a {found.unit} of each camp, averaged over stretches of time. Line: median; bands: {_held(found, both=True)}."
    return _panels(found, _band_of(found, "", BLUE)[1], said, "Incidents over time", width, alt.Axis(title=None, tickCount=4), outer=True)


def support(found: Bands, width: int = WIDTH) -> alt.FacetChart:
    """Draw whom the people support over time; argument from `street_series.support`."""
    said = f"Share of all people for each option. Line: median; bands: {_held(found, both=True)}. The scales are alike."
    data = _band_of(found, "", BLUE)[1]
    return _panels(found, data, said, "Whom the people support over time", width, percent_axis(count=4), outer=True)


def stability(pair: Pair, width: int = WIDTH) -> alt.LayerChart:
    """Draw how two camps react to each other, and from where on intensity runs away; argument from `street_series`."""
    import altair as alt

    limit, reach = pair.fatigue, 1.15 * max(1.25 * pair.fatigue, pair.reaction[0][-1], pair.reaction[1][-1])
    across, up = (partial(_reaction_axis, whose=whose, reach=reach) for whose in (pair.camps, pair.camps[::-1]))
    grid = np.geomspace(limit**2 / reach, reach, OUTLINE).tolist()
    edge = alt.Chart(rows([{"x": x, "y": limit**2 / x, "top": reach} for x in grid])).encode(x=across(alt.X, "x"), y=up(alt.Y, "y"))
    beyond = edge.mark_area(color=VERMILION, opacity=0.14, clip=True).encode(y2=alt.Y2("top"))
    line = edge.mark_line(color=VERMILION, strokeWidth=1.5, clip=True)
    words = [
        alt.Chart(rows([{"x": x * reach, "y": y * reach, "label": label}])).mark_text(color=MUTED, align="center", fontSize=12)
        for x, y, label in ((0.88, 0.88, "runs away"), (0.2, 0.07, "comes to rest"))
    ]
    spans = []
    for first, last, thick in ((0, 4, 1.5), (1, 3, 5.0)):
        one, other = pair.reaction
        span = {"x": one[2], "y": other[2], "left": one[first], "right": one[last], "low": other[first], "high": other[last]}
        rule = alt.Chart(rows([span])).mark_rule(color=BLUE, opacity=0.5, strokeWidth=thick)
        spans += [
            rule.encode(x=across(alt.X, "left"), x2=alt.X2("right"), y=up(alt.Y, "y")),
            rule.encode(x=across(alt.X, "x"), y=up(alt.Y, "low"), y2=alt.Y2("high")),
        ]
    here = alt.Chart(rows([{"x": pair.reaction[0][2], "y": pair.reaction[1][2], "label": f"loop gain {pair.loop[2]:.2f}"}]))
    here = here.encode(x=across(alt.X, "x"), y=up(alt.Y, "y"))
    dot = here.mark_point(filled=True, size=70, color=BLUE, opacity=1)
    label = here.mark_text(align="left", dx=9, dy=-11, color=INK, fontWeight=600).encode(text="label:N")
    texts = [word.encode(x=across(alt.X, "x"), y=up(alt.Y, "y"), text="label:N") for word in words]
    plot = min(width - 70, 380)
    chart = alt.layer(beyond, line, *texts, *spans, dot, label).properties(width=plot, height=plot)
    return dressed(chart, f"How near {pair.camps[0]} and {pair.camps[1]} are to running away", _stability_said(pair), width)


def _stability_said(pair: Pair) -> str:
    low, high = pair.loop[0], pair.loop[-1]
    return (
        "By how much one unit of the other's true intensity drives each camp up: reaction × reach × overestimate, both wings together. "
        f"Line: the product of both is the square of fatigue ({pair.fatigue:g}); beyond it intensity grows without end unless restraint or "
        f"repression dampen it. Dot: median; thick and thin line: 50 % and 90 % of {pair.counted} histories. Loop gain: "
        f"the root of the product over fatigue, 90 % from {low:.2f} to {high:.2f}; it is 1 or more in {wording.share(pair.beyond)} of "
        "them. Constants are those of the scenario at its start."
    )


def _reaction_axis(channel: Any, field: str, whose: Sequence[str], reach: float) -> Any:
    import altair as alt

    axis = alt.Axis(title=f"reaction of {whose[0]} to {whose[1]}", tickCount=5, grid=False)
    return channel(f"{field}:Q", scale=alt.Scale(domain=[0, reach], nice=False), axis=axis)


def _held(found: Bands, *, both: bool = False) -> str:
    share = "dark 50 % and light 90 %" if both else "50 %"
    few = " (few histories: take bands with care)" if found.histories < FEWEST else ""
    return f"{share} of {found.counted} histories{few}"


def _band_of(found: Bands, kind: str, colour: str) -> tuple[str, list[dict[str, Any]]]:
    at = instants(found.dates, found.ticks)
    return colour, [{"of": name, "kind": kind, **line} for name, bands in found.of.items() for line in band_rows(at, bands)]


def _panels(
    found: Bands, data: Sequence[Mapping[str, Any]], said: str, title: str, width: int, axis: alt.Axis, *, outer: bool = False
) -> alt.FacetChart:
    """Draw one panel for each subject; of two kinds of lines the second is orange."""
    import altair as alt

    at, names = instants(found.dates, found.ticks), list(found.of)
    columns = panel_columns(len(names), width)
    plot = (width - 62) / columns - 14
    time = time_axis("at", found.dates, found.unit, (at[0], at[-1]), 3, title=False)
    kinds = ((TRUE, BLUE), (SEEN, VERMILION)) if not outer else (("", BLUE),)
    layers = []
    for kind, colour in kinds:
        base = alt.Chart().transform_filter(f"datum.kind == '{kind}'")
        layers += band_layers(base, time, axis, colour)[0 if outer else 1 :]
    header = alt.Header(
        title=None, labelAnchor="start", labelFontWeight=600, labelColor=INK, labelFontSize=12, labelPadding=4, labelLimit=plot
    )
    facet = alt.Facet("of:N", sort=names, header=header)
    panel = alt.layer(*layers, data=rows(data)).properties(width=plot, height=110)
    chart = panel.facet(facet, columns=columns, spacing=14).resolve_axis(x="independent")
    since = "" if instant(found.dates[0]) is not None else f" Time in {found.unit}s since the start."
    return dressed(chart, title, said + since, width)
