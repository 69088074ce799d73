"""How often intervals hold the truth: every kind that virtu gives, in many small experiments whose truth is known.

``python benchmarks/coverage.py [--experiments 1000] [--seed S]``. A 95 % interval should hold the truth in 93 to 97 % of experiments;
confidence sequences hold it more often, by construction, and so does the median of values of which many are the same. The error of each
coverage is that of the number of experiments.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, TypeAlias

import numpy as np

from virtu.laboratory import designs, sensitivity, shapley
from virtu.record import sequential, statistics, survival

Experiment: TypeAlias = Callable[[np.random.Generator], tuple[float | None, float | None, float]]
"""One experiment: lower and upper bound, and the truth."""


class Kind(NamedTuple):
    """A kind of interval."""

    does: Experiment
    above: bool = False  # whether it covers more than 95 % by construction
    part: float = 1.0  # of the experiments asked for, where one is slow


class Coverage(NamedTuple):
    """Share of experiments whose interval holds the truth, its error, and how many there were."""

    share: float
    error: float
    experiments: int


def _bounds(found: Mapping[str, Any], truth: float) -> tuple[float | None, float | None, float]:
    return found["low"], found["high"], truth


def paired(lots: np.random.Generator) -> tuple[float | None, float | None, float]:
    base = lots.normal(0.0, 3.0, 200)
    return _bounds(statistics.paired(base, base + lots.normal(0.3, 1.0, 200)), 0.3)


def paired_seldom(lots: np.random.Generator) -> tuple[float | None, float | None, float]:
    """An arm that changes one history in ten."""
    change = np.where(lots.random(400) < 0.1, lots.choice([-1.0, 1.0], 400, p=[0.3, 0.7]), 0.0)
    return _bounds(statistics.paired(np.zeros(400), change), 0.04)


def student(lots: np.random.Generator) -> tuple[float | None, float | None, float]:
    return _bounds(statistics.mean_of_few(lots.normal(1.0, 2.0, 8)), 1.0)


def share(lots: np.random.Generator) -> tuple[float | None, float | None, float]:
    return _bounds(statistics.share(int(lots.binomial(200, 0.3)), 200), 0.3)


def share_seldom(lots: np.random.Generator) -> tuple[float | None, float | None, float]:
    return _bounds(statistics.share(int(lots.binomial(400, 0.02)), 400), 0.02)


def median(lots: np.random.Generator) -> tuple[float | None, float | None, float]:
    return _bounds(statistics.median(lots.exponential(1.0, 150)), float(np.log(2.0)))


def median_of_ticks(lots: np.random.Generator) -> tuple[float | None, float | None, float]:
    """Whole ticks, cut off at the horizon; the median is the least tick by which half have come."""
    return _bounds(statistics.median(np.minimum(lots.geometric(0.05, 150), 60.0)), float(np.ceil(np.log(0.5) / np.log(0.95))))


def kaplan_meier(lots: np.random.Generator) -> tuple[float | None, float | None, float]:
    """Lifetimes of one tick in ten, some watched for a while only, all to the horizon; the share left after five ticks."""
    times, ends = lots.geometric(0.1, 150), np.minimum(lots.integers(1, 40, 150), 12)
    happened = np.bincount(times[times <= ends], minlength=13)
    found = survival.curve(happened, np.bincount(ends[times > ends], minlength=13))
    return float(found.low[5]), float(found.high[5]), 0.9**5


def kaplan_meier_median(lots: np.random.Generator) -> tuple[float | None, float | None, float]:
    times, ends = lots.geometric(0.1, 150), np.minimum(lots.integers(1, 40, 150), 30)
    counted = survival.Survival(["one"], 30)
    watched = np.ones((150, 1), bool)
    counted.enter(survival.Lifetimes(np.minimum(times, ends)[:, None], (times <= ends)[:, None], watched))
    found = counted.told()[0]["median"]
    return found["low"], np.inf if found["high"] is None else found["high"], 7.0  # 0.9⁷ < ½ < 0.9⁶


def sequence_of_shares(lots: np.random.Generator) -> tuple[float | None, float | None, float]:
    return _stopped((lots.random(6000) < 0.3).astype(float), 0.3, (0.0, 1.0))


def sequence_of_differences(lots: np.random.Generator) -> tuple[float | None, float | None, float]:
    return _stopped(lots.choice([-1.0, 0.0, 1.0], 6000, p=[0.05, 0.85, 0.1]), 0.05, (-1.0, 1.0))


def sequence_without_range(lots: np.random.Generator) -> tuple[float | None, float | None, float]:
    return _stopped(lots.exponential(0.5, 6000), 0.5, None)


def _stopped(values: np.ndarray, truth: float, bounds: tuple[float, float] | None) -> tuple[float | None, float | None, float]:
    """The interval at the moment of stopping."""
    rule = sequential.until("half-width 0.04")
    count = next(count for count in sequential.looks(6000) if count == 6000 or sequential.is_narrow(values[:count], rule, bounds))
    return _bounds(sequential.interval(values[:count], bounds), truth)


GAIN = np.array([0.5, -0.2, 0.1])
"""What each of three factors adds alone; the first two together add `BOTH` more."""

BOTH = 0.4


def _game(lots: np.random.Generator, histories: int) -> shapley.Game:
    luck = lots.normal(0.0, 1.0, (8, histories)) * 0.4 + lots.normal(0.0, 1.0, histories)

    def value(coalition: int) -> np.ndarray:
        inside = np.array([coalition >> bit & 1 for bit in range(3)])
        return GAIN @ inside + BOTH * inside[0] * inside[1] + luck[coalition]

    return value


def shapley_exact(lots: np.random.Generator) -> tuple[float | None, float | None, float]:
    gains = shapley.exact(_game(lots, 128), 3).gains[:, 0]
    return _bounds(statistics.mean_of_few(gains), GAIN[0] + BOTH / 2.0)


def shapley_sampled(lots: np.random.Generator) -> tuple[float | None, float | None, float]:
    blocks = [shapley.sampled(_game(lots, 16), 3, shapley.order(3, int(lots.integers(2**31)), block)).gains for block in range(16)]
    return _bounds(statistics.mean_of_few(np.concatenate(blocks)[:, 0]), GAIN[0] + BOTH / 2.0)


def simultaneous(lots: np.random.Generator) -> tuple[float | None, float | None, float]:
    """The band of five means that go together: by how much the farthest of them lies outside, which should be nought or less."""
    values = lots.normal(0.0, 1.0, (200, 5)) + lots.normal(0.0, 1.0, (200, 1))
    low, high, _ = statistics.simultaneous(values, int(lots.integers(2**31)))
    centre = (low + high) / 2.0
    farthest = int(np.argmax(np.abs(centre) / (high - low)))
    return float(low[farthest]), float(high[farthest]), 0.0


def _varied() -> tuple[designs.Input, ...]:
    nothing: Any = None
    return tuple(designs.Input(name, nothing, 0.0, 1.0, None) for name in "abc")


def sobol_first(lots: np.random.Generator) -> tuple[float | None, float | None, float]:
    """Of y = 2a + b on the unit cube: the first index of a is 4/5."""
    return _sobol(lots, "first", 0, 0.8)


def sobol_total(lots: np.random.Generator) -> tuple[float | None, float | None, float]:
    return _sobol(lots, "total", 1, 0.2)


def sobol_first_by_lot(lots: np.random.Generator) -> tuple[float | None, float | None, float]:
    return _sobol(lots, "first", 0, 0.8, by_lot=True)


def sobol_total_by_lot(lots: np.random.Generator) -> tuple[float | None, float | None, float]:
    return _sobol(lots, "total", 1, 0.2, by_lot=True)


def _drawn_by_lot(lots: np.random.Generator, count: int) -> designs.Design:
    """The same design with base points that are drawn one by one, as the bootstrap takes them to be."""
    one, other = lots.random((2, count, 3))
    mixed = [np.where(np.arange(3) == column, other, one) for column in range(3)]
    return designs.Design("sobol", _varied(), count, np.stack([one, *mixed, other], axis=1).reshape(-1, 3))


def _sobol(lots: np.random.Generator, name: str, at: int, truth: float, by_lot: bool = False) -> tuple[float | None, float | None, float]:
    seed = int(lots.integers(2**31))
    found = _drawn_by_lot(lots, 64) if by_lot else designs.design("sobol", _varied(), 64, seed)
    means = 2.0 * found.values[:, 0] + found.values[:, 1]
    luck = lots.normal(0.0, 1.0, 64)[None] + lots.normal(0.0, 0.5, (len(means), 64))
    told = sensitivity.indices(found, means[:, None] + luck, int(lots.integers(2**31)))
    assert told is not None and told["why"] is None
    return _bounds(told["inputs"][at][name], truth)


KINDS: dict[str, Kind] = {
    "paired mean": Kind(paired),
    "paired mean, few histories change": Kind(paired_seldom),
    "mean of few groups (Student)": Kind(student),
    "share (Wilson), 30 %": Kind(share),
    "share (Wilson), 2 %": Kind(share_seldom),
    "median (bootstrap)": Kind(median),
    "median of whole ticks": Kind(median_of_ticks, above=True),
    "Kaplan-Meier curve": Kind(kaplan_meier),
    "Kaplan-Meier median": Kind(kaplan_meier_median, above=True),
    "sequence at stopping, shares": Kind(sequence_of_shares, above=True),
    "sequence at stopping, differences": Kind(sequence_of_differences, above=True),
    "sequence at stopping, no range": Kind(sequence_without_range, above=True),
    "Shapley value, exact": Kind(shapley_exact),
    "Shapley value, sampled": Kind(shapley_sampled),
    "band of several means (sup-t)": Kind(simultaneous, part=0.5),
    "Sobol index alone (bootstrap)": Kind(sobol_first, above=True, part=0.3),
    "Sobol index with others": Kind(sobol_total, above=True, part=0.3),
    "Sobol alone, base points by lot": Kind(sobol_first_by_lot, part=0.3),
    "Sobol with others, points by lot": Kind(sobol_total_by_lot, part=0.3),
}
"""All kinds by name."""


def coverage(kind: Kind, experiments: int, seed: int = 0, width: float = 1.0) -> Coverage:
    """Return how often an interval holds the truth.

    Parameters
    ----------
    kind : Kind
        Of interval.
    experiments : int
        How many.
    seed : int
        Of the lots.
    width : float
        Width of the interval as a part of what it is, about its middle; below 1 it is broken.
    """
    count = max(1, round(experiments * kind.part))
    hits = [_holds(*kind.does(np.random.default_rng([seed, number])), width) for number in range(count)]
    found = float(np.mean(hits))
    return Coverage(found, float(np.sqrt(max(found * (1.0 - found), 0.05 * 0.95 / 4.0) / count)), count)


def _holds(low: float | None, high: float | None, truth: float, width: float) -> bool:
    assert low is not None and high is not None
    if width < 1.0:
        middle, half = (low + high) / 2.0, width * (high - low) / 2.0
        low, high = middle - half, middle + half
    return low <= truth <= high


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--experiments", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=0)
    asked = parser.parse_args()
    print(f"{'interval':36} coverage  error  experiments")
    for name, kind in KINDS.items():
        found = coverage(kind, asked.experiments, asked.seed)
        said = "  (above 95 % by construction)" if kind.above else ""
        print(f"{name:36} {100 * found.share:6.1f} %  {100 * found.error:3.1f} %  {found.experiments:6}{said}", flush=True)


if __name__ == "__main__":
    main()
