"""A seat played by a person: the game is the history where nothing is forced, what cannot be is refused, and hints are paired."""

from __future__ import annotations

import json
from collections.abc import Iterator

import numpy as np
import pytest
import xarray as xr

import virtu
from virtu.errors import InputError
from virtu.laboratory import steps
from virtu.laboratory.hints import hints
from virtu.laboratory.play import Playthrough
from virtu.laboratory.reckoning import reckoning
from virtu.scenario import Scenario
from virtu.scenario.vocabulary import MOVES

from . import small

SEED, HISTORY = 3, 5


@pytest.fixture(scope="module", autouse=True)
def _quickly() -> Iterator[None]:
    with small.quickly():
        yield


@pytest.fixture(scope="module")
def scenario() -> Scenario:
    return small.scenario(calendar={"start": "2001-01", "ticks": small.TICKS, "unit": "month"})


@pytest.fixture(scope="module")
def run(scenario: Scenario) -> xr.Dataset:
    return virtu.simulate(scenario, HISTORY + 1, SEED, chunk=small.CHUNK)


def sit(scenario: Scenario, seat: str = "", **how: object) -> Playthrough:
    return virtu.play(scenario, seat or scenario.person_names[0], SEED, HISTORY, **how)  # type: ignore[arg-type]


def same(one: xr.Dataset, other: xr.Dataset) -> None:
    """Compare all that is kept of single histories; what is a mean over histories is not.

    Moves, targets, outcomes and falls are the same; of strengths and what is believed the note may be rounded otherwise.
    """
    for name, values in one.data_vars.items():
        if "history" in values.dims:
            rounding = 1e-6 if np.issubdtype(values.dtype, np.floating) else 0.0
            np.testing.assert_allclose(values.values, other[name].values, rounding, rounding, err_msg=str(name))


def test_a_game_in_which_nothing_is_forced_is_the_history(scenario: Scenario, run: xr.Dataset) -> None:
    game = sit(scenario)
    game.leave(small.TICKS)
    assert game.over and game.do == ()
    same(game.played(), run.isel(history=[HISTORY]))
    same(game.without(), game.played())


def test_to_force_what_the_model_would_do_changes_nothing(scenario: Scenario, run: xr.Dataset) -> None:
    seat = scenario.person_names[0]
    plain = virtu.events(run, routine=True).to_pylist()
    made = {row["tick"]: row for row in plain if row["history"] == HISTORY and row["actor"] == seat and row["move"] != "falls"}
    game = sit(scenario)
    while not game.over:
        row = made[game.tick]
        game.make(row["move"], row["target"] or None)
    assert len(game.do) > small.TICKS // 2
    same(game.played(), run.isel(history=[HISTORY]))


def test_where_a_game_stands_depends_on_its_moves_alone(scenario: Scenario) -> None:
    """Played in one go, replayed from its text, and undone and played again, it is the same."""
    game = sit(scenario)
    for number in (3, 1, 4):
        option = game.options()[number]
        game.make(option.move, option.target)
    again = sit(scenario, do=game.do)
    assert again.do == game.do and again.tick == game.tick
    same(again.played(), game.played())
    before, view = game.do, game.view()
    option = game.options()[2]
    game.make(option.move, option.target)
    assert game.do != before
    game.undo()
    assert game.do == before and game.view() == view
    game.undo(0)
    assert game.tick == 0 and game.do == ()
    assert sit(scenario, at=4).tick == 4
    with pytest.raises(InputError, match="nothing to undo"):
        game.undo()
    with pytest.raises(InputError, match="has not been played"):
        game.undo(9)


def test_a_move_made_by_hand_changes_the_history_from_then_on(scenario: Scenario, run: xr.Dataset) -> None:
    game = sit(scenario, at=4)
    option = next(one for one in game.options() if one.move == "denounce")
    game.make(option.move, option.target)
    game.leave(small.TICKS)
    mine, model = game.played(), game.without()
    same(model, run.isel(history=[HISTORY]))
    np.testing.assert_array_equal(mine.strength.values[0, :4], model.strength.values[0, :4])  # one program, played twice
    assert not np.array_equal(mine.believed.values[0, 5:], model.believed.values[0, 5:], equal_nan=True)


def test_what_can_be_done_is_what_the_model_could_choose(scenario: Scenario) -> None:
    game = sit(scenario, at=3)
    options = game.options()
    assert sum(one.chance for one in options) == pytest.approx(1.0)
    assert {one.move for one in options} >= {"bide", "praise", "strike", "threaten_to_resign"}
    assert all((one.target is None) == (one.move in ("bide", "threaten_to_resign")) for one in options)
    assert all(one.target != game.seat for one in options)
    view = game.view()
    assert {one.target for one in options if one.move == "praise"} == {other.name for other in view.others}
    assert view.strength > 0 and 0 <= view.threat <= 1


@pytest.mark.parametrize(
    ("move", "target", "said"),
    [
        ("dance", None, "unknown move"),
        ("bide", "Berg", "takes no target"),
        ("strike", None, "needs a target"),
        ("strike", "", "cannot strike"),
        ("strike", "Nemo", "unknown person"),
        ("rescue", "Berg", "only who was pushed down"),
        ("praise", "Berg", "forbidden"),
    ],
)
def test_what_cannot_be_done_is_refused_with_the_reason(scenario: Scenario, move: str, target: str | None, said: str) -> None:
    seat = next(name for name in scenario.person_names if name != "Berg")
    game = sit(scenario, seat, do=[f"forbid {seat} praise Berg"])
    before = game.tick, game.do
    with pytest.raises(InputError, match=said):
        game.make(move, seat if target == "" else target)
    assert (game.tick, game.do) == before


@pytest.mark.parametrize(
    ("how", "said"),
    [
        ({"seat": "Nemo"}, "there is no 'Nemo'"),
        ({"history": -1}, "histories must be"),
        ({"at": 99}, "at must be a tick"),
        ({"do": ["move Berg rescue Berg @ t3"]}, "cannot"),
        ({"do": ["nonsense"]}, "nonsense"),
    ],
)
def test_a_game_at_fault_is_refused(scenario: Scenario, how: dict[str, object], said: str) -> None:
    with pytest.raises(InputError, match=said):
        virtu.play(scenario, **{"seat": "Berg", **how})  # type: ignore[arg-type]


def test_the_street_has_no_seats() -> None:
    with pytest.raises(InputError, match="cannot be played"):
        virtu.play("two-camps", "anybody")


def test_a_seat_learns_only_what_is_seen_from_it(scenario: Scenario) -> None:
    """Of what others do out of sight nothing is told; of what is done in public, everything."""
    game = sit(scenario)
    heard, seat = [], game.seat
    while not game.over:
        heard += game.view().told
        game.leave()
    whole = [row for row in virtu.events(game.played(), routine=True).to_pylist()]
    quiet = [row for row in heard if row["move"] in ("bide", "cultivate", "obstruct")]
    assert all(seat in (row["actor"], row["target"]) for row in quiet)
    public = {(row["tick"], row["actor"], row["move"]) for row in whole if row["move"] in ("praise", "denounce", "shun", "strike")}
    known = {(row["tick"], row["actor"], row["move"]) for row in heard}
    assert {one for one in public if one[0] < small.TICKS - 1} <= known


def test_hints_are_paired_with_waiting_and_bounded(scenario: Scenario) -> None:
    game = sit(scenario, at=3)
    before = game.view()
    found = hints(game, ticks=4, futures=32, seconds=600)
    assert game.view() == before, "a hint changes nothing"
    by_move = {(one["move"], one["target"]): one for one in found["moves"]}
    assert set(by_move) == {(one.move, one.target) for one in game.options()}
    assert all(one["futures"] == 32 for one in found["moves"])
    assert by_move["bide", None]["effect"] == {"mean": 0.0, "low": 0.0, "high": 0.0}
    assert any(one["effect"]["mean"] != 0.0 and one["effect"]["low"] < one["effect"]["high"] for one in found["moves"])
    assert [one["effect"]["mean"] for one in found["moves"]] == sorted((one["effect"]["mean"] for one in found["moves"]), reverse=True)
    assert hints(game, ticks=4, futures=32, seconds=600)["moves"] == found["moves"], "the same game has the same hints"
    stopped = hints(game, stop=lambda: True)
    assert stopped["stopped"] and all(one["effect"] is None for one in stopped["moves"])
    told: list[int] = []
    few = hints(game, seconds=1e-9, progress=lambda done, most: told.append(most))
    assert told == [] and all(one["futures"] == 0 for one in few["moves"])
    with pytest.raises(InputError, match="unknown measure"):
        hints(game, "luck")
    with pytest.raises(InputError, match="hints need"):
        hints(game, ticks=0)


def test_a_hint_sees_no_more_of_chance_than_the_player(scenario: Scenario) -> None:
    """Futures differ in what the others do at the very tick of the choice; the game itself has one such tick."""
    game = sit(scenario, at=3)
    numbers = np.arange(steps.LANES, dtype=np.int32)
    before = steps.side_by_side(game.past[-1].state)
    afresh = steps.other_chance(game.opening.key, 1, numbers)
    done = game.steps.step(game.agenda, game.opening, before, game.tick, None, afresh)
    moves = np.asarray(done.trace.move)
    assert len({tuple(column) for column in moves.T}) > 1
    plain = np.asarray(done.choice.estimate)
    np.testing.assert_array_equal(plain, np.broadcast_to(game.choice.estimate[..., None], plain.shape))


def test_the_reckoning_sets_the_game_beside_the_history_without_it(scenario: Scenario, run: xr.Dataset) -> None:
    game = sit(scenario, at=2)
    option = next(one for one in game.options() if one.move == "shun")
    game.make(option.move, option.target)
    game.leave(small.TICKS)
    found = reckoning(game)
    assert json.loads(json.dumps(found, allow_nan=False)) == json.loads(json.dumps(found))
    scores = {one["measure"]: one for one in found["scores"]}
    share = scores[f"share:{game.seat}"]
    final = run.isel(history=HISTORY).strength.values[-1]
    assert share["without"] == pytest.approx(final[0] / np.nansum(final))
    assert share["difference"] == share["yours"] - share["without"]
    (made,) = found["moves"]
    own = int(run.move.values[HISTORY, 2, 0])
    assert made["move"] == "shun" and made["instead"][0] == MOVES[own]
    strengths = [one["strength"] for one in found["beliefs"]]
    assert strengths == sorted(strengths, reverse=True)
    mine = game.played()
    for one in found["beliefs"]:
        believed = mine.believed.sel(actor=one["name"]).values[0, -1]
        assert one["believed"] is None or one["believed"] == pytest.approx(float(believed), rel=1e-5)
    with pytest.raises(InputError, match="over"):
        game.view()
