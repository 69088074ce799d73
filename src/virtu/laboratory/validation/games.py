"""Games: guesses of a cognitive hierarchy in beauty contests, and a logit equilibrium off the diagonal."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import jax.numpy as jnp
import numpy as np

from virtu.laboratory.validation.rows import Gap, Row
from virtu.minds.logit_equilibrium import logit_equilibrium
from virtu.minds.theory_of_mind import beauty_contest

HIERARCHY = "derived from the closed form of Camerer, Ho & Chong 2004, Quarterly Journal of Economics 119"
EQUILIBRIUM = "derived from McKelvey & Palfrey 1995, Games and Economic Behavior 10; the game is from Goeree & Holt 2001"

DEPTH, TOP, START = 1.5, 30, 50.0
"""Mean level, the highest one (above which there are fewer than one in 10²⁸), and what level 0 guesses on average of 0 … 100."""

LEVELS = (50.0, 33.3333, 26.6667, 23.9080, 22.8375)
"""Guesses of the first levels at p = 2/3."""

MEANS = {"2-3": (2 / 3, 33.4995), "1-2": (0.5, 26.6711), "9-10": (0.9, 44.6308)}
"""p, and the mean guess."""

ROW_PAYOFF = ((320.0, 40.0), (40.0, 80.0))
COLUMN_PAYOFF = ((40.0, 80.0), (80.0, 40.0))
"""Asymmetric matching pennies: rows are the actions of the one who is paid."""

CHANCES = {0.01: (0.7401546, 0.4521162), 0.02: (0.8288017, 0.3714310), 0.05: (0.8179879, 0.2189234)}
"""Precision, and the chances of the first row and of the first column."""

DIGITS, SINGLE = 5e-5, 5e-7
"""Half of the last digit of guesses; a few roundings of chances in single precision, whose seventh digit is not exact."""


def rows(data: Path | None) -> Iterator[Row | Gap]:
    """Yield guesses by level, mean guesses, and equilibrium chances; no data are needed."""
    del data
    yield from _guesses()
    yield Gap("cognitive-hierarchy.pooled-depth", "1.36 was fitted to choices in 136 one-shot games, which no published table here holds")
    yield from _equilibria()


def _guesses() -> Iterator[Row]:
    factors = jnp.array([factor for factor, _ in MEANS.values()])
    found = beauty_contest(factors, jnp.array(DEPTH), TOP, jnp.array(START))
    for level, published in enumerate(LEVELS):
        name = f"cognitive-hierarchy.guess.level-{level}"
        yield Row(name, float(found.levels[level, 0]), published, DIGITS, HIERARCHY, "of 0 to 100, p = 2/3")
    for ours, (name, (_, published)) in zip(np.asarray(found.mean), MEANS.items(), strict=True):
        yield Row(f"cognitive-hierarchy.mean-guess.p-{name}", float(ours), published, DIGITS, HIERARCHY, "of 0 to 100")


def _equilibria() -> Iterator[Row]:
    found = logit_equilibrium(jnp.array(ROW_PAYOFF), jnp.array(COLUMN_PAYOFF), jnp.array(list(CHANCES)))
    for number, (precision, published) in enumerate(CHANCES.items()):
        for who, play, chance in zip(("row", "column"), (found.own, found.other), published, strict=True):
            name = f"logit-equilibrium.precision-{precision}.{who}"
            yield Row(name, float(play[number, 0]), chance, SINGLE, EQUILIBRIUM, "chance of the first action, in single precision")
