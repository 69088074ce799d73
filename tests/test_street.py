"""Whole histories of the street: numbers in their ranges, chance that nothing but its name decides, and what leaves no trace."""

from __future__ import annotations

from typing import Any

import jax
import numpy as np
import pytest

from virtu.errors import InputError
from virtu.scenario.street_vocabulary import street_parameters
from virtu.scenario.vocabulary import traits
from virtu.street import build, phases
from virtu.street.state import Agenda, Setup

from .street_stage import CONTENT, RUN, TICKS, agenda_with, run, street

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


def test_the_order_of_camps_and_cells_changes_nothing() -> None:
    """A file with camps and cells the other way round gives the same histories, camp by camp, but for the rounding of sums."""
    content = {name: dict(reversed(list(CONTENT[name].items()))) for name in ("camps", "actors")}
    turned = street(**content, public=CONTENT["public"] | {"cells": dict(reversed(list(CONTENT["public"]["cells"].items())))})
    _, one = run(*base())
    _, other = run(build.setup(turned), build.baseline(turned))
    same = equal_histories(one.incidents, other.incidents[:, ::-1])
    np.testing.assert_allclose(one.intensity[..., same], other.intensity[:, ::-1][..., same], rtol=1e-4)
    np.testing.assert_allclose(one.support[..., same], other.support[:, [1, 0, 2, 3, 4]][..., same], rtol=1e-4)


def equal_histories(one: Any, other: Any) -> np.ndarray:
    """Return the histories in which all incidents are the same; all but one in ten, for a sum rounded otherwise may tip a count."""
    same = (one == other).all(axis=(0, 1))
    assert same.mean() >= 0.9 and one.sum() > 100
    return same


def test_a_camp_of_nobody_that_nobody_watches_changes_nothing() -> None:
    """A third camp without people, incidents or watchers leaves the two others their histories."""
    nobody = {"leader": "Egon", "background": 0.0, "reach": {"reds": 0.0, "blues": 0.0}}
    camps = {name: camp | {"reach": {"greys": 0.0}} for name, camp in CONTENT["camps"].items()} | {"greys": nobody}
    more = street(
        camps=camps,
        actors=CONTENT["actors"] | {"Egon": {}},
        parameters={"undecided_state": 0.5, "undecided_abstain": 0.45, "undecided_outsider": 0.05},
        incidents={"branching": [[0.4, 0.2, 0.0], [0.2, 0.4, 0.0], [0.0, 0.0, 0.0]]},
        calendar={"ticks": 20},
    )
    fewer = street(parameters=more.parameters, incidents={"branching": [[0.4, 0.2], [0.2, 0.4]]})
    _, two = run(build.setup(fewer), build.baseline(fewer))
    _, three = run(build.setup(more), build.baseline(more))
    same = equal_histories(two.incidents[:20], three.incidents[:, :2])
    np.testing.assert_allclose(two.intensity[:20][..., same], three.intensity[:, :2][..., same], rtol=1e-4)
    np.testing.assert_allclose(two.support[:20, :2][..., same], three.support[:, :2][..., same], rtol=1e-3)
    assert not three.turnout[:, 2].any()
