"""Reading others and feeling for them are different faculties (claim M1): four minds, three probes.

Run it with ``python examples/minds.py``. Each mind is low or high in theory of mind and low or high in empathy. The dictator game asks
what a mind wants, matching pennies what it foresees, and the trust game both: who sends money must foresee who will return it.
"""

from __future__ import annotations

from typing import NamedTuple

import jax.numpy as jnp
import numpy as np

from virtu import chance
from virtu.minds import choice, empathy, k_tom, players, theory_of_mind

# %% The four minds. Low empathy cares for nobody's payoff; high empathy is the strongly altruistic type of Bruhin, Fehr & Schunk (2019).


class Mind(NamedTuple):
    """How deep a mind reasons, with what precision, and what it gives for another's payoff."""

    level: int  # of the k-ToM learner
    depth: float  # τ of the depth weights in one-shot games
    behind: float  # α
    ahead: float  # β


LEVELS = {"low": (0, 0.0), "high": (2, 20.0)}
WEIGHTS = {"low": (0.0, 0.0), "high": (0.159, 0.463)}
MINDS = {(reading, feeling): Mind(*LEVELS[reading], *WEIGHTS[feeling]) for reading in LEVELS for feeling in WEIGHTS}

PRECISION = 0.2
"""Precision of choice, per franc: a franc more for oneself shifts the log odds by a fifth."""

# %% Dictator: take 10 of 20 francs, or take what is named and leave the other the rest.

TAKEN = jnp.array([10.0, 12.0, 14.0, 16.0, 18.0, 20.0])


def worth(mind: Mind, own: jnp.ndarray, other: jnp.ndarray) -> jnp.ndarray:
    """Return what payoffs are worth to a mind, francs."""
    caring = jnp.where(other > own, mind.behind, 0.0) + jnp.where(other < own, mind.ahead, 0.0)
    return empathy.utility(own, other, caring)


def given(mind: Mind) -> float:
    """Return how much of 20 francs a mind leaves to a stranger, by its choice among six divisions."""
    chances = choice.quantal_response(worth(mind, TAKEN, 20.0 - TAKEN), jnp.asarray(PRECISION))
    return float(jnp.sum(chances * (20.0 - TAKEN)))


# %% Matching pennies, 60 rounds against somebody who models a player that learns from frequencies. What one wins the other loses, so that
# who weighs the other's payoff with w plays as if every franc were 1 − 2w francs: duller, and no worse at foreseeing.


def won(mind: Mind, histories: int, seed: int = 1) -> tuple[float, float]:
    """Return the mean payoff of a round, and its standard error over histories."""
    me = k_tom.player(mind.level, temperature=-1.0 - np.log(1.0 - mind.behind - mind.ahead))
    pennies = players.matching_pennies()
    key = chance.history_keys(seed, jnp.arange(histories))
    match = players.play(me, k_tom.player(1), pennies, key, jnp.zeros(1, jnp.uint32), 60)
    payoff = np.asarray(pennies.payoff(*match.choices), np.float64).mean(axis=0)
    return float(payoff.mean()), float(payoff.std(ddof=1) / histories**0.5)


# %% Trust: keep 10 francs, which leaves the other 10, or send them: then the other has 30 and may return 15. The others are a mixture of
# the published types. The answer comes after the money, so whoever foresees it does not need to ask what the other expects.

KEPT = (10.0, 10.0)
SENT = jnp.array([0.0, 15.0]), jnp.array([30.0, 15.0])  # own and other's payoff where the other holds on to the money, or returns half


class Trust(NamedTuple):
    """What a mind expects and does with 10 francs."""

    expected: float  # predicted chance of a return
    sends: float  # chance to send


def trust(mind: Mind) -> Trust:
    """Return what a mind expects of a stranger in the trust game, and what it does."""
    types = empathy.population()
    mine, theirs = SENT
    kinds = [worth(Mind(0, 0.0, float(a), float(b)), theirs, mine)[:, None] for a, b in zip(types.behind, types.ahead, strict=True)]
    game = theory_of_mind.Game(worth(mind, mine, theirs)[None], jnp.stack(kinds), types.share)
    precision = jnp.asarray(PRECISION)
    levels = theory_of_mind.reason(game, 2, precision, precision)
    expected = theory_of_mind.prediction(levels, theory_of_mind.depth_weights(jnp.asarray(mind.depth)), types.share)
    keeping = worth(mind, *(jnp.asarray(part) for part in KEPT))
    sending = theory_of_mind.expected_payoff(game.own, expected)[0]
    return Trust(float(expected[1]), float(choice.quantal_response(jnp.stack([keeping, sending]), precision)[1]))


# %% The table.


def table(histories: int = 2000) -> dict[tuple[str, str], dict[str, float]]:
    """Return the results of the three probes for each mind, by (theory of mind, empathy)."""
    rows = {}
    for name, mind in MINDS.items():
        mean, error = won(mind, histories)
        expected, sends = trust(mind)
        rows[name] = {"given": given(mind), "won": mean, "won_error": error, "expected": expected, "sends": sends}
    return rows


if __name__ == "__main__":
    print("theory                given of 20 fr   won a round of pennies   return expected   money sent")
    print("of mind    empathy    (dictator)       (95 % interval)          (trust)           (trust)")
    for (reading, feeling), row in table().items():
        low, high = (row["won"] + sign * 1.96 * row["won_error"] for sign in (-1.0, 1.0))
        pennies = f"{row['won']:+.3f} ({low:+.3f} to {high:+.3f})"
        print(f"{reading:10} {feeling:10} {row['given']:5.2f}            {pennies:24} {row['expected']:.3f}             {row['sends']:.3f}")
    print("\nDictator choices follow empathy alone, expectations follow theory of mind alone; sending money takes both.")
