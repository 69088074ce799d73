"""What if? Arms run on the same population and the same chance, compared history by history.

An arm differs from the baseline in its agenda alone, so both run the same compiled program on the same keys: where nothing differs,
nothing is different, to the last bit. The verdict puts the true effect on the stated outcome beside the felt one, the effect on the
mover's own satisfaction.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import xarray as xr

from virtu.errors import InputError, did_you_mean
from virtu.laboratory import interventions, orders, places, shams, stages
from virtu.laboratory.arenas import arena_of, scenario_of
from virtu.laboratory.interventions import Intervention
from virtu.laboratory.orders import Order
from virtu.laboratory.side_by_side import side_by_side
from virtu.laboratory.simulate import Progress, versions
from virtu.laboratory.summing import TIMES
from virtu.laboratory.verdict import verdict
from virtu.record.tally import Tally, paired
from virtu.scenario import AnyScenario
from virtu.scenario.displayed import answering


@answering("comparison")
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
    on: str = places.LOCAL,
    until: str | None = None,
    sham: int = 0,
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
    on : str
        Where it is run: ``local``, ``dask``, or the address of a scheduler.
    until : str, optional
        Stop sooner: ``"half-width 0.01"``, of the effect of every arm on the outcome. `histories` is then the most that are run.
    sham : int
        Check the intervals with so many shams of each arm; see `virtu.laboratory.shams`.

    Returns
    -------
    dict
        Ready for JSON: scenario, histories, seed, ticks, unit, outcome, and per arm: do; effects by measure (mean,
        low, high, unit, unchanged, helped, hurt, variance_reduction; of times the median of the differences); distribution of the outcome
        without and with the arm, see `virtu.laboratory.side_by_side`; felt; pairing_horizon; verdict; shams, where asked for. With `until`
        also why it stopped.

    Raises
    ------
    InputError
        If an argument, an intervention or the outcome is at fault.
    """
    found = scenario_of(scenario)
    given = order(found, arms, histories, seed, ticks, outcome, until, sham)
    comparison = Comparison(given, found)
    through = stages.passed(given, found, comparison.enter, on=on, workers=workers, chunk=chunk, progress=progress)
    return comparison.told(through.timing, through.stopped)


def order(
    scenario: AnyScenario,
    arms: Sequence[str | Iterable[str]],
    histories: int,
    seed: int,
    ticks: int | None,
    outcome: str | None,
    until: str | None = None,
    sham: int = 0,
) -> Order:
    """Return the order of a comparison, after checking all of it.

    Parameters
    ----------
    scenario : Scenario
        What is run.
    arms, histories, seed, ticks, outcome, until, sham
        As in `compare`.
    """
    if not arms:
        raise InputError("nothing to compare", "name at least one thing to do, or 'nothing' for a sham")
    if not 0 <= sham <= shams.MOST:
        raise InputError(f"the number of shams must be from 0 to {shams.MOST}, found {sham}")
    sets = [[arm] if isinstance(arm, str) else list(arm) for arm in arms]
    judged = outcome_of(outcome, scenario)
    asked = {"outcome": judged, **stages.asked(until, judged), **({"sham": sham} if sham else {})}
    return orders.order("comparison", scenario, [[], *sets], histories, seed, ticks, asked=asked)


class Comparison:
    """What a comparison says, from histories entered in their order; of each only the outcome and times are kept.

    Parameters
    ----------
    given : Order
        Of the comparison.
    scenario : Scenario
        What is run.
    """

    def __init__(self, given: Order, scenario: AnyScenario) -> None:
        asked = json.loads(given.asked)
        self._given, self._scenario, self._outcome, self._shams = given, scenario, asked["outcome"], asked.get("sham", 0)
        self._histories = 0
        self._units: dict[str, str] = {}
        self._rows: dict[str, int] = {}
        self._base: Tally | None = None
        self._arms: list[Arm] = []

    def enter(self, part: xr.Dataset) -> None:
        """Enter further histories: ``value`` (arm, measure, history), the baseline first, and ``diverged`` (arm, history)."""
        values, diverged = part["value"].values, part["diverged"].values
        if self._base is None:
            self._units = dict(zip(map(str, part["measure"].values), map(str, part["measure_unit"].values), strict=True))
            self._rows = {name: row for row, name in enumerate(self._units)}
            times, outcome = [row for row, unit in enumerate(self._units.values()) if unit == TIMES], [self._rows[self._outcome]]
            self._base = Tally(len(values[0]), outcome)
            self._arms = [
                Arm(Tally(len(arm), outcome), Tally(len(arm), times), [], shams.Shams(self._shams, self._given.seed)) for arm in values[1:]
            ]
        base = values[0]
        self._base.enter(base)
        for arm, found, parted in zip(values[1:], self._arms, diverged[1:], strict=True):
            found.values.enter(arm)
            found.difference.enter(arm - base)
            found.diverged.append(parted)
            found.shams.enter(arm - base, part["history"].values)
        self._histories += base.shape[1]

    def told(self, timing: dict[str, float], stopped: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """Return what a comparison says.

        Parameters
        ----------
        timing : dict
            Seconds.
        stopped : mapping, optional
            Why it stopped, from `stages.Watch.told`; the intervals of the outcome are then those that allow for looking.
        """
        given, scenario = self._given, self._scenario
        done = [tuple(interventions.parse_all(arm, scenario, given.ticks)) for arm in given.arms[1:]]
        intervals: Sequence[Mapping[str, float]] = stopped["intervals"] if stopped else [{}] * len(done)
        return {
            "scenario": scenario.scenario,
            **arena_of(scenario).stated,
            "histories": self._histories,
            "seed": given.seed,
            "ticks": given.ticks,
            "unit": scenario.calendar.unit,
            "outcome": self._outcome,
            "arms": [self._arm(arm, plan, known) for arm, plan, known in zip(self._arms, done, intervals, strict=True)],
            **({"until": dict(stopped)} if stopped else {}),
            "timing": timing,
            "versions": versions(),
        }

    def _arm(self, arm: Arm, done: Sequence[Intervention], known: Mapping[str, float]) -> dict[str, Any]:
        arena, outcome = arena_of(self._scenario), self._outcome
        effects = {name: self._effect(arm, name) for name in self._rows}
        effects[outcome] = {**effects[outcome], **known}
        mover = interventions.mover(done, self._scenario) or outcome.partition(":")[2] or None
        feeling = f"{arena.felt}:{mover}"
        felt = {**self._paired(arm, feeling), "actor": mover} if feeling in self._rows else None
        diverged = np.concatenate(arm.diverged)
        parted = diverged[diverged >= 0]
        return {
            "do": [str(one) for one in done],
            "said": [interventions.describe(one, self._scenario) for one in done],
            "effects": effects,
            "distribution": side_by_side(outcome, self._rows, self._told_base(), arm.values),
            "felt": felt,
            "pairing_horizon": {
                "median_tick": float(np.median(parted)) if parted.size else None,
                "share_diverged": float((diverged >= 0).mean()),
                "ticks": self._given.ticks,
            },
            "verdict": verdict(outcome, effects[outcome], felt, arena.measures()[outcome.partition(":")[0]].less_is_better),
            **({"shams": arm.shams.told(list(self._rows))} if self._shams else {}),
        }

    def _effect(self, arm: Arm, name: str) -> dict[str, Any]:
        found, unit = self._paired(arm, name), self._units[name]
        return {**found, "unit": unit, **({"median": arm.difference.median(self._rows[name])} if unit == TIMES else {})}

    def _paired(self, arm: Arm, name: str) -> dict[str, float | None]:
        return paired(self._told_base(), arm.values, arm.difference, self._rows[name])

    def _told_base(self) -> Tally:
        assert self._base is not None  # a comparison has a history
        return self._base


class Arm(NamedTuple):
    """What is known of an arm: its measures, their differences from the baseline, and when each history parted from it."""

    values: Tally
    difference: Tally
    diverged: list[np.ndarray]
    shams: shams.Shams


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
