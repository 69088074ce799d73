"""The figures of a run: who ends on top, strength, estimates and falls, each with its unit, interval and number of histories.

Every function returns an Altair chart that holds aggregates only; `save` writes it as PNG, SVG, PDF or HTML without a network.
The figures of dependence and of comparisons have files of their own, and are named here with the others.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from virtu.errors import InputError, Place, RunError, did_you_mean
from virtu.scenario.calendar import is_tick
from virtu.scenario.schema import COLLECTIVE
from virtu.show import series as numbers
from virtu.show import wording
from virtu.show.effects import comparison
from virtu.show.look import (
    BLUE,
    GREY,
    INK,
    MUTED,
    NARROW,
    VERMILION,
    WIDTH,
    dressed,
    instant,
    instants,
    names_axis,
    names_width,
    percent_axis,
    rows,
    time_axis,
)
from virtu.show.network import dependence

if TYPE_CHECKING:
    import altair as alt
    import xarray as xr

    from virtu.scenario.schema import Record

__all__ = ["believed_and_true", "comparison", "dependence", "falls", "on_top", "save", "strength"]

FORMATS = (".png", ".svg", ".pdf", ".html")
MOST_BARS = 12
MOST_PANELS = 12
BAND_NAMES = ("q5", "q25", "q50", "q75", "q95")


def on_top(summary: Mapping[str, Any], width: int = WIDTH) -> alt.LayerChart:
    """Draw how often each person ends on top, with Wilson's 95 % intervals.

    Parameters
    ----------
    summary : mapping
        What ``virtu run --json`` prints.
    width : int
        Of the whole figure, pixels.
    """
    import altair as alt

    bars, note = _bars(summary, 0 if width < NARROW else 1)
    label_width = names_width([bar["name"] for bar in bars], width)
    plot = width - label_width - (100 if width < NARROW else 130)
    order = [bar["name"] for bar in bars]
    base = alt.Chart(rows(bars)).encode(y=alt.Y("name:N", sort=order, title=None, axis=names_axis(label_width)))
    reach = alt.Scale(domain=[0, max(0.05, *(bar["high"] for bar in bars))], nice=False)
    axis = percent_axis("share of histories", count=5)
    bar = base.mark_bar(height={"band": 0.62}).encode(
        x=alt.X("mean:Q", scale=reach, axis=axis), color=alt.Color("colour:N", scale=None), opacity=alt.value(0.85)
    )
    rule = base.mark_rule(strokeWidth=1.5, color=INK).encode(x=alt.X("low:Q", scale=reach), x2=alt.X2("high:Q"))
    label = base.mark_text(align="left", dx=6).encode(x=alt.X("high:Q"), text=alt.Text("label:N"))
    title = f"Who ends on top after {wording.counted(summary['ticks'])} {summary['unit']}s"
    said = f"Share of {wording.counted(summary['histories'])} simulated histories, with 95 % intervals (Wilson). "
    said += f"Nobody leads: collective leadership.{note}{_recorded(summary)}"
    return dressed((bar + rule + label).properties(width=plot, height=26 * len(bars)), title, said, width)


def strength(series: Mapping[str, Any], width: int = WIDTH) -> alt.FacetChart:
    """Draw every person's share of strength over time: the median, and bands that hold 50 % and 90 % of the histories.

    Parameters
    ----------
    series : mapping
        What `virtu.show.series.strength_bands` returns.
    width : int
        Of the whole figure, pixels.
    """
    import altair as alt

    order = sorted(series["bands"], key=lambda name: -max(band[2] for band in series["bands"][name]))
    shown, at = order[:MOST_PANELS], instants(series["dates"], series["ticks"])
    data = [{"actor": name, **row} for name in shown for row in band_rows(at, series["bands"][name])]
    columns = panel_columns(len(shown), width)
    plot = (width - 50) / columns - 14
    time = time_axis("at", series["dates"], series["unit"], (at[0], at[-1]), 3, title=False)
    panel = alt.layer(*band_layers(alt.Chart(), time, percent_axis(count=3), BLUE), data=rows(data))
    header = alt.Header(
        title=None, labelAnchor="start", labelFontWeight=600, labelColor=INK, labelFontSize=12, labelPadding=4, labelLimit=plot
    )
    facet = alt.Facet("actor:N", sort=shown, header=header)
    # With an axis of time of their own, panels do not leave axes behind under the gaps of the last row.
    chart = panel.properties(width=plot, height=100).facet(facet, columns=columns, spacing=14).resolve_axis(x="independent")
    rest = "" if instant(series["dates"][0]) else f" Time in {series['unit']}s since the start."
    rest += f" {len(order) - len(shown)} more, with less, are not drawn." if len(order) > len(shown) else ""
    said = (
        "Share of the strength of all who have a place, 0 without a place. Line: median; dark and light band: 50 % and 90 % of "
        f"{series['histories']} histories. Highest median first.{rest}"
    )
    return dressed(chart, "Strength over time", said, width)


def believed_and_true(dataset: xr.Dataset, actor: str, width: int = WIDTH) -> alt.VConcatChart:
    """Draw a person's true strength beside what the others believe it to be, and below the gap between the two.

    Parameters
    ----------
    dataset : xarray.Dataset
        Results with ``strength`` and ``believed``.
    actor : str
        The person.
    width : int
        Of the whole figure, pixels.

    Raises
    ------
    InputError
        If there is no such person.
    """
    import altair as alt

    names = dataset["actor"].values.astype(str).tolist()
    if actor not in names:
        raise InputError(f"no person is called {actor!r}", did_you_mean(actor, names))
    bands = numbers.estimate_bands(dataset, actor)
    at = instants(bands["dates"], bands["ticks"])
    plot = width - 60 - 70
    time = partial(time_axis, "at", dates=bands["dates"], unit=bands["unit"], span=(at[0], at[-1]), count=4 if width < NARROW else 8)
    both = ((BLUE, band_rows(at, bands["strength"])), (VERMILION, band_rows(at, bands["believed"])))
    axis = alt.Axis(title="strength", tickCount=5)
    above = [band_layers(alt.Chart(rows(data)), time(labels=False, title=False), axis, colour)[1:] for colour, data in both]
    labels = _end_labels([data for _, data in both], time(labels=False, title=False))
    upper = alt.layer(*(layer for pair in zip(*above, strict=True) for layer in pair), *labels).properties(width=plot, height=190)
    gap = alt.Chart(rows(band_rows(at, bands["gap"])))
    zero = alt.Chart(rows([{"zero": 0}])).mark_rule(color=MUTED, strokeDash=[3, 3]).encode(y=alt.Y("zero:Q"))
    axis = alt.Axis(title="estimate − true", tickCount=4)
    lower = alt.layer(zero, *band_layers(gap, time(), axis, MUTED)).properties(width=plot, height=90)
    first, last = (wording.counted(bands["counted"][index]) for index in (0, -1))
    said = (
        "True strength and what the others believe it to be, in strength units (an ordinary seat is 1). "
        f"Line: median; band: 50 % (below also 90 %) of the histories in which {actor} has a place "
        f"(n = {first} at the start, {last} at the end of {bands['histories']})."
    )
    return dressed(alt.vconcat(upper, lower, spacing=10), f"{actor}: believed and true strength", said, width)


def falls(dataset: xr.Dataset, record: Record | None = None, width: int = WIDTH) -> alt.LayerChart:
    """Draw when each person first loses the seat, how often, and when it did on record.

    Parameters
    ----------
    dataset : xarray.Dataset
        Results with ``fall_tick``.
    record : Record, optional
        The record of the scenario; its exits within the horizon are marked.
    width : int
        Of the whole figure, pixels.
    """
    import altair as alt

    every = dataset["date"].values.astype(str).tolist()
    axis_at = instants(every, list(range(len(every))))
    found = numbers.fall_dates(dataset)
    data = [_fall_row(row, axis_at) for row in found]
    order = [row["actor"] for row in found]
    label_width = names_width(order, width)
    plot = width - label_width - 110
    y = alt.Y("actor:N", sort=order, title=None, axis=names_axis(label_width))
    count = 4 if width < NARROW else 8
    time = partial(time_axis, dates=every, unit=str(dataset.attrs.get("unit", "tick")), span=(axis_at[0], axis_at[-1]), count=count)
    fell = alt.Chart(rows([row for row in data if row["q50"] is not None])).encode(y=y)
    layers = [
        fell.mark_rule(color=BLUE, strokeWidth=2, opacity=0.45).encode(x=time("q5"), x2=alt.X2("q25")),
        fell.mark_rule(color=BLUE, strokeWidth=2, opacity=0.45).encode(x=time("q75"), x2=alt.X2("q95")),
        fell.mark_rule(color=BLUE, strokeWidth=7, opacity=0.45).encode(x=time("q25"), x2=alt.X2("q75")),
        fell.mark_point(shape="circle", filled=True, size=55, color=BLUE, opacity=1).encode(x=time("q50")),
        alt.Chart(rows(data)).mark_text(align="left", color=INK).encode(y=y, x=alt.value(plot + 10), text=alt.Text("label:N")),
        *_record_marks(record, every, axis_at, y, time("at"), order),
    ]
    said = (
        "First loss of standing, natural deaths left out. Dot: median date; thick and thin line: 50 % and 90 % of the falls. "
        f"Right: share of {wording.counted(dataset.sizes['history'])} histories, 95 % interval."
    )
    said += " Diamond: date on record." if len(layers) > 5 else ""
    return dressed(alt.layer(*layers).properties(width=plot, height=26 * len(data)), "Who falls, and when", said, width)


def save(chart: Any, path: Path | str) -> Path:
    """Write a figure as PNG, SVG, PDF or HTML, by the ending of the path; no network is needed.

    Parameters
    ----------
    chart : altair.Chart
        Any figure of this package.
    path : Path or str
        Ends in .png, .svg, .pdf or .html (which then holds the library that draws it, about 1 MB).

    Raises
    ------
    InputError
        If the ending is another.
    RunError
        If the disk refuses.
    """
    path = Path(path)
    kind = path.suffix.lower()
    if kind not in FORMATS:
        raise InputError(f"figures are written as {', '.join(FORMATS)}, not as {kind or 'a file without ending'}", where=Place(str(path)))
    options: dict[str, Any] = {".png": {"scale_factor": 2}, ".html": {"inline": True}}.get(kind, {})
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        chart.save(str(path), format=kind[1:], **options)
    except OSError as error:
        raise RunError(f"the figure could not be written: {error}", where=Place(str(path))) from error
    return path


def _bars(summary: Mapping[str, Any], digits: int) -> tuple[list[dict[str, Any]], str]:
    """Return the bars, longest first and collective leadership last, and a note on the persons without one."""
    shares = dict(summary["on_top"])
    together = shares.pop(COLLECTIVE, None)
    ranked = sorted(shares.items(), key=lambda item: -item[1]["mean"])
    ever = sum(share["mean"] > 0 for _, share in ranked)
    shown = ranked[: min(max(2, ever), MOST_BARS)]
    bars = [_bar(name, share, BLUE if rank == 0 and share["mean"] > 0 else GREY, digits) for rank, (name, share) in enumerate(shown)]
    rest = len(ranked) - len(shown)
    note = "" if not rest else f" {rest} more {'do more rarely or never' if ever > len(shown) else 'never do'}."
    return bars + ([_bar("nobody leads", together, GREY, digits)] if together else []), note


def _bar(name: str, share: Mapping[str, float], colour: str, digits: int) -> dict[str, Any]:
    label = f"{wording.share(share['mean'], digits)} ({wording.share_interval(share, digits)})"
    return {"name": name, "label": label, "colour": colour, **{key: share[key] for key in ("mean", "low", "high")}}


def _recorded(summary: Mapping[str, Any]) -> str:
    recorded = (summary.get("history_check") or {}).get("record_on_top")
    return f" On record: {recorded}." if recorded else ""


def panel_columns(panels: int, width: int) -> int:
    """Return how many panels stand beside each other: as many as fit while the last row is as full as can be."""
    fitting = (2,) if width < NARROW else (5, 4, 3)
    return min(panels, min(fitting, key=lambda columns: (-panels % columns, -columns)))


def band_rows(at: Sequence[float], bands: Sequence[Sequence[float] | None]) -> list[dict[str, float]]:
    """Return the lines of data that `band_layers` draws: where they lie on the axis of time, and their quantiles."""
    return [{"at": x, **dict(zip(BAND_NAMES, band, strict=True))} for x, band in zip(at, bands, strict=True) if band is not None]


def band_layers(base: Any, time: alt.X, axis: alt.Axis, colour: str) -> list[Any]:
    """Return the layers of a median with its bands of 90 % and 50 %."""
    import altair as alt

    bands = [
        base.mark_area(color=colour, opacity=opacity, interpolate="monotone").encode(
            x=time, y=alt.Y(f"{low}:Q", axis=axis), y2=alt.Y2(high)
        )
        for low, high, opacity in (("q5", "q95", 0.16), ("q25", "q75", 0.3))
    ]
    return [*bands, base.mark_line(color=colour, strokeWidth=2, interpolate="monotone").encode(x=time, y=alt.Y("q50:Q", axis=axis))]


def _end_labels(both: Sequence[list[dict[str, float]]], time: alt.X) -> list[Any]:
    """Return the labels of the true and the believed strength at the end of their lines, kept apart."""
    import altair as alt

    if not all(both):
        return []
    true, believed = (data[-1]["q50"] for data in both)
    height = max(band["q75"] for data in both for band in data)
    apart = max(0.0, 0.1 * height - abs(true - believed)) / 2 * (1 if true >= believed else -1)
    labelled = ((both[0], true + apart, "true", BLUE), (both[1], believed - apart, "believed", VERMILION))
    return [
        alt.Chart(rows([{"at": data[-1]["at"], "y": y, "label": label}]))
        .mark_text(color=colour, fontWeight=600, fontSize=12, align="left", dx=6)
        .encode(x=time, y=alt.Y("y:Q"), text=alt.Text("label:N"))
        for data, y, label, colour in labelled
    ]


def _fall_row(row: Mapping[str, Any], axis_at: Sequence[float]) -> dict[str, Any]:
    quantiles = [axis_at[round(tick)] for tick in row["ticks"]] if row["ticks"] else [None] * len(BAND_NAMES)
    label = f"{wording.share(row['share'], 0)} ({wording.share_interval(row, 0)})" if row["fallen"] else "never"
    return {"actor": row["actor"], "label": label, **dict(zip(BAND_NAMES, quantiles, strict=True))}


def _record_marks(
    record: Record | None, dates: Sequence[str], axis_at: Sequence[float], y: alt.Y, time: alt.X, order: Sequence[str]
) -> list[Any]:
    """Return the marks of the exits on record that lie within the horizon."""
    import altair as alt

    exits = [one for one in record.exits if one.actor in order] if record else []
    placed = [(one.actor, _recorded_at(one.at, dates, axis_at)) for one in exits]
    data = [{"actor": name, "at": at} for name, at in placed if at is not None and axis_at[0] <= at <= axis_at[-1]]
    mark = alt.Chart(rows(data)).mark_point(shape="diamond", size=90, filled=False, strokeWidth=2, color=VERMILION, opacity=1)
    return [mark.encode(x=time, y=y)] if data else []


def _recorded_at(when: int | str, dates: Sequence[str], axis_at: Sequence[float]) -> float | None:
    """Return where a recorded moment lies on the axis of time; None where it lies outside or the run has no dates."""
    if is_tick(when):
        tick = int(str(when).removeprefix("t"))
        return axis_at[tick] if 0 <= tick < len(axis_at) else None
    return instant(str(when)) if instant(dates[0]) is not None else None
