r"""Thresholds: each joins once enough others have, so that crowds nearly alike end far apart.

Granovetter (1978), "Threshold models of collective behavior", American Journal of Sociology 83(6), 1420-1443. A person joins when those who
have joined are at least his threshold. From nobody, r ← #{T ≤ r} climbs to the least r with #{T ≤ r} = r; in order of
thresholds, person k (from 0) joins if T_(k) ≤ k, so the first who does not ends it. Friends may count more than strangers (ibid., part on
social structure): then everybody sees his own weighted share.

For normal thresholds Granovetter's figures follow from the distribution itself, not from any hundred people: the equilibrium is the least
r with r = n Φ((r − mean)/sd). For n = 100 and mean 25 that is 5.48 at sd 12.20 and 100.00 at 12.25, for between the two the curve stops
touching the diagonal. A hundred people whose thresholds are the quantiles of that distribution are coarser: they turn over at sd 12.55.

Kuran (1991), "Now out of never: the element of surprise in the East European revolution of 1989", World Politics 44(1), 7-48. Who opposes
the regime at heart may support it in public. Opposing openly costs less the more others do; hiding what one
thinks costs more the more one opposes it at heart. The size of the open opposition at which the second outweighs the first is a
threshold, and a revolution is its cascade. The straight lines by which `revolutionary_thresholds` gets it are this project's.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy.special import ndtr, ndtri

from virtu.errors import InputError, RunError

ACCURACY = 1e-10
"""Change of the share at which the climb to an equilibrium has ended."""

MOST_STEPS = 1_000_000
"""Steps of the climb; where the curve nearly touches the diagonal it creeps, but takes thousands, not millions."""


class Revolution(NamedTuple):
    """A cascade of open opposition among n people."""

    open: np.ndarray  # (…,) share in open opposition at the end
    first: np.ndarray  # (…,) share in open opposition before anybody follows anybody: thresholds of 0
    hidden: np.ndarray  # (…,) share that opposes at heart and still supports in public


def cascade(thresholds: npt.ArrayLike) -> np.ndarray:
    """Return how many join in the end.

    Parameters
    ----------
    thresholds : array_like
        (…, n) number of others who must have joined before, any real number; above n - 1 for who never joins.

    Returns
    -------
    np.ndarray
        (…,) number of people, 0 … n.
    """
    ordered = np.sort(_thresholds(thresholds), axis=-1)
    stays_out = ordered > np.arange(ordered.shape[-1])
    return np.where(stays_out.any(axis=-1), stays_out.argmax(axis=-1), ordered.shape[-1])


def rounds(thresholds: npt.ArrayLike) -> list[int]:
    """Return how many have joined after each round, from 0 to the end, when all who are ready join at once.

    Parameters
    ----------
    thresholds : array_like
        (n,) as `cascade`, for one crowd.
    """
    crowd = _thresholds(thresholds)
    joined = [0]
    while (following := int((crowd <= joined[-1]).sum())) > joined[-1]:
        joined.append(following)
    return joined


def cascade_among_friends(thresholds: npt.ArrayLike, weights: npt.ArrayLike) -> np.ndarray:
    """Return who joins in the end when people count differently to one another.

    Parameters
    ----------
    thresholds : array_like
        (…, n) share of all that counts to a person that must have joined before, any real number; above 1 for who never joins.
    weights : array_like
        (…, n, n) how much each (row) minds each other (column), ≥ 0; Granovetter lets friends count twice. The diagonal is not used.

    Returns
    -------
    np.ndarray
        (…, n) bool: who has joined. Who minds nobody sees a share of 0.
    """
    crowd, ties = _thresholds(thresholds), np.array(weights, float)
    members = crowd.shape[-1]
    if ties.shape[-2:] != (members, members) or not (np.isfinite(ties).all() and (ties >= 0).all()):
        raise InputError(f"needs finite weights of at least 0, {members} by {members}, not of shape {ties.shape}")
    ties[..., np.arange(members), np.arange(members)] = 0.0
    total = ties.sum(axis=-1)
    needed = crowd * np.where(total > 0, total, 1.0)
    joined = np.zeros(np.broadcast_shapes(crowd.shape, total.shape), bool)
    for _ in range(members + 1):
        seen = (ties @ joined[..., None])[..., 0]
        # Products in place of shares: a third of three must be the same third for everybody.
        joined = np.where(total > 0, needed <= seen, crowd <= 0)
    return joined


def normal_crowd(members: int, mean: float, sd: npt.ArrayLike) -> np.ndarray:
    """Return the crowd whose thresholds are the quantiles (k + ½)/n of a normal distribution.

    Parameters
    ----------
    members : int
        n ≥ 1.
    mean, sd : float, array_like
        Of the thresholds, in people; sd > 0, of shape (…).

    Returns
    -------
    np.ndarray
        (…, n) thresholds, ascending.
    """
    spread = _spread(members, sd)
    return mean + spread[..., None] * ndtri((np.arange(members) + 0.5) / members)


def normal_equilibrium(members: int, mean: float, sd: npt.ArrayLike) -> np.ndarray:
    """Return how many join in the end, on average, under normal thresholds: the least r with r = n Φ((r - mean)/sd).

    Parameters
    ----------
    members, mean, sd
        As `normal_crowd`.

    Returns
    -------
    np.ndarray
        (…,) people, 0 … n, not whole.

    Raises
    ------
    RunError
        If the climb creeps for too long.
    """
    spread, share = _spread(members, sd), np.zeros(np.shape(sd))
    for _ in range(MOST_STEPS):
        following = ndtr((members * share - mean) / spread)
        if np.max(following - share) < ACCURACY:
            return members * following
        share = following
    raise RunError(f"no equilibrium after {MOST_STEPS} steps", "the curve all but touches the diagonal: change the spread a little")


def revolutionary_thresholds(opposition: npt.ArrayLike, punishment: npt.ArrayLike) -> np.ndarray:
    """Return the size of the open opposition at which each would join it, by straight lines.

    Opposing openly among a share S costs punishment · (1 - S), hiding costs as much as one opposes at heart, so the threshold
    is 1 - opposition/punishment.

    Parameters
    ----------
    opposition : array_like
        How much each opposes the regime at heart, ≥ 0 in any unit; 0 for a true supporter, who never joins.
    punishment : array_like
        Cost of being alone in the open, > 0 in the same unit.

    Returns
    -------
    np.ndarray
        Shares, 0 … 1; 2 for true supporters.
    """
    heart, cost = np.asarray(opposition, float), np.asarray(punishment, float)
    if not (np.isfinite(heart).all() and (heart >= 0).all() and np.isfinite(cost).all() and (cost > 0).all()):
        raise InputError("opposition must be finite and at least 0, punishment finite and above 0")
    return np.where(heart > 0, np.clip(1 - heart / cost, 0, 1), 2.0)


def revolution(thresholds: npt.ArrayLike) -> Revolution:
    """Return the open opposition in the end, and the opposition that stays hidden.

    Parameters
    ----------
    thresholds : array_like
        (…, n) share of all people in open opposition at which each joins, 0 … 1; above 1 for true supporters of the regime.
    """
    shares = _thresholds(thresholds)
    members = shares.shape[-1]
    # A share of n people read back as a number of them: .3 of 10 is 3, whatever the last bit says.
    ends = cascade(np.round(shares * members, 9)) / members
    return Revolution(ends, (shares <= 0).mean(axis=-1), (shares <= 1).mean(axis=-1) - ends)


def _thresholds(values: npt.ArrayLike) -> np.ndarray:
    found = np.asarray(values, float)
    if not found.ndim or not found.shape[-1] or np.isnan(found).any():
        raise InputError("needs the threshold of at least one person, none of them missing")
    return found


def _spread(members: int, sd: npt.ArrayLike) -> np.ndarray:
    spread = np.asarray(sd, float)
    if members < 1 or not (np.isfinite(spread).all() and (spread > 0).all()):
        raise InputError("needs at least one person and a finite spread above 0")
    return spread
