"""The trust game as the actors' minds play it, round by round: what is expected of the other, what is chosen, what is remembered.

An investor sends a part a of his endowment, which is multiplied by m on the way; the trustee returns a part r of what arrives (Berg,
Dickhaut & McCabe 1995). With everything in endowments, Π_investor = 1 − a + r m a and Π_trustee = purse + m a (1 − r).

- **Prediction.** A trustee of intent ω wants (1 − ω) Π_trustee + ω Π_investor and answers by the logit response with the precision that is
  attributed to him. At level 0 nothing is predicted and every return is as likely; at level 1 he looks at this round; at level 2 he also
  looks ahead: what he returns changes what the investor believes, and by that what is sent next, of which he hopes to keep as large a part
  again. Levels are mixed by depth, types by belief (`minds.theory_of_mind`, `minds.suspicion`).
- **Choice.** Logit response to the own utility of `minds.empathy`; a trustee adds his look ahead, so far as he predicts others at all,
  unless the round is known to be the last.
- **Memory.** What the other did beyond breaking even, or half the endowment, is a benefit or a harm. It changes the belief about his
  intent, discounted by rigidity; it is entered in the ledgers of kindness and of grievance, harm so far as it is believed meant; and all
  of it fades (`minds.memory`), in the order of the organisation's phase of memory.

Options and types lie along the first axes, since points along the last are many: (type, sent, returned, N, P).

The look ahead is of one round, where a mind that plans would look to the end (Hula, Montague & Dayan 2015).
"""

from __future__ import annotations

from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from virtu.inference.probes.family import Values
from virtu.minds import empathy, memory, suspicion
from virtu.minds.choice import quantal_response
from virtu.minds.theory_of_mind import depth_weights, mixture
from virtu.scenario.vocabulary import parameters

SENT = np.linspace(0.0, 1.0, 5).astype(np.float32)
"""Parts of the endowment that may be sent; what was sent in between is taken for the nearest."""

RETURNED = np.array([0.0, 1.0 / 6.0, 1.0 / 3.0, 0.5, 2.0 / 3.0], np.float32)
"""Parts of what arrived that may be returned, as in Hula, Montague & Dayan (2015)."""

USUAL = 0.5
"""Part of the endowment that is neither a kindness nor a harm when it is sent."""


_sent, _returned = SENT.reshape(-1, 1, 1, 1), RETURNED.reshape(1, -1, 1, 1)
_types = suspicion.INTENTS.reshape(-1, 1, 1, 1, 1)


class Rules(NamedTuple):
    """What a round pays, as far as it does not depend on who plays."""

    multiplier: jax.Array  # (N, 1) what is sent arrives as so much
    purse: jax.Array  # (N, 1) endowment of the trustee, in endowments of the investor


class Expectation(NamedTuple):
    """What is expected of trustees whatever has happened; 5 types of intent, then part sent, then part returned."""

    investor: jax.Array  # (5, 5, N, 1) payoff of the investor
    trustee: jax.Array  # (5, 5, N, 1) payoff of the trustee
    answers: jax.Array  # (5, 5, 5, N, P) chance of each return, for a trustee who does not look ahead
    worth: jax.Array  # (5, 5, N, P) what sending each part brings the investor, by type


class Mood(NamedTuple):
    """What a person remembers of the one he plays with."""

    belief: jax.Array  # (5, N, P) about the other's intent
    attributed: jax.Array  # (5, N, P) what he thinks the other believes of his own
    kindness: jax.Array  # (N, P) 0 … 1
    grievance: jax.Array  # (N, P) 0 … 1


def expectation(values: Values, rules: Rules) -> Expectation:
    """Return what is expected of trustees whatever has happened; traits of shape (N, P)."""
    arrived = jnp.asarray(rules.multiplier * _sent)
    investor, trustee = jnp.asarray(1.0 - _sent + arrived * _returned), rules.purse + arrived * (1.0 - _returned)
    answers = quantal_response(jnp.asarray((1.0 - _types) * trustee + _types * investor), values["theory_of_mind_precision"], axis=2)
    return Expectation(investor, trustee, answers, jnp.sum(answers * investor, axis=2))


def ahead(values: Values, expected: Expectation, rules: Rules, belief: jax.Array) -> jax.Array:
    """Return what a trustee may hope for from the next round, by part sent and part returned now, shape (5, 5, N, P).

    Parameters
    ----------
    values, expected, rules
        As above.
    belief : jax.Array
        What the investor believes of the trustee now, shape (5, N, P).
    """
    act = rules.multiplier * _sent * _returned - _sent
    then = suspicion.update(belief[:, None, None], act, _constant("evidence"), values["rigidity"])
    bring = mixture(then, list(expected.worth[:, :, None, None]))
    sends = quantal_response(bring, values["theory_of_mind_precision"], axis=0)
    hoped = rules.multiplier * jnp.sum(sends * jnp.asarray(SENT).reshape(-1, 1, 1, 1, 1), axis=0) * (1.0 - _returned)
    return _constant("foresight") * hoped


def sending(values: Values, expected: Expectation, mood: Mood, far: jax.Array) -> jax.Array:
    """Return the chance with which an investor sends each part, shape (5, N, P).

    Parameters
    ----------
    values : mapping
        Traits of the investor, shape (N, P).
    expected, mood
        As above.
    far : jax.Array
        What the trustee may hope for from the next round, as from `ahead`; 0 where there is none.
    """
    levels = depth_weights(values["theory_of_mind_depth"])
    looks = jnp.asarray((1.0 - _types) * (expected.trustee + far) + _types * expected.investor)
    answers = quantal_response(looks, values["theory_of_mind_precision"], axis=2)
    by_level = [1.0 / RETURNED.size, *(mixture(mood.belief[:, None, None], list(one)) for one in (expected.answers, answers))]
    foreseen = mixture(levels[:, None, None], by_level)
    liked = empathy.utility(expected.investor, expected.trustee, caring(values, mood, expected.trustee - expected.investor))
    return quantal_response(jnp.sum(foreseen * liked, axis=1), values["choice_precision"], axis=0)


def returning(values: Values, expected: Expectation, mood: Mood, far: jax.Array, sent: jax.Array) -> jax.Array:
    """Return the chance with which a trustee returns each part, shape (5, N, P).

    Parameters
    ----------
    values, expected, mood, far
        As in `sending`, of the trustee.
    sent : jax.Array
        Number of the part that was sent, shape (N, 1) int32.
    """
    levels = depth_weights(values["theory_of_mind_depth"])
    liked = empathy.utility(expected.trustee, expected.investor, caring(values, mood, expected.investor - expected.trustee))
    whole = liked + (levels[1] + levels[2]) * far
    here = sent == jnp.arange(SENT.size)[:, None, None]
    return quantal_response(jnp.sum(jnp.where(here[:, None], whole, 0.0), axis=0), values["choice_precision"], axis=0)


def caring(values: Values, mood: Mood, gap: jax.Array) -> jax.Array:
    """Return the weight put on the other's payoff, shape (5, 5, N, P), from what the other has beyond oneself in each outcome."""
    behind, ahead_of = (values[name][None, None] for name in ("empathy_behind", "empathy_ahead"))
    reciprocity, vengefulness = (values[name][None] for name in ("reciprocity", "vengefulness"))
    return empathy.weight(behind, ahead_of, reciprocity, vengefulness, gap, mood.kindness[None, None], mood.grievance[None, None])


def stranger(values: Values) -> Mood:
    """Return what a person holds of somebody he has not met; traits of shape (N, P)."""
    nothing = jnp.zeros_like(values["suspicion"])
    return Mood(suspicion.prior(values["suspicion"]), suspicion.prior(nothing), nothing, nothing)


def after(values: Values, rules: Rules, mood: Mood, role: jax.Array, sent: jax.Array, returned: jax.Array) -> Mood:
    """Return what a person remembers after a round.

    Parameters
    ----------
    values, rules, mood
        As above.
    role : jax.Array
        0 where the person was the investor, 1 where the trustee, shape (N, 1).
    sent, returned : jax.Array
        Numbers of the parts sent and returned, shape (N, 1) int32.
    """
    gave = jnp.asarray(SENT)[sent]
    lent, repaid = gave - USUAL, gave * (rules.multiplier * jnp.asarray(RETURNED)[returned] - 1.0)
    act, own_act = jnp.where(role > 0, lent, repaid), jnp.where(role > 0, repaid, lent)
    evidence, rigidity, kept = _constant("evidence"), values["rigidity"], values["belief_retention"]
    first = stranger(values)
    belief = suspicion.fade(suspicion.update(mood.belief, act, evidence, rigidity), first.belief, kept)
    attributed = suspicion.fade(suspicion.update(mood.attributed, own_act, evidence, rigidity), first.attributed, kept)
    hurt = jnp.maximum(-act, 0.0) * suspicion.hostile(belief)
    helped = jnp.broadcast_to(jnp.maximum(act, 0.0), hurt.shape)
    return Mood(
        belief,
        attributed,
        _ledger(mood.kindness, helped, values["retention"], _constant("kindness_gain")),
        _ledger(mood.grievance, hurt, values["retention"], _constant("grievance_gain")),
    )


def _ledger(ledger: jax.Array, event: jax.Array, retention: jax.Array, gain: jax.Array) -> jax.Array:
    return memory.remember(ledger[:, None], event[:, None], retention, gain)[:, 0]


def _constant(name: str) -> jax.Array:
    """A constant of the organisation at its default: the game is played by the same minds."""
    return jnp.float32(parameters()[name].default)
