"""The network of dependence: who owes his weight to whom at the start, in the middle and at the end."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from virtu.show import wording
from virtu.show.look import BLUE, GREY, INK, NARROW, WIDTH, dressed, rows
from virtu.show.series import at_ticks, ever_placed

if TYPE_CHECKING:
    import altair as alt
    import xarray as xr

LEAST = 0.05
"""Dependence below this is not drawn, share of a person's weight."""

MOST_LINES = 40
"""Most lines in a panel; the strongest are drawn."""

THICKEST = 11.0
"""Width of a line at its thick end for a dependence of 1, pixels."""

MOST_DISCS = 20
"""Most persons in a panel."""

SIDE_HEIGHT = 250.0
"""Height of a panel, pixels; taller than wide, so that names beside the discs do not meet."""

NAMES = 72
"""Room for the names on either side, pixels; longer ones are cut."""

RARE = 0.05
"""A person with a place in fewer histories than this share is drawn as gone."""


def dependence(dataset: xr.Dataset, width: int = WIDTH) -> alt.ConcatChart:
    """Draw mean dependence at the start, in the middle and at the end, every person in the same spot.

    Parameters
    ----------
    dataset : xarray.Dataset
        Results with ``dependence (moment, actor, actor_to)``, ``strength`` and ``status``.
    width : int
        Of the whole figure, pixels.
    """
    import altair as alt

    shares = np.nan_to_num(dataset["dependence"].transpose("moment", "actor", "actor_to").values)
    drawn, left_out = _drawn(shares, ever_placed(dataset))
    columns = 1 if width < NARROW else 3
    size = ((width - 20) / columns - 14, SIDE_HEIGHT)
    spots = dict(zip(drawn, layout(shares[:, drawn][:, :, drawn]) * (size[0] / 2 - NAMES, size[1] / 2 - 22), strict=True))
    top = int(shares[-1].sum(axis=0).argmax()) if shares[-1].any() else None
    ticks = np.linspace(0, dataset.sizes["tick"] - 1, len(shares)).round().astype(int)
    strength = at_ticks(dataset[["strength"]], ticks)["strength"].transpose("tick", "history", "actor").values
    dates, names = dataset["date"].values.astype(str)[ticks], dataset["actor"].values.astype(str)
    panels = [
        _panel(wording.when(str(date)), _people(held, names, spots, top), _lines(owed, spots, top), size)
        for date, held, owed in zip(dates, strength, shares, strict=True)
    ]
    said = (
        "A line tapers from the dependent to the patron; its thick end shows the share of the dependent’s weight owed, from "
        f"{wording.share(LEAST, 0)} on. Discs: mean strength, paler in the measure that the person has no place. Means over "
        f"{wording.counted(dataset.sizes['history'])} histories."
    )
    if top is not None:
        said += f" Blue: {names[top]}, on whom the others depend most at the end."
    said += f" {left_out} more, with weaker ties, are not drawn." if left_out else ""
    return dressed(alt.concat(*panels, columns=columns, spacing=10), "Who depends on whom", said, width)


def _drawn(shares: np.ndarray, ever: list[int]) -> tuple[list[int], int]:
    """Return the persons drawn, those with the strongest ties where there are too many, and how many are not."""
    ties = shares.max(axis=0)
    ranked = sorted(ever, key=lambda person: -(ties[person].sum() + ties[:, person].sum()))
    return sorted(ranked[:MOST_DISCS]), len(ranked[MOST_DISCS:])


def layout(shares: np.ndarray) -> np.ndarray:
    """Return a spot on the unit circle for every person, those tied to each other side by side; shape (persons, 2).

    Parameters
    ----------
    shares : numpy.ndarray
        Share of the weight of row owed to column at several moments, shape (moments, persons, persons).
    """
    import networkx

    tied = shares.max(axis=0)
    graph = networkx.from_numpy_array(tied + tied.T)
    order = sorted(graph, key=lambda node: -graph.degree(node, weight="weight"))
    around = [order.pop(0)] if order else []
    while order:
        nearest = max(order, key=lambda node: graph.get_edge_data(around[-1], node, {"weight": 0})["weight"])
        around.append(nearest)
        order.remove(nearest)
    spots = networkx.circular_layout(networkx.path_graph(around))
    return np.array([spots[node] for node in sorted(spots)]).reshape(-1, 2)


def _panel(title: str, people: list[dict[str, Any]], lines: list[dict[str, Any]], size: tuple[float, float]) -> Any:
    """Return one moment; a unit of both axes is a pixel."""
    import altair as alt

    wide, high = (alt.Scale(domain=[-side / 2, side / 2], nice=False) for side in size)
    x, y = alt.X("x:Q", axis=None, scale=wide), alt.Y("y:Q", axis=None, scale=high)
    colour = alt.Color("colour:N", scale=None)
    trails = alt.Chart(rows(lines)).mark_trail(opacity=0.6)
    discs = alt.Chart(rows(people)).mark_circle()
    area, pale = alt.Size("size:Q", scale=None), alt.Opacity("there:Q", scale=None)
    layers: list[Any] = [
        trails.encode(x=x, y=y, size=area, detail=alt.Detail("line:N"), order=alt.Order("point:Q"), color=colour),
        discs.encode(x=x, y=y, size=area, color=colour, opacity=pale),
    ]
    text_x, text_y, ink = alt.X("text_x:Q", scale=wide), alt.Y("text_y:Q", scale=high), alt.Color("ink:N", scale=None)
    sides: tuple[Literal["left", "center", "right"], ...] = ("left", "center", "right")
    for align in sides:
        names = alt.Chart(rows([one for one in people if one["align"] == align]))
        layers.append(names.mark_text(align=align, limit=NAMES).encode(x=text_x, y=text_y, text=alt.Text("name:N"), color=ink))
    heading = alt.TitleParams(text=title, fontSize=12, anchor="middle", frame="group", offset=2)
    return alt.layer(*layers).properties(width=size[0], height=size[1], title=heading)


def _people(strength: np.ndarray, names: np.ndarray, spots: dict[int, Any], top: int | None) -> list[dict[str, Any]]:
    """Return the discs with their names, from the strength (histories, persons) at the moment."""
    there = np.isfinite(strength)
    held = np.where(there, strength, 0).sum(axis=0) / np.maximum(1, there.sum(axis=0))
    found = []
    for index, (x, y) in spots.items():
        share = float(there[:, index].mean())
        gone = share < RARE
        size = 25.0 if gone else 30 + 90 * float(held[index])
        radius = (size / np.pi) ** 0.5
        aside, align = (0, "center") if abs(x) < 4 else (radius + 4, "left") if x > 0 else (-radius - 4, "right")
        above = 0 if aside else np.copysign(radius + 8, y)
        spot = {"name": str(names[index]), "x": x, "y": y, "text_x": x + aside, "text_y": y + above, "align": align}
        colour = GREY if gone else BLUE if index == top else INK
        found.append(spot | {"size": size, "there": max(0.2, share), "colour": colour, "ink": GREY if gone else INK})
    return found


def _lines(shares: np.ndarray, spots: dict[int, Any], top: int | None) -> list[dict[str, Any]]:
    """Return the points of the lines, each bent a little so that the two directions of a pair lie apart."""
    pairs = [(int(one), int(other)) for one, other in np.argwhere(shares >= LEAST) if one != other and one in spots and other in spots]
    strongest = sorted(pairs, key=lambda pair: -shares[pair])[:MOST_LINES]
    return [
        {"line": f"{one}-{other}", "point": point, "x": x, "y": y, "size": size, "colour": BLUE if other == top else GREY}
        for one, other in reversed(strongest)
        for point, (x, y, size) in enumerate(_bent(spots[one], spots[other], THICKEST * float(shares[one, other])))
    ]


def _bent(start: np.ndarray, end: np.ndarray, thick: float, points: int = 9) -> list[tuple[float, float, float]]:
    """Return points of a quadratic curve from start to end, with widths from thick to thin."""
    along = np.linspace(0, 1, points)[:, None]
    aside = (start + end) / 2 + 0.18 * np.array([end[1] - start[1], start[0] - end[0]])
    curve = (1 - along) ** 2 * start + 2 * along * (1 - along) * aside + along**2 * end
    sizes = thick + (0.4 - thick) * along[:, 0]
    return [(round(float(x), 1), round(float(y), 1), round(float(size), 2)) for (x, y), size in zip(curve, sizes, strict=True)]
