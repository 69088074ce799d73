"""The network of dependence: who owes his weight to whom at the start, in the middle and at the end."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from virtu.show import wording
from virtu.show.look import BLUE, GREY, INK, NARROW, WIDTH, dressed, rows
from virtu.show.series import ever_placed

if TYPE_CHECKING:
    import altair as alt
    import xarray as xr

LEAST = 0.05
"""Dependence below this is not drawn, share of a person's weight."""

MOST_LINES = 40
"""Most lines in a panel; the strongest are drawn."""

THICKEST = 11.0
"""Width of a line at its thick end for a dependence of 1, pixels."""

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

    shares = np.nan_to_num(dataset["dependence"].values)
    ever = ever_placed(dataset)
    places = _layout(shares[:, ever][:, :, ever])
    spots = dict(zip(ever, places, strict=True))
    columns = 1 if width < NARROW else 3
    side = (width - 20) / columns - 20 if columns > 1 else width - 30
    top = int(shares[-1].sum(axis=0).argmax()) if shares[-1].any() else None
    ticks = np.linspace(0, dataset.sizes["tick"] - 1, len(shares)).round().astype(int)
    panels = [_panel(dataset, shares[moment], int(tick), spots, top, side) for moment, tick in enumerate(ticks)]
    said = (
        "A line tapers from the dependent to the patron; its thick end shows the share of the dependent’s weight owed, from "
        f"{wording.share(LEAST, 0)} on. Discs: mean strength, paler in the measure that the person has no place. Means over "
        f"{wording.counted(dataset.sizes['history'])} histories."
    )
    if top is not None:
        said += f" Blue: {dataset['actor'].values[top]}, on whom the others depend most at the end."
    return dressed(alt.concat(*panels, columns=columns, spacing=10), "Who depends on whom", said, width)


def _layout(shares: np.ndarray) -> np.ndarray:
    """Return a spot on a circle for every person, those tied to each other side by side; shape (persons, 2)."""
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


def _panel(dataset: xr.Dataset, shares: np.ndarray, tick: int, spots: dict[int, Any], top: int | None, side: float) -> Any:
    import altair as alt

    wide, high = alt.Scale(domain=[-1.75, 1.75], nice=False), alt.Scale(domain=[-1.4, 1.4], nice=False)
    x, y = alt.X("x:Q", axis=None, scale=wide), alt.Y("y:Q", axis=None, scale=high)
    colour = alt.Color("colour:N", scale=None)
    lines = alt.Chart(rows(_lines(shares, spots, top))).mark_trail(opacity=0.6)
    layers: list[Any] = [
        lines.encode(x=x, y=y, size=alt.Size("size:Q", scale=None), detail="line:N", order="point:Q", color=colour),
    ]
    people = _people(dataset, tick, spots, top)
    discs = alt.Chart(rows(people)).mark_circle()
    pale = alt.Opacity("there:Q", scale=None)
    layers.append(discs.encode(x=x, y=y, size=alt.Size("size:Q", scale=None), color=colour, opacity=pale))
    text_x, text_y, ink = alt.X("text_x:Q", scale=wide), alt.Y("text_y:Q", scale=high), alt.Color("ink:N", scale=None)
    sides: tuple[tuple[Literal["left", "center", "right"], int], ...] = (("left", 4), ("center", 0), ("right", -4))
    for align, dx in sides:
        names = alt.Chart(rows([one for one in people if one["align"] == align]))
        text = names.mark_text(align=align, dx=dx, fontSize=11, limit=side / 3)
        layers.append(text.encode(x=text_x, y=text_y, text="name:N", color=ink))
    heading = alt.TitleParams(text=wording.when(str(dataset["date"].values[tick])), fontSize=12, anchor="middle", frame="group", offset=2)
    return alt.layer(*layers).properties(width=side, height=side * 0.8, title=heading)


def _people(dataset: xr.Dataset, tick: int, spots: dict[int, Any], top: int | None) -> list[dict[str, Any]]:
    strength = dataset["strength"][:, tick].values
    there = np.isfinite(strength)
    held = np.where(there, strength, 0).sum(axis=0) / np.maximum(1, there.sum(axis=0))
    names = dataset["actor"].values.astype(str)
    found = []
    for index, (x, y) in spots.items():
        share = float(there[:, index].mean())
        gone = share < RARE
        spot = {"name": str(names[index]), "x": x, "y": y, "text_x": 1.17 * x, "text_y": 1.2 * y}
        colour = GREY if gone else BLUE if index == top else INK
        look = {"size": 25.0 if gone else 30 + 90 * float(held[index]), "colour": colour, "there": max(0.2, share)}
        align = "center" if abs(x) < 0.25 else "left" if x > 0 else "right"
        found.append(spot | look | {"ink": GREY if gone else INK, "align": align})
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
    return [(round(float(x), 3), round(float(y), 3), round(float(size), 2)) for (x, y), size in zip(curve, sizes, strict=True)]
