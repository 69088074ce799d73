"""Published models are exact limits of the street, and each check is shown to fail on a street that is slightly wrong."""

from __future__ import annotations

from collections.abc import Callable

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from virtu import chance
from virtu.classics import arms_race, civil_violence, concession, hawkes
from virtu.minds.choice import quantal_response
from virtu.street import activation, camps, elites, incidents, media, perception, phases
from virtu.street.elites import Stakes
from virtu.testing import quickly

from .street_stage import HISTORIES, RUN, TICKS, agenda_with, build, run, stage, street

STEPS = 6000


def race(reach: np.ndarray, grievance: np.ndarray, spread: float) -> np.ndarray:
    """Run the street's media, estimates and intensity with nothing else in them, in double precision, and return the levels reached.

    One wing, no memory, no noise, no theory of mind, no ratchet, no care: Richardson's race with the bias exp(σ²).
    """
    with jax.enable_x64(True):
        one, nought, double = jnp.ones((2, 1)), jnp.zeros((2, 1)), jnp.float64
        share, weights = jnp.stack([one, nought], axis=1), jnp.asarray(reach)[:, :, None]

        def step(_: int, level: jax.Array) -> jax.Array:
            seen = media.shown(share, jnp.stack([level, level], axis=1), double(1.0), double(spread), nought)
            drive = jnp.sum(weights * perception.looked_at(level, seen.mean, nought), axis=1) + grievance[:, None]
            return jnp.minimum(camps.escalate(level, drive, one, nought, double(0.5)), 1e4)

        return np.asarray(jax.lax.fori_loop(0, STEPS, step, jnp.zeros((2, 1), double)))[:, 0]


def check_richardson() -> None:
    """Fixed points to 1e-6 in double precision; a bias of 1.99 multiplies levels by a hundred, one of 2.01 runs away."""
    # 2y − 5x + 5 and 2x − 3y + 5, each divided by its fatigue: the same rest.
    rest = race(np.array([[0.0, 2 / 5], [2 / 3, 0.0]]), np.array([1.0, 5 / 3]), 0.0)
    np.testing.assert_allclose(rest, [25 / 11, 35 / 11], rtol=1e-6)
    alike, grievance = np.array([[0.0, 0.5], [0.5, 0.0]]), np.array([0.1, 0.1])
    for bias, level in ((1.0, 0.2), (1.99, 20.0)):
        np.testing.assert_allclose(race(alike, grievance, np.sqrt(np.log(bias))), level, rtol=1e-6)
        assert level == pytest.approx(arms_race.fixed_point(arms_race.arms_race(0.5, 1.0, 0.1, bias))[0])
    assert race(alike, grievance, np.sqrt(np.log(2.01))).tolist() == [1e4, 1e4]


def check_inflation() -> None:
    """What is shown of one wing is exp(ησ²) times what is; of two it is the weighted mean over people, by quadrature."""
    for eta, sigma in ((0.0, 1.2), (1.0, 1.2), (0.5, 0.8), (2.0, 1.0)):
        seen = media.shown(*_wings(0.0, 0.7, 0.7), jnp.float32(eta), jnp.float32(sigma), jnp.zeros((1, 1)))
        assert float(seen.mean[0, 0]) == pytest.approx(0.7 * np.exp(eta * sigma**2), rel=2e-6)
        nodes, weights = np.polynomial.hermite_e.hermegauss(80)
        levels = [np.exp(np.log(mean) - sigma**2 / 2 + sigma * nodes) for mean in (0.2, 1.0)]
        shares = (0.95 * weights, 0.05 * weights)
        total = sum((share * level**eta).sum() for share, level in zip(shares, levels, strict=True))
        mean = sum((share * level ** (1 + eta)).sum() for share, level in zip(shares, levels, strict=True)) / total
        seen = media.shown(*_wings(0.05, 0.2, 1.0), jnp.float32(eta), jnp.float32(sigma), jnp.zeros((1, 1)))
        assert float(seen.mean[0, 0]) == pytest.approx(mean, rel=1e-5)
        assert float(seen.radical[0, 0]) == pytest.approx((shares[1] * levels[1] ** eta).sum() / total, rel=1e-5)


def _wings(radical: float, moderate: float, extreme: float) -> tuple[jax.Array, jax.Array]:
    return media.wings(jnp.full((1, 1), radical)), jnp.array([[[moderate], [extreme]]])


def check_epstein() -> None:
    """q(0) = .4444 and q(.8997) = .0198 at L = .82, T = .1; all of q(P), P by all roundings; and with a push, people one by one."""
    assert float(willing(0.18, 0.0, 0.0, 0.1)) == pytest.approx(0.4444, abs=5e-5)
    assert float(willing(0.18, 0.0, 0.8997, 0.1)) == pytest.approx(0.0198, abs=5e-5)
    risk = np.linspace(0.0, 1.5, 301, dtype=np.float32)
    for legitimacy in (0.0, 0.5, 0.82, 0.95):
        for threshold in (0.0, 0.1, 0.4):
            found = willing(1.0 - legitimacy, 0.0, risk, threshold)
            np.testing.assert_allclose(found, civil_violence.active_fraction(risk, legitimacy, threshold), atol=2e-6)
    police, active = np.meshgrid(np.linspace(0.1, 9.7, 40), np.linspace(0.0, 12.3, 40))
    for code, rounding in enumerate(("none", "floor", "round")):
        found = activation.arrest_risk(jnp.asarray(police), jnp.asarray(active), jnp.float32(2.3), jnp.float32(code))
        expected = civil_violence.arrest_probability(police, 1.0 + active, 2.3, rounding)
        assert (np.abs(found - expected) > 1e-5).mean() < 2e-3  # where C/A is nearly whole, rounding may go either way
    assert float(activation.arrest_risk(jnp.float32(1.0), jnp.float32(0.0), jnp.float32(2.3), jnp.float32(0.0))) == pytest.approx(
        0.8997, abs=1e-4
    )
    hardship, aversion = (np.arange(400) + 0.5)[:, None] / 400, (np.arange(400) + 0.5) / 400
    for a, push, chance_of_arrest in ((0.3, 0.05, 0.4), (0.3, 0.5, 0.9), (0.2, -0.05, 0.1), (0.8, 0.3, 1e-5)):
        ready = hardship * a + push - aversion * chance_of_arrest > 0.1
        assert float(willing(a, push, chance_of_arrest, 0.1)) == pytest.approx(ready.mean(), abs=3e-3)


def willing(a: float, push: float, risk: float | np.ndarray, threshold: float) -> jax.Array:
    return activation.willing(jnp.float32(a), jnp.float32(push), jnp.asarray(risk, jnp.float32), jnp.float32(threshold))


def check_hawkes() -> None:
    """The mean settles at (I − n)⁻¹ μ, and half of an incident's children have come after each half-life."""
    branching, background = np.array([[0.4, 0.2, 0.0], [0.3, 0.3, 0.1], [0.0, 0.2, 0.5]]), np.array([1.0, 0.5, 0.2])
    share = incidents.released(jnp.float32(2.3), jnp.float32(7.0))
    pool, events = jnp.zeros((3, 1)), jnp.zeros((3, 1))
    for _ in range(200):
        events = jnp.asarray(background, jnp.float32)[:, None] + share * pool
        pool = incidents.next_pool(pool, events, jnp.asarray(branching, jnp.float32)[:, :, None], share)
    model = hawkes.process(background, branching, np.log(2) / 2.3, 1.0)
    np.testing.assert_allclose(events[:, 0], hawkes.mean_rate(model)[:, 0], rtol=1e-5)
    daily = incidents.released(jnp.float32(2.3), jnp.float32(1.0))
    left, born = jnp.array([[1.0]]), []
    for _ in range(23):
        born.append(float(daily * left[0, 0]))
        left = incidents.next_pool(left, jnp.zeros((1, 1)), jnp.ones((1, 1, 1)), daily)
    assert sum(born) == pytest.approx(1.0 - 0.5**10, rel=1e-5)


def check_concession() -> None:
    """In a period of threat each answer leaves the elite what Acemoglu & Robinson (2006) say, and the best response is theirs."""
    random = np.random.default_rng(3)
    elite, size = random.uniform(0.02, 0.4, 4000), 4000
    inequality = elite + (0.97 - elite) * random.uniform(0.05, 1.0, size)
    parts = [inequality, elite, random.random(size), random.uniform(0.0, 0.98, size), random.uniform(0.3, 3.0, size)]
    cost, frequency = random.random(size), random.random(size)
    theirs = concession.choice(concession.conflict(*parts), frequency, cost)
    stakes = Stakes(*(jnp.asarray(part, jnp.float32) for part in (*parts, cost)))
    ours = np.asarray(elites.worth(stakes, jnp.asarray(frequency, jnp.float32), jnp.ones(size)))
    expected = np.stack([theirs.ignore, np.maximum(theirs.concede, theirs.share_power), theirs.repress])
    # Where a concession just suffices, single precision may see it fall short.
    edge = np.abs(frequency - concession.critical_frequency(concession.conflict(*parts))) < 1e-4
    assert edge.mean() < 2e-3
    np.testing.assert_allclose(ours[:, ~edge], expected[:, ~edge], atol=2e-5)
    picks = np.asarray(quantal_response(jnp.moveaxis(jnp.asarray(ours), 0, -1), jnp.full(size, 1e6))).argmax(axis=-1)
    gap = np.diff(np.sort(expected, axis=0), axis=0)[-1]
    clear = ~edge & (gap > 1e-4)
    assert np.array_equal(picks[clear], np.array([0, 1, 1, 2])[theirs.best[clear]]) and clear.mean() > 0.5
    assert {0, 1, 2} == set(picks.tolist())


CHECKS: tuple[Callable[[], None], ...] = (check_richardson, check_inflation, check_epstein, check_hawkes, check_concession)

MUTANTS: dict[str, tuple[Callable[[], None], object, str, object]] = {
    "levels follow the drive without fatigue of their own": (
        check_richardson,
        camps,
        "escalate",
        lambda level, drive, fatigue, floor, step: jnp.maximum(floor, level + step * (drive - 0.999 * level)),
    ),
    "what is shown is taken half for granted": (
        check_richardson,
        perception,
        "looked_at",
        lambda mean, seen, attention: jnp.sqrt(mean * seen)[None] + 0.0 * attention[:, None],
    ),
    "the spread counts once": (
        check_inflation,
        media,
        "mean_power",
        lambda mean, spread, power: jnp.power(mean, power) * jnp.exp(0.5 * power * jnp.square(spread)),
    ),
    "nobody below nought": (
        check_epstein,
        activation,
        "willing",
        lambda a, push, risk, threshold: jnp.clip((a - threshold + push - risk / 2) / a, 0.0, 1.0),
    ),
    "who reckons is not among the actives": (
        check_epstein,
        activation,
        "arrest_risk",
        lambda police, active, constant, rounding: -jnp.expm1(-constant * police / jnp.maximum(active, 0.5)),
    ),
    "children of rows and columns changed over": (
        check_hawkes,
        incidents,
        "next_pool",
        lambda pool, events, branching, share: pool * (1 - share) + jnp.sum(jnp.swapaxes(branching, 0, 1) * events[None], axis=1),
    ),
    "a half-life of e": (check_hawkes, incidents, "released", lambda half_life, days: -jnp.expm1(-days / half_life)),
    "the elite pays no part of the waste": (
        check_concession,
        elites,
        "_loss",
        lambda stakes, rate: rate * (stakes.inequality - stakes.elite),
    ),
    "only temporary concessions": (check_concession, elites, "_least_rate", lambda stakes, needed: jnp.zeros_like(needed)),
}


@pytest.mark.parametrize("check", CHECKS)
def test_limit(check: Callable[[], None]) -> None:
    """The street gives the published numbers."""
    check()


@pytest.mark.parametrize("name", MUTANTS)
def test_a_mutation_breaks_it(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A street that is slightly wrong does not."""
    check, module, attribute, wrong = MUTANTS[name]
    monkeypatch.setattr(module, attribute, wrong)
    with pytest.raises(AssertionError):
        check()


BARE = {"perception_memory": 0.0, "perception_noise": 0.0, "ratchet": 0.0, "victim_anger": 0.0, "restraint": 0.0, "repression_calm": 0.0}


def test_whole_histories_are_the_race() -> None:
    """With nothing but reaction, fatigue and grievance left, the phases run Richardson's race by Euler's steps, to 1e-5."""
    scenario = street()
    setup, agenda = build.setup(scenario), build.baseline(scenario)
    quiet = setup._replace(radical=np.zeros_like(setup.radical), tactic=np.zeros_like(setup.tactic))
    constants = BARE | {"reaction": 0.5, "intensity_spread": 0.8}
    _, trace = run(quiet, agenda_with(agenda, constants, off=("theory_of_mind", "recruitment", "elite")))
    theirs = arms_race.arms_race(0.5, 1.0, setup.grievance.astype(float), np.exp(0.8**2))
    path = arms_race.euler(theirs, setup.intensity[:, 0].astype(float), 0.25, TICKS)
    np.testing.assert_allclose(trace.intensity[:, :, 0], np.broadcast_to(path[1:, :, None], (TICKS, 2, RUN)), rtol=1e-5)
    _, ratcheted = run(
        quiet, agenda_with(agenda, constants | {"reaction": 0.01, "ratchet": 1.0}, off=("theory_of_mind", "recruitment", "elite"))
    )
    assert (np.diff(ratcheted.intensity[:, :, 0], axis=0) >= 0.0).all() and ratcheted.intensity[-1].min() > 0.0


def test_incidents_of_whole_histories_have_the_mean_of_hawkes() -> None:
    """Incidents of 250 weeks in 8 histories, with everybody out and nobody hurt: the mean is (I − n)⁻¹ μ within 4 standard errors."""
    now = stage()
    bare = now.having(turnout_reference=1.0, lethality=0.0, injury_rate=0.0).set(background=[[2.0], [1.0]])
    active = bare.setup.people * bare.setup.cell_share[:, None, None] * jnp.array([1.0, 0.0])[None, None, :, None]
    state = bare.but(active=active).state
    key, total = chance.history_keys(7, jnp.arange(HISTORIES)), []
    for tick in range(260):
        luck = _luck(bare.setup, key, jnp.int32(tick))
        state, info = _incidents(state, bare.info, bare.world._replace(luck=luck))
        if tick >= 10:
            total.append(np.asarray(info.incidents))
    branching = np.asarray(bare.setup.branching)[..., 0]
    expected = np.linalg.solve(np.eye(2) - branching, [2.0, 1.0])
    found = np.array(total).mean(axis=(0, 2))
    spread = np.linalg.inv(np.eye(2) - branching)
    error = np.sqrt(np.diag(spread @ np.diag(expected) @ spread.T) / (250 * np.array(total).shape[2]))
    assert (np.abs(found - expected) < 4.0 * error).all() and (error < 0.05 * expected).all()


_incidents, _luck = quickly(incidents.incidents), quickly(phases.luck)
