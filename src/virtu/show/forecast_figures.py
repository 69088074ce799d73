"""The figures of a forecast: models and actors on one scale, which input matters, who is in the ruling coalition, what if."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from virtu.show import forecast_words as words
from virtu.show import wording
from virtu.show.look import BLUE, GREY, INK, MUTED, NARROW, VERMILION, WIDTH, dressed, names_axis, names_width, percent_axis, rows

if TYPE_CHECKING:
    import altair as alt

MOST_ACTORS = 24
"""Most actors drawn, those of most weight."""

MOST_INPUTS = 12
"""Most inputs drawn, those that move the baseline most."""

NAMES = [words.short(model) for model in words.MODELS]

MARGIN = 0.03
"""Room at either end of the scale, for the dots at its ends; share of its length."""

ROW = 24
"""Height of a row, pixels."""


def models(issue: Mapping[str, Any], name: str = "", width: int = WIDTH) -> alt.VConcatChart:
    """Draw the forecasts of all models with their ranges, and below them the actors where they stand.

    Parameters
    ----------
    issue : mapping
        An issue of what ``virtu forecast --json`` prints.
    name : str
        What the issue is called, where there are several.
    width : int
        Of the whole figure, pixels.
    """
    import altair as alt

    scale, actors = issue["scale"], _weightiest(issue)
    label_width = names_width([*NAMES, *actors], width)
    plot = width - label_width - (140 if width >= NARROW else 24)
    room = MARGIN * (scale["high"] - scale["low"])
    reach = alt.Scale(domain=[scale["low"] - room, scale["high"] + room], nice=False)
    upper = alt.layer(*_actual(issue, reach), *_model_layers(issue, reach, label_width, plot, width))
    lower = alt.layer(*_actual(issue, reach), *_actor_layers(issue, actors, reach, label_width, plot, width))
    drawn = issue["models"]["baseline"]["low"] is not None
    said = "Dot: forecast from the values of the table" + ("; line: 95 % of draws. " if drawn else ". ")
    said += "Below: where the actors stand, the larger the more weight (capability × salience)."
    said += f" Dashed: what came about, {wording.printed(issue['scores']['actual'])}." if issue["scores"] else ""
    left = len(issue["positions"]) - len(actors)
    said += f" {left} actors of less weight are not drawn." if left else ""
    charts = (
        upper.properties(width=plot, height=ROW * len(words.MODELS)),
        lower.properties(width=plot, height=18 * len(actors)),
    )
    return dressed(alt.vconcat(*charts, spacing=8), f"Forecasts: {name}" if name else "Forecasts", said, width)


def tornado(result: Mapping[str, Any], issue: Mapping[str, Any], width: int = WIDTH) -> alt.HConcatChart | alt.VConcatChart:
    """Draw how the baseline and the spatial bargain change when one number of the table goes to either end of its range.

    Parameters
    ----------
    result : mapping
        What ``virtu forecast --json`` prints.
    issue : mapping
        One of its issues.
    width : int
        Of the whole figure, pixels.
    """
    import altair as alt

    found = issue["tornado"][:MOST_INPUTS]
    wide = width >= NARROW
    names = [words.row_of(row, ": " if wide else "\n") for row in found]
    label_width = names_width([line for name in names for line in name.split("\n")], width)
    plot = (width - label_width - 44) / 2 if wide else width - label_width - 24
    panels = [
        _swings(found, names, (model, label), plot, label_width if place == 0 or not wide else 0)
        for place, (model, label) in enumerate((("baseline", "baseline"), ("spatial_bargaining", "spatial bargain")))
    ]
    said = f"Change of the forecast. {words.varied(result)} Blue: low end; orange: high end; those that move the baseline most first."
    chart = alt.hconcat(*panels, spacing=20) if wide else alt.vconcat(*panels, spacing=14)
    return dressed(chart, "Which input matters", said, width)


def coalition(issue: Mapping[str, Any], width: int = WIDTH) -> alt.LayerChart:
    """Draw the weight of each actor, those in the ruling coalition in blue.

    Parameters
    ----------
    issue : mapping
        An issue of what ``virtu forecast --json`` prints.
    width : int
        Of the whole figure, pixels.
    """
    import altair as alt

    found, names = issue["coalition"], _weightiest(issue)
    data = []
    for name in names:
        inside = name in found["members"]
        drawn = f", {wording.share(found['inside'][name]['mean'], 0)} of draws" if found["inside"] else ""
        share = issue["pivotal"]["actors"][name]["share"]
        data.append({"name": name, "share": share, "colour": BLUE if inside else GREY, "label": f"{'in' if inside else 'out'}{drawn}"})
    label_width = names_width(names, width)
    plot = width - label_width - 120
    base = alt.Chart(rows(data)).encode(y=alt.Y("name:N", sort=names, title=None, axis=names_axis(label_width)))
    reach = alt.X("share:Q", scale=alt.Scale(nice=False), axis=percent_axis("share of all weight", count=5 if width >= NARROW else 3))
    bar = base.mark_bar(height={"band": 0.62}, opacity=0.85).encode(x=reach, color=alt.Color("colour:N", scale=None))
    label = base.mark_text(align="left", dx=6).encode(x=reach, text=alt.Text("label:N"))
    said = f"Blue: who is left when every ally of today may be the victim of tomorrow. {words.coalition(issue).split(' “')[0]}"
    return dressed((bar + label).properties(width=plot, height=ROW * len(data)), "The ruling coalition", said, width)


def arms(result: Mapping[str, Any], name: str, width: int = WIDTH) -> alt.VConcatChart:
    """Draw what each arm changes in each forecast.

    Parameters
    ----------
    result : mapping
        What ``virtu forecast --json`` prints, with at least one arm.
    name : str
        The issue.
    width : int
        Of the whole figure, pixels.
    """
    import altair as alt

    scale = result["issues"][name]["scale"]
    data = [[_changed(model, arm["issues"][name][model], scale) for model in words.MODELS] for arm in result["arms"]]
    every = [row[key] for panel in data for row in panel for key in ("low", "high", "point")]
    room = 0.06 * (max(0.0, *every) - min(0.0, *every)) or 1.0
    reach = alt.Scale(domain=[min(0.0, *every) - room, max(0.0, *every) + room], nice=False)
    label_width = names_width(NAMES, width)
    plot = width - label_width - (150 if width >= NARROW else 24)
    panels = [
        _panel(panel, wording.doing(arm["do"]), reach, label_width, plot, last=place == len(data) - 1, texts=width >= NARROW)
        for place, (panel, arm) in enumerate(zip(data, result["arms"], strict=True))
    ]
    said = f"Change of each forecast against the table as it is{_over(result)}. Dot: from the values of the table."
    return dressed(alt.vconcat(*panels, spacing=12), "What if", said, width)


def _over(result: Mapping[str, Any]) -> str:
    return f", on the same luck in {wording.counted(result['draws'])} draws (line: 95 % of them)" if result["draws"] else ""


def _weightiest(issue: Mapping[str, Any]) -> list[str]:
    actors = issue["pivotal"]["actors"]
    return sorted(actors, key=lambda name: -actors[name]["share"])[:MOST_ACTORS]


def _actual(issue: Mapping[str, Any], reach: alt.Scale) -> list[Any]:
    """Return the mark of what came about, where it is known and lies on the scale."""
    import altair as alt

    scale, scores = issue["scale"], issue["scores"]
    if not scores or not scale["low"] <= scores["actual"] <= scale["high"]:
        return []
    mark = alt.Chart(rows([{"at": scores["actual"]}])).mark_rule(color=VERMILION, strokeDash=[4, 3], strokeWidth=1.5)
    return [mark.encode(x=alt.X("at:Q", scale=reach))]


def _model_layers(issue: Mapping[str, Any], reach: alt.Scale, label_width: int, plot: float, width: int) -> list[Any]:
    import altair as alt

    scale, data = issue["scale"], []
    for model, label in zip(words.MODELS, NAMES, strict=True):
        one = issue["models"][model]
        within = words.span(one, scale)
        low, high = (one["point"] if one[end] is None else one[end] for end in ("low", "high"))
        text = f"{words.place(one['point'], scale)}{f' ({within})' if within else ''}"
        colour = BLUE if model == "baseline" else MUTED
        data.append({"name": label, "point": one["point"], "low": low, "high": high, "text": text, "colour": colour})
    base = alt.Chart(rows(data)).encode(
        y=alt.Y("name:N", sort=NAMES, title=None, axis=names_axis(label_width)),
        color=alt.Color("colour:N", scale=None),
    )
    axis = alt.Axis(labels=False, ticks=False, domain=False, title=None, tickCount=6)
    line = base.mark_rule(strokeWidth=3, opacity=0.5).encode(x=alt.X("low:Q", scale=reach, axis=axis), x2=alt.X2("high:Q"))
    dot = base.mark_circle(size=70, opacity=1).encode(x=alt.X("point:Q", scale=reach, axis=axis))
    label = base.mark_text(align="left").encode(x=alt.value(plot + 10), text=alt.Text("text:N"), color=alt.value(INK))
    return [line, dot, *([label] if width >= NARROW else [])]


def _actor_layers(
    issue: Mapping[str, Any], actors: Sequence[str], reach: alt.Scale, label_width: int, plot: float, width: int
) -> list[Any]:
    import altair as alt

    placed = sorted(actors, key=lambda name: issue["positions"][name]["position"]["value"])
    data = []
    for name in placed:
        at, share = issue["positions"][name]["position"], issue["pivotal"]["actors"][name]["share"]
        low, high = (min(max(at[end], issue["scale"]["low"]), issue["scale"]["high"]) for end in ("low", "high"))
        data.append({"name": name, "at": at["value"], "low": low, "high": high, "share": share, "text": wording.share(share, 0)})
    base = alt.Chart(rows(data)).encode(y=alt.Y("name:N", sort=placed, title=None, axis=names_axis(label_width)))
    axis = alt.Axis(title=None, tickCount=6)
    size = alt.Size("share:Q", scale=alt.Scale(domain=[0, max(row["share"] for row in data)], range=[8, 220]), legend=None)
    line = base.mark_rule(strokeWidth=1, color=GREY).encode(x=alt.X("low:Q", scale=reach, axis=axis), x2=alt.X2("high:Q"))
    dot = base.mark_circle(color=GREY, opacity=0.9).encode(x=alt.X("at:Q", scale=reach, axis=axis), size=size)
    label = base.mark_text(align="left", color=MUTED).encode(x=alt.value(plot + 10), text=alt.Text("text:N"))
    return [line, dot, *([label] if width >= NARROW else [])]


def _swings(found: Sequence[Mapping[str, Any]], order: Sequence[str], model: tuple[str, str], plot: float, label_width: int) -> Any:
    """Return the swings of one model, a bar to either side an input."""
    import altair as alt

    data = [
        {"name": name, "from": 0.0, "to": change, "colour": colour}
        for row, name in zip(found, order, strict=True)
        for change, colour in zip(row["models"][model[0]], (BLUE, VERMILION), strict=True)
    ]
    # Rows keep their place where the other panel carries the names.
    axis = names_axis(label_width) if label_width else None
    reach = max((abs(row["to"]) for row in data), default=0.0) * 1.05 or 1.0
    change = alt.X(
        "to:Q", scale=alt.Scale(domain=[-reach, reach], nice=False), axis=alt.Axis(title=f"change of the {model[1]}", tickCount=5)
    )
    base = alt.Chart(rows(data)).encode(y=alt.Y("name:N", sort=order, title=None, axis=axis))
    bar = base.mark_bar(height={"band": 0.6}, opacity=0.8).encode(x=change, x2=alt.X2("from"), color=alt.Color("colour:N", scale=None))
    zero = alt.Chart(rows([{"zero": 0}])).mark_rule(color=MUTED).encode(x=alt.X("zero:Q"))
    return alt.layer(bar, zero).properties(width=plot, height=(30 if any("\n" in name for name in order) else ROW) * len(order))


def _changed(model: str, one: Mapping[str, Any], scale: Mapping[str, Any]) -> dict[str, Any]:
    low, high = (one["point"] if one[end] is None else one[end] for end in ("low", "high"))
    text = "exactly 0" if words.exact(one) else words.place(one["point"], scale, plus=True)
    within = f" ({words.span(one, scale)})" if one["low"] is not None and not words.exact(one) else ""
    return {"name": words.short(model), "point": one["point"], "low": low, "high": high, "text": text + within}


def _panel(
    data: Sequence[Mapping[str, Any]], title: str, reach: alt.Scale, label_width: int, plot: float, *, last: bool, texts: bool
) -> Any:
    """Return the changes of one arm, a row a model."""
    import altair as alt

    axis = alt.Axis(title="change" if last else None, labels=last, ticks=last, domain=last, tickCount=5)
    base = alt.Chart(rows(data)).encode(y=alt.Y("name:N", sort=NAMES, title=None, axis=names_axis(label_width)), color=alt.value(BLUE))
    zero = alt.Chart(rows([{"zero": 0}])).mark_rule(color=MUTED).encode(x=alt.X("zero:Q", scale=reach, axis=axis))
    line = base.mark_rule(strokeWidth=2, opacity=0.5).encode(x=alt.X("low:Q", scale=reach, axis=axis), x2=alt.X2("high:Q"))
    dot = base.mark_circle(size=55, opacity=1).encode(x=alt.X("point:Q", scale=reach, axis=axis))
    label = base.mark_text(align="left").encode(x=alt.value(plot + 10), text=alt.Text("text:N"), color=alt.value(INK))
    heading = alt.TitleParams(title, anchor="start", frame="group", fontSize=12, color=INK)
    return alt.layer(zero, line, dot, *([label] if texts else [])).properties(width=plot, height=20 * len(data), title=heading)
