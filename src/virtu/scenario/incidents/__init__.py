"""Tables of dated incidents, as people have them: when, by which side, how severe, from CSV or Excel.

Floors of the package, above `virtu.scenario.tables`: `dates` reads what stands for a date, `columns` finds which column is which, `filters`
leaves lines out, `reading` reads the whole; `table` is what comes out.
"""

from virtu.scenario.incidents.reading import read
from virtu.scenario.incidents.table import Incident, Incidents

__all__ = ["Incident", "Incidents", "read"]
