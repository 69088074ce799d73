"""Validation of the learner who simulates how the other learns: single steps, sessions that people played against it, and tournaments.

The tournaments were played with tomsup: matching pennies, 60 rounds, both players at their defaults. Its payoffs are means over matches and
come with standard errors, from which the number of matches follows, so a row passes within three standard errors of the difference.

That a 1-ToM loses to win-stay lose-shift in the second half is due to tomsup's double precision. The two soon alternate, and the
log odds that the simulated 0-ToM holds swing wider each round; the first above 36.7 is rounded to certainty, for ever. By the equations
themselves the 1-ToM goes on winning. Those rows, and the replay, whose record was made with slopes by differences, are therefore computed
`as_tomsup`, and their notes say what comes of the equations themselves.
"""

from __future__ import annotations

import csv
import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import jax.numpy as jnp
import numpy as np

from virtu import chance
from virtu.laboratory.validation.rows import Gap, Row, table
from virtu.minds import k_tom, players

SESSIONS = "minds/matching-pennies-ktom-sessions.csv"
LENGTH, LEVELS = 20, (0, 1)
ROUNDS, MATCHES, SEED = 60, 20_000, 1

PACKAGE = "tomsup (Waade et al. 2022), computed"
RECORDED = "Waade et al., matching pennies sessions, levels 0 and 1"

PAYOFFS = {(0, 1): (0.1355, 0.0041), (1, 2): (0.0867, 0.0072)}
"""Levels of the two, payoff a round of the higher, and its standard error."""

WIN_STAY = {"overall": (0.016, slice(None)), "second-half": (-0.82, slice(ROUNDS // 2, None))}
"""Payoff a round of the 1-ToM against win-stay lose-shift, and the rounds it is a mean of."""

FEWEST = 300
"""Matches of the smaller of the two tournaments above; the one with win-stay lose-shift is not taken to be larger."""


def rows(data: Path | None) -> Iterator[Row | Gap]:
    """Yield steps of a 0-ToM, the replay of recorded sessions, and payoffs of levels against each other."""
    yield from _steps()
    found = table(data, SESSIONS)
    yield found if isinstance(found, Gap) else _replay(read(found))
    yield from _levels()
    yield from _win_stay()


class Session(NamedTuple):
    """A person against a k-ToM, as recorded; choices and chances are lists over trials."""

    level: int
    seat: int  # of the learner: 0 wins when the two are alike, 1 when they differ
    own: list[int]
    other: list[int]
    chances: list[float]  # with which the learner chose 1, as it computed them
    states: list[str]  # its beliefs before each choice, as printed


def read(path: Path) -> list[Session]:
    """Read the complete sessions of levels 0 and 1 in the order of their trials.

    Parameters
    ----------
    path : Path
        A table with a row for each trial and the columns participant.code, Framing, trial, tom_level, tom_role, tom_decision,
        decision and tom_state.
    """
    sessions: dict[tuple[str, str, int], list[dict[str, str]]] = defaultdict(list)
    with path.open(encoding="utf-8", newline="") as lines:
        for line in csv.DictReader(lines):
            sessions[line["participant.code"], line["Framing"], int(line["tom_level"])].append(line)
    return [_session(trials, key[2]) for key, trials in sessions.items() if len(trials) == LENGTH and key[2] in LEVELS]


def _session(trials: list[dict[str, str]], level: int) -> Session:
    trials = sorted(trials, key=lambda trial: int(trial["trial"]))
    own, other = ([int(trial[who]) for trial in trials] for who in ("tom_decision", "decision"))
    states = [trial["tom_state"] for trial in trials]
    chances = [float(re.findall(r"'p_self': ([\d.e-]+)", state)[-1]) for state in states]
    return Session(level, int(trials[0]["tom_role"]), own, other, chances, states)


def replayed(sessions: list[Session], as_tomsup: bool) -> tuple[np.ndarray, k_tom.KToM]:
    """Lead a k-ToM through sessions; return its chances of 1, shape (trials, sessions), and what it is after the last trial.

    Parameters
    ----------
    sessions : list of Session
        At least one, all of the same level.
    as_tomsup : bool
        How slopes and certainty are computed.
    """
    own, other = (jnp.asarray([getattr(session, who) for session in sessions]).T for who in ("own", "other"))
    alike, sign = players.matching_pennies().theirs, jnp.asarray([1.0 - 2.0 * session.seat for session in sessions])
    game = players.Game(alike[..., None] * sign, -alike[..., None] * sign)
    chances, last = players.replay(k_tom.player(sessions[0].level, as_tomsup=as_tomsup), game, own, other)
    return np.asarray(chances), last


def _steps() -> Iterator[Row]:
    none = jnp.float32(0.0)
    first = k_tom.prior(0)
    learnt = k_tom.learn(first, k_tom.player(0).parameters, none, jnp.float32(1.0), players.matching_pennies())
    assert isinstance(learnt, k_tom.Tracker)
    expected = k_tom.predict(k_tom.Tracker(jnp.float32(0.7), jnp.float32(0.3)))
    yield Row("k-tom.step.mean", float(learnt.mean), 0.44216598, 1e-6, PACKAGE, "log odds; single precision")
    yield Row("k-tom.step.log-variance", float(learnt.log_variance), -0.12292276, 1e-6, PACKAGE, "single precision")
    yield Row("k-tom.step.expected", float(expected), 0.6397417553, 1e-6, PACKAGE, "chance; single precision")
    yield Row("k-tom.step.first-choice", float(k_tom.player(0).chance(players.matching_pennies())), 0.5, 1e-6, PACKAGE, "chance")


def _replay(sessions: list[Session]) -> Row:
    tomsup, exact = (max(_largest_difference(sessions, level, flag) for level in LEVELS) for flag in (True, False))
    note = f"largest difference of a chance of 1, {len(sessions)} sessions of {LENGTH} trials; with exact slopes {exact:.1e}"
    return Row("k-tom.replay", tomsup, 0.0, 1e-5, RECORDED, note)


def _largest_difference(sessions: list[Session], level: int, as_tomsup: bool) -> float:
    here = [session for session in sessions if session.level == level]
    recorded = np.array([session.chances for session in here]).T
    return float(np.abs(replayed(here, as_tomsup)[0] - recorded).max())


def _earnings(first: Any, second: Any) -> np.ndarray:
    """Return what the second of two players earns, shape (rounds, matches)."""
    game, key = players.matching_pennies(), chance.history_keys(SEED, jnp.arange(MATCHES))
    match = players.play(first, second, game, key, jnp.zeros(1, jnp.uint32), rounds=ROUNDS)
    return np.asarray(game.swapped().payoff(match.choices[1], match.choices[0]))


def _mean(earnings: np.ndarray) -> tuple[float, float]:
    """Return the mean over rounds and matches, and the standard deviation over matches."""
    means = earnings.mean(axis=0)
    return float(means.mean()), float(means.std(ddof=1))


def _levels() -> Iterator[Row]:
    for (lower, higher), (published, error) in PAYOFFS.items():
        ours, deviation = _mean(_earnings(k_tom.player(lower), k_tom.player(higher)))
        own_error = deviation / MATCHES**0.5
        note = f"payoff a round; 3 standard errors of the difference, {error} theirs and {own_error:.4f} ours"
        yield Row(f"k-tom.payoff.{lower}-v-{higher}", ours, published, 3.0 * float(np.hypot(error, own_error)), PACKAGE, note)


def _win_stay() -> Iterator[Row]:
    tomsup, exact = (_earnings(players.win_stay(), k_tom.player(1, as_tomsup=flag)) for flag in (True, False))
    for name, (published, part) in WIN_STAY.items():
        ours, deviation = _mean(tomsup[part])
        tolerance = 3.0 * deviation * (1.0 / MATCHES + 1.0 / FEWEST) ** 0.5
        note = (
            f"payoff a round of the 1-ToM, computed as by tomsup; by the equations it is {_mean(exact[part])[0]:+.3f}; "
            f"3 standard errors of the difference, theirs as of {FEWEST} matches"
        )
        yield Row(f"k-tom.payoff.win-stay-v-1.{name}", ours, published, tolerance, PACKAGE, note)
