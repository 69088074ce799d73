"""One tick in plain Python: floats, lists and loops over persons, places, pairs and third parties; nothing is compiled.

It is written phase by phase from the equations in the docstrings of `virtu.organisation` and `virtu.minds`, for one history,
so that an error in one of the two shows as a disagreement.
"""

from .schedule import tick
from .state import plain, plain_agenda

__all__ = ["plain", "plain_agenda", "tick"]
