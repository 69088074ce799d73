"""Ten people alike in every trait: what the power of appointment does by itself (claim A2).

Run it with ``python examples/power_of_appointment.py``. The first arm fills the twenty outer seats as their holder pleases; in the second
they are filled by lot and owe nothing to anybody.
"""

from __future__ import annotations

import virtu

NAMES = ("Adler", "Brandt", "Curie", "Dahl", "Eriksen", "Fischer", "Grieg", "Holm", "Ibsen", "Jensen")

SCENARIO = f"""
scenario: ten-alike
title: Ten people alike, one of whom appoints
calendar: {{ticks: 120, unit: month}}
population: {{{", ".join(f"{trait}: 0.5" for trait in ("nerve", "diligence", "competence", "ambition", "display", "hardness", "loyalty"))},
  theory_of_mind_depth: 1.4, theory_of_mind_precision: 1.0, empathy_behind: 0.065, empathy_ahead: 0.13, suspicion: 0.0, rigidity: 0.3,
  retention: 0.97, conviction: 0.5}}
actors: {{{", ".join(f"{name}: {{entry: forum}}" for name in NAMES)}}}
forum: {{seats: 10}}
posts:
  secretary: {{holder: Adler, weight: 0.0, appoints: [officials]}}
groups:
  officials: {{count: 20, weight: 0.3, turnover: 0.03}}
"""


def shares(histories: int = 1000, seed: int = 1) -> dict[str, dict[str, float]]:
    """Return how often the one who appoints ends on top, by arm, with 95 % intervals."""
    scenario = virtu.loads(SCENARIO)
    arms = {"appoints": [], "by lot": ["off patronage"]}
    found = {}
    for name, do in arms.items():
        dataset = virtu.simulate(scenario, histories, seed, do=do)
        found[name] = virtu.summarise(dataset, scenario)["on_top"]["Adler"]
    return found


if __name__ == "__main__":
    for name, share in shares().items():
        interval = f"{share['low']:.3f} to {share['high']:.3f}"
        print(f"Adler {name:9} ends on top in {share['mean']:.3f} of histories ({interval}); one in ten is 0.100")
