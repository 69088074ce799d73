"""What the figures draw, computed from the Dataset: quantiles over histories, tick by tick, and typical dates.

All of it works on strided ticks and plain arrays, so that ten thousand histories take seconds and little memory. Nothing
that leaves this file holds single histories.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from virtu.record import statistics
from virtu.record.tally import blocks
from virtu.show import wording

if TYPE_CHECKING:
    import xarray as xr

BANDS = (0.05, 0.25, 0.5, 0.75, 0.95)
"""Quantiles of a band: 90 % and 50 % of the histories lie within the outer and the inner two."""

MOST_TICKS = 76
MOST_DRAWN = 10_000
"""Histories of which courses over time are drawn, the first of all; it bounds what a report holds in memory."""

FEWEST = 20
"""Fewer histories than this give no band."""


def drawn(dataset: xr.Dataset) -> xr.Dataset:
    """Return the histories whose courses are drawn: all, or the first `MOST_DRAWN`, which are as good as any others."""
    total = dataset.sizes["history"]
    return dataset if total <= MOST_DRAWN else dataset.isel(history=slice(0, MOST_DRAWN)).assign_attrs(drawn_of=total)


def counted(dataset: xr.Dataset) -> str:
    """Return how many histories a figure is of, and that there are more where it is not of all."""
    count = wording.counted(dataset.sizes["history"])
    return f"the first {count} of {wording.counted(dataset.attrs['drawn_of'])}" if "drawn_of" in dataset.attrs else count


def shown_ticks(ticks: int, most: int = MOST_TICKS) -> np.ndarray:
    """Return the ticks a figure shows: evenly spread, at most ``most``, the first and the last among them."""
    return np.unique(np.linspace(0, ticks - 1, min(most, ticks)).round().astype(int))


def strength_bands(dataset: xr.Dataset) -> dict[str, Any]:
    """Return the bands of every person's share of strength over time.

    A person without a place has no strength, so its share counts as 0 then; bands are over all histories.

    Parameters
    ----------
    dataset : xarray.Dataset
        Results with ``strength (history, tick, actor)``.

    Returns
    -------
    dict
        ``ticks`` and ``dates`` of the ticks shown, ``unit`` of a tick, ``histories`` (in words), and ``bands``: name → one list of the
        `BANDS` quantiles (share, 0 … 1) for every tick shown. Only persons who ever had a place.
    """
    ticks = shown_ticks(dataset.sizes["tick"])
    names = dataset["actor"].values.astype(str)
    strength = at_ticks(dataset[["strength"]], ticks)["strength"].transpose("tick", "history", "actor").values
    quantiles = np.empty((len(ticks), len(BANDS), len(names)), np.float32)
    for row, now in enumerate(strength):
        held = np.nan_to_num(now)
        total = held.sum(axis=1, keepdims=True)
        quantiles[row] = np.quantile(held / np.where(total > 0, total, 1), BANDS, axis=0)
    bands = {str(names[index]): quantiles[:, :, index].round(4).tolist() for index in ever_placed(dataset)}
    return _time(dataset, ticks) | {"histories": counted(dataset), "bands": bands}


def estimate_bands(dataset: xr.Dataset, actor: str) -> dict[str, Any]:
    """Return the bands of one person's true strength and of what the others believe it to be.

    Parameters
    ----------
    dataset : xarray.Dataset
        Results with ``strength`` and ``believed (history, tick, actor)``, strength units.
    actor : str
        The person.

    Returns
    -------
    dict
        ``ticks``, ``dates``, ``unit``, ``histories``; ``counted``: histories in which the person has a place at each tick shown;
        ``believed``, ``strength``, ``gap``: `BANDS` quantiles over those histories, None where they are fewer than `FEWEST`.
        The gap is believed less true strength, history by history.
    """
    ticks = shown_ticks(dataset.sizes["tick"])
    of_actor = at_ticks(dataset[["believed", "strength"]].sel(actor=actor), ticks).transpose("history", "tick")
    believed, strength = of_actor["believed"].values, of_actor["strength"].values
    there = np.asarray(np.isfinite(believed) & np.isfinite(strength))
    bands = {
        name: [_band(now[here]) for now, here in zip(values.T, there.T, strict=True)]
        for name, values in (("believed", believed), ("strength", strength), ("gap", believed - strength))
    }
    return _time(dataset, ticks) | {"histories": counted(dataset), "counted": there.sum(axis=0).tolist()} | bands


def fall_dates(dataset: xr.Dataset) -> list[dict[str, Any]]:
    """Return, for every person who ever had a place, how often it first lost standing and when; natural deaths are left out.

    Parameters
    ----------
    dataset : xarray.Dataset
        Results with ``fall_tick`` and ``fall_cause (history, actor)``, −1 where the person never fell.

    Returns
    -------
    list of dict
        ``actor``, ``fallen`` (histories), ``share`` with ``low`` and ``high`` (Wilson 95 %), ``ticks``: `BANDS` quantiles of the
        tick of the first loss among the histories in which it fell, or None where it never did. Most often fallen first.
    """
    fall_tick = statistics.fall_ticks(dataset)
    names = dataset["actor"].values.astype(str)
    found = [_falls_of(names[index], fall_tick[:, index]) for index in ever_placed(dataset)]
    return sorted(found, key=lambda row: (-row["fallen"], row["ticks"][2] if row["ticks"] else 0, row["actor"]))


def ever_placed(dataset: xr.Dataset) -> list[int]:
    """Return the indices of the persons who have a place in some history at some time."""
    parts = [(block["status"] >= 0).any(("history", "tick")).values for block in blocks(dataset[["status"]])]
    return np.flatnonzero(np.any(parts, axis=0)).tolist()


def at_ticks(dataset: xr.Dataset, ticks: np.ndarray) -> xr.Dataset:
    """Return the histories at some ticks only, read block by block."""
    import xarray as xr

    how: Any = {"data_vars": "minimal", "coords": "minimal", "compat": "override"}
    return xr.concat([block.isel(tick=ticks) for block in blocks(dataset)], "history", **how)


def winner(dataset: xr.Dataset) -> str | None:
    """Return the person most often on top at the horizon, None where nobody ever is."""
    on_top = dataset["on_top"].values
    won = np.bincount(on_top[on_top >= 0], minlength=dataset.sizes["actor"])
    return str(dataset["actor"].values[won.argmax()]) if won.any() else None


def _time(dataset: xr.Dataset, ticks: np.ndarray) -> dict[str, Any]:
    dates = dataset["date"].values.astype(str)[ticks].tolist()
    return {"ticks": ticks.tolist(), "dates": dates, "unit": str(dataset.attrs.get("unit", "tick"))}


def _band(values: np.ndarray) -> list[float] | None:
    return np.quantile(values, BANDS).round(4).tolist() if len(values) >= FEWEST else None


def _falls_of(name: str, ticks: np.ndarray) -> dict[str, Any]:
    fallen = ticks[ticks >= 0]
    share = statistics.share(len(fallen), len(ticks))
    quantiles = np.quantile(fallen, BANDS).tolist() if len(fallen) else None
    low, high = share["low"], share["high"]
    return {"actor": str(name), "fallen": len(fallen), "share": share["mean"], "low": low, "high": high, "ticks": quantiles}
