"""Which constants and traits make a scenario give what was measured: posterior of the free inputs, given facts.

Round by round, points are proposed in the ranges of the inputs (a Sobol sequence first, draws from what is known so far afterwards), run on
the same people and the same chance, and taken up into quick surfaces of the results (`surfaces`); the posterior given the surfaces is drawn
from by tempering (`tempering`). Each round after the first tests the surfaces of those before at points they have not seen.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from scipy.stats import qmc

from virtu.errors import InputError, Place
from virtu.inference import findings, surfaces, targets, tempering
from virtu.inference.surfaces import Design, Surfaces
from virtu.inference.targets import Targets
from virtu.laboratory import designs, places, proposals, recorded
from virtu.laboratory.arenas import arena_of, scenario_of
from virtu.laboratory.compare import joined
from virtu.laboratory.designs import Input
from virtu.laboratory.simulate import Progress, check_arguments, versions
from virtu.scenario import AnyScenario

OPTION = "--free"
"""Where messages place faults of what is free."""

USUAL = {
    "organisation": ("parameter dread_strike = 0:0.2", "parameter attraction_balance = 0:10", "parameter choice_precision = 20:300"),
    "street": ("parameter reaction = 0:0.3", "parameter rate_confrontational = 0.1:3", "parameter lethality = 0.1:2"),
}
"""What is free where nothing is said, by arena: what moves the number of strikes, or of incidents and their victims, most directly."""

DRAWS = 4000
"""Draws from the posterior."""

MOST_FREE, MOST_POINTS, MOST_ROUNDS = 12, 4096, 10


class Asked(NamedTuple):
    """A calibration as it was asked for, checked."""

    scenario: AnyScenario
    targets: Targets
    free: tuple[Input, ...]
    points: int
    rounds: int
    histories: int
    seed: int
    ticks: int
    do: tuple[str, ...]

    @property
    def sizes(self) -> list[int]:
        """Points of each round."""
        return [self.points, *[self.points // 2] * (self.rounds - 1)]

    @property
    def bounds(self) -> tuple[np.ndarray, np.ndarray]:
        """Lower and upper ends of the ranges, shape (d,) each."""
        low, high = np.array([(one.low, one.high) for one in self.free]).T
        return low, high


class Calibration(NamedTuple):
    """An answer, ready for JSON, and the draws it was made from."""

    result: dict[str, Any]
    draws: np.ndarray  # (4000, d) values of the free inputs, of equal weight


def calibrate(
    scenario: AnyScenario | str | Path,
    facts: str | Path,
    free: Iterable[str] = (),
    *,
    points: int = 64,
    rounds: int = 3,
    histories: int = 100,
    seed: int = 0,
    ticks: int | None = None,
    do: Iterable[str] = (),
    place: Path | None = None,
    on: str = places.LOCAL,
    chunk: int | None = None,
    workers: int | None = None,
    progress: Progress | None = None,
) -> dict[str, Any]:
    """Fit inputs of a scenario to facts.

    Main arguments
    --------------
    scenario : Scenario, str or Path
        A scenario, the name of a shipped one, or the path of a file.
    facts : str or Path
        A table of targets, or the name of a shipped set; docs/calibration.md says what it holds.
    free : iterable of str
        What is free, such as ``"parameter bandwagon = 0:2"``, with the range that its uniform prior fills; `USUAL` by default.
    points, rounds : int
        Points of the first round, a power of two, of which each later one has half; and how many rounds.
    histories, seed, ticks : int
        As in `simulate`; the same histories are run at every point.

    Other arguments
    ---------------
    do : iterable of str
        What is done at all points.
    place : Path, optional
        Where rounds are written down while they run; the same call goes on there.
    on, chunk, workers, progress
        As in `sweep`.

    Returns
    -------
    dict
        Ready for JSON; docs/calibration.md says what it holds.

    Raises
    ------
    InputError
        If an argument, an input or a target is at fault.
    RunError
        If a target could not be worked out.
    """
    asked = ask(scenario, facts, free, points, rounds, histories, seed, ticks, do)
    return calibration(asked, place=place, on=on, chunk=chunk, workers=workers, progress=progress).result


def ask(
    scenario: AnyScenario | str | Path,
    facts: str | Path,
    free: Iterable[str] = (),
    points: int = 64,
    rounds: int = 3,
    histories: int = 100,
    seed: int = 0,
    ticks: int | None = None,
    do: Iterable[str] = (),
) -> Asked:
    """Return what is asked for, after checking all of it; arguments as in `calibrate`."""
    found = scenario_of(scenario)
    length = found.ticks if ticks is None else ticks
    check_arguments(histories, seed, length)
    given = _free(list(free) or USUAL[arena_of(found).name], found, length)
    if len(given) > MOST_FREE:
        raise InputError(f"{len(given)} inputs are free, more than {MOST_FREE}", "fix some of them with --do")
    least = 1 << (2 * len(given) + 3).bit_length()
    if not least <= points <= MOST_POINTS or points & (points - 1):
        raise InputError(f"points must be a power of two from {least} to {MOST_POINTS} for {len(given)} free inputs, found {points}")
    if not 1 <= rounds <= MOST_ROUNDS or histories < 2:
        raise InputError(f"there must be 1 to {MOST_ROUNDS} rounds of 2 histories at least, found {rounds} of {histories}")
    asked = Asked(found, targets.targets_in(facts, found), given, points, rounds, histories, seed, length, tuple(do))
    _order(asked, np.array([asked.bounds[0]]))  # what is done may contradict what is free
    return asked


def _free(texts: Iterable[str], scenario: AnyScenario, ticks: int) -> tuple[Input, ...]:
    """Read what is free; faults are placed at the option it was given with."""
    try:
        return designs.inputs(texts, scenario, ticks)
    except InputError as error:
        where = error.where and Place(OPTION, error.where.line, error.where.column)
        raise InputError(error.message, error.hint, where) from None


def calibration(
    asked: Asked,
    *,
    place: Path | None = None,
    on: str = places.LOCAL,
    chunk: int | None = None,
    workers: int | None = None,
    progress: Progress | None = None,
) -> Calibration:
    """Return the answer with its draws; arguments as in `calibrate`."""
    started = time.perf_counter()
    told: list[dict[str, Any]] = []
    checks: list[dict[str, float]] = []
    designed: list[Design] = []
    known, widened = None, 1.0
    after = before = np.empty((0, len(asked.free)))
    total = sum(asked.sizes) * asked.histories
    for number, size in enumerate(asked.sizes):
        generator = np.random.default_rng([asked.seed & (2**64 - 1), number])
        points = _first(asked, size) if known is None else after[generator.choice(len(after), size, replace=False)]
        done = sum(len(one["points"]) for one in told) * asked.histories
        how = {"on": on, "chunk": chunk, "workers": workers, "progress": _counting(progress, done, total)}
        told.append(_run(asked, points, None if place is None else place / f"round-{number + 1}", how))
        designed.append(surfaces.design_of(told[-1], *asked.bounds))
        if known is not None:
            checks.append(findings.check(known, designed[-1]))
            widened = max(1.0, widened * checks[-1]["error"] ** 2)
        known, before = surfaces.fitted(surfaces.joined(designed), told[0]["quantities"])._replace(widened=widened), after
        after = _posterior(known, asked, generator)
    assert known is not None
    whole = surfaces.joined(designed)
    result = _told(asked, known, whole, after, before, checks, np.random.default_rng([asked.seed & (2**64 - 1), asked.rounds]))
    seconds = {name: sum(one["timing"][name] for one in told) for name in ("compile_s", "run_s")}
    result["timing"] = seconds | {"all_s": time.perf_counter() - started}
    return Calibration(result, _values(asked, after))


def _first(asked: Asked, size: int) -> np.ndarray:
    chance = np.random.default_rng(asked.seed & (2**64 - 1))
    return qmc.Sobol(len(asked.free), rng=chance).random(size)


def _values(asked: Asked, points: np.ndarray) -> np.ndarray:
    low, high = asked.bounds
    return low + points * (high - low)


def _order(asked: Asked, values: np.ndarray) -> Any:
    wanted = [one.quantity for one in asked.targets.rows]
    return proposals.order(asked.scenario, asked.free, values, wanted, asked.histories, asked.seed, asked.ticks, asked.do)


def _run(asked: Asked, points: np.ndarray, place: Path | None, how: dict[str, Any]) -> dict[str, Any]:
    """Run a round, in a directory where one is named, and return what it tells."""
    given = _order(asked, _values(asked, points))
    if place is not None:
        return recorded.record(given, place, listed=False, **how)
    parts, timing = places.gathered(given, **how)
    return proposals.told(given, joined(parts), asked.scenario, timing)


def _counting(progress: Progress | None, done: int, total: int) -> Callable[[int, int], None] | None:
    """Return a count of histories that goes on over all rounds."""
    return None if progress is None else lambda now, _: progress(done + now, total)


def _posterior(known: Surfaces, asked: Asked, generator: np.random.Generator) -> np.ndarray:
    """Return draws from the posterior on the unit cube, shape (4000, d)."""

    def height(points: np.ndarray) -> np.ndarray:
        return surfaces.log_likelihood(known, asked.targets, points)

    return tempering.draws(height, len(asked.free), DRAWS, generator)


def _told(
    asked: Asked,
    known: Surfaces,
    design: Design,
    after: np.ndarray,
    before: np.ndarray,
    checks: Sequence[dict[str, float]],
    generator: np.random.Generator,
) -> dict[str, Any]:
    scenario = asked.scenario
    names = [one.name for one in asked.free]
    posterior = findings.inputs(names, _values(asked, after), *asked.bounds)
    met = findings.facts(known, asked.targets, design, after, names, generator)
    return {
        "scenario": scenario.scenario,
        **arena_of(scenario).stated,
        "targets": asked.targets.file,
        "do": list(asked.do),
        "free": posterior,
        "trade_offs": findings.trade_offs(names, after),
        "facts": met,
        "fit": findings.fit(known, asked.targets, after),
        "settled": findings.settled(after, before),
        "checks": list(checks),
        "warnings": findings.warnings(posterior, met, checks),
        "best": findings.best(asked.free, known, asked.targets, after, asked.bounds),
        "densities": findings.densities(names, _values(asked, after), *asked.bounds),
        "points": asked.points,
        "rounds": asked.rounds,
        "histories": asked.histories,
        "seed": asked.seed,
        "ticks": asked.ticks,
        "unit": scenario.calendar.unit,
        "versions": versions(),
    }


def write_draws(path: Path, asked: Asked, draws: np.ndarray) -> Path:
    """Write draws from the posterior as CSV, one line a draw and one column an input, and return the file."""
    lines = [",".join(f'"{one.name}"' for one in asked.free), *(",".join(f"{value:.6g}" for value in row) for row in draws)]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path
