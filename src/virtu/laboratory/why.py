"""Why? How much each of several factors contributes to an outcome: Shapley attribution on paired chance.

A coalition of factors is an arm: those in it are as they are in the scenario, the others are neutral. All coalitions run one compiled
program on the same people and the same chance. Attributions add up to the outcome as it is less the outcome with all factors neutral.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from pathlib import Path
from typing import Any, Literal, NamedTuple, TypeAlias

import numpy as np

from virtu.errors import InputError
from virtu.laboratory import factors as known
from virtu.laboratory import kernel, shapley, trials
from virtu.laboratory.arenas import arena_of, scenario_of
from virtu.laboratory.compare import outcome_of
from virtu.laboratory.factors import Factor
from virtu.laboratory.simulate import Progress, versions
from virtu.laboratory.trials import Trial
from virtu.record import sequential, statistics
from virtu.scenario import AnyScenario
from virtu.scenario.displayed import answering

Method: TypeAlias = Literal["exact", "sampled"]

BLOCK = 64
"""Histories that share an order of the factors. Part of the result: another number would draw other orders."""

FEWEST_BLOCKS = 16
"""Blocks before a rule for stopping is asked."""

PLANNED_BLOCKS = 64
"""Blocks at which the confidence sequence is narrowest."""

MOST_FACTORS = 40
MOST_EXACT = 12


class Plan(NamedTuple):
    """What is to be attributed to what, and how."""

    trial: Trial
    factors: tuple[Factor, ...]
    measure: str
    method: Method
    histories: int


@answering("why")
def why(
    scenario: AnyScenario | str | Path,
    who: str,
    measure: str | None = None,
    factors: Iterable[str] = (),
    histories: int = 1024,
    seed: int = 0,
    ticks: int | None = None,
    *,
    method: Method | None = None,
    until: str | None = None,
    workers: int | None = None,
    progress: Progress | None = None,
) -> dict[str, Any]:
    """Attribute an outcome of a person, or of a camp of the street, to factors.

    Main arguments
    --------------
    scenario : Scenario, str or Path
        A scenario, the name of a shipped one, or the path of a file.
    who : str
        The person, or the camp.
    measure : str, optional
        What is attributed, such as ``"share:Stalin"``; by default the scenario's outcome, of this person or camp where it is of one.
    factors : iterable of str
        See `virtu.laboratory.factors`; by default those that `factors.usual` finds for the person.
    histories, seed, ticks : int
        As in `simulate`. Orders are sampled for blocks of 64 histories, so that their number is rounded up to whole blocks.

    Other arguments
    ---------------
    method : str, optional
        ``"exact"`` runs all coalitions, ``"sampled"`` two orders a block; by default exact for six factors at most.
    until : str, optional
        Rule for stopping, such as ``"half-width 0.01"``, to be met by every attribution; `histories` are then the most that are run.
    workers, progress
        As in `simulate`; progress counts histories of the scenario, each of which is run many times.

    Returns
    -------
    dict
        Ready for JSON: scenario, who, measure, measure_unit, method, histories, asked, runs, seed, ticks, unit, factors (each with
        factor, stated, neutral, meaning and attribution: mean, low, high, error), as_it_is, neutral, total, intervals, until, timing,
        versions.

    Raises
    ------
    InputError
        If an argument, a factor or the measure is at fault.
    """
    found = scenario_of(scenario)
    rule = None if until is None else sequential.until(until)
    plan = _plan(found, who, measure, factors, histories, seed, ticks, method)
    started = time.perf_counter()
    blocks = _blocks(plan, rule, workers, progress)
    run_s = time.perf_counter() - started
    joined = _joined(blocks)
    counted = sum(len(part.whole) for part in blocks) if plan.method == "exact" else BLOCK * len(blocks)
    stopped = None if rule is None else {"rule": str(rule), "reached": _is_enough(joined, rule, plan)}
    estimate = partial(_estimate, plan=plan, rule=rule)
    return {
        "scenario": found.scenario,
        "who": who,
        "measure": plan.measure,
        "measure_unit": plan.trial.arena.measures()[plan.measure.partition(":")[0]].unit,
        "method": plan.method,
        "histories": counted,
        "asked": histories,
        "runs": counted * (2 ** len(plan.factors) if plan.method == "exact" else 2 * len(plan.factors)),
        "seed": seed,
        "ticks": plan.trial.ticks,
        "unit": found.calendar.unit,
        "factors": [
            {
                "factor": factor.name,
                "stated": factor.text,
                "neutral": [str(one) for one in factor.neutral],
                "meaning": factor.meaning,
                "attribution": estimate(gains),
            }
            for factor, gains in zip(plan.factors, joined.gains.T, strict=True)
        ],
        "as_it_is": estimate(joined.whole),
        "neutral": estimate(joined.bare),
        "total": estimate(joined.whole - joined.bare),
        "intervals": _intervals(plan, rule),
        "until": stopped,
        "timing": {"compile_s": plan.trial.compile_s, "run_s": run_s},
        "versions": versions(),
    }


def _plan(
    scenario: AnyScenario,
    who: str,
    measure: str | None,
    texts: Iterable[str],
    histories: int,
    seed: int,
    ticks: int | None,
    method: Method | None,
) -> Plan:
    usual = known.usual(scenario, who, ticks)
    factors = known.chosen(texts, scenario, ticks) or usual
    if not factors:
        raise InputError(f"nothing about {who} stands out in {scenario.scenario}", "name the factors to look at")
    how: Method = method or ("exact" if len(factors) <= shapley.MOST_EXACT else "sampled")
    most = MOST_EXACT if how == "exact" else MOST_FACTORS
    if len(factors) > most:
        raise InputError(
            f"at most {most} factors can be looked at when {how}, found {len(factors)}", "join some with ';' or leave some out"
        )
    wanted = outcome_of(measure or _outcome(scenario, who), scenario)
    every = [one for factor in factors for one in factor.neutral]
    trial = trials.prepare(scenario, [every], histories, seed, ticks, min(BLOCK, arena_of(scenario).chunk(scenario)))
    return Plan(trial, tuple(factors), wanted, how, histories)


def _outcome(scenario: AnyScenario, who: str) -> str:
    """Return the scenario's outcome, of somebody or of a camp where it can be theirs."""
    arena, stated = arena_of(scenario), scenario.outcome.measure
    kind = arena.measures()[stated].of
    return f"{stated}:{who}" if kind and who in arena.whose(kind, scenario) else arena.outcome(scenario)


def _blocks(plan: Plan, rule: sequential.Until | None, workers: int | None, progress: Progress | None) -> list[shapley.Shares]:
    """Run blocks, in order as far as results are concerned, until all are done or the rule for stopping is met."""
    count = -(-plan.histories // BLOCK)
    jobs: Iterable[Callable[[], tuple[int, shapley.Shares]]] = (partial(_block, plan, block) for block in range(count))
    waiting: dict[int, shapley.Shares] = {}
    done: list[shapley.Shares] = []
    for number, shares in kernel.in_parallel(iter(jobs), workers or kernel.processors()):
        waiting[number] = shares
        while len(done) in waiting:
            done.append(waiting.pop(len(done)))
            if rule is not None and len(done) >= FEWEST_BLOCKS and _is_enough(_joined(done), rule, plan):
                return done
        if progress:
            progress(min(BLOCK * (len(done) + len(waiting)), plan.histories), plan.histories)
    return done


def _block(plan: Plan, block: int) -> tuple[int, shapley.Shares]:
    first = block * BLOCK
    count = BLOCK if plan.method == "sampled" else min(BLOCK, plan.histories - first)

    def value(coalition: int) -> np.ndarray:
        neutral = [one for bit, factor in enumerate(plan.factors) if not coalition >> bit & 1 for one in factor.neutral]
        return trials.measured(plan.trial, trials.agenda(plan.trial, neutral), first, count)[plan.measure]

    size = len(plan.factors)
    if plan.method == "exact":
        return block, shapley.exact(value, size)
    return block, shapley.sampled(value, size, shapley.order(size, plan.trial.seed, block))


def _joined(blocks: Sequence[shapley.Shares]) -> shapley.Shares:
    return shapley.Shares(*(np.concatenate(parts) for parts in zip(*blocks, strict=True)))


def _is_enough(shares: shapley.Shares, rule: sequential.Until, plan: Plan) -> bool:
    planned = _planned(plan)
    return all(sequential.is_narrow(gains, rule, planned=planned, different=0) for gains in shares.gains.T)


def _planned(plan: Plan) -> int:
    return PLANNED_BLOCKS * (BLOCK if plan.method == "exact" else 1)


def _estimate(values: np.ndarray, plan: Plan, rule: sequential.Until | None) -> dict[str, float | None]:
    """Mean over histories or blocks with its standard error; the interval is that of the rule where there is one."""
    fixed = statistics.mean_of_few(values)
    return fixed if rule is None or values.size < 2 else {**fixed, **sequential.interval(values, planned=_planned(plan))}


def _intervals(plan: Plan, rule: sequential.Until | None) -> str:
    """What the intervals allow for, in words."""
    kind = "95 % (Student)" if rule is None else "95 % at whatever moment the run stops (asymptotic confidence sequence)"
    if plan.method == "exact":
        return f"{kind}, from the spread between histories, each with all {2 ** len(plan.factors)} coalitions"
    return f"{kind}, from the spread between blocks of {BLOCK} histories, each with an order of its own: chance and sampled orders together"
