"""Calibration measured: whether what it says of inputs is right, and how it compares with other ways of fitting a simulation.

``python benchmarks/calibration.py bank FILE`` runs a small organisation at 64 points of a design, and at 60 points drawn from the prior,
each of these with histories of its own. ``python benchmarks/calibration.py methods FILE`` lets each method find the 60 points again from
what came of them, given the 64; it needs no simulation, and where sbi or pyabc are installed it tries them too.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from importlib import import_module
from importlib.util import find_spec
from typing import Any, NamedTuple

import numpy as np
from scipy.stats import qmc

from virtu.inference import emulator, tempering

FREE = ("parameter effort = 0:0.02", "parameter grievance_gain = 0:3", "parameter cultivate_gain = 0:0.3")
FACTS = ("hostility", "gini", "falls", "strikes", "result")
POINTS, TRUTHS, HISTORIES, TICKS = 64, 60, 100, 24
DRAWS = 1000


class Bank(NamedTuple):
    """What was simulated; n points of a design, N truths, m facts."""

    points: np.ndarray  # (n, d) in the unit cube
    values: np.ndarray  # (n, m)
    variances: np.ndarray  # (n, m)
    shared: np.ndarray  # (m, m)
    truths: np.ndarray  # (N, d)
    facts: np.ndarray  # (N, m)
    errors: np.ndarray  # (N, m) standard errors


Method = Callable[[Bank, int, np.random.Generator], np.ndarray]
"""Draws from the posterior of a truth, shape (S, d)."""


def bank(path: str) -> None:
    from virtu.inference import surfaces
    from virtu.laboratory import designs, places, proposals, quantities
    from virtu.laboratory.compare import joined
    from virtu.scenario import loads, template

    small = loads(template("small"))
    free = designs.inputs(FREE, small, TICKS)
    low, high = (np.array([getattr(one, end) for one in free]) for end in ("low", "high"))
    wanted = [quantities.read(text, small) for text in FACTS]

    def run(points: np.ndarray, seed: int) -> surfaces.Design:
        order = proposals.order(small, free, low + points * (high - low), wanted, HISTORIES, seed, TICKS)
        parts, timing = places.gathered(order, "local", None, None, None)
        return surfaces.design_of(proposals.told(order, joined(parts), small, timing), low, high)

    started = time.perf_counter()
    design = run(qmc.Sobol(len(free), rng=np.random.default_rng(0)).random(POINTS), 0)
    truths = np.random.default_rng(1).random((TRUTHS, len(free)))
    seen = [run(one[None], 1000 + number) for number, one in enumerate(truths)]
    facts, errors = np.concatenate([one.values for one in seen]), np.sqrt(np.concatenate([one.variances for one in seen]))
    np.savez(path, **Bank(*design, truths, facts, errors)._asdict())
    print(f"{POINTS + TRUTHS} points of {HISTORIES} histories in {time.perf_counter() - started:.0f} s")


def rejection(given: Bank, number: int, chance: np.random.Generator) -> np.ndarray:
    """The eighth of the points whose results lie nearest."""
    near = _distance(given, number).argsort()[: POINTS // 8]
    return given.points[chance.choice(near, DRAWS)]


def regression(given: Bank, number: int, chance: np.random.Generator) -> np.ndarray:
    """Local-linear regression adjustment on half of the points (Beaumont, Zhang & Balding 2002), inputs on the log odds scale."""
    far = _distance(given, number)
    near = far.argsort()[: POINTS // 2]
    weight = 1.0 - (far[near] / far[near].max()) ** 2 + 1e-9
    log_odds = np.log(given.points[near] / (1.0 - given.points[near]))
    terms = np.concatenate([np.ones((len(near), 1)), (given.values[near] - given.facts[number]) / given.errors[number]], axis=1)
    slopes = np.linalg.lstsq(terms * np.sqrt(weight)[:, None], log_odds * np.sqrt(weight)[:, None], rcond=None)[0]
    # What is measured has an error that the results have not: it is drawn for each, as part of what is regressed on.
    chosen = chance.choice(len(near), DRAWS, p=weight / weight.sum())
    noise = chance.standard_normal((DRAWS, terms.shape[1] - 1))
    adjusted = log_odds[chosen] - (terms[chosen, 1:] + noise) @ slopes[1:]
    return 1.0 / (1.0 + np.exp(-adjusted))


def quadratic(given: Bank, number: int, chance: np.random.Generator) -> np.ndarray:
    """Synthetic likelihood (Wood 2010) on a quadratic response surface with products, its residuals' variance as error."""

    def terms(at: np.ndarray) -> np.ndarray:
        pairs = [at[:, [one]] * at[:, [other]] for one in range(at.shape[1]) for other in range(one, at.shape[1])]
        return np.concatenate([np.ones((len(at), 1)), at, *pairs], axis=1)

    known = terms(given.points)
    weights = np.linalg.lstsq(known, given.values, rcond=None)[0]
    spread = ((given.values - known @ weights) ** 2).sum(axis=0) / (len(known) - known.shape[1])
    wide = np.sqrt(given.errors[number] ** 2 + spread)
    return tempering.draws(lambda at: -0.5 * (((given.facts[number] - terms(at) @ weights) / wide) ** 2).sum(axis=1), 3, DRAWS, chance)


def processes(shared: bool) -> Method:
    """Gaussian processes, with or without the error that all points share."""
    made: dict[int, list[emulator.Emulator]] = {}

    def found(given: Bank, number: int, chance: np.random.Generator) -> np.ndarray:
        if id(given) not in made:
            made[id(given)] = [
                emulator.fitted(given.points, values, variances)
                for values, variances in zip(given.values.T, given.variances.T, strict=True)
            ]
        common = given.shared if shared else np.zeros_like(given.shared)

        def height(at: np.ndarray) -> np.ndarray:
            means, variances = (
                np.stack(part, axis=1) for part in zip(*(emulator.foretold(one, at) for one in made[id(given)]), strict=True)
            )
            total = common + (variances + given.errors[number] ** 2)[:, :, None] * np.eye(len(common))
            away = given.facts[number] - means
            scaled = np.linalg.solve(total, away[:, :, None])[:, :, 0]
            return -0.5 * (away * scaled).sum(axis=1) - 0.5 * np.linalg.slogdet(total)[1]

        return tempering.draws(height, given.points.shape[1], DRAWS, chance)

    return found


def neural(given: Bank) -> Method:
    """Neural posterior estimation (sbi) on the design, each point with 50 draws of a typical error."""
    torch, inference, utils = (import_module(name) for name in ("torch", "sbi.inference", "sbi.utils"))
    torch.manual_seed(0)
    chance = np.random.default_rng(2)
    points, values = np.repeat(given.points, 50, axis=0), np.repeat(given.values, 50, axis=0)
    noisy = values + given.errors.mean(axis=0) * chance.standard_normal(values.shape)
    size = points.shape[1]
    trainer = inference.NPE(utils.BoxUniform(torch.zeros(size), torch.ones(size)), show_progress_bars=False)
    trainer.append_simulations(torch.tensor(points, dtype=torch.float32), torch.tensor(noisy, dtype=torch.float32)).train()
    posterior = trainer.build_posterior()

    def found(given: Bank, number: int, _: np.random.Generator) -> np.ndarray:
        seen = torch.tensor(given.facts[number], dtype=torch.float32)
        return posterior.sample((DRAWS,), x=seen, show_progress_bars=False).numpy()

    return found


def sequential(budget: int) -> Method:
    """ABC by sequential Monte Carlo (pyabc), on surfaces in the place of the simulation, with so many evaluations of them."""
    import logging

    pyabc = import_module("pyabc")
    logging.getLogger("ABC").setLevel(logging.ERROR)
    made: list[emulator.Emulator] = []

    def found(given: Bank, number: int, chance: np.random.Generator) -> np.ndarray:
        if not made:
            made.extend(
                emulator.fitted(given.points, values, errors) for values, errors in zip(given.values.T, given.variances.T, strict=True)
            )
        names = [f"x{place}" for place in range(given.points.shape[1])]

        def model(at: Any) -> dict[str, float]:
            point = np.array([[at[name] for name in names]])
            noise = given.errors[number] * chance.standard_normal(len(made))
            return {str(place): float(emulator.foretold(one, point)[0][0] + noise[place]) for place, one in enumerate(made)}

        distance = pyabc.PNormDistance(2, fixed_weights={str(place): 1.0 / error for place, error in enumerate(given.errors[number])})
        prior = pyabc.Distribution(**{name: pyabc.RV("uniform", 0.0, 1.0) for name in names})
        search = pyabc.ABCSMC(model, prior, distance, population_size=max(16, budget // 16), sampler=pyabc.sampler.SingleCoreSampler())
        search.new("sqlite://", {str(place): float(value) for place, value in enumerate(given.facts[number])})
        history = search.run(max_total_nr_simulations=budget, minimum_epsilon=0.5, max_nr_populations=20)
        frame, weight = history.get_distribution()
        return frame[names].to_numpy()[chance.choice(len(frame), DRAWS, p=weight / weight.sum())]

    return found


def _distance(given: Bank, number: int) -> np.ndarray:
    return np.sqrt((((given.values - given.facts[number]) / given.errors[number]) ** 2).sum(axis=1))


def methods(path: str) -> None:
    given = Bank(**np.load(path))
    given = given._replace(errors=np.maximum(given.errors, 1.0 / HISTORIES))  # none in all histories is not known to be none
    ways: dict[str, Callable[[], Method]] = {
        "rejection ABC": lambda: rejection,
        "regression ABC": lambda: regression,
        "quadratic synthetic likelihood": lambda: quadratic,
        "processes, shared error forgotten": lambda: processes(False),
        "processes": lambda: processes(True),
    }
    if find_spec("sbi"):
        ways["neural posterior (sbi)"] = lambda: neural(given)
    if find_spec("pyabc"):
        ways |= {f"sequential ABC (pyabc), {budget} runs": lambda budget=budget: sequential(budget) for budget in (128, 2048)}
    print(f"{'method':36} {'covered':>8} {'learnt':>8} {'error':>8} {'score':>8} {'seconds':>8}")
    for name, way in ways.items():
        started, found = time.perf_counter(), way()
        draws = [found(given, number, np.random.default_rng(number)) for number in range(len(given.truths))]
        inside, learnt, error, score = np.mean([_judged(*one) for one in zip(draws, given.truths, strict=True)], axis=0)
        took = time.perf_counter() - started
        print(f"{name:36} {100 * inside:7.1f}% {100 * learnt:7.1f}% {error:8.4f} {score:8.4f} {took:8.1f}", flush=True)


def _judged(draws: np.ndarray, truth: np.ndarray) -> tuple[float, float, float, float]:
    """Return the share of inputs inside 95 % intervals, contraction, error of the mean, and continuous ranked probability score."""
    low, high = np.quantile(draws, (0.025, 0.975), axis=0)
    ordered = np.sort(draws, axis=0)
    rank = (2.0 * np.arange(1, len(draws) + 1) - len(draws) - 1.0)[:, None]
    score = np.abs(draws - truth).mean(axis=0) - (rank * ordered).sum(axis=0) / len(draws) ** 2
    inside = np.mean((low <= truth) & (truth <= high))
    return (
        float(inside),
        float(np.mean(1.0 - 12.0 * draws.var(axis=0))),
        float(np.abs(draws.mean(axis=0) - truth).mean()),
        float(score.mean()),
    )


if __name__ == "__main__":
    {"bank": bank, "methods": methods}[sys.argv[1]](sys.argv[2])
