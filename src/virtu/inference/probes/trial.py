"""A family of probes put to the test: people of known traits play its standard set and are inferred from their answers."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from virtu.inference import priors, recovery
from virtu.inference.posterior import values
from virtu.inference.probes.family import Family, Session, chosen
from virtu.inference.probes.measuring import Learnt, quick
from virtu.inference.recovery import Recovery


class Trial(NamedTuple):
    """What came of it."""

    traits: list[Recovery]
    confusion: np.ndarray  # (L, L) people by true level (row) and likeliest level (column)
    learnt: Learnt


def trial(family: Family, people: int, seed: int, inferred_by: Family | None = None) -> Trial:
    """Draw people from the prior, let them play, and infer them.

    Parameters
    ----------
    family : Family
        What they play, and by what rule they choose.
    people : int
        How many.
    seed : int
        Of people, play and draws.
    inferred_by : Family, optional
        The family by which they are inferred, if it is not that by which they play: to see that a wrong one is found out.
    """
    probes = family.practice(people)
    prior = priors.prior(family.asked(probes))
    generator = np.random.default_rng(seed)
    point = priors.draw(prior, people, generator)
    traits = priors.values(prior, point)
    level = np.zeros(people, int)
    if family.log_shares is not None:
        level = chosen(np.exp(np.asarray(family.log_shares(traits))), generator.random(people))
    session = Session(tuple(f"{number}" for number in range(people)), family.play(traits, probes, seed, level), (0,) * people)
    learnt = quick(inferred_by or family, session, seed=seed)
    drawn, weight = values(prior, learnt.draws.point), learnt.draws.weight
    found = recovery.recovery(prior.names, values(prior, point), drawn, weight, learnt.posterior.before.var(axis=0))
    confusion = np.zeros((len(family.levels),) * 2, int)
    np.add.at(confusion, (level, np.argmax(learnt.posterior.level, axis=1)), 1)
    return Trial(found, confusion, learnt)
