"""The distributions behind an effect: the outcome without and with what is done in an arm."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from virtu.record.tally import Tally

MOST_BINS = 12


def side_by_side(outcome: str, rows: Mapping[str, int], base: Tally, arm: Tally) -> dict[str, Any]:
    """Return how the outcome is distributed in the baseline and in an arm.

    Parameters
    ----------
    outcome : str
        A measure, ``name`` or ``name:whose``.
    rows : mapping
        Rows of all measures by name.
    base, arm : Tally
        The measures; the values of the outcome are kept.

    Returns
    -------
    dict
        Where the outcome is so or not: `shares`, a row for each measure of its kind that is ever so, such as all who end on top, with
        baseline and arm (share with Wilson's 95 % interval), the most frequent first. Else `bins`: edges, and the share of histories
        between each two of them, for baseline and arm.
    """
    row = rows[outcome]
    if base.is_share(row) and arm.is_share(row):
        kind = outcome.partition(":")[0]
        family = [name for name in rows if name.partition(":")[0] == kind or (kind == "on_top" and name == "collective")]
        found = [
            {"measure": name, "baseline": base.estimate(rows[name]), "arm": arm.estimate(rows[name])}
            for name in family
            if name == outcome or base.signs(rows[name])[0] < 1.0 or arm.signs(rows[name])[0] < 1.0
        ]
        return {"shares": sorted(found, key=lambda one: -max(one["baseline"]["mean"], one["arm"]["mean"]))}
    values = {"baseline": base.values(row), "arm": arm.values(row)}
    both = np.concatenate(list(values.values()))
    edges = np.histogram_bin_edges(both[np.isfinite(both)], MOST_BINS)
    counted = {name: np.histogram(one, edges)[0] / one.size for name, one in values.items()}
    return {"bins": {"edges": edges.tolist(), **{name: one.tolist() for name, one in counted.items()}}}
