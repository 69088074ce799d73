"""When? The effect of an intervention by the tick at which it is made, and the last tick at which it still matters."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import xarray as xr

from virtu.errors import InputError
from virtu.laboratory import interventions, kernel, trials
from virtu.laboratory.arenas import scenario_of
from virtu.laboratory.compare import outcome_of
from virtu.laboratory.interventions import ForceMove, Intervention
from virtu.laboratory.simulate import Progress, versions
from virtu.laboratory.trials import Trial
from virtu.record import statistics
from virtu.scenario import AnyScenario
from virtu.scenario.displayed import answering
from virtu.scenario.vocabulary import MOVES

MOST_MOMENTS = 20
"""Most moments where no step is given."""

RULE = "the last of these moments at which the simultaneous 95 % band of the effect excludes 0"


class Part(NamedTuple):
    """One chunk of histories."""

    first: int
    base: np.ndarray  # (count,) outcome where nothing is done
    arms: np.ndarray  # (moments, count) outcome of each arm
    made: np.ndarray  # (moments, count) whether forced moves were made; all true where none are forced


@answering("when")
def when(
    scenario: AnyScenario | str | Path,
    move: str,
    step: int | None = None,
    outcome: str | None = None,
    histories: int = 500,
    seed: int = 0,
    ticks: int | None = None,
    *,
    chunk: int | None = None,
    workers: int | None = None,
    progress: Progress | None = None,
) -> dict[str, Any]:
    """Find out until when an intervention matters.

    Main arguments
    --------------
    scenario : Scenario, str or Path
        A scenario, the name of a shipped one, or the path of a file.
    move : str
        An intervention without a time, such as ``"move Zinoviev strike Stalin"``, or several with semicolons. Moves and ties are made at
        the tick in question, all else from that tick on.
    step : int, optional
        Ticks between the moments tried; by default so many that there are 20 moments at most.
    outcome : str, optional
        The measure, such as ``"on_top:Stalin"``; the scenario's own by default.
    histories, seed, ticks : int
        As in `simulate`.

    Other arguments
    ---------------
    chunk, workers, progress
        As in `simulate`; progress counts histories, each of which is run once for every moment.

    Returns
    -------
    dict
        Ready for JSON: scenario, move, outcome, outcome_unit, histories, seed, ticks, unit, step, points (each with tick, date, do,
        made, and effect: as in a comparison, with band_low and band_high), critical, rule, last, timing, versions.

    Raises
    ------
    InputError
        If an argument, the intervention or the outcome is at fault.
    """
    found = scenario_of(scenario)
    length = found.ticks if ticks is None else ticks
    target = outcome_of(outcome, found)
    moments = _moments(length, step)
    timeless = _timeless(move, found, length)
    arms = [[_at(one, moment, found) for one in timeless] for moment in moments]
    trial = trials.prepare(found, arms, histories, seed, ticks, chunk)
    started = time.perf_counter()
    jobs: Iterable[Callable[[], Part]] = (
        partial(_part, trial, arms, moments, target, first, count) for first, count in kernel.chunks(histories, trial.chunk)
    )
    parts: list[Part] = []
    for part in kernel.in_parallel(iter(jobs), workers or kernel.processors()):
        parts.append(part)
        if progress:
            progress(sum(one.base.size for one in parts), histories)
    points, critical = _points(sorted(parts, key=lambda one: one.first), arms, moments, found, seed)
    return {
        "scenario": found.scenario,
        "move": [str(one) for one in timeless],
        "outcome": target,
        "outcome_unit": trial.arena.measures()[target.partition(":")[0]].unit,
        "histories": histories,
        "seed": seed,
        "ticks": length,
        "unit": found.calendar.unit,
        "step": moments.step,
        "points": points,
        "critical": critical,
        "rule": RULE,
        "last": next(({key: one[key] for key in ("tick", "date")} for one in reversed(points) if _matters(one["effect"])), None),
        "timing": {"compile_s": trial.compile_s, "run_s": time.perf_counter() - started},
        "versions": versions(),
    }


def _moments(ticks: int, step: int | None) -> range:
    wide = -(-ticks // MOST_MOMENTS) if step is None else step
    if isinstance(wide, bool) or not isinstance(wide, int) or not 1 <= wide <= ticks:
        raise InputError(f"step must be a whole number from 1 to {ticks}, found {wide!r}")
    return range(0, ticks, wide)


def _timeless(move: str, scenario: AnyScenario, ticks: int) -> list[Intervention]:
    found = interventions.parse_all([move], scenario, ticks)
    timed = next((one for one in found if one.since is not None or one.until is not None), None)
    if timed is not None:
        raise InputError(f"the time is what varies here, found one in '{timed}'", "leave the time out")
    return found


def _at(one: Intervention, moment: int, scenario: AnyScenario) -> Intervention:
    date = scenario.date_of(moment)
    return replace(one, since=date, until=date if one.momentary else None)


def _part(trial: Trial, arms: Sequence[Sequence[Intervention]], moments: range, outcome: str, first: int, count: int) -> Part:
    base = trials.measured(trial, trials.agenda(trial, []), first, count)[outcome]
    found = []
    for moment, arm in zip(moments, arms, strict=True):
        dataset = trials.histories(trial, trials.agenda(trial, arm), first, count)
        found.append((trials.values(trial, dataset)[outcome], _made(dataset, arm, moment)))
    values, made = (np.stack(part) for part in zip(*found, strict=True))
    return Part(first, base, values, made)


def _made(dataset: xr.Dataset, arm: Sequence[Intervention], moment: int) -> np.ndarray:
    """In which histories all forced moves of an arm were made at their tick, shape (histories,) bool."""
    made = np.ones(dataset.sizes["history"], bool)
    for one in arm:
        if isinstance(one, ForceMove):
            mine = dataset.isel(tick=moment).sel(actor=one.person)
            made &= (mine.move.values == MOVES.index(one.move)) & (mine.status.values >= 0)
            if one.target is not None:
                made &= mine.target.values == list(dataset.actor.values).index(one.target)
    return made


def _points(
    parts: Sequence[Part], arms: Sequence[Sequence[Intervention]], moments: range, scenario: AnyScenario, seed: int
) -> tuple[list[dict[str, Any]], float | None]:
    base = np.concatenate([part.base for part in parts])
    values, made = (np.concatenate([getattr(part, name) for part in parts], axis=1) for name in ("arms", "made"))
    forced = any(isinstance(one, ForceMove) for one in arms[0])
    low, high, critical = statistics.simultaneous((values - base).T, seed) if base.size > 1 else ([None] * len(moments),) * 2 + (None,)
    points = [
        {
            "tick": moment,
            "date": scenario.date_of(moment),
            "do": [str(one) for one in arms[number]],
            "made": float(made[number].mean()) if forced else None,
            "effect": {**statistics.paired(base, values[number]), "band_low": _plain(low[number]), "band_high": _plain(high[number])},
        }
        for number, moment in enumerate(moments)
    ]
    return points, critical


def _plain(value: Any) -> float | None:
    return None if value is None else float(value)


def _matters(effect: dict[str, Any]) -> bool:
    low, high = effect["band_low"], effect["band_high"]
    return low is not None and (low > 0.0 or high < 0.0)
