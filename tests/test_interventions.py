"""Interventions as agendas: each writes what it says and nothing else, and histories obey."""

from __future__ import annotations

import json
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from virtu import chance, scenario
from virtu.errors import InputError
from virtu.laboratory.interventions import (
    ForceMove,
    Intervention,
    Nothing,
    SetParameter,
    SetTrait,
    ShareExperience,
    Switch,
    Train,
    agenda,
    mover,
    parse,
    parse_all,
    room_needed,
)
from virtu.laboratory.organisation_kinds import TIES
from virtu.organisation import build, phases
from virtu.organisation.state import MOVE_CODE, Agenda
from virtu.organisation.training import MOST_GROUPS
from virtu.scenario.vocabulary import MECHANISMS, MOVES, Status, parameters, traits

POLITBURO = scenario.load("politburo-1922")
PERSONS, POSTS = list(POLITBURO.person_names), list(POLITBURO.posts)
TRAITS, PARAMETERS = list(traits()), list(parameters())
PLACED = [name for name, actor in POLITBURO.actors.items() if actor.entry != "none"]


def organisation(names: list[str], **changes: Any) -> scenario.Scenario:
    """Return a small scenario without founder: the persons named, of whom the first two have seats."""
    actors = {name: {"entry": "forum" if number < 2 else "candidate"} for number, name in enumerate(names)}
    forum = {"seats": 2, "candidates": 30}
    content = {"scenario": "small", "title": "Small", "calendar": {"ticks": 9}, "forum": forum, "actors": actors}
    return scenario.loads(json.dumps(content | changes))


SMALL = organisation(["Ann", "Bob", "Cid", "Dee"], posts={"chair": {"holder": "Ann"}})


def shown(case: tuple[Any, ...]) -> str:
    return str(case[0])


def changed(plan: Agenda, ticks: int = POLITBURO.ticks) -> dict[str, dict[tuple[int, ...], float]]:
    """Return every cell in which an agenda differs from the baseline, by field, and its value."""
    base, found = build.baseline(POLITBURO, ticks), {}
    for name in Agenda._fields:
        if name in ("forbid", "tie"):
            continue
        one, other = np.asarray(getattr(base, name)), np.asarray(getattr(plan, name))
        assert (one.shape, one.dtype) == (other.shape, other.dtype)
        apart = (one != other) & ~(np.isnan(one) & np.isnan(other))
        if apart.any():
            found[name] = {tuple(map(int, at)): float(other[tuple(at)]) for at in np.argwhere(apart)}
    return found


def rows(first: int, last: int, *place: int, value: float) -> dict[tuple[int, ...], float]:
    return {(tick, *place): float(np.float32(value)) for tick in range(first, last + 1)}


def person(name: str) -> int:
    return PERSONS.index(name)


END = POLITBURO.ticks - 1
STALIN, ZINOVIEV = person("Stalin"), person("Zinoviev")
WRITTEN: list[tuple[str, dict[str, dict[tuple[int, ...], float]]]] = [
    ("trait Kamenev.nerve = 0.9 @ 1924-01", {"trait": rows(21, END, TRAITS.index("nerve"), person("Kamenev"), value=0.9)}),
    ("trait Kamenev.nerve = 0.9 @ t3..t5", {"trait": rows(3, 5, TRAITS.index("nerve"), person("Kamenev"), value=0.9)}),
    ("parameter bandwagon = 0 @ ..t2", {"parameter": rows(0, 2, PARAMETERS.index("bandwagon"), value=0.0)}),
    ("off patronage @ t9", {"mechanism": rows(9, END, MECHANISMS.index("patronage"), value=0.0)}),
    ("on patronage", {}),
    ("post general-secretary = Trotsky", {"holder": rows(0, END, POSTS.index("general-secretary"), value=person("Trotsky"))}),
    ("post general-secretary = nobody @ 0..1", {"holder": rows(0, 1, POSTS.index("general-secretary"), value=-2)}),
    (
        "move Zinoviev strike Stalin @ 1925-12",
        {"move": rows(44, 44, ZINOVIEV, value=MOVES.index("strike")), "target": rows(44, 44, ZINOVIEV, value=STALIN)},
    ),
    ("move Stalin threaten_to_resign @ t1..t2", {"move": rows(1, 2, STALIN, value=MOVES.index("threaten_to_resign"))}),
    ("move Stalin bide", {"move": rows(0, END, STALIN, value=MOVES.index("bide"))}),
    ("order speech random @ t7", {"random_order": rows(7, END, value=1.0)}),
    ("order speech emergent", {}),
    ("order Stalin first @ t0..t0", {"urge": rows(0, 0, STALIN, value=1000.0)}),
    ("order Stalin last", {"urge": rows(0, END, STALIN, value=-1000.0)}),
    ("cut Stalin access @ 1922-06", {"access": rows(2, END, STALIN, value=0.0)}),
    ("health = 1 @ 1922-05..1922-06", {"health": rows(1, 2, value=1.0)}),
    ("testament read", {"testament": rows(0, END, value=1.0)}),
    ("testament suppress @ 1924-05", {"testament": rows(25, END, value=0.0)}),
    ("forbid * strike", {}),
    ("tie Bukharin -> Stalin trust = 0.4", {}),
    ("train Kamenev @ 1924-01", {"trained": rows(21, END, person("Kamenev"), value=1.0)}),
    ("train all @ t1..t2", {"trained": {at: 1.0 for who in range(len(PERSONS)) for at in rows(1, 2, who, value=1.0)}}),
    ("share_experience Stalin Zinoviev @ t3", {"shared": rows(3, END, STALIN, value=1) | rows(3, END, ZINOVIEV, value=1)}),
    ("share_experience all @ t3..t3", {"shared": {(3, who): 1.0 for who in range(len(PERSONS))}}),
    ("nothing", {}),
]


@pytest.mark.parametrize("case", WRITTEN, ids=shown)
def test_an_intervention_writes_its_cells_and_no_others(case: tuple[str, dict[str, Any]]) -> None:
    assert changed(agenda(POLITBURO, [parse(case[0], POLITBURO)])) == case[1]


def test_interventions_of_an_arm_add_up() -> None:
    texts = [
        "trait Kamenev.nerve = 0.9 @ t3..t5",
        "move Stalin bide",
        "order Stalin last",
        "order speech random @ t7",
        "off patronage @ t9",
    ]
    texts += ["cut Stalin access @ 1922-06", "health = 1 @ 1922-05..1922-06"]
    expected = {field: cells for text in texts for field, cells in dict(WRITTEN)[text].items()}
    assert len(expected) == len(texts)
    done = parse_all(["; ".join(texts)], POLITBURO)
    assert changed(agenda(POLITBURO, done)) == changed(agenda(POLITBURO, reversed(done))) == expected


def test_each_group_that_shares_an_experience_has_its_own_bit() -> None:
    done = parse_all(["share_experience Stalin Zinoviev @ t3..t4; share_experience Stalin Lenin @ t4; train Stalin @ t4..t4"], POLITBURO)
    plan, lenin = agenda(POLITBURO, done), person("Lenin")
    assert [plan.shared[tick, [STALIN, ZINOVIEV, lenin]].tolist() for tick in (2, 3, 4, 5)] == [[0, 0, 0], [1, 1, 0], [3, 1, 2], [2, 0, 2]]
    assert np.count_nonzero(plan.trained) == 1
    most = agenda(POLITBURO, [ShareExperience(None)] * MOST_GROUPS)
    assert most.shared.dtype == np.int32
    assert (most.shared == 2**MOST_GROUPS - 1).all()
    with pytest.raises(InputError, match=f"at most {MOST_GROUPS} groups can share an experience in one arm, found {MOST_GROUPS + 1}"):
        agenda(POLITBURO, [ShareExperience(None)] * (MOST_GROUPS + 1))


def bans(text: str, room: int = 0) -> list[list[int]]:
    return np.asarray(agenda(POLITBURO, parse_all([text], POLITBURO), room=room).forbid).tolist()


def test_bans_are_entries_for_each_person_concerned() -> None:
    strike, resign = MOVES.index("strike"), MOVES.index("threaten_to_resign")
    assert bans("forbid Zinoviev strike Stalin @ t3..t5") == [[3, 5, ZINOVIEV, strike, STALIN]]
    assert bans("forbid Stalin threaten_to_resign") == [[0, END, STALIN, resign, -1]]
    assert bans("forbid * strike @ t4") == [[4, END, person(name), strike, -1] for name in PLACED]
    assert bans("forbid * strike Stalin") == [[0, END, person(name), strike, STALIN] for name in PLACED if name != "Stalin"]


def test_persons_who_never_have_a_place_need_no_ban() -> None:
    actors = {"Ann": {"entry": "forum"}, "Bob": {"entry": "pool"}, "Cid": {}}
    small = organisation(["Ann", "Bob"], actors=actors)
    assert np.asarray(agenda(small, parse_all(["forbid * praise"], small)).forbid)[:, 2].tolist() == [0, 1]
    assert np.asarray(agenda(small, parse_all(["forbid Cid praise"], small)).forbid)[:, 2].tolist() == [2]


def test_ties_are_entries_for_each_tick() -> None:
    plan = agenda(POLITBURO, parse_all(["tie Bukharin -> Stalin grievance = 0.3 @ t3..t5; tie Stalin -> Lenin trust = -1 @ t9"], POLITBURO))
    expected = [[tick, person("Bukharin"), STALIN, 2, np.float32(0.3)] for tick in (3, 4, 5)] + [[9, STALIN, person("Lenin"), 0, -1]]
    assert np.asarray(plan.tie).tolist() == expected
    assert [TIES.index(kind) for kind in ("trust", "dependence", "grievance", "kindness")] == [0, 1, 2, 3]
    assert len(agenda(POLITBURO, parse_all(["tie Stalin -> Lenin trust = 1"], POLITBURO)).tie) == POLITBURO.ticks


def test_lists_are_filled_up_with_entries_that_are_never_in_force() -> None:
    done = parse_all(["forbid * strike Stalin; tie Stalin -> Lenin trust = 1 @ t3..t5"], POLITBURO)
    room = room_needed(POLITBURO, done)
    assert room == len(PLACED) - 1
    plan, bare = agenda(POLITBURO, done, room=room + 2), agenda(POLITBURO, done)
    for name, nothing in (("forbid", [1, 0, -1, -1, -1]), ("tie", [-1, -1, -1, 0, 0])):
        few, many = np.asarray(getattr(bare, name)), np.asarray(getattr(plan, name))
        assert many.shape == (room + 2, 5)
        assert many.dtype == few.dtype == np.asarray(getattr(build.baseline(POLITBURO), name)).dtype
        assert many[: len(few)].tolist() == few.tolist()
        assert many[len(few) :].tolist() == [nothing] * (room + 2 - len(few))


def test_room_is_that_of_the_longer_list() -> None:
    texts = (
        "nothing",
        "forbid * strike",
        "tie Stalin -> Lenin trust = 1",
        "forbid Stalin strike; forbid Lenin strike",
    )
    assert [room_needed(POLITBURO, parse_all([text], POLITBURO)) for text in texts] == [0, len(PLACED), POLITBURO.ticks, 2]
    assert room_needed(POLITBURO, parse_all(texts[2:3], POLITBURO), ticks=7) == 7


@pytest.mark.parametrize("texts", [[], ["nothing"], ["nothing; nothing @ 1924-01"]], ids=str)
def test_nothing_is_the_baseline_bit_for_bit(texts: list[str]) -> None:
    plan, base = agenda(POLITBURO, parse_all(texts, POLITBURO), 30), build.baseline(POLITBURO, 30)
    assert all(np.asarray(one).tobytes() == np.asarray(other).tobytes() for one, other in zip(plan, base, strict=True))


def test_two_agendas_share_nothing() -> None:
    one, other = (agenda(POLITBURO, []) for _ in range(2))
    for field, twin in zip(one, other, strict=True):
        assert not np.shares_memory(np.asarray(field), np.asarray(twin))


def test_a_run_may_be_shorter_or_longer_than_the_scenario() -> None:
    assert changed(agenda(POLITBURO, [Switch("purge", since=5)], 8), 8) == {"mechanism": rows(5, 7, MECHANISMS.index("purge"), value=0.0)}
    late = parse("off purge @ 1941-03", POLITBURO, ticks=230)
    assert late.since == "1941-03"
    assert changed(agenda(POLITBURO, [late], 230), 230) == {"mechanism": rows(227, 229, MECHANISMS.index("purge"), value=0.0)}
    with pytest.raises(InputError, match="1941-03 lies outside the run, in 'off purge @ 1941-03' .it runs from 1922-04 to 1940-12"):
        agenda(POLITBURO, [late])


def moved_by(texts: list[str]) -> str | None:
    return mover(parse_all(texts, POLITBURO), POLITBURO)


def test_the_mover_is_the_first_person_named() -> None:
    assert (
        mover(parse_all(["off purge; forbid * strike; move Zinoviev strike Stalin; cut Stalin access"], POLITBURO), POLITBURO) == "Zinoviev"
    )
    assert (
        mover(parse_all(["train all; share_experience all; share_experience Lenin Stalin; train Stalin"], POLITBURO), POLITBURO) == "Lenin"
    )
    assert moved_by(["post general-secretary = nobody; nothing; health = 1; train all"]) is None


FAULTY: list[tuple[Intervention, str]] = [
    (SetTrait("Nemo", "nerve", 0.5), "unknown person 'Nemo', in 'trait Nemo.nerve = 0.5'"),
    (SetTrait("Stalin", "nerve", float("nan")), "nerve must lie between 0 and 1, found nan"),
    (SetTrait("Stalin", "nerve", True), "nerve must be a number"),
    (SetTrait("Stalin", "nerve", "much"), "nerve must be a number"),  # pyright: ignore[reportArgumentType]
    (SetTrait(None, "nerve", 0.5), "unknown person 'None'"),  # pyright: ignore[reportArgumentType]
    (Switch("purge", "of"), "unknown switch 'of'"),  # pyright: ignore[reportArgumentType]
    (Switch("purge", since=-1), "-1 lies outside the run"),
    (Switch("purge", since=1.5), "a moment must be a date or a tick, found 1.5"),  # pyright: ignore[reportArgumentType]
    (Switch("purge", since=True), "a moment must be a date or a tick, found True"),
    (Switch("purge", since=9, until=8), "8 lies before 9"),
    (ForceMove("Stalin", "strike"), "strike needs a target"),
    (Train("Nemo"), "unknown person 'Nemo', in 'train Nemo'"),
    (ShareExperience(("Stalin", "Nemo")), "unknown person 'Nemo', in 'share_experience Stalin Nemo'"),
    (ShareExperience(()), "an experience is shared by two persons or more, found nobody"),
    (ShareExperience("Stalin"), "an experience is shared by two persons or more, found Stalin alone"),  # pyright: ignore[reportArgumentType]
    (ShareExperience((None, "Stalin")), "unknown person 'None'"),  # pyright: ignore[reportArgumentType]
]


@pytest.mark.parametrize("case", FAULTY, ids=lambda case: case[1])
def test_objects_made_in_python_are_checked_too(case: tuple[Intervention, str]) -> None:
    for use in (agenda, room_needed):
        with pytest.raises(InputError) as caught:
            use(POLITBURO, [case[0]])
        assert case[1] in caught.value.message


def test_looking_ahead_is_refused_where_coalitions_are_too_many() -> None:
    """Up to twelve places, those kept free counted; doing nothing about it is always possible."""
    actors = {f"P{number}": {"entry": "forum"} for number in range(13)}
    many = scenario.loads(
        json.dumps({"scenario": "many", "title": "Many", "calendar": {"ticks": 2}, "forum": {"seats": 13}, "actors": actors})
    )
    agenda(many, [SetParameter("farsightedness", 0.0)])
    with pytest.raises(InputError, match="farsightedness above 0 needs .* up to 12 places, not 13, in 'parameter farsightedness = 0.5'"):
        agenda(many, [SetParameter("farsightedness", 0.5)])
    at = list(parameters()).index("farsightedness")
    assert agenda(POLITBURO, [SetParameter("farsightedness", 0.5)]).parameter[0, at] == np.float32(0.5)


def test_objects_that_clash_are_refused() -> None:
    one, other = SetTrait("Stalin", "nerve", 0.1, until=5), SetTrait("Stalin", "nerve", 0.2, since="1922-09")
    with pytest.raises(InputError, match="'trait Stalin.nerve = 0.1 @ ..t5' and 'trait Stalin.nerve = 0.2 @ 1922-09' set the same"):
        agenda(POLITBURO, [one, Nothing(), other])


def test_numbers_of_numpy_are_numbers() -> None:
    done = SetTrait("Stalin", "nerve", np.float32(0.5))  # pyright: ignore[reportArgumentType]
    assert str(done) == "trait Stalin.nerve = 0.5"
    assert agenda(POLITBURO, [done]).trait[0, TRAITS.index("nerve"), STALIN] == np.float32(0.5)


HISTORIES, TICKS = 16, 4
FORCED = "move Ann praise Cid @ t1; move Bob threaten_to_resign @ t2; move Cid strike Dee @ t3"
ARMS = ["nothing", "forbid * cultivate", FORCED, "post chair = Bob"]


@pytest.fixture(scope="module")
def runs() -> dict[str, tuple[Any, Any]]:
    """Run each arm of `ARMS` and the baseline, which is called by the empty text; gives last state and trace."""
    setup, sets = build.fitted(build.setup(SMALL), TICKS), {text: parse_all([text] if text else [], SMALL) for text in ["", *ARMS]}
    room = max(room_needed(SMALL, done, TICKS) for done in sets.values())
    keys = chance.history_keys(3, jnp.arange(HISTORIES))
    run = jax.jit(lambda setup, plan: phases.histories(setup, plan, keys)[:2])
    plans = {text: agenda(SMALL, done, TICKS, room) for text, done in sets.items()}
    return {text: jax.tree.map(np.asarray, run(setup, plan)) for text, plan in plans.items()}


@pytest.mark.slow
def test_doing_nothing_changes_no_bit_of_any_history(runs: dict[str, tuple[Any, Any]]) -> None:
    parts = zip(jax.tree.leaves(runs[""]), jax.tree.leaves(runs["nothing"]), strict=True)
    assert all(one.tobytes() == other.tobytes() for one, other in parts)
    assert any(one.tobytes() != other.tobytes() for one, other in zip(*map(jax.tree.leaves, (runs[""], runs[FORCED])), strict=True))


@pytest.mark.slow
def test_a_forbidden_move_is_never_made(runs: dict[str, tuple[Any, Any]]) -> None:
    made = {text: (runs[text][1].move == MOVE_CODE["cultivate"]).sum() for text in ("", "forbid * cultivate")}
    assert made[""] > HISTORIES
    assert made["forbid * cultivate"] == 0


@pytest.mark.slow
def test_a_forced_move_is_made_at_its_tick_at_its_target(runs: dict[str, tuple[Any, Any]]) -> None:
    trace, base = runs[FORCED][1], runs[""][1]
    for tick, actor, move, target in ((1, 0, "praise", 2), (2, 1, "threaten_to_resign", 1), (3, 2, "strike", 3)):
        there = (trace.status[tick - 1, actor] <= int(Status.CANDIDATE)) & (trace.status[tick - 1, target] <= int(Status.CANDIDATE))
        assert there.mean() > 0.5
        assert (trace.move[tick, actor][there] == MOVE_CODE[move]).all()
        assert (trace.target[tick, actor][there] == target).all()
        assert (base.move[tick, actor] != MOVE_CODE[move]).any()


@pytest.mark.slow
def test_a_post_is_held_by_the_person_put_there(runs: dict[str, tuple[Any, Any]]) -> None:
    shares = {text: (runs[text][0].holder[0] == 1).mean() for text in ("", "post chair = Bob")}
    assert shares["post chair = Bob"] > 0.9 > shares[""]


def test_ties_and_posts_are_set_before_the_first_phase() -> None:
    text = (
        "tie Bob -> Dee trust = -0.5 @ t2; tie Ann -> Bob kindness = 0.25 @ t2; tie Cid -> Ann dependence = 0.5 @ t1; post chair = nobody"
    )
    plan = jax.tree.map(jnp.asarray, agenda(SMALL, parse_all([text], SMALL), room=5))
    setup, plan = phases.with_histories(build.setup(SMALL), plan)
    start = jax.jit(phases.init)(setup, jnp.full((len(TRAITS), 4, 2), 0.5))
    done = Agenda(*(part if name in phases.LISTS else part[2] for name, part in plan._asdict().items()))
    after = phases.intervene(start, done, jnp.int32(2))
    ties = {"trust": start.trust.at[1, 3].set(-0.5), "kindness": start.kindness.at[0, 1].set(0.25)}
    expected = start._replace(**ties, holder=start.holder.at[0].set(-1))
    for name, one, other in zip(after._fields, after, expected, strict=True):
        assert np.array_equal(np.asarray(one), np.asarray(other)), name
