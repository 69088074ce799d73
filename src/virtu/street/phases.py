"""The schedule of a tick in the street: eight phases in one numbered list, and histories from beginning to end."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import jax
import jax.numpy as jnp

from virtu import chance
from virtu.minds import suspicion, theory_of_mind
from virtu.scenario.street_vocabulary import ANSWERS, FLANKS, STREET_MECHANISMS, StreetParameters
from virtu.scenario.vocabulary import Traits
from virtu.street.activation import activation
from virtu.street.camps import camps
from virtu.street.elites import elite
from virtu.street.felt import felt
from virtu.street.incidents import incidents
from virtu.street.media import media, wings
from virtu.street.perception import looked_at, perception
from virtu.street.public import public
from virtu.street.state import Agenda, Info, Setup, State, World, clear_info, disorder, following, legitimacy, turnout

Phase = Callable[[State, Info, World], tuple[State, Info]]

PHASES: tuple[tuple[int, str, Phase], ...] = (
    (1, "media", media),
    (2, "perception", perception),
    (3, "camps", camps),
    (4, "activation", activation),
    (5, "incidents", incidents),
    (6, "public", public),
    (7, "elite", elite),
    (8, "felt", felt),
)
"""The schedule: what happens in a tick, in this order."""


class Mind(NamedTuple):
    """What is drawn once for a history."""

    traits: jax.Array  # (traits, P) of the persons
    believed: jax.Array  # (M,) containability each member of the elite believes in
    taste: jax.Array  # (M, 4) each member's taste for each of ANSWERS
    say: jax.Array  # () 0 … 1 lot by which one member has the say


class Trace(NamedTuple):
    """What is kept of a tick; histories along a last axis that is left out below."""

    intensity: jax.Array  # (F, W) float32 mean intensity of each wing
    believed: jax.Array  # (F, F) float32 column's intensity as row's leader sees it; own true mean on the diagonal
    turnout: jax.Array  # (F, W) float32 share of the people in the street
    radical: jax.Array  # (F,) float32 share of the radical wing among the camp's supporters
    seen_radical: jax.Array  # (F,) float32 its share in what is shown of the camp
    coverage: jax.Array  # (F,) float32 share of all that is shown
    incidents: jax.Array  # (F,) float32 number
    shots: jax.Array  # (F,) float32 of them, with shots
    killed: jax.Array  # () float32 people killed by anybody
    injured: jax.Array  # () float32 people injured by anybody
    victims: jax.Array  # (F,) float32 own people killed or injured
    support: jax.Array  # (O,) float32 share of the people for each option
    reasonableness: jax.Array  # (F,) float32 0 … 1 or more, by which the camp is judged
    disorder: jax.Array  # () float32 0 … 1
    legitimacy: jax.Array  # () float32 0 … 1
    answer: jax.Array  # () int8 ANSWERS, −1 where there was no council
    concession: jax.Array  # () float32 0 … 1
    repression: jax.Array  # (F,) float32 0 … 1 in force after the council
    ruler: jax.Array  # () int8 RULERS, 3 + f for camp f
    felt: jax.Array  # (F,) float32 effect as the camp's people feel it
    fired: jax.Array  # (F,) bool has fired its first shot
    jailed: jax.Array  # () float32 share of the people
    ran_away: jax.Array  # () bool


def sample_traits(setup: Setup, key: chance.Key) -> jax.Array:
    """Draw everybody's traits by inverse distribution functions, shape (traits, P, H); as in the organisation, with the same luck."""
    names = ("empathy" if name.startswith("empathy_") else name for name in Traits._fields)
    codes = jnp.array([chance.code(name) for name in names], jnp.uint32)[:, None]
    return chance.inverse(setup.quantile, chance.draw(key, "traits", 0, chance.pair_slots(codes, setup.slot)))


def sample(setup: Setup, key: chance.Key) -> Mind:
    """Draw what is drawn once for a history."""
    lots = chance.draw(key, "street containability", 0, setup.member_slot)
    answers = jnp.arange(len(ANSWERS), dtype=jnp.uint32)[:, None]
    taste = chance.gumbels(key, "street tastes", 0, chance.pair_slots(setup.member_slot, answers))
    say = chance.draw(key, "street say", 0, jnp.zeros((1, 1), jnp.uint32))[0]
    return Mind(sample_traits(setup, key), chance.inverse(setup.member_belief, lots), taste, say)


def attention(traits: Traits, thinks: jax.Array | float = 1.0) -> jax.Array:
    """Return how far minds see through what is shown, 0 … 1, of the shape of a trait; `thinks` is 0 where theory of mind is off."""
    depth = theory_of_mind.depth_weights(traits.theory_of_mind_depth * thinks)
    return theory_of_mind.attention(depth, traits.theory_of_mind_precision * thinks)


def init(setup: Setup, mind: Mind) -> State:
    """Return the state before the first tick, in which leaders have long seen what is shown of the camps.

    Parameters
    ----------
    setup : Setup
        The scenario as arrays with a last axis of 1.
    mind : Mind
        Drawn for the histories.
    """
    histories = mind.traits.shape[2]
    count, cells = setup.camp_slot.shape[0], setup.cell_slot.shape[0]

    def spread(values: jax.Array) -> jax.Array:
        return jnp.broadcast_to(values, (*values.shape[:-1], histories)).astype(jnp.float32)

    def nought(*shape: int) -> jax.Array:
        return jnp.zeros((*shape, histories), jnp.float32)

    leaders = Traits(*mind.traits[:, setup.leader[:, 0]])
    intensity = spread(setup.intensity)
    mean = jnp.sum(wings(setup.radical) * intensity, axis=1)
    prior = suspicion.prior(leaders.suspicion)
    return State(
        intensity=intensity,
        peak=intensity,
        estimate=looked_at(mean, spread(setup.seen_mean), attention(leaders)),
        radical=spread(setup.radical),
        shown=nought(count),
        active=nought(cells, count, 2),
        jailed=nought(cells, count, 2),
        children=nought(count),
        victims=nought(count),
        harm=nought(count, count),
        harm_others=nought(count),
        belief=jnp.broadcast_to(prior[:, :, None], (5, count, count, histories)),
        fired=jnp.zeros((count, histories), bool),
        support=jnp.broadcast_to(setup.profile[None], (cells, *setup.profile.shape[:-1], histories)),
        reason=spread(setup.reasonableness),
        state_reason=spread(setup.state_reasonableness),
        attention=nought(count),
        disorder=nought(),
        legitimacy=spread(setup.legitimacy),
        concession=nought(),
        repression=nought(count),
        threat=nought(),
        ruler=jnp.zeros(histories, jnp.int32),
        ran_away=jnp.zeros(histories, bool),
    )


def luck(setup: Setup, key: chance.Key, now: jax.Array) -> dict[str, tuple[jax.Array, jax.Array]]:
    """Draw for a tick; of camps and of those they meet, (F, F + 2, H); of cells, camps and wings, (C, F, W, H)."""
    camps, cells = setup.camp_slot.shape[0], setup.cell_slot.shape[0]
    history = jnp.zeros((1, 1), jnp.uint32)
    met = jnp.concatenate([setup.camp_slot, jnp.arange(2, dtype=jnp.uint32)[:, None]])
    sides = chance.pair_slots(setup.camp_slot, jnp.arange(2, dtype=jnp.uint32)[:, None]).reshape(2 * camps, 1)
    drawn = chance.draws(key, ("street activation",), now, chance.pair_slots(setup.cell_slot, sides))
    by_cell = {site: tuple(part.reshape(cells, camps, 2, -1) for part in pair) for site, pair in drawn.items()}
    return {
        **chance.draws(key, ("street council",), now, history),
        **chance.draws(key, ("street incidents", "street shots", "street repression", "street revolt"), now, setup.camp_slot),
        **chance.draws(key, ("street estimate", "street victims"), now, chance.pair_slots(setup.camp_slot, met)),
        "street activation": (by_cell["street activation"][0], by_cell["street activation"][1]),
    }


def look_around(setup: Setup, mind: Mind, agenda: Agenda, key: chance.Key, now: jax.Array) -> World:
    """Return what surrounds the histories at a tick, with what is being done to them.

    Parameters
    ----------
    setup : Setup
        The scenario as arrays with a last axis of 1.
    mind : Mind
        Drawn for the histories.
    agenda : Agenda
        What is done at this tick: without the axis of ticks, with a last axis of 1.
    key : chance.Key
        Keys of the histories.
    now : jax.Array
        Tick, shape () int32.
    """
    values = jnp.where(jnp.isnan(agenda.trait), mind.traits, agenda.trait)
    on = dict(zip(STREET_MECHANISMS, agenda.mechanism, strict=True))
    leaders = Traits(*values[:, setup.leader[:, 0]])
    flank = agenda.flank
    distinct = jnp.where(flank == FLANKS.index("distinct"), 1.0, jnp.where(flank == FLANKS.index("merged"), 0.0, setup.distinct))
    return World(
        setup=setup,
        mind=leaders,
        council=Traits(*values[:, setup.member[:, 0]]),
        believed_containability=mind.believed,
        taste=mind.taste,
        say=mind.say,
        attention=attention(leaders, on["theory_of_mind"]),
        parameters=StreetParameters(*agenda.parameter),
        on=on,
        done=agenda,
        tick=now,
        luck=luck(setup, key, now),
        tactic=jnp.where(agenda.tactic >= 0, agenda.tactic, setup.tactic),
        distinct=distinct,
        flank=jnp.where(flank == FLANKS.index("absent"), 0.0, 1.0),
        hardship=jnp.clip(setup.hardship + agenda.shock[0], 0.0, 1.5),
    )


def imposed(state: State, world: World) -> State:
    """Return the state with the repression that is imposed."""
    forced = world.done.repress
    return state._replace(repression=jnp.where(jnp.isnan(forced), state.repression, forced))


def tick(world: World, state: State) -> tuple[State, Info]:
    """Run one tick: repression that is imposed, then the phases in their order."""
    state, info = imposed(state, world), clear_info(*state.radical.shape)
    for _, _, phase in PHASES:
        state, info = phase(state, info, world)
    return state, info


def observe(state: State, info: Info, world: World) -> Trace:
    """Return what is kept of a tick."""
    setup = world.setup
    return Trace(
        intensity=state.intensity,
        believed=state.estimate,
        turnout=turnout(state.active, setup),
        radical=state.radical,
        seen_radical=info.seen_radical,
        coverage=info.coverage,
        incidents=info.incidents,
        shots=info.shots,
        killed=jnp.sum(info.killed, axis=0) + info.killed_state,
        injured=jnp.sum(info.injured, axis=0) + info.victims_state - info.killed_state,
        victims=info.victims,
        support=jnp.sum(setup.cell_share[:, None] * following(state.support, setup), axis=0),
        reasonableness=info.judged,
        disorder=disorder(state, world),
        legitimacy=legitimacy(state, world),
        answer=info.answer.astype(jnp.int8),
        concession=state.concession,
        repression=state.repression,
        ruler=state.ruler.astype(jnp.int8),
        felt=info.felt,
        fired=state.fired,
        jailed=jnp.sum(state.jailed, axis=(0, 1, 2)) / setup.people,
        ran_away=state.ran_away,
    )


PLAIN = ("quantile", "member_belief")
"""Tables of the setup that are looked up, and have no axis of histories."""


def wide(setup: Setup) -> Setup:
    """Give what all histories share a last axis of 1; tables that are looked up stay as they are."""
    return Setup(*(part if name in PLAIN else part[..., None] for name, part in setup._asdict().items()))


def with_histories(setup: Setup, agenda: Agenda) -> tuple[Setup, Agenda]:
    """Give what all histories share a last axis of 1; tables that are looked up, parameters and mechanisms stay as they are."""
    plain = ("parameter", "mechanism")
    return wide(setup), Agenda(*(part if name in plain else part[..., None] for name, part in agenda._asdict().items()))


LANES = 32
"""Histories are run in multiples of so many, the rest thrown away: loops over fewer are unrolled by the compiler, which then fuses a
product with a sum in one history and not in the next, and last bits change."""


def histories(setup: Setup, agenda: Agenda, key: chance.Key) -> tuple[State, Trace]:
    """Run histories from the first tick to the last.

    Parameters
    ----------
    setup : Setup
        The scenario as arrays.
    agenda : Agenda
        What is done, tick by tick.
    key : chance.Key
        Keys of the histories, shape (2, sites, H).

    Returns
    -------
    tuple
        Last state; trace with a leading axis of ticks. Histories along the last axis.
    """
    setup, agenda = with_histories(*jax.tree.map(jnp.asarray, (setup, agenda)))
    count = key.shape[-1]
    key = jnp.pad(key, ((0, 0), (0, 0), (0, -count % LANES)), mode="edge")
    mind = sample(setup, key)

    def step(state: State, now: jax.Array) -> tuple[State, Trace]:
        done = Agenda(*(part[now] for part in agenda))
        world = look_around(setup, mind, done, key, now)
        state, info = tick(world, state)
        return state, observe(state, info, world)

    found = jax.lax.scan(step, init(setup, mind), jnp.arange(agenda.parameter.shape[0], dtype=jnp.int32))
    return jax.tree.map(lambda part: part[..., :count], found)
