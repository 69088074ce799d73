"""Archetypes: sets of traits measured together, which an actor may take as a whole.

The first three are the types of other-regarding preferences that Bruhin, Fehr and Schunk (2019) find in choices over
money: the weight put on the other's payoff when behind and when ahead.
"""

from __future__ import annotations

from typing import NamedTuple


class Archetype(NamedTuple):
    """Values of some traits, the share of the population that has them, and where that was measured."""

    traits: dict[str, float]
    share: float
    source: str


_BRUHIN = "Bruhin, A., Fehr, E. and Schunk, D. (2019). The many faces of human sociality. JEEA 17(4), 1025-1069."

ARCHETYPES: dict[str, Archetype] = {
    "strongly_altruistic": Archetype({"empathy_behind": 0.159, "empathy_ahead": 0.463}, 0.405, _BRUHIN),
    "moderately_altruistic": Archetype({"empathy_behind": 0.065, "empathy_ahead": 0.130}, 0.474, _BRUHIN),
    "behindness_averse": Archetype({"empathy_behind": -0.435, "empathy_ahead": -0.145}, 0.121, _BRUHIN),
}
"""All archetypes by the name that scenario files use."""
