"""Weighted mean and weighted median: the emission standards of ten states; the decisions of the European Union need tables not at hand."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np

from virtu.classics.compromise import weighted_mean, weighted_median
from virtu.laboratory.validation.rows import Gap, Row, table

TABLE = "bdm/emission-standards.csv"
SOURCE = "Scholz, Calbert & Smith 2011, J. Theoretical Politics 23, table 1, after Bueno de Mesquita 1994"
EXACT = 1e-12
"""The published mean is printed to the last digit of a double; the median is a position."""


class Stakeholders(NamedTuple):
    """A table of stakeholders, each array of shape (actors,)."""

    capability: np.ndarray  # ≥ 0
    position: np.ndarray  # in the unit of the issue
    salience: np.ndarray  # 0 … 1


def rows(data: Path | None) -> Iterator[Row | Gap]:
    """Yield the forecasts that look at nothing but the starting positions.

    Parameters
    ----------
    data : Path, optional
        Folder of published tables; `TABLE` is read.
    """
    found = table(data, TABLE)
    if isinstance(found, Gap):
        yield found
    else:
        who = stakeholders(found)
        weight = who.capability * who.salience
        yield Row("emission-standards.median", float(weighted_median(who.position, weight)), 7.0, EXACT, SOURCE, "years, before round 1")
        mean = float(weighted_mean(who.position, weight))
        yield Row("emission-standards.mean", mean, 7.389955686853767, EXACT, SOURCE, "years, before round 1")
    yield Gap(
        "eu-decisions.mean-absolute-error",
        "the positions, saliences and outcomes of the 351 issues of DEU I–III are not at hand; published, on a scale of 0 to 100: weighted "
        "mean 22.99 (root mean square 29.77), unweighted mean 23.63, median 28.37, constant 27.96, challenge model 26.83",
    )


def stakeholders(path: Path) -> Stakeholders:
    """Read a table with the columns Capability, Position and Salience."""
    with path.open(encoding="utf-8", newline="") as file:
        lines = list(csv.DictReader(file))
    return Stakeholders(*(np.array([float(line[name]) for line in lines]) for name in ("Capability", "Position", "Salience")))
