"""From what people did to what they are like: a table of choices becomes a posterior for each person, beside the prior it came from.

The quick answer is highest points and importance sampling around them (`laplace`), the thorough one the no-U-turn sampler (`sampling`).
Neither gives a point without its interval.
"""

from __future__ import annotations

import platform
import time
from collections.abc import Mapping, Sequence
from importlib import metadata
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from scipy.stats import gaussian_kde

import virtu
from virtu.errors import InputError, did_you_mean
from virtu.inference import kept, posterior, written
from virtu.inference.posterior import LITTLE, Posterior
from virtu.inference.probes import FAMILIES, sessions
from virtu.inference.probes.choosing import next_probes
from virtu.inference.probes.family import Family, Session
from virtu.inference.probes.measuring import Learnt, quick, thorough
from virtu.inference.text import Heard, heard, shipped
from virtu.scenario.choices import GAMES, read
from virtu.scenario.distributions import Level

SAMPLERS = ("laplace", "nuts")

MOST_NUTS, MOST_LISTED = 40, 20
"""Persons who are sampled one by one by the no-U-turn sampler at most, and persons whose densities are given for figures."""

PLACES = 80
"""Places at which a density is given."""

BEST = 5
"""Next probes that are given."""

FAR_APART = 1.05
"""Split R̂ from which on chains are said not to agree."""


class Inference(NamedTuple):
    """An answer, ready for JSON, and the draws it was made from."""

    result: dict[str, Any]
    posterior: Posterior
    session: Session


def infer(
    path: Path | str,
    game: str,
    *,
    who: str | None = None,
    sampler: str = "laplace",
    prior: Mapping[str, Level] | None = None,
    suggest: bool = False,
    text: Path | str | None = None,
    actor: str | None = None,
    readings: Path | str | None = None,
    seed: int = 0,
) -> dict[str, Any]:
    """Infer what people are like from their choices in a game.

    Parameters
    ----------
    path : Path or str
        CSV or an Excel workbook, one line a choice or a round; docs/inference.md says which columns.
    game : {'dictator', 'matching-pennies', 'matrix', 'trust'}
        What was played.
    who : str, optional
        The one person to be inferred; all in the table by default.
    sampler : {'laplace', 'nuts'}
        ``laplace`` for the quick answer, ``nuts`` for the no-U-turn sampler, person by person.
    prior : mapping, optional
        Distributions of one's own, by trait, such as ``{"vengefulness": {"uniform": [0, 1]}}``; a bare number takes a value for known.
    suggest : bool
        Whether to work out which probes would tell most about these people; on the command line ``--next``.
    text : Path or str, optional
        What one of them wrote, 300 words or more: counts as one noisy measurement of empathy, see `virtu.inference.written`.
    actor : str, optional
        Who wrote it.
    readings : Path or str, optional
        A table of reading lists, person and title: what they have in common is described, and no trait is touched.
    seed : int
        Seed of the draws.

    Returns
    -------
    dict
        Ready for JSON; docs/inference.md says what it holds.

    Raises
    ------
    InputError
        If the table or an argument is at fault.
    """
    more: dict[str, Any] = {"text": text, "actor": actor, "readings": readings}
    return inference(path, game, who=who, sampler=sampler, prior=prior, suggest=suggest, seed=seed, **more).result


def inference(
    path: Path | str,
    game: str,
    *,
    who: str | None = None,
    sampler: str = "laplace",
    prior: Mapping[str, Level] | None = None,
    suggest: bool = False,
    text: Path | str | None = None,
    actor: str | None = None,
    readings: Path | str | None = None,
    seed: int = 0,
) -> Inference:
    """Return the answer with its draws; parameters as `infer`."""
    _check(game, sampler)
    family = FAMILIES[game]
    session = sessions.read(game, read(path, GAMES[game], "table of choices"), who)
    said = _heard(text, actor, session.persons)
    lists = written.overlaps(readings, session.persons) if readings is not None else []
    if sampler == "nuts" and len(session.persons) > MOST_NUTS:
        said = f"{len(session.persons)} persons are too many for the no-U-turn sampler"
        raise InputError(said, f"name one with --who, or take --sampler laplace; up to {MOST_NUTS} are sampled")
    started, compiled = time.perf_counter(), kept.seconds.compiling
    learnt = (thorough if sampler == "nuts" else quick)(family, session, prior, seed)
    told = None
    if said is not None:
        place = session.persons.index(actor or "")
        after, told = written.moved(learnt.posterior, place, said, shipped(), seed)
        learnt = learnt._replace(posterior=after)
    taken, compiling = time.perf_counter() - started, kept.seconds.compiling - compiled
    probes = next_probes(family, learnt.posterior, session, seed)[:BEST] if suggest else []
    found = {
        "table": str(path),
        "game": game,
        "about": family.about,
        "choices": sum(session.choices),
        "people": _people(family, session, learnt),
        "prior": posterior.prior_summary(learnt.posterior.prior),
        "types": _types(learnt.posterior),
        "levels": list(family.levels) if len(family.levels) > 1 else [],
        "method": learnt.posterior.method,
        "chains": None if sampler == "laplace" else {"split_r_hat": learnt.agreement, "diverged": learnt.diverged, "steps": learnt.steps},
        "next": [{"probe": one.probe, "bits": one.bits} for one in probes],
        "text": told,
        "readings": lists,
        "densities": densities(learnt.posterior),
        "notes": [*session.notes, *learnt.notes, *_warnings(learnt)],
        "seed": seed,
        "options": _options(who, sampler, prior, suggest, text, actor, readings),
        "seconds": {"compiling": compiling, "answering": taken - compiling},
        "versions": _versions(),
    }
    return Inference(found, learnt.posterior, session)


def _heard(text: Path | str | None, actor: str | None, persons: Sequence[str]) -> Heard | None:
    """Return what a text says of one of the persons, None where there is none."""
    if text is None:
        if actor is not None:
            raise InputError("--actor says who wrote a text, and there is none", "name the file with --text")
        return None
    if actor is None:
        raise InputError("it is not said who wrote the text", "name the person with --actor")
    if actor not in persons:
        raise InputError(f"{actor!r} made no choices that are inferred from", did_you_mean(actor, persons))
    return heard(text)


def _options(
    who: str | None,
    sampler: str,
    prior: Mapping[str, Level] | None,
    suggest: bool,
    text: Path | str | None,
    actor: str | None,
    readings: Path | str | None,
) -> dict[str, Any]:
    """Return what was asked for, as JSON."""
    files = {"text": None if text is None else str(text), "actor": actor, "readings": None if readings is None else str(readings)}
    return {"who": who, "sampler": sampler, "prior": dict(prior or {}), "next": suggest, **files}


def densities(found: Posterior) -> dict[str, Any]:
    """Return prior and posterior densities by trait, for figures: places, prior, and the posterior of each of the first persons.

    Densities are kernel estimates from draws, of Scott's bandwidth, cut off at the ends of the range of a trait.
    """
    told = {}
    for place, (name, trait) in enumerate(zip(found.prior.names, found.prior.about, strict=True)):
        before, after = found.before[:, place], found.value[:MOST_LISTED, :, place]
        ends = np.quantile(before, (0.002, 0.998)), np.quantile(after, (0.002, 0.998))
        low, high = max(trait.low, min(ends[0][0], ends[1][0])), min(trait.high, max(ends[0][1], ends[1][1]))
        at = np.linspace(low, high, PLACES)
        rows = {person: _density(drawn, at) for person, drawn in zip(found.persons, after, strict=False)}
        told[name] = {"at": at.tolist(), "prior": _density(before[::10], at), "posterior": rows}
    return told


def _density(drawn: np.ndarray, at: np.ndarray) -> list[float]:
    if drawn.std() < 1e-9:
        return [0.0] * len(at)
    return gaussian_kde(drawn)(at).tolist()


def _people(family: Family, session: Session, learnt: Learnt) -> dict[str, Any]:
    """Return what is said of each person, with what is not known named as such."""
    told = posterior.summary(learnt.posterior)
    tied = posterior.correlations(learnt.posterior)
    for number, (name, count) in enumerate(zip(session.persons, session.choices, strict=True)):
        one = told[name]
        one["correlations"] = tied[number].tolist()
        one["choices"] = count
        one["unknown"] = [trait for trait, value in one["traits"].items() if value["contraction"] < LITTLE]
        one["levels"] = dict(zip(family.levels, one["levels"], strict=True)) if len(family.levels) > 1 else {}
        one["types"] = dict(zip(learnt.posterior.prior.kinds, one["types"], strict=True)) if len(learnt.posterior.prior.kinds) > 1 else {}
    return told


def _types(found: Posterior) -> dict[str, dict[str, float]]:
    """Return share and middle of each type of the prior."""
    prior = found.prior
    if len(prior.kinds) == 1:
        return {}
    typed = [place for place in range(prior.size) if np.any(prior.centres[:, place])]
    rows = zip(prior.kinds, prior.shares, posterior.values(prior, prior.centres), strict=True)
    return {kind: {"share": float(share), **{prior.names[place]: float(value[place]) for place in typed}} for kind, share, value in rows}


def _warnings(learnt: Learnt) -> list[str]:
    """Return what is to be said of chains that do not agree or ran away."""
    said = []
    if learnt.agreement is not None and learnt.agreement > FAR_APART:
        said.append(f"chains do not agree (split R̂ {learnt.agreement:.2f}): do not rely on these intervals")
    if learnt.diverged:
        said.append(f"{learnt.diverged} draws came from trajectories that ran away; where they are many, intervals may be too narrow")
    return said


def _check(game: str, sampler: str) -> None:
    if game not in FAMILIES:
        raise InputError(f"unknown game {game!r}", did_you_mean(game, FAMILIES))
    if sampler not in SAMPLERS:
        raise InputError(f"unknown sampler {sampler!r}", f"known: {', '.join(SAMPLERS)}")


def _versions() -> dict[str, str]:
    names = ("jax", "numpy", "scipy", "numpyro")
    return {"virtu": virtu.__version__, **{name: metadata.version(name) for name in names}, "python": platform.python_version()}
