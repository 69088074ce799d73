"""The schedule of a tick in the street, and histories from beginning to end."""

from __future__ import annotations

from typing import NamedTuple

import jax


class Trace(NamedTuple):
    """What is kept of a tick; histories along a last axis that is left out below."""

    intensity: jax.Array  # (F, W) float32 mean intensity of each wing
    believed: jax.Array  # (F, F) float32 column's intensity as row's leader sees it; own true mean on the diagonal
    turnout: jax.Array  # (F, W) float32 share of the people in the street
    radical: jax.Array  # (F,) float32 share of the radical wing among the camp's supporters
    seen_radical: jax.Array  # (F,) float32 its share in what is shown of the camp
    coverage: jax.Array  # (F,) float32 share of all that is shown
    incidents: jax.Array  # (F,) float32 number
    shots: jax.Array  # (F,) float32 of them, with shots
    killed: jax.Array  # () float32 people killed by anybody
    injured: jax.Array  # () float32 people injured by anybody
    victims: jax.Array  # (F,) float32 own people killed or injured
    support: jax.Array  # (O,) float32 share of the people for each option
    reasonableness: jax.Array  # (F,) float32 0 … 1 or more, by which the camp is judged
    disorder: jax.Array  # () float32 0 … 1
    legitimacy: jax.Array  # () float32 0 … 1
    answer: jax.Array  # () int8 ANSWERS, −1 where there was no council
    concession: jax.Array  # () float32 0 … 1
    ruler: jax.Array  # () int8 RULERS, 3 + f for camp f
    felt: jax.Array  # (F,) float32 effect as the camp's people feel it
    fired: jax.Array  # (F,) bool has fired its first shot
    jailed: jax.Array  # () float32 share of the people
    ran_away: jax.Array  # () bool
