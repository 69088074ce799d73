"""Run a scenario and tell what came of it, without keeping its histories."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from virtu.laboratory import orders, places, stages
from virtu.laboratory.arenas import arena_of, scenario_of
from virtu.laboratory.compare import outcome_of
from virtu.laboratory.orders import Order
from virtu.laboratory.simulate import Progress
from virtu.laboratory.summary import told
from virtu.scenario import AnyScenario
from virtu.scenario.displayed import answering


@answering("run")
def run(
    scenario: AnyScenario | str | Path,
    histories: int = 1000,
    seed: int = 0,
    ticks: int | None = None,
    *,
    do: Iterable[str] = (),
    until: str | None = None,
    individuals: bool = False,
    chunk: int | None = None,
    workers: int | None = None,
    progress: Progress | None = None,
    on: str = places.LOCAL,
) -> dict[str, Any]:
    """Run a scenario and return its summary; memory does not grow with the number of histories.

    Main arguments
    --------------
    scenario, histories, seed, ticks, do
        As in `simulate`.
    until : str, optional
        Stop sooner: ``"half-width 0.01"``, of the scenario's outcome. `histories` is then the most that are run.

    Other arguments
    ---------------
    individuals, chunk, workers, progress
        As in `simulate`.
    on : str
        Where it is run: ``local``, ``dask``, or the address of a scheduler.

    Returns
    -------
    dict
        What `summarise` returns; with `until` also why it stopped: rule, outcome, reached, most, histories, intervals.

    Raises
    ------
    InputError
        If an argument is out of range, or the scenario, an intervention or the rule is at fault.
    """
    found = scenario_of(scenario)
    given = order(found, do, histories, seed, ticks, until, individuals)
    summary = arena_of(found).summary(found)
    through = stages.passed(given, found, summary.enter, on=on, workers=workers, chunk=chunk, progress=progress)
    done = {"histories": through.histories, "interrupted": through.interrupted, **through.timing}
    return stages.with_reason(told(summary, {**orders.about(given)["attrs"], **done}, found), through.stopped)


def order(
    scenario: AnyScenario, do: Iterable[str], histories: int, seed: int, ticks: int | None, until: str | None, individuals: bool
) -> Order:
    """Return the order of a run, after checking all of it; arguments as in `run`."""
    asked = {"individuals": individuals, **stages.asked(until, outcome_of(None, scenario))}
    return orders.order("run", scenario, [list(do)], histories, seed, ticks, asked=asked)
