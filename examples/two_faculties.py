"""One person's theory of mind and empathy, each low or high: who rises, and at what cost to others (claims M1 and M3).

Run it with ``python examples/two_faculties.py [SCENARIO] [NAME] [HISTORIES]``. The arms are paired with the scenario as it stands,
history by history. Below the table stands the correlation, over persons and histories, between empathy and hostile moves in the shipped
scenarios; between questionnaires of empathy and aggression it is about −.11 (Vachon, Lynam & Johnson 2014).
"""

from __future__ import annotations

import sys
from itertools import product

import numpy as np

import virtu
from virtu.organisation.measures import HOSTILE

READING = {"low": (0.2, 0.2), "high": (3.0, 3.0)}
"""Depth and precision of theory of mind."""

FEELING = {"low": 0.0, "high": 0.45}
"""Weight on the payoff of others, ahead or behind."""

SHOWN = {"on_top": "ends on top", "share": "share of strength", "hostile_moves": "hostile moves", "brought_down": "brought down"}


def arm(name: str, reading: str, feeling: str) -> list[str]:
    """Return what is done in one arm."""
    depth, precision = READING[reading]
    values = {"theory_of_mind_depth": depth, "theory_of_mind_precision": precision}
    values |= {"empathy_behind": FEELING[feeling], "empathy_ahead": FEELING[feeling]}
    return [f"trait {name}.{trait} = {value}" for trait, value in values.items()]


def effects(scenario: str, name: str, histories: int, seed: int = 1) -> dict[tuple[str, str], dict[str, dict[str, float]]]:
    """Return the effects of the four arms on what the person attains and does, by (theory of mind, empathy) and measure."""
    cells = list(product(READING, FEELING))
    found = virtu.compare(scenario, [arm(name, *cell) for cell in cells], histories, seed, outcome=f"on_top:{name}")
    return {
        cell: {measure: one["effects"][f"{measure}:{name}"] for measure in SHOWN} for cell, one in zip(cells, found["arms"], strict=True)
    }


def correlation(scenario: str, histories: int, seed: int = 1) -> tuple[float, float, float]:
    """Return the correlation of empathy with hostile moves made per tick in the forum, with a 95 % bootstrap interval over histories."""
    loaded = virtu.load(scenario)
    dataset = virtu.simulate(loaded, histories, seed)
    traits = virtu.sampled_traits(loaded, histories, seed)
    caring = traits.sel(trait=["empathy_behind", "empathy_ahead"]).mean("trait").values
    hostile = np.isin(dataset.move.values, HOSTILE)
    sat = (dataset.status.values >= 0) & (dataset.status.values <= 1)
    ticks = sat.sum(axis=1)
    rate = (hostile & sat).sum(axis=1) / np.maximum(ticks, 1)
    counted = ticks > 0
    draws = np.random.default_rng(0).integers(0, histories, (400, histories))
    resampled = [np.corrcoef(caring[rows][counted[rows]], rate[rows][counted[rows]])[0, 1] for rows in draws]
    low, high = np.quantile(resampled, (0.025, 0.975))
    return float(np.corrcoef(caring[counted], rate[counted])[0, 1]), float(low), float(high)


if __name__ == "__main__":
    scenario, name, histories = (*sys.argv[1:], *("politburo-1922", "Zinoviev", "1000")[len(sys.argv) - 1 :])
    print(f"{scenario}: {name}, {histories} histories; difference from the scenario as it stands (95 % interval)")
    print(f"{'theory of mind':15}{'empathy':9}" + "".join(f"{label:29}" for label in SHOWN.values()))
    for (reading, feeling), row in effects(scenario, name, int(histories)).items():
        cells = (f"{one['mean']:+.3f} ({one['low']:+.3f} to {one['high']:+.3f})" for one in row.values())
        print(f"{reading:15}{feeling:9}" + "".join(f"{cell:29}" for cell in cells))
    print("\nCorrelation of empathy with hostile moves per tick")
    for each in ("politburo-1922", "editorial-office", "board-succession"):
        r, low, high = correlation(each, 400)
        print(f"{each:20}{r:+.3f} ({low:+.3f} to {high:+.3f})")
