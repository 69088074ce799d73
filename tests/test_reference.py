"""The compiled tick against a tick in plain Python, at random moments of random organisations."""

from __future__ import annotations

from types import SimpleNamespace as Record
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from virtu import chance
from virtu.laboratory.kernel import QUICKER
from virtu.organisation import build, phases
from virtu.organisation.state import NOBODY, OUTCOMES, Info, State
from virtu.scenario.vocabulary import CAUSES, MECHANISMS, MOVES, Status, Traits, parameters, traits

from .reference import plain, plain_agenda, tick
from .reference.chance import Words, history_key
from .reference.moments import Shape, agenda, listed, perturbed, scenario

SHAPES = (
    Shape(forum=4, candidates=2, pool=8, posts=3, outer=18, issues=2),
    Shape(forum=3, candidates=1, pool=0, posts=0, outer=0, issues=1),
)
"""Two, because each is compiled anew; the second has nothing that an organisation can do without."""

HISTORIES = (3, 2**20 + 7)
CASES = 28
LATEST = 24
TOLERANCE = 1e-5
MOST_SKIPPED = 2

UNFELT = {"lead_margin"}
"""Constants that no tick uses: they say how a finished history is read."""


class Moment(NamedTuple):
    """One tick of one history: what goes into it, as plain structures, and what the compiled model makes of it."""

    setup: Record
    traits: list[list[float]]
    agenda: Record
    before: Record
    key: Words
    now: int
    after: Record
    info: Record

    def disagreements(self, **other: Any) -> tuple[list[str], list[str]]:
        """Return where the loops disagree, given anything other than what the compiled model was given, and what is too close to call."""
        given = self._replace(**other)
        state, info = tick(given.setup, given.traits, given.agenda, given.before, given.key, given.now)
        return [*_differences(state, self.after, State), *_differences(info, self.info, Info)], info.near


def _differences(found: Record, expected: Record, kind: Any) -> list[str]:
    """Return the fields that differ: floating numbers by more than the tolerance, whole ones at all."""
    wrong = []
    for name in kind._fields:
        mine, theirs = np.asarray(getattr(found, name)), np.asarray(getattr(expected, name))
        within = TOLERANCE * np.maximum(1.0, np.abs(theirs)) if theirs.dtype.kind == "f" else 0
        apart = ~(np.abs(mine.astype(float) - theirs) <= within)
        if mine.shape != theirs.shape or apart.any():
            wrong.append(f"{name} at {np.argwhere(apart)[:1].tolist()}: {mine[apart][:1]} in the loops, {theirs[apart][:1]} compiled")
    return wrong


def _begin(setup: Any, words: jax.Array, histories: jax.Array) -> tuple[jax.Array, State, jax.Array]:
    key = chance.seeded_keys(words, histories)
    sampled = phases.sample_traits(setup, key)
    return sampled, phases.init(setup, sampled), key


def _advance(programs: dict[Any, Any], *arguments: Any) -> tuple[State, Info]:
    """Run the compiled tick, compiling once for each shape: the first as runs are compiled, the second in a third of the time."""
    leaves = tuple((leaf.shape, str(leaf.dtype)) for leaf in jax.tree.leaves(arguments))
    if leaves not in programs:
        options = QUICKER | ({"xla_backend_optimization_level": "0"} if programs else {})
        on_cpu = jax.default_backend() == "cpu"
        programs[leaves] = jax.jit(phases.tick).lower(*arguments).compile(compiler_options=options if on_cpu else None)
    return programs[leaves](*arguments)


def _moments(number: int, programs: dict[Any, Any]) -> list[Moment]:
    """Return the moments of one random organisation, one for each history."""
    lot = np.random.default_rng(number)
    now = int(lot.integers(0, LATEST))
    case = scenario(lot, SHAPES[number % 3 == 2], now)
    calm = listed(lot, agenda(lot, case), now, len(case.actors))
    done = listed(lot, agenda(lot, case, number - number // 4 if number % 4 else None), now, len(case.actors))
    setup, calm = phases.with_histories(build.setup(case), jax.tree.map(jnp.asarray, calm))
    _, done = phases.with_histories(build.setup(case), jax.tree.map(jnp.asarray, done))
    sampled, state, key = jax.jit(_begin)(setup, jnp.array([number, 0], jnp.uint32), jnp.array(HISTORIES, jnp.int32))
    for earlier in range(now):
        state, _ = _advance(programs, setup, sampled, calm, state, key, jnp.int32(earlier))
    before = perturbed(lot, state)
    after, info = _advance(programs, setup, sampled, done, before, key, jnp.int32(now))
    return [
        Moment(
            plain(setup, at),
            np.asarray(sampled)[..., at].tolist(),
            plain_agenda(done, at),
            plain(before, at),
            history_key(number, history),
            now,
            plain(after, at),
            plain(info, at),
        )
        for at, history in enumerate(HISTORIES)
    ]


@pytest.fixture(scope="module")
def moments() -> list[Moment]:
    programs: dict[Any, Any] = {}
    found = [moment for number in range(CASES) for moment in _moments(number, programs)]
    assert len(programs) == len(SHAPES)
    return found


def test_loops_and_compiled_tick_agree(moments: list[Moment]) -> None:
    """Every field of state and notes is the same; where a decision hangs on rounding, a difference is let pass, at most twice."""
    results = [moment.disagreements() for moment in moments]
    skipped = [(wrong, near) for wrong, near in results if wrong and near]
    assert [wrong for wrong, near in results if wrong and not near] == []
    assert len(results) == CASES * len(HISTORIES)
    assert len(skipped) <= MOST_SKIPPED, skipped


def test_moments_cover_the_model(moments: list[Moment]) -> None:
    """Whatever can happen in a tick happens in some moment, so that agreement says something about it."""
    infos, fields = [moment.info for moment in moments], [moment.before for moment in moments]
    assert {move for info in infos for move in info.move} == set(range(len(MOVES)))
    assert {CAUSES[code] for info in infos for code in info.cause} == set(CAUSES) - {"intervention"}
    assert {OUTCOMES[code] for info in infos for code in info.outcome} == set(OUTCOMES)
    assert {state.status[person] for state in fields for person in state.person if person >= 0} == set(Status)
    assert any(NOBODY in state.holder for state in fields)
    assert any(NOBODY in state.person for state in fields)
    assert any(info.executor >= 0 and info.purged > 1.0 for info in infos)
    assert {name for moment in moments for name, on in moment.agenda.mechanism.items() if not on} == set(MECHANISMS)
    assert {_founder_status(moment) for moment in moments} >= {(False, False), (True, False), (True, True)}
    assert any(moment.now == moment.setup.testament for moment in moments)
    assert any(len({*moment.after.person} - {*moment.before.person}) > 0 for moment in moments)
    assert {person for moment in moments for person in _trained_in_place(moment)}
    assert {len({code for code in moment.agenda.shared if code}) for moment in moments} >= {0, 3}
    assert {_struck_down(info) > 1 for info in infos if _struck_down(info)} == {False, True}


def _trained_in_place(moment: Moment) -> list[int]:
    return [person for person in moment.before.person if person >= 0 and moment.agenda.trained[person]]


def _struck_down(info: Record) -> int:
    """Return how many a contest brought down: the loser, and those the winner's coalition could do without."""
    return sum(CAUSES[code] in ("strike", "failed_strike") for code in info.cause)


def _founder_status(moment: Moment) -> tuple[bool, bool]:
    """Return whether there is a founder in office before the tick, and whether the tick ends that."""
    founder = moment.setup.founder
    before, after = (state.status[founder] for state in (moment.before, moment.after))
    here = founder >= 0 and before <= Status.OFFICE
    return here, here and after == Status.DEAD


def test_a_coefficient_off_by_a_hundredth_is_noticed(moments: list[Moment]) -> None:
    """The comparison is fine enough to see a small error in one constant."""
    assert any(_given(moment, "clash_trust", 1.01 * moment.agenda.parameter["clash_trust"]) for moment in moments)


@pytest.mark.parametrize("name", sorted(set(parameters()) - UNFELT))
def test_every_constant_is_felt(moments: list[Moment], name: str) -> None:
    """The comparison fails where the loops take a constant to be at the farther end of its range."""
    knob = parameters()[name]
    middle = (knob.low + knob.high) / 2.0
    assert any(_given(moment, name, knob.low if moment.agenda.parameter[name] > middle else knob.high) for moment in moments)


@pytest.mark.parametrize("name", UNFELT)
def test_constants_of_no_tick_change_nothing(moments: list[Moment], name: str) -> None:
    assert not any(_given(moment, name, parameters()[name].high) for moment in moments[:4])


@pytest.mark.parametrize("name", MECHANISMS)
def test_every_mechanism_is_felt(moments: list[Moment], name: str) -> None:
    """The comparison fails where the loops take a mechanism to be off that is on, or the other way round."""
    switched = (
        moment.disagreements(agenda=_with(moment.agenda, mechanism={name: 1.0 - moment.agenda.mechanism[name]}))[0] for moment in moments
    )
    assert any(switched)


@pytest.mark.parametrize("name", Traits._fields)
def test_every_trait_is_felt(moments: list[Moment], name: str) -> None:
    """The comparison fails where the loops take everybody for the utmost in a trait."""
    number, most = Traits._fields.index(name), min(traits()[name].high, 3.0)
    changed = (moment.disagreements(traits=_replaced(moment.traits, number, most))[0] for moment in moments)
    assert any(changed)


def _given(moment: Moment, name: str, value: float) -> list[str]:
    return moment.disagreements(agenda=_with(moment.agenda, parameter={name: value}))[0]


def _with(done: Record, **changed: dict[str, float]) -> Record:
    """Return an agenda with some constants or mechanisms changed."""
    merged = {kind: getattr(done, kind) | values for kind, values in changed.items()}
    return Record(**{**vars(done), **merged})


def _replaced(rows: list[list[float]], number: int, value: float) -> list[list[float]]:
    return [[value] * len(row) if at == number else row for at, row in enumerate(rows)]
