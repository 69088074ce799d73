"""Logs of an organisation put to the test: people are drawn from the prior, histories run as always, and they are inferred from the log."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import numpy as np

from virtu.inference import recovery
from virtu.inference.logs.measuring import Learnt, learn
from virtu.inference.logs.people import People
from virtu.inference.recovery import Recovery
from virtu.laboratory.events import events
from virtu.laboratory.simulate import sampled_traits, simulate
from virtu.scenario import Scenario, loads
from virtu.scenario.choices.log import Line, Log
from virtu.scenario.vocabulary import traits

COUNCIL: dict[str, Any] = {
    "scenario": "council-of-four",
    "title": "A council of four",
    "calendar": {"ticks": 24},
    "forum": {"seats": 4},
    "actors": {
        name: {"entry": "forum", "positions": {"tax": at}, "salience": {"tax": 0.7}}
        for name, at in (("Ada", 20), ("Ben", 35), ("Cleo", 60), ("Dan", 85))
    },
    "posts": {
        "secretary": {"holder": "Ada", "weight": 1.0, "records": True, "appoints": ["treasurer", "officials", "forum"]},
        "treasurer": {"holder": "Ben", "weight": 0.5},
    },
    "groups": {"officials": {"count": 4, "weight": 0.25, "turnover": 0.02, "patrons": {"Ada": 2, "Dan": 1}, "dependence": 0.5}},
    "ties": [
        {"from": "Ben", "to": "Ada", "trust": 0.5, "dependence": 0.2, "kindness": 0.3},
        {"from": "Dan", "to": "Ada", "trust": -0.5, "grievance": 0.4, "mutual": True},
        {"from": "Cleo", "to": "Ben", "trust": -0.3, "grievance": 0.2},
        {"from": "Cleo", "to": "Dan", "trust": 0.3, "mutual": True},
    ],
    "issues": {"tax": {"scale": [0, 100], "status_quo": 40}},
}
"""A council with a secretary, a rival and two between them: small, so that many logs can be inferred, and with something to fight about."""


def practice() -> Scenario:
    """Return the standard scenario."""
    return loads(json.dumps(COUNCIL))


def logs(given: People, count: int, seed: int, ticks: int) -> tuple[list[Log], np.ndarray]:
    """Run histories and return the whole log of each, with the open traits of its people, shape (count, E).

    Parameters
    ----------
    given : People
        Whose traits are drawn.
    count, seed
        Number of histories, and their seed.
    ticks : int
        Up to the scenario's own.
    """
    table = events(simulate(given.scenario, count, seed), routine=True)
    drawn = sampled_traits(given.scenario, count, seed).values[:, given.trait, given.person]
    found: list[list[Line]] = [[] for _ in range(count)]
    for row in table.to_pylist():
        if row["tick"] < ticks:
            found[row["history"]].append(_line(len(found[row["history"]]) + 2, row))
    return [Log(f"history {number}", tuple(lines)) for number, lines in enumerate(found)], drawn


def _line(number: int, row: dict[str, Any]) -> Line:
    """Return a line of the log of a run as one that was read."""
    ending, _, cause = str(row["outcome"]).partition(":")
    aimed = str(row["target"])
    target = None if aimed in ("", row["actor"]) else aimed
    return Line(number, int(str(row["tick"])), str(row["actor"]), str(row["move"]), target, ending, cause, 1.0, "")


def inferred(given: People, found: list[Log], count: int, seed: int) -> Iterator[Learnt]:
    """Yield what each log teaches, of so many histories replayed side by side; parameters as `virtu.inference.logs.measuring.learn`."""
    for number, log in enumerate(found):
        yield learn(given, log, count=count, seed=seed + 1 + number)


def compared(given: People, true: np.ndarray, learnt: list[Learnt], seed: int) -> list[Recovery]:
    """Compare what was inferred with what was so, trait by trait, over all persons of all logs.

    People of one log are not independent, so that a trait's test of uniform ranks takes one of them from each log, drawn by lot.
    """
    generator, names = np.random.default_rng([seed, 3]), list(traits())
    value, own = np.stack([one.value for one in learnt]), []
    for trait in np.unique(given.trait):
        at = np.flatnonzero(given.trait == trait)
        before = prior_variance(given)[at]
        picked = at[generator.integers(len(at), size=len(learnt))]
        rows = np.arange(len(learnt))
        all_of = [_recovery(names[trait], true[:, place], value[:, :, place], before[number], generator) for number, place in enumerate(at)]
        test = _recovery(names[trait], true[rows, picked], value[rows, :, picked], before[0], generator)
        means = np.concatenate([value[:, :, place].mean(axis=1) for place in at]), np.concatenate([true[:, place] for place in at])
        told = float(np.corrcoef(*means)[0, 1]) if means[0].std() > 0.0 else float("nan")
        contraction = float(np.mean([one.contraction for one in all_of]))
        half, most = np.mean([one.coverage for one in all_of], axis=0)
        own.append(Recovery(names[trait], test.p, told, contraction, (float(half), float(most))))
    return own


def _recovery(name: str, true: np.ndarray, value: np.ndarray, before: float, generator: np.random.Generator) -> Recovery:
    """Return the recovery of one trait of one person from each log, from draws of shape (N, S)."""
    weight = np.full(value.shape, 1.0 / value.shape[1])
    tie = generator.random((len(true), 1))
    return recovery.recovery((name,), true[:, None], value[..., None], weight, np.array([before]), tie)[0]


def prior_variance(given: People) -> np.ndarray:
    """Return the variance of each open trait of a person in the prior, shape (E,)."""
    return given.quantile[given.trait, given.person].var(axis=-1)
