"""Attributions of harmful intent: the published filter, in its flexible and in its rigid form.

A partner splits money unfairly eight times and then fairly twice; another, fairly eight times and then unfairly twice. The rows are the
means of harmful intent reported after some of the twenty splits.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import jax
import jax.numpy as jnp

from virtu.laboratory.validation.rows import Gap, Row
from virtu.minds.intent_grid import Observer, attribute

PARAMETERS: dict[str, tuple[float, ...]] = {
    "flexible": (0.8, 2.0, 0.5, 2.0, 2.0, 0.0, 0.5, 0.1, 0.5),
    "rigid": (0.8, 0.3, 0.5, 2.0, 2.0, 0.0, 0.5, 0.1, 0.5),
}
"""Parameters of the two observers, in the order of `Observer`: they differ in the uncertainty of the prior of harmful intent."""

PARTNERS = ("UUUUUUUUFF", "FFFFFFFFUU")
"""What the two partners do, U unfair and F fair."""

PUBLISHED: dict[str, dict[int, float]] = {
    "flexible": {1: 0.700371, 10: 0.753700, 11: 0.635594, 20: 0.420252},
    "rigid": {1: 0.781914, 10: 0.784110, 11: 0.763866, 20: 0.669873},
}
"""Mean of harmful intent by the number of the split."""

SOURCE = "Barnby, Mehta & Moutoussis 2022, PLoS Comput. Biol. 18(7), e1010326"


def rows(data: Path | None) -> Iterator[Row | Gap]:
    """Yield the attributions of both observers.

    Parameters
    ----------
    data : Path, optional
        Not needed: the acts are given with the numbers.
    """
    found = attributions()
    note = "share, mean of the report; equations as in the authors' public program; the tolerance leaves room for single precision"
    for at, (name, published) in enumerate(PUBLISHED.items()):
        for split, value in published.items():
            yield Row(f"harmful-intent.{name}.{split}", float(found[split - 1, at]), value, 1e-6, SOURCE, note)


def attributions() -> jax.Array:
    """Return the harmful intent that each observer of `PARAMETERS` reports after each split, shape (20, 2)."""
    observer = Observer(*jnp.asarray(list(PARAMETERS.values()), jnp.float32).T)
    acts = jnp.asarray([act == "U" for act in "".join(PARTNERS)], jnp.float32)[:, None]
    another = (jnp.arange(acts.shape[0]) == len(PARTNERS[0])).astype(jnp.float32)
    return attribute(observer, acts, another).harm
