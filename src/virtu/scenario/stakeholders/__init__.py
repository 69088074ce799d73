"""Stakeholder tables, as analysts have them: actors with capability, position and salience, from CSV or Excel.

Floors of the package, above `virtu.scenario.tables`: `headings` understands column names, `columns` finds which is which, `cells` reads
one quantity, `reading` the whole; `table` is what comes out.
"""

from virtu.scenario.stakeholders.reading import read
from virtu.scenario.stakeholders.table import Quantity, Scale, Stakeholders, has_weight

__all__ = ["Quantity", "Scale", "Stakeholders", "has_weight", "read"]
