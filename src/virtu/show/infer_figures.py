"""The figures of an inference from choices: from prior to posterior, trait by trait, and how much was learnt of whom."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from virtu.show import infer_words as words
from virtu.show import wording
from virtu.show.look import BLUE, GREY, INK, MUTED, NARROW, PALETTE, VERMILION, WIDTH, dressed, names_axis, names_width, rows

if TYPE_CHECKING:
    import altair as alt

MOST_DRAWN = 6
"""Most persons in one figure; each has a colour of its own."""

ROW = 22
"""Height of a row, pixels."""


def densities(result: Mapping[str, Any], width: int = WIDTH) -> alt.VConcatChart:
    """Draw prior and posterior density of each trait, and the interval of each of the first persons below it.

    Parameters
    ----------
    result : mapping
        What ``virtu infer --json`` prints.
    width : int
        Of the whole figure, pixels.
    """
    import altair as alt

    columns = 3 if width >= NARROW else 1
    plot = (width - 26 * columns) / columns
    panels = [_panel(result, name, plot) for name in result["densities"]]
    lines = [alt.hconcat(*panels[first : first + columns], spacing=18) for first in range(0, len(panels), columns)]
    people = list(result["people"])
    drawn = ", ".join(f"{name} {_COLOURS[place]}" for place, name in enumerate(people[:MOST_DRAWN]))
    more = f" The first {MOST_DRAWN} of {len(people)} people." if len(people) > MOST_DRAWN else ""
    said = f"Grey: prior. Coloured: posterior of {drawn}. Bars: 95 % intervals, with the median.{more}"
    return dressed(alt.vconcat(*lines, spacing=16), "From prior to posterior", said, width)


_COLOURS = ("blue", "orange-red", "green", "pink", "amber", "light blue")


def _panel(result: Mapping[str, Any], name: str, plot: float) -> Any:
    """Return one trait: densities of the prior and of persons, intervals under them."""
    import altair as alt

    found = result["densities"][name]
    people = list(found["posterior"])[:MOST_DRAWN]
    top = max(*found["prior"], *(max(found["posterior"][person]) for person in people), 1e-12)
    x = alt.X("at:Q", scale=alt.Scale(domain=[found["at"][0], found["at"][-1]], nice=False), axis=alt.Axis(title=None, tickCount=4))
    y = alt.Y("density:Q", scale=alt.Scale(domain=[-0.11 * top * len(people) - 0.03 * top, top]), axis=None)
    prior = [{"at": at, "density": density} for at, density in zip(found["at"], found["prior"], strict=True)]
    layers = [alt.Chart(rows(prior)).mark_area(color=GREY, opacity=0.45, y2=0).encode(x=x, y=y, y2=alt.datum(0))]
    for place, person in enumerate(people):
        colour, value = PALETTE[place], result["people"][person]["traits"][name]
        curve = [{"at": at, "density": density} for at, density in zip(found["at"], found["posterior"][person], strict=True)]
        low, median, high = (min(max(value[key], found["at"][0]), found["at"][-1]) for key in ("low", "median", "high"))
        bar = alt.Chart(rows([{"at": low, "to": high, "density": -0.11 * top * (place + 1)}]))
        dot = alt.Chart(rows([{"at": median, "density": -0.11 * top * (place + 1)}]))
        layers += [
            alt.Chart(rows(curve)).mark_line(color=colour, strokeWidth=1.6).encode(x=x, y=y),
            bar.mark_rule(color=colour, strokeWidth=3, opacity=0.6).encode(x=x, x2=alt.X2("to"), y=y),
            dot.mark_circle(color=colour, size=40, opacity=1).encode(x=x, y=y),
        ]
    unit = result["prior"][name]["unit"]
    heading = alt.TitleParams(wording.words(name), subtitle=unit, anchor="start", fontSize=12, color=INK, subtitleColor=MUTED)
    return alt.layer(*layers).properties(width=plot, height=96 + 8 * len(people), title=heading)


def chart(result: Mapping[str, Any], width: int = WIDTH) -> alt.LayerChart:
    """Draw how much was learnt of each trait of each person: the contraction, a dot a person.

    Parameters
    ----------
    result, width
        As `densities`.
    """
    import altair as alt

    people = list(result["people"])
    names = [wording.words(name) for name in result["densities"]]
    data = []
    for place, person in enumerate(people):
        for name, value in result["people"][person]["traits"].items():
            colour = PALETTE[place] if len(people) <= MOST_DRAWN else BLUE
            data.append({"trait": wording.words(name), "learnt": max(value["contraction"], -0.25), "colour": colour})
    label = names_width(names, width)
    axis = alt.Axis(title=None, labelExpr="round(100 * datum.value) + ' %'", tickCount=5)
    scale = alt.Scale(domain=[min(0.0, *(one["learnt"] for one in data)), 1.0], nice=False)
    y = alt.Y("trait:N", sort=names, title=None, axis=names_axis(label))
    dots = alt.Chart(rows(data)).mark_circle(size=64, opacity=0.75)
    dots = dots.encode(x=alt.X("learnt:Q", scale=scale, axis=axis), y=y, color=alt.Color("colour:N", scale=None))
    marks = (
        alt.Chart(rows([{"at": words.SOME}, {"at": words.KNOWN}]))
        .mark_rule(color=MUTED, strokeDash=[4, 3])
        .encode(x=alt.X("at:Q", scale=scale))
    )
    said = (
        "Share of the prior variance that the choices took away, a dot a person. Left of the first line no more is known than before; "
        "right of the second a trait is well learnt. The 95 % intervals are in the table."
    )
    layered = alt.layer(marks, dots).properties(width=width - label - 30, height=max(ROW * len(names), 60))
    return dressed(layered, "What was learnt, and what was not", said, width)


def correlations(result: Mapping[str, Any], width: int = WIDTH) -> Any:
    """Draw the posterior correlations of the traits of the first person, where there are several traits.

    Parameters
    ----------
    result, width
        As `densities`.
    """
    import altair as alt

    person = next(iter(result["people"]))
    found: Sequence[Sequence[float]] = result["people"][person]["correlations"]
    names = [wording.words(name) for name in result["densities"]]
    data = [
        {
            "one": one,
            "other": other,
            "text": wording.number(found[row][column], 2),
            "size": abs(found[row][column]),
            "colour": BLUE if found[row][column] > 0.0 else VERMILION,
        }
        for row, one in enumerate(names)
        for column, other in enumerate(names)
        if column < row and math.isfinite(found[row][column])
    ]
    label = names_width(names, width)
    base = alt.Chart(rows(data)).encode(
        x=alt.X("other:N", sort=names, title=None, axis=alt.Axis(labelAngle=-40, labelLimit=label, ticks=False, domain=False)),
        y=alt.Y("one:N", sort=names, title=None, axis=names_axis(label)),
    )
    depth = alt.Opacity("size:Q", scale=alt.Scale(domain=[0, 1], range=[0, 1]), legend=None)
    box = base.mark_rect().encode(color=alt.Color("colour:N", scale=None), opacity=depth)
    text = base.mark_text(fontSize=10).encode(text="text:N")
    said = (
        f"Correlations in the posterior of {person}. Far from 0, more of one trait with less (orange) or more (blue) of the other explains "
        "the same choices: only the two together are known, within the 95 % intervals of each."
    )
    layers = alt.layer(box, *([text] if width >= NARROW else []))
    return dressed(
        layers.properties(width=width - label - 30, height=ROW * max(len(names) - 1, 1)), "What trades off with what", said, width
    )
