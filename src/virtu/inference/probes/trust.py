"""The trust game played again and again, with partners who turn: it shows suspicion, rigidity and memory, besides how much somebody cares.

How a round is played is in `exchange`. Here are the series of rounds, with whom they were played, and the standard set: three partners who
are generous and then keep everything, or the reverse, or change to and fro, met once as investor and once as trustee.
"""

from __future__ import annotations

from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from virtu.inference.priors import of_traits
from virtu.inference.probes import exchange
from virtu.inference.probes.exchange import RETURNED, SENT, Mood, Rules
from virtu.inference.probes.family import Array, Family, Probe, Values
from virtu.scenario.vocabulary import Trait

PRECISION = Trait({"lognormal": [4.0, 0.8]}, 0.0, 200.0, "1/endowment", "precision of choice of what to send or to return")
"""Ours."""

TRAITS = (
    *("suspicion", "rigidity", "belief_retention", "retention", "reciprocity", "vengefulness"),
    *("empathy_behind", "empathy_ahead", "theory_of_mind_depth", "theory_of_mind_precision"),
)

INVESTOR, TRUSTEE = 0, 1
KIND, HARSH = 3, 0
"""What a scripted partner does: number of the part sent or returned."""

TURNS: dict[str, tuple[tuple[int, int], ...]] = {
    "kind, then harsh": ((KIND, 10), (HARSH, 10)),
    "harsh, then kind": ((HARSH, 10), (KIND, 10)),
    "to and fro": ((KIND, 4), (HARSH, 4), (KIND, 4), (HARSH, 4), (KIND, 4)),
    "kind": ((KIND, 10),),
    "harsh": ((HARSH, 10),),
}
"""Scripts of partners: what is done, and in how many rounds."""

STANDARD = ("kind, then harsh", "harsh, then kind", "to and fro")


class Exchanges(NamedTuple):
    """Series of rounds; each round holds one choice of the person and what the partner did."""

    multiplier: Array  # (N,) what is sent arrives as so much
    purse: Array  # (N,) endowment of the trustee, in endowments of the investor
    role: Array  # (N, T) int32 0 where the person was the investor, 1 where the trustee
    sent: Array  # (N, T) int32 number of the part sent
    returned: Array  # (N, T) int32 number of the part returned
    new: Array  # (N, T) 1 where the partner is another one than in the round before
    last: Array  # (N, T) 1 where the round is known to be the last with this partner
    known: Array  # (N, T) 1 where a round was played, 0 where the series is filled up; rounds played come first


def asked(answers: Exchanges) -> dict[str, Trait]:
    """Return what the choices depend on."""
    return of_traits(*TRAITS) | {"choice_precision": PRECISION}


def log_likelihood(values: Values, answers: Exchanges, levels: tuple[int, ...] = (0,)) -> jax.Array:
    """Return the log-likelihood of all choices of a person, shape (N, P, 1), from traits of shape (N, P)."""
    rules, expected, rounds = _table(values, answers)

    def step(carry: tuple[Mood, jax.Array], now: Exchanges) -> tuple[tuple[Mood, jax.Array], None]:
        mood, total = carry
        mood = _met(values, mood, now.new)
        chances = _chances(values, expected, rules, mood, now)
        made = jnp.where(now.role == INVESTOR, now.sent, now.returned)
        said = jnp.sum(jnp.where(made == jnp.arange(len(chances))[:, None, None], chances, 0.0), axis=0)
        total = total + now.known * _free(now) * jnp.log(jnp.maximum(said, jnp.finfo(jnp.float32).tiny))
        return (exchange.after(values, rules, mood, now.role, now.sent, now.returned), total), None

    start = exchange.stranger(values), jnp.zeros_like(values["suspicion"])
    (_, total), _ = jax.lax.scan(step, start, rounds)
    return total[..., None]


def play(values: Values, answers: Exchanges, seed: int, level: np.ndarray) -> Exchanges:
    """Let persons play against partners who do what is written, whatever happens."""
    luck = np.random.default_rng(seed).random(answers.role.shape).astype(np.float32)
    sent, returned = _played({name: jnp.asarray(value)[:, None] for name, value in values.items()}, answers, luck)
    return answers._replace(sent=np.asarray(sent), returned=np.asarray(returned))


def play_together(investors: Values, trustees: Values, rounds: int, seed: int) -> tuple[Exchanges, Exchanges]:
    """Let pairs play with each other; return the series of the investors and of the trustees.

    Parameters
    ----------
    investors, trustees : mapping
        Traits, shape (N,); the first of the one plays with the first of the other.
    rounds : int
        Number of rounds, which both know.
    seed : int
        Of their luck.
    """
    who = [{name: jnp.asarray(value)[:, None] for name, value in values.items()} for values in (investors, trustees)]
    pairs = who[0]["suspicion"].shape[0]
    blank = scripted(pairs, INVESTOR, [((KIND, rounds),)])
    luck = np.random.default_rng(seed).random((2, pairs, rounds)).astype(np.float32)
    sent, returned = (np.asarray(part) for part in _played_together(*who, blank, luck))
    series = blank._replace(sent=sent, returned=returned)
    return series, series._replace(role=np.full_like(series.role, TRUSTEE))


def scripted(persons: int, role: int, scripts: list[tuple[tuple[int, int], ...]]) -> Exchanges:
    """Return rounds with partners who follow scripts, one after the other, not yet played by the persons, who have one role in all."""
    acts = [np.concatenate([np.full(rounds, act, np.int32) for act, rounds in script]) for script in scripts]
    act = np.concatenate(acts)
    new = np.concatenate([np.arange(len(one)) == 0 for one in acts]).astype(np.float32)
    last = np.concatenate([np.arange(len(one)) == len(one) - 1 for one in acts]).astype(np.float32)
    blank, roles = np.zeros_like(act), np.full_like(act, role)
    rows = (roles, blank if role == INVESTOR else act, act if role == INVESTOR else blank, new, last, np.ones(len(act), np.float32))
    series = (np.broadcast_to(row, (persons, len(act))) for row in rows)
    return Exchanges(np.full(persons, 3.0, np.float32), np.zeros(persons, np.float32), *series)


def joined(*parts: Exchanges) -> Exchanges:
    """Return series of the same persons one after the other."""
    rest = zip(*(part[2:] for part in parts), strict=True)
    return Exchanges(parts[0].multiplier, parts[0].purse, *(np.concatenate(one, axis=1) for one in rest))


def practice(persons: int) -> Exchanges:
    """Return the standard set: three partners who turn, each as trustee and then as investor, 120 rounds; the same for everybody."""
    scripts = [TURNS[name] for name in STANDARD]
    return joined(*(scripted(persons, role, scripts) for role in (INVESTOR, TRUSTEE)))


def candidates() -> dict[str, Probe]:
    """Return ten or twenty rounds with each kind of partner, in either role."""
    roles = {"invest with a partner who is": INVESTOR, "be trusted by a partner who is": TRUSTEE}
    return {f"{said} {name}": Probe(scripted(1, role, [script]), play) for said, role in roles.items() for name, script in TURNS.items()}


def outcomes(answers: Exchanges) -> list[Exchanges]:
    """Return nothing: even ten rounds can go in millions of ways."""
    return []


def room(answers: Exchanges) -> int:
    """Return how many numbers a person and a point take; rounds are gone through one by one."""
    return 20 * len(SENT) * len(RETURNED) * 5


def _table(values: Values, answers: Exchanges) -> tuple[Rules, exchange.Expectation, Exchanges]:
    """Return the rules, what is expected, and the rounds with an axis of rounds in front, each (N, 1)."""
    rules = Rules(*(jnp.asarray(part, jnp.float32)[:, None] for part in answers[:2]))
    rounds = Exchanges(rules.multiplier, rules.purse, *(jnp.asarray(part).T[:, :, None] for part in answers[2:]))
    per_round = rounds._replace(
        **{name: jnp.broadcast_to(part, (rounds.role.shape[0], *part.shape)) for name, part in rules._asdict().items()}
    )
    return rules, exchange.expectation(values, rules), per_round


def _met(values: Values, mood: Mood, new: jax.Array) -> Mood:
    """Forget the last partner where another one comes."""
    fresh = exchange.stranger(values)
    return Mood(*(jnp.where(new > 0.0, one, other) for one, other in zip(fresh, mood, strict=True)))


def _chances(values: Values, expected: exchange.Expectation, rules: Rules, mood: Mood, now: Exchanges) -> jax.Array:
    """Return the chance of each part the person may send or return, shape (5, N, P)."""
    invests = now.role == INVESTOR
    far = (1.0 - now.last) * exchange.ahead(values, expected, rules, jnp.where(invests, mood.belief, mood.attributed))
    sends, returns = exchange.sending(values, expected, mood, far), exchange.returning(values, expected, mood, far, now.sent)
    return jnp.where(invests, sends, returns)


def _free(now: Exchanges) -> jax.Array:
    """Return 1 where there was something to choose: a trustee who got nothing has nothing to return."""
    return jnp.where((now.role == TRUSTEE) & (now.sent == 0), 0.0, 1.0)


def _drawn(chances: jax.Array, luck: jax.Array) -> jax.Array:
    """Return the number of the part that is chosen, shape (N, 1) int32, from chances of shape (5, N, 1) and luck of shape (N, 1)."""
    return jnp.sum(luck > jnp.cumsum(chances, axis=0)[:-1], axis=0).astype(jnp.int32)


@jax.jit
def _played(values: Values, answers: Exchanges, luck: jax.Array) -> tuple[jax.Array, jax.Array]:
    rules, expected, rounds = _table(values, answers)

    def step(mood: Mood, now: tuple[Exchanges, jax.Array]) -> tuple[Mood, tuple[jax.Array, jax.Array]]:
        rows, lot = now
        mood = _met(values, mood, rows.new)
        taken = _drawn(_chances(values, expected, rules, mood, rows), lot[:, None])
        sent = jnp.where(rows.role == INVESTOR, taken, rows.sent)
        returned = jnp.where(rows.role == INVESTOR, rows.returned, taken)
        return exchange.after(values, rules, mood, rows.role, sent, returned), (sent[:, 0], returned[:, 0])

    _, (sent, returned) = jax.lax.scan(step, exchange.stranger(values), (rounds, luck.T))
    return sent.T, returned.T


@jax.jit
def _played_together(one: Values, other: Values, answers: Exchanges, luck: jax.Array) -> tuple[jax.Array, jax.Array]:
    rules, first, rounds = _table(one, answers)
    second = exchange.expectation(other, rules)
    investor, trustee = (jnp.full_like(rounds.role[0], role) for role in (INVESTOR, TRUSTEE))

    def step(moods: tuple[Mood, Mood], now: tuple[Exchanges, jax.Array]) -> tuple[tuple[Mood, Mood], tuple[jax.Array, jax.Array]]:
        rows, lots = now
        sent = _drawn(_chances(one, first, rules, moods[0], rows._replace(role=investor)), lots[0][:, None])
        returned = _drawn(_chances(other, second, rules, moods[1], rows._replace(role=trustee, sent=sent)), lots[1][:, None])
        moods = (
            exchange.after(one, rules, moods[0], investor, sent, returned),
            exchange.after(other, rules, moods[1], trustee, sent, returned),
        )
        return moods, (sent[:, 0], returned[:, 0])

    start = exchange.stranger(one), exchange.stranger(other)
    _, (sent, returned) = jax.lax.scan(step, start, (rounds, jnp.moveaxis(luck, -1, 0)))
    return sent.T, returned.T


FAMILY = Family(
    name="trust",
    about="The trust game, played again and again with partners who may turn",
    asked=asked,
    log_likelihood=log_likelihood,
    practice=practice,
    play=play,
    candidates=candidates,
    outcomes=outcomes,
    room=room,
)
