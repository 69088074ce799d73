"""The figures of the street show what its histories hold, and the line of running away lies where the street runs away."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr

from virtu.scenario.street_schema import StreetScenario
from virtu.show import street_figures, street_series
from virtu.show.report import SMALL, WIDE, figure

from .hot_street import hot, run
from .small import quickly
from .street_stage import TICKS

SWITCHED = ("ratchet", "restraint", "victim_anger", "repression_calm", "recruitment", "leaving")
CALM = dict.fromkeys((*SWITCHED, "perception_noise", "perception_memory"), 0.0)
"""Nothing but reaction and fatigue moves intensity."""


def raced(reaction: float) -> tuple[xr.Dataset, StreetScenario]:
    scenario = hot(parameters={**CALM, "reaction": reaction})
    with quickly():
        return run(scenario), scenario


def made(believed: np.ndarray, incidents: np.ndarray) -> xr.Dataset:
    """Return a dataset of two camps with some beliefs, shape (history, tick, 2, 2), and incidents, shape (history, tick, 2)."""
    camps, ticks = ["reds", "blues"], incidents.shape[1]
    return xr.Dataset(
        {"believed": (("history", "tick", "camp", "camp_to"), believed), "incidents": (("history", "tick", "camp"), incidents)},
        {"camp": camps, "camp_to": camps, "date": ("tick", [str(tick) for tick in range(ticks)])},
        {"unit": "week"},
    )


def test_camps_are_shown_as_they_are_and_as_they_seem() -> None:
    """The diagonal is the truth; a camp seems what the other's leader believes."""
    believed = np.zeros((30, 5, 2, 2)) + np.array([[0.2, 1.5], [0.9, 0.4]])
    true, seen = street_series.intensity(made(believed, np.ones((30, 5, 2))))
    assert [band[2] for band in (true.of["reds"][0], true.of["blues"][0])] == pytest.approx([0.2, 0.4])
    assert [band[2] for band in (seen.of["reds"][0], seen.of["blues"][0])] == pytest.approx([0.9, 1.5])


def test_no_incident_is_lost_between_the_stretches() -> None:
    """Averages over stretches, times their lengths, are the number of incidents."""
    numbers = np.random.default_rng(1).poisson(3.0, (1, 103, 2)).astype(float)
    found = street_series.incidents(made(np.ones((1, 103, 2, 2)), numbers))
    lengths = np.diff([-1, *found.ticks])
    for index, name in enumerate(("reds", "blues")):
        assert sum(np.array(found.of[name])[:, 2] * lengths) == pytest.approx(numbers[0, :, index].sum())


def test_reactions_are_those_of_the_equation() -> None:
    """Reaction · reach · overestimate · wings, and the loop gain is the root of the product over fatigue."""
    believed = np.zeros((4, 3, 2, 2)) + np.array([[0.2, 1.5], [0.9, 0.5]])
    scenario = hot(parameters={"reaction": 0.2, "fatigue": 0.5})
    found = street_series.closest_to_running_away(made(believed, np.ones((4, 3, 2))), scenario)
    drive = [1 + camp.radical.share * (camp.radical.intensity / camp.intensity - 1) for camp in scenario.camps.values()]
    expected = [0.2 * 3.0 * drive[0], 0.2 * 4.5 * drive[1]]
    assert [one[2] for one in found.reaction] == pytest.approx(expected)
    assert found.loop[2] == pytest.approx(np.sqrt(expected[0] * expected[1]) / 0.5) and found.camps == ("reds", "blues")


@pytest.mark.parametrize(("wanted", "grows"), [(0.85, False), (1.25, True)])
def test_the_line_is_where_the_street_runs_away(wanted: float, grows: bool) -> None:
    """With nothing else at work, intensity grows ever faster at a loop gain above 1, and ever more slowly at one below."""
    plain = street_series.closest_to_running_away(*raced(0.1)).loop[2]
    dataset, scenario = raced(0.1 * wanted / plain)
    found = street_series.closest_to_running_away(dataset, scenario)
    assert found.loop[2] == pytest.approx(wanted, rel=0.05) and (found.beyond > 0.5) == grows
    level = dataset.intensity.mean(("history", "camp", "wing")).values
    speed = np.diff(level)
    assert (speed[-1] > speed[TICKS // 2]) == grows


def test_every_figure_says_what_it_shows() -> None:
    """A title, a unit, the bands and the number of histories, on a wide and on a narrow page."""
    dataset, scenario = raced(0.1)
    true, seen = street_series.intensity(dataset)
    pair = street_series.closest_to_running_away(dataset, scenario)
    drawn = {
        "intensity": figure(lambda width: street_figures.intensity(true, seen, width)),
        "incidents a week": figure(lambda width: street_figures.incidents(street_series.incidents(dataset), width)),
        "share of all people": figure(lambda width: street_figures.support(street_series.support(dataset), width)),
        "loop gain": figure(lambda width: street_figures.stability(pair, width)),
    }
    for word, one in drawn.items():
        assert word in one.caption.lower() and "24 histories" in one.caption and "50" in one.caption, word
        assert one.title and "reds" in one.wide and "reds" in one.narrow
        assert float(one.wide.split('width="')[1].split('"')[0]) <= WIDE and float(one.narrow.split('width="')[1].split('"')[0]) <= SMALL
