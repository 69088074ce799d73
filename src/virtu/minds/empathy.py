"""Empathy: caring about others' payoff.

The utility of Bruhin, Fehr & Schunk (2019), U_i = (1 − w) Π_i + w Π_j, with the weight
w = α·[i behind] + β·[i ahead] + γ K_ij − δ G_ij, which nests Fehr & Schmidt (1999) and Charness & Rabin (2002).
K_ij and G_ij are the ledgers of kindness and grievance, both in [0, 1]. Caring never enters a prediction: predictions
are `theory_of_mind`, which this file never imports. (The article adds δ v where this file takes δ G away: its δ is minus ours.)

The same utility under other names, each a function to (behind, ahead, …) and one back:

- Fehr & Schmidt (1999): U = Π_i − envy·max(Π_j − Π_i, 0) − guilt·max(Π_i − Π_j, 0); behind = −envy, ahead = guilt.
- Charness & Rabin (2002): U = (ρr + σs + θq) Π_j + (1 − ρr − σs − θq) Π_i, with r = [i ahead], s = [i behind] and q = −1 if j has
  misbehaved; ahead = ρ, behind = σ, vengefulness = θ.
- Social value orientation (Griesinger & Livingston 1973): U = cos φ Π_i + sin φ Π_j, which is (cos φ + sin φ) times ours with
  w = sin φ / (sin φ + cos φ), ahead or behind. The slider measure (Murphy, Ackermann & Handgraaf 2011) and the ring measure (Liebrand
  1984) read an angle off choices; both are here, so that a person of the model can be put through the instrument.

`weight` keeps within ±.95 what these models leave unbounded (an envy of 4, say): the identities hold for `linear_weight` everywhere, and
for `weight` within these bounds.
"""

from __future__ import annotations

from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax.typing import ArrayLike

from virtu.scenario.archetypes import ARCHETYPES

LARGEST_WEIGHT = 0.95
"""Nobody weighs another's payoff as the only one that counts, nor harms another at any price."""

SLIDER_CENTRE = 50.0
"""Points, own and other's, from which the slider measure takes its angle; the ring measure takes it from 0."""

_SLIDER_ENDS = np.array(
    [
        [[85, 85], [85, 15]],
        [[85, 15], [100, 50]],
        [[50, 100], [85, 85]],
        [[50, 100], [85, 15]],
        [[100, 50], [50, 100]],
        [[100, 50], [85, 85]],
    ],
    float,
)
_STEPS = np.linspace(0.0, 1.0, 9)[:, None]

SLIDERS = np.floor(_SLIDER_ENDS[:, :1] * (1.0 - _STEPS) + _SLIDER_ENDS[:, 1:] * _STEPS + 0.5)
"""The six primary items of the slider measure, shape (6 items, 9 positions, own and other's), points."""

_CIRCLE = np.radians(np.arange(24) * 15.0)
_POINTS = 15.0 * np.stack([np.cos(_CIRCLE), np.sin(_CIRCLE)], axis=1)

RING = np.stack([_POINTS, np.roll(_POINTS, -1, axis=0)], axis=1)
"""The 24 items of the ring measure, neighbours on a circle, shape (24 items, 2 positions, own and other's), points."""


class Regard(NamedTuple):
    """What a person gives for another's payoff, in the terms of this file: arrays of one shape."""

    behind: jax.Array  # α, weight while the other has more
    ahead: jax.Array  # β, weight while the other has less
    reciprocity: jax.Array  # γ, weight added by full kindness
    vengefulness: jax.Array  # δ, weight taken away by full grievance


class FehrSchmidt(NamedTuple):
    """Inequality aversion (Fehr & Schmidt 1999), who write α and β."""

    envy: jax.Array  # loss per unit the other has more
    guilt: jax.Array  # loss per unit the other has less


class CharnessRabin(NamedTuple):
    """Weights on the other's payoff (Charness & Rabin 2002)."""

    rho: jax.Array  # while ahead
    sigma: jax.Array  # while behind
    theta: jax.Array  # taken away once the other has misbehaved


class Population(NamedTuple):
    """Types of persons and how many there are of each; shape (types,)."""

    names: tuple[str, ...]
    share: jax.Array  # sums to 1
    behind: jax.Array
    ahead: jax.Array


def linear_weight(
    behind: jax.Array,
    ahead: jax.Array,
    reciprocity: jax.Array,
    vengefulness: jax.Array,
    gap: jax.Array,
    kindness: jax.Array,
    grievance: jax.Array,
) -> jax.Array:
    """Return w before it is kept within bounds, linear in the first four; parameters as in `weight`."""
    alpha, beta = (one if one.ndim == gap.ndim else one[:, None] for one in (behind, ahead))
    by_gap = jnp.where(gap > 0.0, alpha, 0.0) + jnp.where(gap < 0.0, beta, 0.0)
    return by_gap + reciprocity[:, None] * kindness - vengefulness[:, None] * grievance


def weight(
    behind: jax.Array,
    ahead: jax.Array,
    reciprocity: jax.Array,
    vengefulness: jax.Array,
    gap: jax.Array,
    kindness: jax.Array,
    grievance: jax.Array,
) -> jax.Array:
    """Return the weight w each gives to each other's payoff.

    Parameters
    ----------
    behind, ahead : jax.Array
        α and β, shape (persons, H): H histories; or (persons, others, H) where they depend on towards whom they are.
    reciprocity, vengefulness : jax.Array
        γ ≥ 0 and δ ≥ 0, shape (persons, H).
    gap : jax.Array
        Other's payoff less own, as seen by the one who cares, shape (persons, others, H); exactly 0 is neither.
    kindness, grievance : jax.Array
        Ledgers in [0, 1], shape (persons, others, H).

    Returns
    -------
    jax.Array
        w in [−.95, .95], shape (persons, others, H).
    """
    raw = linear_weight(behind, ahead, reciprocity, vengefulness, gap, kindness, grievance)
    return jnp.clip(raw, -LARGEST_WEIGHT, LARGEST_WEIGHT)


def utility(own: jax.Array, other: jax.Array, caring: jax.Array) -> jax.Array:
    """Return (1 − w) Π_i + w Π_j; all arguments broadcast."""
    return (1.0 - caring) * own + caring * other


def population() -> Population:
    """Return the types found by Bruhin, Fehr & Schunk (2019), the default prior of who cares how much (`scenario.archetypes`)."""
    types = {name: kind for name, kind in ARCHETYPES.items() if kind.published}
    columns = [[kind.share, kind.traits["empathy_behind"], kind.traits["empathy_ahead"]] for kind in types.values()]
    return Population(tuple(types), *jnp.asarray(columns).T)


def from_fehr_schmidt(envy: ArrayLike, guilt: ArrayLike) -> Regard:
    """Return the regard of a person averse to inequality.

    Parameters
    ----------
    envy, guilt : ArrayLike
        α and β of Fehr & Schmidt (1999), who assume envy ≥ guilt and 0 ≤ guilt < 1; any numbers of one shape.
    """
    behind, ahead = -jnp.asarray(envy, float), jnp.asarray(guilt, float)
    return Regard(behind, ahead, jnp.zeros_like(behind), jnp.zeros_like(behind))


def to_fehr_schmidt(regard: Regard) -> FehrSchmidt:
    """Return envy and guilt; they say all of a person without reciprocity and vengefulness, which that model does not have."""
    return FehrSchmidt(-regard.behind, regard.ahead)


def from_charness_rabin(rho: ArrayLike, sigma: ArrayLike, theta: ArrayLike) -> Regard:
    """Return the regard of a person with the weights of Charness & Rabin (2002).

    Parameters
    ----------
    rho, sigma, theta : ArrayLike
        Weight while ahead, weight while behind, and what misbehaviour (a grievance of 1) takes away; any numbers of one shape.
    """
    behind = jnp.asarray(sigma, float)
    return Regard(behind, jnp.asarray(rho, float), jnp.zeros_like(behind), jnp.asarray(theta, float))


def to_charness_rabin(regard: Regard) -> CharnessRabin:
    """Return ρ, σ and θ; they say all of a person without positive reciprocity, which that model does not have."""
    return CharnessRabin(regard.ahead, regard.behind, regard.vengefulness)


def from_orientation(angle: ArrayLike) -> Regard:
    """Return the regard of a person with a social value orientation.

    Parameters
    ----------
    angle : ArrayLike
        φ in degrees, strictly between −45 and 135: 0 is selfish, 45 gives both payoffs the same weight. Elsewhere NaN, for no
        weight says what such an angle says: that both payoffs together are better the smaller they are.
    """
    turn = jnp.radians(jnp.asarray(angle, float))
    total = jnp.sin(turn) + jnp.cos(turn)
    allowed = total > 0.0
    caring = jnp.where(allowed, jnp.sin(turn) / jnp.where(allowed, total, 1.0), jnp.nan)
    return Regard(caring, caring, jnp.zeros_like(caring), jnp.zeros_like(caring))


def to_orientation(caring: ArrayLike) -> jax.Array:
    """Return the angle of a weight w, degrees in (−45, 135).

    A person whose weight depends on who has more has one angle behind and another ahead; `slider_angle` says what is measured then.
    """
    w = jnp.asarray(caring, float)
    return jnp.degrees(jnp.arctan2(w, 1.0 - w))


def measured_angle(own: jax.Array, other: jax.Array, centre: float) -> jax.Array:
    """Return the angle of the mean of chosen allocations, degrees.

    Parameters
    ----------
    own, other : jax.Array
        Points given to oneself and to the other, shape (…, items).
    centre : float
        `SLIDER_CENTRE` for the slider measure, 0 for the ring measure.
    """
    return jnp.degrees(jnp.arctan2(other.mean(axis=-1) - centre, own.mean(axis=-1) - centre))


def slider_angle(behind: jax.Array, ahead: jax.Array) -> jax.Array:
    """Return the angle that the slider measure finds in persons who always choose what they like best.

    Parameters
    ----------
    behind, ahead : jax.Array
        α and β, shape (persons,). Of positions liked equally, the first is chosen.

    Returns
    -------
    jax.Array
        Degrees, shape (persons,).
    """
    return measured_angle(*_answers(SLIDERS, behind, ahead), SLIDER_CENTRE)


def ring_angle(behind: jax.Array, ahead: jax.Array) -> jax.Array:
    """Return the angle that the ring measure finds, degrees, shape (persons,); parameters as in `slider_angle`.

    It lies within 7.5° of the angle of a person who has one: the ring has a point every 15°.
    """
    return measured_angle(*_answers(RING, behind, ahead), 0.0)


def _answers(items: np.ndarray, behind: jax.Array, ahead: jax.Array) -> tuple[jax.Array, jax.Array]:
    """Return own and other's payoff at the best liked position of each item, each of shape (persons, items)."""
    own, other = (jnp.asarray(part, float).reshape(1, -1, 1) for part in (items[..., 0], items[..., 1]))
    nought = jnp.zeros_like(behind)[:, None]
    caring = linear_weight(behind[:, None], ahead[:, None], nought, nought, other - own, jnp.zeros_like(own), jnp.zeros_like(own))
    liked = utility(own, other, caring).reshape(-1, *items.shape[:2])
    best = jnp.argmax(liked, axis=-1)
    number = jnp.arange(items.shape[0])
    chosen = jnp.asarray(items, float)[number, best]
    return chosen[..., 0], chosen[..., 1]
