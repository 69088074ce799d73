r"""Concession under threat: when an elite gives way for the moment, when for good, and when it would rather beat the threat down.

Acemoglu & Robinson (2006), Economic Origins of Dictatorship and Democracy, chapters 5-7. Of all income the elite, a share δ of the people,
has a share θ. A revolution takes everything from it and destroys a share μ of income for ever; it can be made only in times of threat,
which come with chance q in each period, whatever went before. The future counts β a period. A tax at rate τ, shared out among all, gives
the citizens together G(τ) and costs the elite together L(τ), as shares of all income,

    G(τ) = τ (θ - δ) - (1 - δ) C(τ),    L(τ) = τ (θ - δ) + δ C(τ),

C(τ) = c τᵛ/ν being lost on the way; citizens like best the rate τᵖ with C'(τᵖ) = (θ - δ)/(1 - δ), but at most 1.

The threat binds iff θ > μ. Who takes from a concession made in times of threat only what it brings then, expects (1 - β (1 - q)) G(τ) of it
in place of G(τ). So even the best temporary concession suffices only if θ ≤ μ + (1 - β (1 - q)) G(τᵖ), that is iff q ≥ q*:

    θ = μ + (1 - β (1 - q*)) (τᵖ (θ - δ) - (1 - δ) C(τᵖ)).

Rare threats are worse to live with than frequent ones: what is promised is then seldom paid. Sharing power for good gives G(τᵖ) in every
period, and suffices iff θ ≤ μ + G(τᵖ). Repression always works and costs everybody a share κ of income whenever there is a threat. The
elite takes what leaves it most, counted from a period of threat on:

    ignore       θ if θ ≤ μ, else 0                 concede      θ - (1 - β (1 - q)) L(τ̂), τ̂ the least rate that suffices
    share power  θ - L(τᵖ) if that suffices, else 0  repress      θ - (1 - β (1 - q)) κ θ.

All values are shares of the value 1/(1 - β) of all income for ever.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from virtu.errors import InputError

ANSWERS = ("ignore", "concede", "share power", "repress")
"""What an elite can do, in the order in which it takes the first of the equally good."""

HALVINGS = 60
"""Of the interval in which the least rate that suffices is looked for."""


class Conflict(NamedTuple):
    """Societies; all fields of one shape (…,)."""

    inequality: np.ndarray  # θ, share of income of the elite, δ < θ < 1
    elite: np.ndarray  # δ, share of the elite in the people, 0 < δ < ½
    destruction: np.ndarray  # μ, share of income that a revolution destroys, 0 … 1
    patience: np.ndarray  # β, 0 ≤ β < 1
    waste: np.ndarray  # c > 0, of taxes
    curvature: np.ndarray  # ν > 1, of waste


class Values(NamedTuple):
    """What each answer leaves the elite, as a share of all income for ever, and the best of them; fields of one shape (…,)."""

    ignore: np.ndarray
    concede: np.ndarray
    share_power: np.ndarray
    repress: np.ndarray
    best: np.ndarray  # index into ANSWERS
    rate: np.ndarray  # τ̂, tax rate of the temporary concession; the citizens' best rate where even that does not suffice


def conflict(
    inequality: npt.ArrayLike,
    elite: npt.ArrayLike,
    destruction: npt.ArrayLike,
    patience: npt.ArrayLike,
    waste: npt.ArrayLike = 1.0,
    curvature: npt.ArrayLike = 2.0,
) -> Conflict:
    """Return societies after a look at their parameters.

    Parameters
    ----------
    inequality, elite, destruction, patience, waste, curvature : array_like
        As the fields of `Conflict`.

    Raises
    ------
    InputError
        If a parameter is out of range.
    """
    parts = (np.asarray(part, float) for part in (inequality, elite, destruction, patience, waste, curvature))
    theta, delta, mu, beta, c, nu = np.broadcast_arrays(*parts)
    _check("the elite's share in the people must be in (0, ½)", (delta > 0) & (delta < 0.5), delta)
    _check("the elite's share of income must be above its share in the people and below 1", (theta > delta) & (theta < 1), theta)
    _check("the share that a revolution destroys must be in [0, 1]", (mu >= 0) & (mu <= 1), mu)
    _check("patience must be in [0, 1)", (beta >= 0) & (beta < 1), beta)
    _check("waste must be above 0", (c > 0) & np.isfinite(c), c)
    _check("the curvature of waste must be above 1", (nu > 1) & np.isfinite(nu), nu)
    return Conflict(theta, delta, mu, beta, c, nu)


def best_rate(society: Conflict) -> np.ndarray:
    """Return τᵖ, the tax rate the citizens like best, 0 … 1.

    Parameters
    ----------
    society : Conflict
        Of shape (…,).
    """
    steepness = (society.inequality - society.elite) / ((1 - society.elite) * society.waste)
    return np.minimum(steepness, 1.0) ** (1 / (society.curvature - 1))


def gain(society: Conflict, rate: npt.ArrayLike) -> np.ndarray:
    """Return G(τ), what the citizens together gain by a tax, as a share of all income.

    Parameters
    ----------
    society : Conflict
        Of shape (…,).
    rate : array_like
        τ, 0 … 1.
    """
    tau = _rate(rate)
    return tau * (society.inequality - society.elite) - (1 - society.elite) * _lost(society, tau)


def loss(society: Conflict, rate: npt.ArrayLike) -> np.ndarray:
    """Return L(τ), what the elite together lose by a tax, as a share of all income; they get their part of what is shared out.

    Parameters
    ----------
    society, rate
        As `gain`.
    """
    tau = _rate(rate)
    return tau * (society.inequality - society.elite) + society.elite * _lost(society, tau)


def binds(society: Conflict) -> np.ndarray:
    """Return whether the citizens would rather make a revolution than go on as they are, θ > μ.

    Parameters
    ----------
    society : Conflict
        Of shape (…,).
    """
    return society.inequality > society.destruction


def critical_frequency(society: Conflict, rate: npt.ArrayLike | None = None) -> np.ndarray:
    """Return q*, the frequency of threats from which a temporary concession suffices.

    Parameters
    ----------
    society : Conflict
        Of shape (…,).
    rate : array_like, optional
        τ of the concession; the best for the citizens by default.

    Returns
    -------
    np.ndarray
        0 … 1; 0 where it always suffices or nothing threatens, above 1 (infinite) where no frequency is enough.
    """
    given = gain(society, best_rate(society) if rate is None else rate)
    short = society.inequality - society.destruction
    # G - β (1 - q) G ≥ θ - μ is linear in q; whatever q, what is expected of G is between G - β G and G.
    spare, most = given - short, society.patience * given
    between = (spare >= 0) & (spare < most)
    needed = np.where(between, 1 - spare / np.where(between, most, 1.0), np.inf)
    return np.where((short <= 0) | (spare >= np.maximum(most, 0.0)), 0.0, needed)


def temporary_concession_suffices(society: Conflict, frequency: npt.ArrayLike) -> np.ndarray:
    """Return whether giving way in times of threat only can prevent a revolution, q ≥ q*.

    Parameters
    ----------
    society : Conflict
        Of shape (…,).
    frequency : array_like
        q, chance of a threat in a period, 0 … 1.
    """
    return _chance("the frequency of threats", frequency) >= critical_frequency(society)


def power_sharing_suffices(society: Conflict) -> np.ndarray:
    """Return whether sharing power for good prevents a revolution, θ ≤ μ + G(τᵖ).

    Parameters
    ----------
    society : Conflict
        Of shape (…,).
    """
    return society.inequality - society.destruction <= gain(society, best_rate(society))


def least_rate(society: Conflict, frequency: npt.ArrayLike) -> np.ndarray:
    """Return τ̂, the least tax rate at which a temporary concession prevents a revolution; τᵖ where none does.

    Parameters
    ----------
    society : Conflict
        Of shape (…,).
    frequency : array_like
        q, 0 … 1.
    """
    weight = _weight(society, frequency)
    high = np.broadcast_to(best_rate(society), weight.shape)
    low = np.zeros_like(high)
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        enough = weight * gain(society, middle) >= society.inequality - society.destruction
        low, high = np.where(enough, low, middle), np.where(enough, middle, high)
    return np.where(binds(society), high, 0.0)


def choice(society: Conflict, frequency: npt.ArrayLike, repression: npt.ArrayLike) -> Values:
    """Return what the elite does in a period of threat.

    Parameters
    ----------
    society : Conflict
        Of shape (…,).
    frequency : array_like
        q, chance of a threat in a period, 0 … 1.
    repression : array_like
        κ, share of income that repression costs in a period, 0 … 1.
    """
    kappa = _chance("the cost of repression", repression)
    weight, rate, tax = _weight(society, frequency), least_rate(society, frequency), best_rate(society)
    theta, threatened = society.inequality, binds(society)
    values = (
        np.where(threatened, 0.0, theta),
        np.where(temporary_concession_suffices(society, frequency), theta - weight * loss(society, rate), 0.0),
        np.where(power_sharing_suffices(society), theta - loss(society, tax), 0.0),
        theta * (1 - weight * kappa),
    )
    options = np.stack(np.broadcast_arrays(*values))
    ignore, concede, share_power, repress = options
    return Values(ignore, concede, share_power, repress, options.argmax(axis=0), np.broadcast_to(rate, options.shape[1:]))


def repression_limit(society: Conflict, frequency: npt.ArrayLike) -> np.ndarray:
    """Return the cost of repression κ below which the elite represses, 0 … 1 or more; 0 where nothing threatens.

    Parameters
    ----------
    society : Conflict
        Of shape (…,).
    frequency : array_like
        q, 0 … 1.
    """
    found = choice(society, frequency, 1.0)
    other = np.maximum(found.ignore, np.maximum(found.concede, found.share_power))
    return (1 - other / society.inequality) / _weight(society, frequency)


def _weight(society: Conflict, frequency: npt.ArrayLike) -> np.ndarray:
    """Return 1 - β (1 - q): of the value of all periods from one of threat on, the part that lies in periods of threat."""
    return 1 - society.patience * (1 - _chance("the frequency of threats", frequency))


def _lost(society: Conflict, tau: np.ndarray) -> np.ndarray:
    return society.waste * tau**society.curvature / society.curvature


def _rate(rate: npt.ArrayLike) -> np.ndarray:
    return _chance("the tax rate", rate)


def _chance(name: str, value: npt.ArrayLike) -> np.ndarray:
    found = np.asarray(value, float)
    _check(f"{name} must be in [0, 1]", (found >= 0) & (found <= 1), found)
    return found


def _check(rule: str, kept: np.ndarray, values: np.ndarray) -> None:
    if not np.all(kept):
        raise InputError(f"{rule}, not {values[~kept].flat[0]:g}")
