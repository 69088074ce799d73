"""The one look of all figures: colours, fonts, titles, the axis of time.

Colours are those of Okabe and Ito, which people with any of the common colour blindnesses can tell apart, and a few greys.
The report maps the greys and the blue to others on a dark page, so figures use no colour that is not named here.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from textwrap import wrap
from typing import TYPE_CHECKING, Any

from virtu.show.wording import NO_BREAK

if TYPE_CHECKING:
    import altair as alt

INK, MUTED, GREY, GRID = "#1f2933", "#5f6b77", "#a3adb8", "#e3e7eb"
BLUE, VERMILION, GREEN, PURPLE, ORANGE, SKY = "#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9"
PALETTE = (BLUE, VERMILION, GREEN, PURPLE, ORANGE, SKY)
FONT = "Helvetica Neue, Helvetica, Arial, Liberation Sans, sans-serif"
LOOK: dict[str, Any] = {
    "aria": False,
    "font": FONT,
    "view": {"stroke": None},
    "axis": {
        "domainColor": GREY,
        "tickColor": GREY,
        "gridColor": GRID,
        "labelColor": MUTED,
        "labelFontSize": 11,
        "titleColor": MUTED,
        "titleFontSize": 11,
        "titleFontWeight": "normal",
        "tickSize": 4,
    },
    "title": {
        "anchor": "start",
        "frame": "bounds",
        "color": INK,
        "fontSize": 15,
        "fontWeight": 600,
        "subtitleColor": MUTED,
        "subtitleFontSize": 12,
        "offset": 12,
    },
    "text": {"color": INK, "fontSize": 11},
}
"""The look, as a configuration of Vega-Lite."""

WIDTH = 680
"""Usual width of a figure, pixels."""

NARROW = 480
"""Below this width figures put their panels in fewer columns."""

CHARACTER = 6.1
"""Mean width of a character of a subtitle, pixels."""


def dressed(chart: Any, title: str, subtitle: str, width: int) -> Any:
    """Return the chart with title, subtitle and the common look.

    Parameters
    ----------
    chart : altair.Chart
        Any chart, layered, concatenated or not; dressed once only.
    title, subtitle : str
        What is shown; unit, interval and number of histories. Both are wrapped to the width.
    width : int
        Of the whole figure, pixels.
    """
    heading = {"text": lines(title, width / 1.3), "subtitle": lines(subtitle.replace(" %", NO_BREAK + "%"), width)}
    # One call: each further one would copy the whole chart.
    return chart.properties(title=heading, background="white", padding=6, config=LOOK)


def lines(text: str, width: float) -> list[str]:
    """Return the text cut into lines of about so many pixels."""
    return wrap(text, max(20, int(width / CHARACTER))) or [""]


def percent_axis(title: str | None = None, *, labels: bool = True, count: int = 4) -> alt.Axis:
    """Return an axis whose shares 0 … 1 read as percentages."""
    import altair as alt

    return alt.Axis(labelExpr="round(100 * datum.value) + ' %'", title=title, labels=labels, ticks=labels, domain=labels, tickCount=count)


def names_width(names: Sequence[str], width: int) -> int:
    """Return the room that names beside a figure need, pixels; at most a third of the figure, longer ones are cut."""
    return min(width // 3, 20 + int(7.2 * max(map(len, names), default=0)))


def names_axis(width: int) -> alt.Axis:
    """Return the axis that carries names in so many pixels; a name may have two lines."""
    import altair as alt

    # Vega hangs further lines below the first, so two lines are centred when the first one ends at the middle.
    baseline = {"condition": {"test": r"indexof(datum.label, '\n') >= 0", "value": "bottom"}, "value": "middle"}
    return alt.Axis(
        labelExpr=r"split(datum.label, '\n')",
        labelBaseline=baseline,
        labelLimit=width - 10,
        ticks=False,
        domain=False,
        labelColor=INK,
        labelFontSize=12,
        labelPadding=8,
    )


def rows(records: Sequence[Mapping[str, Any]]) -> alt.InlineData:
    """Return records as data that travel inside the figure.

    They go in as one JSON text: Altair copies and checks every value of a list, which took most of the time of a figure.
    """
    import altair as alt

    return alt.InlineData(values=json.dumps(list(records), allow_nan=False), format=alt.JsonDataFormat(type="json"))


def instants(dates: Sequence[str], ticks: Sequence[int]) -> list[float]:
    """Return where each date lies on the axis of time: milliseconds since 1970 UTC, or the tick where there are no dates."""
    found = [instant(text) for text in dates]
    return [float(tick) for tick in ticks] if None in found else [float(at) for at in found if at is not None]


def instant(text: str) -> float | None:
    """Return ``YYYY-MM`` or ``YYYY-MM-DD`` as milliseconds since 1970 UTC, None where the text is no date."""
    try:
        day = date.fromisoformat(text if len(text) > 7 else f"{text}-01")
    except ValueError:
        return None
    return datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp() * 1000


def time_axis(
    field: str, dates: Sequence[str], unit: str, span: Sequence[float], count: int = 8, *, labels: bool = True, title: bool = True
) -> alt.X:
    """Return the axis of time over a field that holds `instants`.

    Parameters
    ----------
    field : str
        Name of the field.
    dates : sequence of str
        The dates of the run; where they are no dates, the axis counts ticks.
    unit : str
        Unit of a tick, such as month.
    span : sequence of float
        First and last instant.
    count : int
        Ticks wanted on the axis.
    labels : bool
        False for a panel above another with the same axis.
    title : bool
        False for one of many panels; only ticks have a title anyway.
    """
    import altair as alt

    dated = instant(dates[0]) is not None
    scale = alt.Scale(type="utc" if dated else "linear", domain=list(span), nice=False)
    counted = f"{unit}s since the start" if title and not dated else None
    axis = alt.Axis(title=counted, tickCount=count, labels=labels, ticks=labels, grid=False, labelFlush=True, labelOverlap=True)
    return alt.X(f"{field}:{'T' if dated else 'Q'}", scale=scale, axis=axis)
