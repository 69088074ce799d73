"""The distributions behind an effect: the outcome without and with what is done in an arm."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from virtu.record import statistics

MOST_BINS = 12


def side_by_side(outcome: str, base: Mapping[str, np.ndarray], arm: Mapping[str, np.ndarray]) -> dict[str, Any]:
    """Return how the outcome is distributed in the baseline and in an arm.

    Parameters
    ----------
    outcome : str
        A measure, ``name`` or ``name:whose``.
    base, arm : mapping
        All measures by name, one value a history, shape (histories,) each.

    Returns
    -------
    dict
        Where the outcome is so or not: `shares`, a row for each measure of its kind that is ever so, such as all who end on top, with
        baseline and arm (share with Wilson's 95 % interval), the most frequent first. Else `bins`: edges, and the share of histories
        between each two of them, for baseline and arm.
    """
    if statistics.is_share(base[outcome]) and statistics.is_share(arm[outcome]):
        kind = outcome.partition(":")[0]
        family = [name for name in base if name.partition(":")[0] == kind or (kind == "on_top" and name == "collective")]
        rows = [
            {"measure": name, "baseline": statistics.estimate(base[name]), "arm": statistics.estimate(arm[name])}
            for name in family
            if name == outcome or base[name].any() or arm[name].any()
        ]
        return {"shares": sorted(rows, key=lambda row: -max(row["baseline"]["mean"], row["arm"]["mean"]))}
    both = np.concatenate([base[outcome], arm[outcome]])
    edges = np.histogram_bin_edges(both[np.isfinite(both)], MOST_BINS)
    counted = {name: np.histogram(values[outcome], edges)[0] / values[outcome].size for name, values in (("baseline", base), ("arm", arm))}
    return {"bins": {"edges": edges.tolist(), **{name: found.tolist() for name, found in counted.items()}}}
