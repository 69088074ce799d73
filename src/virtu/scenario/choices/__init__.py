"""Tables of what people chose in experimental games, and logs of who did what to whom: read into rows, with all faults placed."""

from virtu.scenario.choices.columns import GAMES, Column
from virtu.scenario.choices.reading import Row, Table, read

__all__ = ["GAMES", "Column", "Row", "Table", "read"]
