"""Cascades over thresholds, and the purge under imprecise information."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from virtu.classics.purge_limit import purge_limit
from virtu.classics.thresholds import cascade, normal_equilibrium, revolution
from virtu.laboratory.validation.rows import Gap, Row

GRANOVETTER = "Granovetter 1978"
KURAN = "Kuran 1991"
PURGE = "derived from Gregory, Schröder & Sonin 2011"

KURAN_CROWD = (0, 20, 20, 30, 40, 50, 60, 70, 80, 100)
"""Thresholds of ten people, per cent."""

PURGES = ((0.9, 0.0588, 5e-5, 0.0059, 5e-5), (0.5, 0.111, 5e-4, 0.056, 5e-4), (0.2, 0.333, 5e-4, 0.267, 5e-4))
"""Precision; share taken and innocents, each with its tolerance, for .1 of enemies and .05 tolerated."""


def rows(data: Path | None) -> Iterator[Row | Gap]:
    """Yield the ends of the cascades and the sizes of the purges."""
    del data
    yield Row("granovetter.uniform", float(cascade(np.arange(100))), 100, 0.0, GRANOVETTER, "people of 100, thresholds 0 to 99")
    crowd = [0, 2, *range(2, 100)]
    yield Row("granovetter.one-moved", float(cascade(crowd)), 1, 0.0, GRANOVETTER, "people of 100, the threshold of 1 moved to 2")
    for sd, published in ((12.20, 5.48), (12.25, 100.00)):
        ours = float(normal_equilibrium(100, 25.0, sd))
        yield Row(f"granovetter.normal.{sd:.2f}", ours, published, 0.005, GRANOVETTER, "people of 100, equilibrium of the distribution")
    yield Row("kuran.quiet", _open(KURAN_CROWD), 0.1, 1e-12, KURAN, "share in open opposition")
    yield Row("kuran.one-moved", _open((0, 10, *KURAN_CROWD[2:])), 0.9, 1e-12, KURAN, "share, the threshold of one moved from 20 to 10")
    for precision, taken, taken_tolerance, innocent, innocent_tolerance in PURGES:
        purge, name = purge_limit(0.1, 0.05, precision), f"purge.precision-{precision}"
        yield Row(f"{name}.taken", float(purge.taken), taken, taken_tolerance, PURGE, "share of the population")
        yield Row(f"{name}.innocent", float(purge.innocent), innocent, innocent_tolerance, PURGE, "share of the population")


def _open(per_cent: tuple[int, ...]) -> float:
    return float(revolution(np.array(per_cent) / 100).open)
