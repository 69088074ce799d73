"""How severe incidents are: the lognormal of their severities, and whether it is one."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from scipy import stats

from virtu.errors import InputError
from virtu.record.statistics import share
from virtu.scenario.incidents import Incidents

FEWEST = 5
"""Fewest severities of which a lognormal is taken."""

UPPER = 0.05
"""Share of severities above the threshold that is taken where none is given."""


def severity(table: Incidents, threshold: float | None) -> dict[str, Any] | None:
    """Return the severities of all incidents and of each side, ready for JSON; None where the table has none.

    Parameters
    ----------
    table : Incidents
        What happened.
    threshold : float, optional
        What severities are compared with, > 0; by default the value that one in twenty lies above.

    Raises
    ------
    InputError
        If the threshold is not above 0, or is given for a table without severities.
    """
    every = [[one.severity for one in table.incidents if one.severity and one.side == side] for side in range(len(table.sides))]
    known = np.array([value for values in every for value in values], float)
    if threshold is not None and not 0.0 < threshold < math.inf:
        raise InputError(f"a threshold of severity must be above 0, not {threshold:g}")
    if table.columns["severity"] is None or len(known) < FEWEST:
        if threshold is not None:
            raise InputError("a threshold is given for a table without severities", "say which column holds them, as in --severity deaths")
        return None
    at = float(np.quantile(known, 1.0 - UPPER)) if threshold is None else threshold
    sides = {
        name: _lognormal(np.array(values, float), at) for name, values in zip(table.sides, every, strict=True) if len(values) >= FEWEST
    }
    return {
        "threshold": at,
        "given": threshold is not None,
        **{key: table.unknown[key] for key in ("blank", "zero")},
        "all": _lognormal(known, at),
        "sides": sides,
    }


def _lognormal(values: np.ndarray, threshold: float) -> dict[str, Any]:
    """Return median and standard deviation of logarithms with 95 % intervals, and the share above a threshold as it is and as it would be.

    The interval of the median is Student's for the mean of logarithms, that of the deviation the one of χ²; both are exact for a lognormal.
    """
    logs, count = np.log(values), len(values)
    centre, spread = float(logs.mean()), float(logs.std(ddof=1))
    half = float(stats.t.ppf(0.975, count - 1)) * spread / math.sqrt(count)
    low, high = (spread * math.sqrt((count - 1) / float(stats.chi2.ppf(chance, count - 1))) for chance in (0.975, 0.025))
    above = int((values > threshold).sum())
    lognormal = float(stats.norm.sf((math.log(threshold) - centre) / spread)) if spread > 0.0 else float(above > 0)
    return {
        "count": count,
        "median": {"point": math.exp(centre), "low": math.exp(centre - half), "high": math.exp(centre + half)},
        "log_sd": {"point": spread, "low": low, "high": high},
        "above": share(above, count),
        "lognormal_above": lognormal,
        "distance": float(stats.kstest(logs, "norm", args=(centre, spread)).statistic) if spread > 0.0 else 1.0,
        "greatest": float(values.max()),
    }
