"""What if? Arms run on the same population and the same chance, compared history by history.

An arm differs from the baseline in its agenda alone, so both run the same compiled program on the same keys: where nothing differs,
nothing is different, to the last bit. The verdict puts the true effect on the stated outcome beside the felt one, the effect on the
mover's own satisfaction.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from virtu.errors import InputError, did_you_mean
from virtu.laboratory import interventions, kernel
from virtu.laboratory.arena import Chunk
from virtu.laboratory.arenas import arena_of, scenario_of
from virtu.laboratory.side_by_side import side_by_side
from virtu.laboratory.simulate import Progress, as_dataset, check_arguments, versions
from virtu.laboratory.verdict import verdict
from virtu.record import statistics
from virtu.scenario import AnyScenario

NEVER_DIVERGED = -1


class Arm(NamedTuple):
    """What is done in an arm."""

    do: tuple[interventions.Intervention, ...]
    agenda: Any  # that of the scenario's arena


class Part(NamedTuple):
    """Measures of one chunk, arm by arm; the baseline first."""

    first: int
    size: int
    values: list[dict[str, tuple[np.ndarray, str]]]
    diverged: list[np.ndarray]  # per arm: first tick at which it differs from the baseline, −1 never


def compare(
    scenario: AnyScenario | str | Path,
    arms: Sequence[str | Iterable[str]],
    histories: int = 1000,
    seed: int = 0,
    ticks: int | None = None,
    *,
    outcome: str | None = None,
    chunk: int | None = None,
    workers: int | None = None,
    progress: Progress | None = None,
) -> dict[str, Any]:
    """Compare arms with the baseline, in which nothing is done.

    Main arguments
    --------------
    scenario : Scenario, str or Path
        A scenario, the name of a shipped one, or the path of a file.
    arms : sequence
        Each an intervention, such as ``"trait Kamenev.nerve = 0.9 @ 1924-01"``, or several that are made together.
    histories, seed, ticks : int
        As in `simulate`.

    Other arguments
    ---------------
    outcome : str, optional
        Measure by which the verdict is given, such as ``"on_top:Stalin"``; the scenario's own by default.
    chunk, workers, progress
        As in `simulate`.

    Returns
    -------
    dict
        Ready for JSON: scenario, histories, seed, ticks, unit, outcome, and per arm: do; effects by measure (mean,
        low, high, unit, unchanged, helped, hurt, variance_reduction); distribution of the outcome without and with the arm, see
        `virtu.laboratory.side_by_side`; felt; pairing_horizon; verdict.

    Raises
    ------
    InputError
        If an argument, an intervention or the outcome is at fault.
    """
    found = scenario_of(scenario)
    length = found.ticks if ticks is None else ticks
    arena = arena_of(found)
    size = arena.chunk(found) if chunk is None else chunk
    check_arguments(histories, seed, length, size)
    if not arms:
        raise InputError("nothing to compare", "name at least one thing to do, or 'nothing' for a sham")
    sets = [interventions.parse_all([arm] if isinstance(arm, str) else arm, found, length) for arm in arms]
    room = max(interventions.room_needed(found, done, length) for done in sets)
    plans = [Arm(tuple(done), interventions.agenda(found, done, length, room)) for done in ([], *sets)]
    target = outcome_of(outcome, found)
    setup = arena.fitted(arena.setup(found), length)
    program, compile_s = kernel.compiled(arena, setup, plans[0].agenda, size)
    started = time.perf_counter()
    if progress:
        progress(0, histories)
    run = partial(_run_part, program, setup, plans, seed, found, size)
    jobs: Iterable[Callable[[], Part]] = (partial(run, first, count) for first, count in kernel.chunks(histories, size))
    parts: list[Part] = []
    for part in kernel.in_parallel(iter(jobs), workers or kernel.processors()):
        parts.append(part)
        if progress:
            progress(sum(one.size for one in parts), histories)
    parts.sort(key=lambda one: one.first)
    results = [_arm(parts, number, plan, target, found, length) for number, plan in enumerate(plans) if number]
    return {
        "scenario": found.scenario,
        **arena.stated,
        "histories": histories,
        "seed": seed,
        "ticks": length,
        "unit": found.calendar.unit,
        "outcome": target,
        "arms": results,
        "timing": {"compile_s": compile_s, "run_s": time.perf_counter() - started},
        "versions": versions(),
    }


def outcome_of(name: str | None, scenario: AnyScenario) -> str:
    """Return the measure by which moves are judged, ``name`` or ``name:person``.

    Parameters
    ----------
    name : str or None
        The measure asked for; None for the scenario's own.
    scenario : Scenario
        Whose persons it may be of.

    Raises
    ------
    InputError
        If there is no such measure, or it lacks the person it is of.
    """
    arena = arena_of(scenario)
    known, wanted = arena.measures(), name or arena.outcome(scenario)
    base, _, whom = wanted.partition(":")
    if base not in known:
        raise InputError(f"unknown measure {base!r}", did_you_mean(base, known))
    kind = known[base].of
    if whom and not kind:
        raise InputError(f"the measure {base} is not one of {arena.subject}", f"write {base}")
    if kind:
        _check_whose(wanted, kind, arena.whose(kind, scenario))
    return wanted


def _check_whose(wanted: str, kind: str, known: Sequence[str]) -> None:
    base, _, whom = wanted.partition(":")
    if whom and whom not in known:
        raise InputError(f"unknown {kind} {whom!r} in {wanted!r}", did_you_mean(whom, known))
    if not whom:
        raise InputError(f"the measure {base} is one of a {kind}", f"write {base}:NAME, for instance {base}:{known[0]}")


def _run_part(
    program: kernel.Program, setup: Any, plans: Sequence[Arm], seed: int, scenario: AnyScenario, chunk: int, first: int, count: int
) -> Part:
    runs = [kernel.run_chunk(program, setup, plan.agenda, seed, first, count, chunk) for plan in plans]
    measured = arena_of(scenario).measured
    values = [measured(as_dataset(scenario, run, plan.agenda)) for plan, run in zip(plans, runs, strict=True)]
    return Part(first, count, values, [_divergence(runs[0], run) for run in runs])


def _divergence(base: Chunk, arm: Chunk) -> np.ndarray:
    """First tick at which anything that is kept of a history differs, −1 where nothing does; shape (histories,)."""
    differs: Any = False
    for one, other in zip(base.trace, arm.trace, strict=True):
        apart = (one != other) & ~(_missing(one) & _missing(other))
        differs = differs | apart.any(axis=tuple(range(1, apart.ndim - 1)))
    return np.where(differs.any(axis=0), differs.argmax(axis=0), NEVER_DIVERGED)


def _missing(values: np.ndarray) -> np.ndarray:
    return np.isnan(values) if values.dtype.kind == "f" else np.zeros(values.shape, bool)


def _arm(parts: Sequence[Part], number: int, plan: Arm, outcome: str, scenario: AnyScenario, ticks: int) -> dict[str, Any]:
    arena, base, arm = arena_of(scenario), _joined(parts, 0), _joined(parts, number)
    units = {name: unit for name, (_, unit) in parts[0].values[0].items()}
    effects = {name: {**statistics.paired(base[name], arm[name]), "unit": units[name]} for name in base}
    mover = interventions.mover(plan.do, scenario) or outcome.partition(":")[2] or None
    feeling = f"{arena.felt}:{mover}"
    felt = {**statistics.paired(base[feeling], arm[feeling]), "actor": mover} if feeling in base else None
    diverged = np.concatenate([part.diverged[number] for part in parts])
    known = diverged[diverged >= 0]
    return {
        "do": [str(one) for one in plan.do],
        "said": [interventions.describe(one, scenario) for one in plan.do],
        "effects": effects,
        "distribution": side_by_side(outcome, base, arm),
        "felt": felt,
        "pairing_horizon": {
            "median_tick": float(np.median(known)) if known.size else None,
            "share_diverged": float((diverged >= 0).mean()),
            "ticks": ticks,
        },
        "verdict": verdict(outcome, effects[outcome], felt, arena.measures()[outcome.partition(":")[0]].less_is_better),
    }


def _joined(parts: Sequence[Part], number: int) -> dict[str, np.ndarray]:
    names = parts[0].values[number]
    return {name: np.concatenate([part.values[number][name][0] for part in parts]) for name in names}
