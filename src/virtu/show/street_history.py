"""One history of the street: camps as they are and as they are seen, incidents, support, and what the elite did.

The history is the line; the band of all histories stands behind it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from virtu.scenario.street_vocabulary import ANSWERS
from virtu.show import wording
from virtu.show.look import BLUE, GREY, INK, MUTED, NARROW, PALETTE, VERMILION, WIDTH, dressed, instants, percent_axis, rows, time_axis
from virtu.show.series import BANDS, shown_ticks

if TYPE_CHECKING:
    import altair as alt
    import xarray as xr

ANSWER_COLOURS = dict(zip(ANSWERS, (GREY, BLUE, VERMILION, PALETTE[2]), strict=True))
"""Colours of the answers of the elite."""

PANEL_HEIGHT = 110


def intensity(dataset: xr.Dataset, history: int, width: int = WIDTH) -> alt.VConcatChart:
    """Draw every camp's intensity as it is, and as the leaders of the other camps see it.

    Parameters
    ----------
    dataset : xarray.Dataset
        Results with ``believed (history, tick, camp, camp_to)``, whose diagonal holds what is so.
    history : int
        The history to draw.
    width : int
        Of the whole figure, pixels.
    """
    camps = dataset["camp"].values.astype(str).tolist()
    seen = dataset["believed"].transpose("history", "tick", "camp", "camp_to").values
    panels = {}
    for number, camp in enumerate(camps):
        others = [other for other in range(len(camps)) if other != number]
        panels[camp] = {"as it is": seen[:, :, number, number], "as others see it": seen[:, :, others, number].mean(axis=2)}
    said = "Mean intensity of each camp (0 quiet, 1 violent), true and as the leaders of the other camps see it on average."
    return _panels(dataset, panels, history, "Camps as they are, and as others see them", said, width)


def incidents(dataset: xr.Dataset, history: int, width: int = WIDTH) -> alt.VConcatChart:
    """Draw incidents, and of them those with shots, by camp; arguments as `intensity`."""
    counted = {name: dataset[name].transpose("history", "tick", "camp").values for name in ("incidents", "shots")}
    camps = dataset["camp"].values.astype(str).tolist()
    panels = {
        camp: {"incidents": counted["incidents"][:, :, number], "with shots": counted["shots"][:, :, number]}
        for number, camp in enumerate(camps)
    }
    unit = dataset.attrs.get("unit", "tick")
    return _panels(dataset, panels, history, "Incidents", f"Number of incidents a {unit} that people of each camp begin.", width)


def support(dataset: xr.Dataset, history: int, width: int = WIDTH) -> alt.VConcatChart:
    """Draw the share of the people for each camp, the state and an outsider; arguments as `intensity`."""
    shares = dataset["support"].transpose("history", "tick", "option").values
    options = dataset["option"].values.astype(str).tolist()
    panels = {name: {"support": shares[:, :, number]} for number, name in enumerate(options) if shares[:, :, number].any()}
    return _panels(dataset, panels, history, "Whom the people support", "Share of the people.", width, share=True)


def answers(dataset: xr.Dataset, history: int, width: int = WIDTH) -> alt.LayerChart:
    """Draw what the elite answers: its choice at every council; arguments as `intensity`."""
    import altair as alt

    given = dataset["answer"].transpose("history", "tick").values[_row_of(dataset, history)]
    every = dataset["date"].values.astype(str).tolist()
    at = instants(every, list(range(len(every))))
    met = np.flatnonzero(given >= 0).tolist()
    data = [{"at": at[tick], "answer": ANSWERS[given[tick]], "colour": ANSWER_COLOURS[ANSWERS[given[tick]]]} for tick in met]
    time = time_axis("at", every, str(dataset.attrs.get("unit", "tick")), (at[0], at[-1]), 4 if width < NARROW else 8)
    base = alt.Chart(rows(data)).encode(x=time, y=alt.Y("answer:N", sort=list(ANSWERS), title=None, scale=alt.Scale(domain=list(ANSWERS))))
    marks = base.mark_square(opacity=1, size=90).encode(color=alt.Color("colour:N", scale=None))
    said = "What the elite chose whenever its council met."
    return dressed(alt.layer(marks).properties(width=width - 90, height=100), "What the elite does", said, width)


def _row_of(dataset: xr.Dataset, history: int) -> int:
    return int(np.flatnonzero(dataset["history"].values == history)[0])


def _panels(
    dataset: xr.Dataset,
    panels: Mapping[str, Mapping[str, np.ndarray]],
    history: int,
    title: str,
    said: str,
    width: int,
    *,
    share: bool = False,
) -> alt.VConcatChart:
    """Return one panel a name, each with up to two quantities: bands over all histories, and a line."""
    import altair as alt

    ticks = shown_ticks(dataset.sizes["tick"])
    every = dataset["date"].values.astype(str)[ticks].tolist()
    at = instants(every, ticks.tolist())
    unit, row = str(dataset.attrs.get("unit", "tick")), _row_of(dataset, history)
    time = partial(time_axis, "at", dates=every, unit=unit, span=(at[0], at[-1]), count=4 if width < NARROW else 8)
    top = max((float(np.quantile(values, 0.95)) for quantities in panels.values() for values in quantities.values()), default=0.0)
    top = max(top, *(float(values[row].max()) for quantities in panels.values() for values in quantities.values()))
    scale = alt.Scale(domain=[0, top or 1.0], nice=True)
    drawn = []
    for number, (name, quantities) in enumerate(panels.items()):
        last = number == len(panels) - 1
        data = [line for label, values in quantities.items() for line in _lines(at, values[:, ticks], label, row)]
        axis = percent_axis(count=3) if share else alt.Axis(title=None, tickCount=3)
        drawn.append(_panel(name, data, list(quantities), time(labels=last, title=last), alt.Y("middle:Q", axis=axis, scale=scale), width))
    colours = ("Blue: {}; red: {}. " if len(next(iter(panels.values()))) > 1 else "").format(*next(iter(panels.values())))
    note = f" {colours}Line: history {wording.counted(history)}; band: 90 % of {wording.counted(dataset.sizes['history'])} histories."
    return dressed(alt.vconcat(*drawn, spacing=12), title, said + note, width)


def _lines(at: Sequence[float], values: np.ndarray, label: str, row: int) -> list[dict[str, Any]]:
    low, high = np.quantile(values, (BANDS[0], BANDS[-1]), axis=0)
    return [
        {"at": when, "low": round(float(a), 4), "middle": round(float(b), 4), "high": round(float(c), 4), "what": label}
        for when, a, b, c in zip(at, low, values[row], high, strict=True)
    ]


def _panel(name: str, data: list[dict[str, Any]], quantities: list[str], time: Any, y: Any, width: int) -> Any:
    import altair as alt

    colour = alt.Color("what:N", scale=alt.Scale(domain=quantities, range=[BLUE, VERMILION][: len(quantities)]), legend=None)
    base = alt.Chart(rows(data)).encode(x=time)
    layers = [
        base.mark_area(opacity=0.18).encode(y=alt.Y("low:Q", axis=y["axis"], scale=y["scale"]), y2=alt.Y2("high:Q"), color=colour),
        base.mark_line(strokeWidth=1.8).encode(y=y, color=colour),
    ]
    heading = alt.TitleParams(text=name[:60], fontSize=12, anchor="start", frame="group", offset=3, color=INK, subtitleColor=MUTED)
    return alt.layer(*layers).properties(width=width - 60, height=PANEL_HEIGHT, title=heading)


def typical(dataset: xr.Dataset) -> int:
    """Return the most typical history: of those that end under the commonest ruler, the one whose dead are nearest the median."""
    ruler = dataset["ruler"].transpose("history", "tick").values[:, -1]
    rulers, counts = np.unique(ruler, return_counts=True)
    common = np.flatnonzero(ruler == rulers[counts.argmax()])
    killed = dataset["killed"].transpose("history", "tick").values.sum(axis=1)[common]
    return int(dataset["history"].values[common[np.abs(killed - np.median(killed)).argmin()]])
