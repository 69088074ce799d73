"""Stakeholder tables, as analysts have them: actors with capability, position and salience, from CSV or Excel.

Floors of the package: `amounts` reads numbers, `headings` understands column names, `grid` cuts files into cells, `columns` finds which
is which, `cells` reads one quantity, `reading` the whole; `table` is what comes out.
"""

from virtu.scenario.stakeholders.reading import read
from virtu.scenario.stakeholders.table import Quantity, Scale, Stakeholders, has_weight

__all__ = ["Quantity", "Scale", "Stakeholders", "has_weight", "read"]
