"""Minds that are known, and choices that are foretold: how far inference gets where the answer can be looked up.

``python benchmarks/known_minds.py DATA [--seed S]``, with the folder of published tables.

- Levels: machines of level 0 and 1 played the published sessions of matching pennies (Waade et al. 2022). Each is inferred from its twenty
  choices, its volatility, temperature and bias unknown to us; rows of the table are true levels, columns the likeliest ones.
- Foretelling: of the choices of each person in session 1 of Bruhin, Fehr & Schunk (2019) a half drawn by lot is fitted, the other foretold:
  by one set of parameters for all, by three types, and by the posterior of each person alone. Scores are log chances a choice.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from scipy.special import logsumexp

from virtu.inference import priors
from virtu.inference.probes import FAMILIES
from virtu.inference.probes.dictator import Choices
from virtu.inference.probes.family import Session
from virtu.inference.probes.likelihood import likelihood
from virtu.inference.probes.matching_pennies import Rounds
from virtu.inference.probes.measuring import quick
from virtu.inference.social_preferences import chance_of_first, fit, fit_types, gather
from virtu.laboratory.validation import k_tom
from virtu.laboratory.validation.social_preferences import CHOICES, DROPPED

SESSIONS = "minds/matching-pennies-ktom-sessions.csv"


class Levels(NamedTuple):
    """How levels were found."""

    confusion: np.ndarray  # (true 0 or 1, likeliest 0 to 2) sessions
    log_score: float  # mean log of the posterior chance of the true level


class Foretold(NamedTuple):
    """Log chances of choices that were left out, a choice, each person with the same weight: (J,) each."""

    pooled: np.ndarray
    types: np.ndarray
    alone: np.ndarray


def levels(played: list[k_tom.Session], seed: int = 0) -> Levels:
    """Infer the level of each machine."""
    own, other = (np.array([getattr(one, name) for one in played], np.float32) for name in ("own", "other"))
    seat = np.array([one.seat for one in played], np.float32)
    session = Session(tuple(map(str, range(len(played)))), Rounds(seat, own, other, np.ones_like(own)), (own.shape[1],) * len(played))
    found = quick(FAMILIES["matching-pennies"], session, seed=seed).posterior.level
    true = np.array([one.level for one in played])
    confusion = np.zeros((2, 3), int)
    np.add.at(confusion, (true, found.argmax(axis=1)), 1)
    return Levels(confusion, float(np.mean(np.log(found[np.arange(len(true)), true]))))


def foretold(data: Path, seed: int = 0, most: int | None = None) -> Foretold:
    """Foretell the choices that are left out, of all persons or of the first."""
    rows = _rows(data, most)
    kept = np.random.default_rng(seed).random(len(rows["sid"])) < 0.5
    train, test = ({name: part[side] for name, part in rows.items()} for side in (kept, ~kept))
    fitted, asked = _gathered(train), _gathered(test)
    persons, who = np.unique(test["sid"], return_inverse=True)
    many = fit_types(fitted, 3, restarts=8, seed=seed)
    pooled = _by_person(_said(chance_of_first(asked, fit(fitted).values), test), who)
    each = np.stack([_by_person(_said(chance_of_first(asked, one), test), who) for one in many.values], axis=1)
    types = np.asarray(logsumexp(each + np.log(many.memberships + 1e-300), axis=1))
    unit = float(np.sqrt(np.mean((rows["own"][:, 0] - rows["own"][:, 1]) ** 2 + (rows["other"][:, 0] - rows["other"][:, 1]) ** 2) / 2.0))
    answers, later = (_answers(part, persons, unit) for part in (train, test))
    learnt = quick(FAMILIES["dictator"], Session(tuple(map(str, persons)), answers, (0,) * len(persons)), seed=seed)
    prior = priors.prior(FAMILIES["dictator"].asked(answers))
    ahead = likelihood(FAMILIES["dictator"], prior, later)(learnt.posterior.point)[..., 0]
    alone = logsumexp(ahead.astype(float), axis=1) - np.log(ahead.shape[1])
    count = np.bincount(who)
    return Foretold(pooled / count, types / count, alone / count)


def _rows(data: Path, most: int | None) -> dict[str, np.ndarray]:
    with (data / CHOICES).open(encoding="utf-8") as lines:
        names = next(lines).strip().split(",")
        found = np.loadtxt(lines, delimiter=",", dtype=np.int64)
    found = found[~np.isin(found[:, names.index("sid")], np.loadtxt(data / DROPPED, dtype=np.int64))]
    if most is not None:
        found = found[np.isin(found[:, names.index("sid")], np.unique(found[:, names.index("sid")])[:most])]
    column: dict[str, Any] = dict(zip(names, found.T, strict=True))
    own, other = (np.stack([column[f"{whose}_x"], column[f"{whose}_y"]], axis=1) for whose in ("self", "other"))
    return {
        "own": own,
        "other": other,
        "first": column["choice_x"],
        "sid": column["sid"],
        "kindness": column["q"],
        "grievance": column["v"],
    }


def _gathered(rows: dict[str, np.ndarray]) -> Any:
    return gather(rows["own"], rows["other"], rows["first"], rows["sid"], kindness=rows["kindness"], grievance=rows["grievance"])


def _said(chance: np.ndarray, rows: dict[str, np.ndarray]) -> np.ndarray:
    return np.log(np.where(rows["first"] > 0, chance, 1.0 - chance))


def _by_person(log_chance: np.ndarray, who: np.ndarray) -> np.ndarray:
    return np.bincount(who, log_chance)


def _answers(rows: dict[str, np.ndarray], persons: np.ndarray, unit: float) -> Choices:
    """Return choices as the probes have them, series filled up."""
    longest = max(np.sum(rows["sid"] == person) for person in persons)
    scaled = {**rows, "own": rows["own"] / unit, "other": rows["other"] / unit, "known": np.ones(len(rows["sid"]))}

    def column(name: str) -> np.ndarray:
        part = scaled[name]
        whole = np.zeros((len(persons), longest, *part.shape[1:]), np.float32)
        for number, person in enumerate(persons):
            mine = part[rows["sid"] == person]
            whole[number, : len(mine)] = mine
        return whole

    return Choices(*(column(name) for name in Choices._fields))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    found = levels(k_tom.read(given.data / SESSIONS), given.seed)
    print("levels 0 and 1 by likeliest level 0, 1, 2:", found.confusion.tolist(), f"mean log chance of the true one {found.log_score:.3f}")
    scores = foretold(given.data, given.seed)
    for name, score in scores._asdict().items():
        gap = score - scores.pooled
        error = gap.std(ddof=1) / np.sqrt(len(gap))
        print(f"{name}: {score.mean():.4f} a choice, {gap.mean():+.4f} ± {1.96 * error:.4f} beyond one for all, {len(gap)} people")


if __name__ == "__main__":
    main()
