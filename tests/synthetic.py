"""Made-up results in exactly the form a run hands over, for tests of what is recorded and shown.

Nothing here imitates the model: persons' strength drifts at random, falls come by lot, and one appointer gathers
clients. Only names, shapes, dtypes, units and the marks of missing values are those of a run.
"""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pyarrow as pa
import xarray as xr

from virtu.scenario.load import loads
from virtu.scenario.schema import Scenario

PERSONS: tuple[str, ...] = ("Abel", "Berta", "Cyril", "Dora", "Emil", "Frieda", "Gustav", "Hanna", "Igor", "Jana")
CAUSES: tuple[str, ...] = ("strike", "failed_strike", "resignation", "purge", "natural_death")
GRADES: tuple[str, ...] = ("forum", "demoted", "out_of_forum", "out_of_office", "dead")
VERSIONS: dict[str, str] = {"virtu": "0.1.0", "jax": "0.10.2", "numpy": "2.4.6", "python": "3.11.7"}


def dates(ticks: int) -> list[str]:
    """Return monthly dates from April 1922 on."""
    return [f"{1922 + (3 + tick) // 12}-{(3 + tick) % 12 + 1:02d}" for tick in range(ticks)]


def dataset(histories: int = 300, ticks: int = 225, seed: int = 1, persons: tuple[str, ...] = PERSONS) -> xr.Dataset:
    """Return a Dataset of made-up histories; the second person rises, the first falls early."""
    chance = np.random.default_rng(seed)
    count = len(persons)
    slope = np.linspace(-0.3, 0.2, count).astype(np.float32)
    slope[[0, 1]] = -0.6, 1.1
    steps = chance.normal(0, 0.07, (histories, ticks, count)).astype(np.float32)
    strength = np.exp(np.cumsum(steps, axis=1) + slope * np.linspace(0, 1, ticks, dtype=np.float32)[:, None])
    chance_of_fall = np.clip(0.75 - 0.5 * slope, 0.1, 0.95)
    falls = chance.random((histories, count)) < chance_of_fall
    middle = np.clip(0.35 + 0.3 * slope, 0.1, 0.8) * ticks
    when = np.clip(chance.normal(middle, 0.12 * ticks, (histories, count)), 1, ticks - 1).astype(np.int32)
    fall_tick = np.where(falls, when, -1).astype(np.int32)
    gone = falls[:, None, :] & (np.arange(ticks)[None, :, None] >= when[:, None, :])
    entry = np.where(np.arange(count) == count - 1, ticks // 6, 0)
    absent = np.arange(ticks)[None, :, None] < entry[None, None, :]
    strength[gone | absent] = np.nan
    believed = (strength * chance.lognormal(-0.15, 0.1, strength.shape)).astype(np.float32)
    status = np.where(absent, -1, np.where(gone, 3, 0)).astype(np.int8)
    leader = _leader(strength)
    grade = np.where(falls, chance.integers(1, 5, falls.shape), -1).astype(np.int8)
    cause = np.where(falls, chance.integers(1, 6, falls.shape), -1).astype(np.int8)
    return xr.Dataset(
        {
            "strength": (("history", "tick", "actor"), strength),
            "believed": (("history", "tick", "actor"), believed),
            "status": (("history", "tick", "actor"), status),
            "leader": (("history", "tick"), leader),
            "on_top": ("history", leader[:, -1]),
            "sole_since": ("history", np.where(leader[:, -1] >= 0, ticks - 5, -1).astype(np.int32)),
            "fall_tick": (("history", "actor"), fall_tick),
            "fall_grade": (("history", "actor"), grade),
            "fall_cause": (("history", "actor"), cause),
            "satisfaction": (("history", "actor"), chance.random((histories, count), dtype=np.float32)),
            "dependence": (("moment", "actor", "actor_to"), _dependence(chance, count)),
        },
        coords={
            "actor": list(persons),
            "actor_to": list(persons),
            "tick": np.arange(ticks),
            "date": ("tick", dates(ticks)),
            "history": np.arange(histories),
            "moment": ["start", "middle", "end"],
        },
        attrs={"scenario": "made-up-1922", "seed": seed, "histories": histories, "ticks": ticks, "unit": "month", "versions": VERSIONS},
    )


def _leader(strength: np.ndarray) -> np.ndarray:
    held = np.nan_to_num(strength)
    second, first = np.sort(held, axis=-1)[..., -2:].transpose(2, 0, 1)
    return np.where(first > 1.2 * second, held.argmax(axis=-1), -1).astype(np.int16)


def _dependence(chance: np.random.Generator, count: int) -> np.ndarray:
    shares = chance.random((3, count, count)).astype(np.float32) ** 6 * 0.5
    shares[1, :, 1], shares[2, :, 1] = 0.3, 0.55
    shares[0, :, -1] = shares[0, -1, :] = np.nan
    shares[2, 0, :] = shares[2, :, 0] = np.nan
    for one in shares:
        np.fill_diagonal(one, 0)
    return shares


def events(results: xr.Dataset, each: int = 150, seed: int = 2) -> pa.Table:
    """Return a made-up log of about ``each`` moves a history, with every fall of the Dataset."""
    chance = np.random.default_rng(seed)
    names = results["actor"].values.astype(str)
    moves = np.array(["bide", "cultivate", "praise", "denounce", "obstruct", "shun", "rescue", "protect", "threaten_to_resign", "strike"])
    rows = results.sizes["history"] * each
    actor = chance.integers(0, len(names), rows)
    target = (actor + chance.integers(1, len(names), rows)) % len(names)
    move = chance.choice(len(moves), rows, p=[0.2, 0.2, 0.12, 0.2, 0.1, 0.08, 0.03, 0.05, 0.01, 0.01])
    outcome = np.array([""] + ["done"] * 7 + ["refused", "failed"])[move]
    outcome[(move == 9) & (chance.random(rows) < 0.5)] = "carried"
    fallen_history, fallen = np.nonzero(results["fall_tick"].values >= 0)
    grade, cause = (results[key].values[fallen_history, fallen] for key in ("fall_grade", "fall_cause"))
    ends = np.array([f"{GRADES[g]}:{CAUSES[c - 1]}" for g, c in zip(grade, cause, strict=True)], dtype=object)
    history = np.concatenate([np.repeat(results["history"].values, each), fallen_history]).astype(np.int32)
    tick = np.concatenate([chance.integers(0, results.sizes["tick"], rows), results["fall_tick"].values[fallen_history, fallen]]).astype(
        np.int32
    )
    columns = {
        "history": history,
        "tick": tick,
        "date": results["date"].values[tick],
        "actor": names[np.concatenate([actor, fallen])],
        "move": np.concatenate([moves[move], np.full(len(fallen), "falls")]),
        "target": np.concatenate([np.where(move % 8 == 0, "", names[target]), np.where(cause <= 1, names[(fallen + 1) % len(names)], "")]),
        "outcome": np.concatenate([outcome.astype(object), ends]),
    }
    order = np.lexsort((tick, history))
    table = pa.table({key: pa.array(value[order]) for key, value in columns.items()})
    for key in ("actor", "move", "target"):
        table = table.set_column(table.schema.get_field_index(key), key, table[key].dictionary_encode())
    return table


def interval(mean: float, width: float, unit: str = "share") -> dict[str, Any]:
    """Return a mean with an interval around it."""
    return {"mean": mean, "low": mean - width, "high": mean + width, "unit": unit}


def summary(results: xr.Dataset) -> dict[str, Any]:
    """Return a summary that fits the Dataset: shares on top with Wilson intervals, some measures, a check of history."""
    names = results["actor"].values.astype(str)
    on_top, histories = results["on_top"].values, results.sizes["history"]
    shares = {name: _wilson(int((on_top == index).sum()), histories) for index, name in enumerate(names)}
    shares["collective"] = _wilson(int((on_top == -1).sum()), histories)
    measures = {
        "gini": interval(0.412, 0.004, "0–1"),
        "innocents_purged": interval(0.32, 0.05, "people"),
        "falls": interval(5.12, 0.21, "persons"),
        "sole_rule": interval(71.3, 4.2, "ticks"),
        f"gap:{names[1]}": interval(-0.213, 0.014, "strength"),
        f"share:{names[1]}": interval(0.284, 0.011),
        f"share:{names[0]}": interval(0.061, 0.006),
        f"time_in_forum:{names[0]}": interval(61.2, 2.1, "ticks"),
    }
    return {
        "scenario": results.attrs["scenario"],
        "histories": histories,
        "seed": results.attrs["seed"],
        "ticks": results.attrs["ticks"],
        "unit": results.attrs["unit"],
        "do": [],
        "interrupted": False,
        "on_top": shares,
        "measures": measures,
        "history_check": _check(results),
        "record": None,
        "report": None,
        "timing": {"compile_s": 7.1, "run_s": 3.2, "histories_per_s": histories / 3.2},
        "versions": VERSIONS,
    }


def _wilson(hits: int, count: int) -> dict[str, float]:
    share, z = hits / count, 1.96
    middle, spread = share + z**2 / (2 * count), z * np.sqrt(share * (1 - share) / count + z**2 / (4 * count**2))
    low, high = ((middle + sign * spread) / (1 + z**2 / count) for sign in (-1, 1))
    return {"mean": share, "low": max(0.0, float(low)), "high": min(1.0, float(high))}


def _check(results: xr.Dataset) -> dict[str, Any]:
    names, when = results["actor"].values.astype(str), results["date"].values.astype(str)
    exits = []
    for index, tick in ((0, 51), (2, 54), (4, 91), (5, 104)):
        if tick >= len(when):
            continue
        ticks = results["fall_tick"].values[:, index]
        fallen = ticks[ticks >= 0]
        low, median, high = np.quantile(fallen, [0.025, 0.5, 0.975]).astype(int)
        exits.append(
            {
                "actor": names[index],
                "recorded_tick": tick,
                "recorded_date": when[tick],
                "share_fallen": _wilson(len(fallen), len(ticks)),
                "median_date": when[median],
                "low_date": when[low],
                "high_date": when[high],
                "agrees": bool(low <= tick <= high),
            }
        )
    return {
        "record_on_top": names[1],
        "share_on_top": _wilson(int((results["on_top"].values == 1).sum()), len(results["on_top"])),
        "exits": exits,
        "order": {"pairs": 6, "concordant": interval(0.683, 0.02), "kendall_tau": interval(0.37, 0.05)},
        "note": "Dates are of the first loss of the seat.",
    }


def scenario(**changes: Any) -> Scenario:
    """Return the scenario of the made-up results, with changes to its fields."""
    return loads(json.dumps(_scenario() | changes))


def _scenario() -> dict[str, Any]:
    return {
        "scenario": "made-up-1922",
        "title": "A made-up forum, 1922",
        "summary": "Ten persons, one forum.",
        "calendar": {"start": "1922-04", "ticks": 225, "unit": "month"},
        "actors": {
            name: {"entry": "forum" if index < 7 else "candidate", "traits": {"nerve": 0.4 + index / 20}, "source": "made-up-2020"}
            for index, name in enumerate(PERSONS)
        }
        | {
            "Berta": {
                "role": "General Secretary",
                "entry": "forum",
                "traits": {
                    "nerve": {"value": {"normal": [0.7, 0.1]}, "source": "made-up-2020", "note": "Several witnesses."},
                    "display": {"value": 0.3, "assumption": "Kept to the background."},
                },
            }
        },
        "posts": {"secretary": {"label": "Secretary", "holder": "Berta", "weight": 1.0, "appoints": ["forum"], "records": True}},
        "forum": {"seats": 7, "candidates": 3, "name": "Board"},
        "parameters": {"bandwagon": 1.2, "lead_margin": 0.2},
        "outcome": {"measure": "on_top", "actor": "Berta"},
        "record": {
            "exits": [
                {"actor": "Abel", "at": "1926-07", "grade": "out_of_forum", "cause": "vote", "source": "made-up-2020"},
                {"actor": "Cyril", "at": "1926-10", "grade": "out_of_forum", "source": "made-up-2020"},
                {"actor": "Emil", "at": "1929-11", "grade": "out_of_forum", "source": "made-up-2020"},
                {"actor": "Frieda", "at": "1953-03", "grade": "dead", "source": "made-up-2020"},
            ],
            "on_top": "Berta",
        },
        "sources": {
            "made-up-2020": {"text": "Made, U. (2020). A Book. Press.", "url": "https://example.org/book"},
            "letters": {"text": "Letters of Berta.", "unconfirmed": True},
            "diary": "A diary.",
        },
        "facts": [
            {"at": "1922-05", "text": "The founder falls ill.", "source": "made-up-2020"},
            {"at": "1924-01", "text": "The founder dies.", "source": "letters", "unconfirmed": True},
        ],
    }


def comparison(arms: int = 2) -> dict[str, Any]:
    """Return a comparison of a few arms, one that hurts, one that does nothing, one that helps."""
    shapes = [(-0.112, 0.02, "hurt"), (0.0, 0.0, "did nothing"), (0.058, 0.015, "helped"), (0.002, 0.01, "only felt good")]
    moves = [["trait Dora.nerve = 0.9 @ 1924-01"], ["nothing"], ["off patronage", "order speech random"], ["forbid Berta strike"]]
    return {
        "scenario": "made-up-1922",
        "histories": 1000,
        "seed": 1,
        "ticks": 225,
        "unit": "month",
        "outcome": "on_top:Berta",
        "versions": VERSIONS,
        "arms": [_arm(moves[index % 4], *shapes[index % 4]) for index in range(arms)],
    }


def _arm(do: list[str], mean: float, width: float, word: str) -> dict[str, Any]:
    still = mean == 0 and width == 0
    shares = {"unchanged": 1.0 if still else 0.61, "helped": 0.0 if still else 0.14, "hurt": 0.0 if still else 0.25}
    measures = {
        "on_top:Berta": interval(mean, width),
        "on_top:Abel": interval(-mean / 2, width / 2),
        "gini": interval(mean / 5, width / 5, "0–1"),
        "innocents_purged": interval(4 * mean, 5 * width, "people"),
        "falls": interval(-2 * mean, 4 * width, "persons"),
        "share:Berta": interval(mean / 3, width / 4),
        "gap:Berta": interval(mean / 4, width / 2, "strength"),
    }
    return {
        "do": do,
        "effects": {name: {**effect, **shares, "variance_reduction": 2.7} for name, effect in measures.items()},
        "felt": {"mean": 0.0 if still else 0.031, "low": 0.0 if still else 0.024, "high": 0.0 if still else 0.038, "actor": "Berta"},
        "pairing_horizon": {"median_tick": None if still else 21, "share_diverged": 0.0 if still else 0.39},
        "verdict": {
            "word": word,
            "sentence": f"It {word}: Berta ends on top {100 * mean:+.1f} points more often (n = 1,000 pairs).",
        },
    }
