"""What is done in the street shows in its histories, from its tick on and where it should."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
import xarray as xr

from virtu.scenario.street_vocabulary import ANSWERS

from .hot_street import run
from .small import quickly
from .street_stage import TICKS


@pytest.fixture(scope="module", autouse=True)
def _sooner() -> Iterator[None]:
    """Compile sooner, and once for each shape."""
    with quickly():
        yield


@pytest.fixture(scope="module")
def base() -> xr.Dataset:
    """Return the run all others are compared with."""
    return run()


def differs(done: xr.Dataset, base: xr.Dataset, name: str) -> np.ndarray:
    """Return by tick whether a variable differs in any history."""
    apart = done[name].values != base[name].values
    return apart.any(axis=tuple(axis for axis in range(apart.ndim) if axis != 1))


def test_a_camp_that_calls_nobody_out_stays_at_home(base: xr.Dataset) -> None:
    """From the tick on; before, nothing differs."""
    done = run(do=["tactic reds = none @ 10"])
    out = done.turnout.sel(camp="reds").sum("wing").values
    assert (out[:, 10:] == 0.0).all()
    assert (out[:, :10] > 0.0).any()
    assert not any(differs(done, base, str(name))[:10].any() for name in base.data_vars)
    assert done.incidents.sel(camp="reds").sum() < 0.8 * base.incidents.sel(camp="reds").sum()


def test_corrected_estimates_are_true() -> None:
    """Where all leaders' are, each sees the others as they see themselves; where one's are, his alone."""
    for text, corrected in (("correct all", [0, 1]), ("correct blues", [1])):
        believed = run(do=[text]).believed.values[:, :-1]
        own = believed[:, :, [0, 1], [0, 1]]
        for camp in (0, 1):
            exact = np.allclose(believed[:, :, camp, 1 - camp], own[:, :, 1 - camp], rtol=0.2)
            assert exact == (camp in corrected), (text, camp)


def test_flanks_are_absent_distinct_or_merged(base: xr.Dataset) -> None:
    """An absent one is not seen at all; one that is distinct lets its camp look better than one that is taken for the whole."""
    done = {text: run(do=[f"flank reds {text}"]) for text in ("absent", "distinct", "merged")}
    assert (done["absent"].seen_radical.sel(camp="reds") == 0.0).all()
    assert (base.seen_radical.sel(camp="reds") > 0.0).all()
    judged = {text: float(one.reasonableness.sel(camp="reds").isel(tick=3).mean()) for text, one in done.items()}
    assert judged["distinct"] > judged["merged"]
    np.testing.assert_array_equal(done["absent"].seen_radical.sel(camp="blues")[:, 0], base.seen_radical.sel(camp="blues")[:, 0])


def test_a_fringe_that_is_opposed_shrinks_and_is_shown_more(base: xr.Dataset) -> None:
    """Its share falls below what it is without; in the tick in which it begins more is shown of it."""
    done = run(do=["oppose reds @ 5"])
    assert (done.radical.sel(camp="reds").values[:, -1] < base.radical.sel(camp="reds").values[:, -1]).all()
    assert (done.seen_radical.sel(camp="reds").values[:, 5] > base.seen_radical.sel(camp="reds").values[:, 5]).all()


def test_repression_is_imposed(base: xr.Dataset) -> None:
    """On the camp named, at every tick, whatever the elite does; what is kept is what is left of it after the council."""
    done = run(do=["repress blues = 0.8 @ 4", "off elite"]).repression.values
    assert (done[:, 4:, 1] > 0.6).all()
    assert (done[:, :4] == 0.0).all() and (done[:, :, 0] == 0.0).all()


@pytest.mark.parametrize("word", ANSWERS)
def test_an_answer_is_given_at_every_council(word: str) -> None:
    """As long as there is an elite to give it: once it has struck a bargain, it ignores."""
    done = run(do=[f"elite {word}"])
    answer, ruler = done.answer.values, done.ruler.values
    council = np.arange(TICKS) % 4 == 0
    assert (answer[:, ~council] == -1).all()
    before = np.concatenate([np.zeros_like(ruler[:, :1]), ruler[:, :-1]], axis=1)[:, council]
    given = answer[:, council]
    assert (given[before == 0] == ANSWERS.index(word)).all()
    if word == "bargain":
        assert set(np.unique(ruler[:, -1])) == {1, 2}
        assert (given[before == 1] == ANSWERS.index("ignore")).all() and (given[before == 2] == -1).all()


@pytest.mark.parametrize(("quantity", "sign"), [("disorder", 1), ("legitimacy", -1)])
def test_a_shock_lasts_for_its_tick(base: xr.Dataset, quantity: str, sign: int) -> None:
    """In that tick it is higher or lower by about as much, within 0 and 1; before, nothing differs."""
    done = run(do=[f"shock {quantity} = {sign * 0.3} @ 6"])
    gap = (done[quantity] - base[quantity]).values
    assert (gap[:, :6] == 0.0).all()
    room = np.minimum(0.3, 1.0 - base[quantity].values[:, 6]) if sign > 0 else -np.minimum(0.3, base[quantity].values[:, 6])
    np.testing.assert_allclose(gap[:, 6], room, atol=0.05)
    assert (np.abs(gap[:, 8]) < 0.2).all()


def test_hardship_brings_people_out(base: xr.Dataset) -> None:
    """More people in the street in the tick of a shock."""
    done = run(do=["shock hardship = 0.5 @ 6"])
    assert (done.turnout.sum(("camp", "wing")).values[:, 6] > base.turnout.sum(("camp", "wing")).values[:, 6]).all()
    assert not differs(done, base, "turnout")[:6].any()


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("trait Adler.theory_of_mind_precision = 4 @ 9", "believed"),
        ("parameter reaction = 0.5 @ 9", "intensity"),
        ("off excitation @ 9", "incidents"),
        ("off media_selection @ 9", "seen_radical"),
    ],
)
def test_traits_parameters_and_mechanisms_count_from_their_tick_on(base: xr.Dataset, text: str, name: str) -> None:
    """Nothing differs before it; what they are about differs at it or, of what lasts into the next, right after."""
    done = run(do=[text])
    assert not any(differs(done, base, str(other))[:9].any() for other in base.data_vars)
    assert differs(done, base, name)[9:11].any()
