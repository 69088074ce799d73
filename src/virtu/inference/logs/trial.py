"""Logs of an organisation put to the test: people are drawn from the prior, histories run as always, and they are inferred from the log."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, NamedTuple

import jax.numpy as jnp
import numpy as np

from virtu import chance
from virtu.inference import recovery
from virtu.inference.logs.measuring import Learnt, learn
from virtu.inference.logs.people import People
from virtu.inference.logs.replay import Replays
from virtu.inference.recovery import Recovery
from virtu.laboratory.events import events
from virtu.laboratory.kernel import seed_words
from virtu.laboratory.simulate import sampled_traits, simulate
from virtu.organisation import build, phases
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


LIKELIHOOD = "log-likelihood"
"""What is compared beside the traits."""


def practice() -> Scenario:
    """Return the standard scenario."""
    return loads(json.dumps(COUNCIL))


class Played(NamedTuple):
    """Histories that were run, with what is not known of them."""

    logs: list[Log]
    value: np.ndarray  # (count, E) open traits of their people
    height: np.ndarray  # (count,) log-likelihood of each log given traits and luck as they were


def played(given: People, count: int, seed: int, ticks: int) -> Played:
    """Run histories and return the whole log of each.

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
    setup, words = phases.wide(build.setup(given.scenario)), jnp.asarray(seed_words(seed))
    lots = np.moveaxis(np.asarray(phases.trait_lots(setup, chance.seeded_keys(words, jnp.arange(count)))), -1, 0)
    height = np.empty(count)
    for number, lines in enumerate(found):
        replays = Replays(given.scenario, lines, seed)
        height[number] = replays.log_chances(lots[number : number + 1], np.full((1, replays.ticks), number, np.uint32)).sum()
    return Played([Log(f"history {number}", tuple(lines)) for number, lines in enumerate(found)], drawn, height)


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


def compared(given: People, so: Played, learnt: list[Learnt], seed: int) -> list[Recovery]:
    """Compare what was inferred with what was so, trait by trait, over all persons of all logs, and the likelihood of the log.

    People of one log are not independent, so that a trait's test of uniform ranks takes one of them from each log, drawn by lot. The
    likelihood given traits and luck is the quantity of which a wrong model or sampler goes wrong first (Modrák et al. 2025); how it varies
    before the log is known says nothing, so that nothing can be said to be learnt of it.
    """
    generator, names, rows = np.random.default_rng([seed, 3]), list(traits()), np.arange(len(learnt))
    value, true = np.stack([one.value for one in learnt]), so.value[: len(learnt)]
    before = given.quantile[given.trait, given.person].var(axis=-1)
    found = []
    for trait in np.unique(given.trait):
        at = np.flatnonzero(given.trait == trait)
        picked = at[generator.integers(len(at), size=len(learnt))]
        so_in_all, drawn_in_all = (np.concatenate([part[:, place] for place in at]) for part in (true, np.swapaxes(value, 1, 2)))
        all_of = _recovery(names[trait], so_in_all, drawn_in_all, np.repeat(before[at], len(learnt)), generator)
        one_each = _recovery(names[trait], true[rows, picked], value[rows, :, picked], before[picked], generator)
        found.append(all_of._replace(p=one_each.p))
    height = np.stack([one.height for one in learnt])
    return [*found, _recovery(LIKELIHOOD, so.height[: len(learnt)], height, np.full(len(learnt), np.nan), generator)]


def _recovery(name: str, true: np.ndarray, value: np.ndarray, before: np.ndarray, generator: np.random.Generator) -> Recovery:
    """Return the recovery of one number from each of n logs or persons, from draws of shape (n, S)."""
    weight = np.full(value.shape, 1.0 / value.shape[1])
    tie = generator.random((len(true), 1))
    return recovery.recovery((name,), true[:, None], value[..., None], weight, before[:, None], tie)[0]
