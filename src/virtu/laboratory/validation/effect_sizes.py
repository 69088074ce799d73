"""Effects that are known to be small: what training and shared experience do here, and what empathy does to harm."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

import jax.numpy as jnp
import numpy as np

from virtu import chance
from virtu.inference import text
from virtu.laboratory.simulate import sampled_traits, simulate
from virtu.laboratory.validation.rows import Gap, Row, table
from virtu.organisation.measures import HOSTILE
from virtu.organisation.training import effect
from virtu.scenario import load
from virtu.scenario.vocabulary import Status, parameters

PERSONS = 40_000
ESSAYS = "minds/empathic-reactions-essays.csv"
PENALTY = 3.0
SCENARIOS, HISTORIES = ("politburo-1922", "editorial-office", "board-succession"), 400

WITHOUT_DATA = {
    "mind-reading.self-rated": "1 % of variance shared by self-rated and measured mind-reading: no table of both is at hand",
    "text.lexicon": "r = .017 for a lexicon of sympathy: the lexicon is not at hand",
}


def rows(data: Path | None) -> Iterator[Row | Gap]:
    """Yield the rows; `data` is the folder of published tables, of which the essays are read."""
    yield _drawn("training", "Dodell-Feder & Tamir 2018, fiction reading, g = .15")
    yield _drawn("sharing", "Rennung & Göritz 2016, shared rhythm, g = .48")
    for name in SCENARIOS:
        yield from _harm(name)
    found = table(data, ESSAYS)
    yield found if isinstance(found, Gap) else _text(found)
    yield from (Gap(name, reason) for name, reason in WITHOUT_DATA.items())


def _drawn(kind: str, source: str) -> Row:
    """The mean effect over many persons, in standard deviations of the trait."""
    knobs = parameters()
    mean, spread = knobs[f"{kind}_effect"].default, knobs[f"{kind}_spread"].default
    site = {"training": "training", "sharing": "shared experience"}[kind]
    key = chance.history_keys(1, jnp.arange(PERSONS))
    drawn = np.asarray(effect(key, site, jnp.zeros((1, 1), jnp.uint32), jnp.asarray(mean), jnp.asarray(spread)), np.float64)
    published = {"training": 0.15, "sharing": 0.48}[kind]
    note = f"standard deviations; mean of {PERSONS} drawn effects, {np.mean(drawn < 0.0):.0%} of them negative; 3 standard errors"
    return Row(f"{kind}.effect", float(drawn.mean()), published, 3.0 * spread / PERSONS**0.5, source, note)


def _harm(name: str) -> Iterator[Row]:
    """Correlation of empathy with harm over persons and histories of a scenario as it stands."""
    scenario = load(name)
    dataset = simulate(scenario, HISTORIES, 1)
    caring = sampled_traits(scenario, HISTORIES, 1).sel(trait=["empathy_behind", "empathy_ahead"]).mean("trait").values
    seated = (dataset.status.values >= 0) & (dataset.status.values <= int(Status.CANDIDATE))
    hostile = np.isin(dataset.move.values, HOSTILE) & seated
    ticks = seated.sum(axis=1)
    by = dataset.fall_by.values
    downed = np.stack([((by == person) & (np.arange(by.shape[1]) != person)).sum(axis=1) for person in range(by.shape[1])], axis=1)
    harms = {"hostile-moves": hostile.sum(axis=1) / np.maximum(ticks, 1), "brought-down": downed}
    source = "Vachon, Lynam & Johnson 2014, r = −.11; an effect not to exceed by an order of magnitude"
    note = (
        f"over persons and {HISTORIES} histories; published of questionnaires, which ask what people usually do; here the weights on "
        "others' payoff and all that was done in the forum are known without error. Everyday hostile moves cost their target a few "
        "thousandths of what it has, and choice is too imprecise for that to show; empathy shows in who strikes and who is brought down"
    )
    for harm, done in harms.items():
        ours = float(np.corrcoef(caring[ticks > 0], done[ticks > 0])[0, 1])
        yield Row(f"empathy.{harm}.{name}", ours, -0.11, 0.1, source, note)


def _text(path: Path) -> Row:
    """Correlation of empathy as people rate it with what a linear model foretells from their essays."""
    with path.open(encoding="utf-8", newline="") as file:
        entries = list(csv.DictReader(file))
    rated = np.array([float(entry["empathy"]) for entry in entries])
    foretold = text.cross_validated(text.weighted_words([entry["essay"] for entry in entries]), rated, PENALTY)
    note = f"{len(rated)} essays, single words, ten parts, penalty {PENALTY:g}; the published one is not known, and .3 to 3 give .31 to .36"
    ours = float(np.corrcoef(rated, foretold)[0, 1])
    return Row("text.ridge", ours, 0.36, 0.02, "Buechel et al. 2018, baseline computed for this project's oracles", note)
