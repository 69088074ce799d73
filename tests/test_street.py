"""Whole histories of the street: numbers in their ranges, chance that nothing but its name decides, and what leaves no trace."""

from __future__ import annotations

import jax
import numpy as np
import pytest

from virtu.errors import InputError
from virtu.scenario.street_vocabulary import street_parameters
from virtu.scenario.vocabulary import traits
from virtu.street import build, phases
from virtu.street.state import Agenda, Setup

from .street_stage import RUN, TICKS, agenda_with, run, street

SHARES = ("turnout", "radical", "seen_radical", "coverage", "support", "disorder", "legitimacy", "concession", "repression", "jailed")


def base() -> tuple[Setup, Agenda]:
    scenario = street()
    return build.setup(scenario), build.baseline(scenario)


def alike(one: phases.Trace, other: phases.Trace) -> list[str]:
    """Return the names of the parts that are equal bit for bit."""
    return [name for name in one._fields if np.array_equal(getattr(one, name), getattr(other, name))]


def test_every_number_is_one_and_in_its_range() -> None:
    """Forty weeks: nothing is missing or infinite, shares are shares, counts are whole, support adds up to everybody."""
    state, trace = run(*base())
    for name, part in trace._asdict().items():
        assert part.shape[0] == TICKS and part.shape[-1] == RUN, name
        assert np.isfinite(part).all(), name
    for name in SHARES:
        part = getattr(trace, name)
        assert part.min() >= 0.0 and part.max() <= 1.0 + 1e-6, name
    for name in ("incidents", "shots", "killed", "injured", "victims"):
        part = getattr(trace, name)
        assert (part >= 0).all() and np.array_equal(part, np.round(part)), name
    assert trace.incidents.sum() > 100 and trace.injured.sum() > 10
    np.testing.assert_allclose(trace.support.sum(axis=1), 1.0, atol=1e-5)
    assert not trace.ran_away.any() and all(np.isfinite(part).all() for part in jax.tree.leaves(state))


@pytest.mark.parametrize("chunk", [1, 7])
def test_chunks_change_nothing(chunk: int) -> None:
    """Histories run one by one, or seven at a time, are those run twenty at a time, bit for bit."""
    whole = run(*base())[1]
    part = run(*base(), histories=chunk, first=RUN - chunk)[1]
    cut = phases.Trace(*(one[..., RUN - chunk :] for one in whole))
    assert alike(cut, part) == list(phases.Trace._fields)
    assert len(alike(cut, run(*base(), histories=chunk, first=RUN - 1 - chunk)[1])) < len(phases.Trace._fields)


def test_extremes_stay_numbers() -> None:
    """Every constant at an end of its range, and traits with it, in forty corners: nothing is missing or infinite, shares stay shares."""
    setup, agenda = base()
    random = np.random.default_rng(0)
    ran = []
    for _ in range(40):
        corner = {name: float(random.choice([knob.low, knob.high])) for name, knob in street_parameters().items()}
        values = np.array([random.choice([trait.low, trait.high]) for trait in traits().values()], np.float32)
        state, trace = run(setup, agenda_with(agenda, corner, trait=values[:, None]))
        assert all(np.isfinite(part).all() for part in (*trace, *state)), corner
        for name in SHARES:
            part = getattr(trace, name)
            assert part.min() >= 0.0 and part.max() <= 1.0 + 1e-5, (name, corner)
        ran.append(trace.ran_away[-1].all())
    assert 5 <= sum(ran) <= 35


def test_a_flagged_history_is_held_at_the_ceiling() -> None:
    """With a reaction of 2 a step of the race grows; intensity stops at the ceiling and the flag stays."""
    setup, agenda = base()
    _, trace = run(setup, agenda_with(agenda, {"reaction": 8.0, "ceiling": 50.0}))
    assert trace.intensity.max() == 50.0
    assert trace.ran_away[-1].all() and not trace.ran_away[0].any()
    assert (np.diff(trace.ran_away.astype(int), axis=0) >= 0).all()


def test_nothing_shown_nothing_moves() -> None:
    """Without people in the street and incidents, support, reasonableness, disorder and legitimacy stay what they were at the start."""
    setup, agenda = base()
    quiet = setup._replace(background=np.zeros_like(setup.background), tactic=np.zeros_like(setup.tactic))
    _, trace = run(quiet, agenda_with(agenda, off=("elite", "recruitment")))
    for name in ("support", "legitimacy", "disorder", "reasonableness"):
        part = getattr(trace, name)
        np.testing.assert_allclose(part, np.broadcast_to(part[:1], part.shape), atol=2e-6, err_msg=name)
    assert not trace.turnout.any() and not trace.incidents.any()


def test_a_run_needs_a_tick() -> None:
    """The setup fits a run of any length but none."""
    setup, _ = base()
    assert build.fitted(setup, 3) is setup
    with pytest.raises(InputError, match="at least one tick"):
        build.fitted(setup, 0)
