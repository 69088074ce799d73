"""What is believed of a person before anything was observed, on coordinates in which it is simple.

Each trait has a standard coordinate z. Where the vocabulary gives a trait a distribution with the inverse distribution function F⁻¹, the
value is F⁻¹(Φ(z)) and z is standard normal: so for depth and precision of theory of mind, suspicion, rigidity, retention. The two weights
of empathy come as types (Bruhin, Fehr & Schunk 2019). Here a type has a spread, `TYPE_SPREAD`, since persons of a type differ and one who
is measured is not known to be exactly typical; z is the weight over that spread, and its prior a mixture of normals of unit width around
the types. In the limit of no spread it is the vocabulary's.

Traits that the vocabulary gives everybody alike would never be learnt; whoever asks what somebody's is must take others to be possible.
For these stands `WIDER`, with the vocabulary's value as its middle. What is asked beside the traits, such as the precision of choice in
a game, is described in the same form by each family of probes.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple, TypeAlias

import jax
import jax.numpy as jnp
import numpy as np
from scipy.interpolate import PchipInterpolator
from scipy.special import ndtri

from virtu.errors import InputError, did_you_mean
from virtu.scenario.archetypes import ARCHETYPES
from virtu.scenario.distributions import Level, flaws, quantiles
from virtu.scenario.vocabulary import Trait, traits

TYPE_SPREAD = 0.1
"""Standard deviation of either weight of empathy among persons of one type.

Of .05, .1, .15, .2, .25 and .3 it makes the choices of session 1 of Bruhin, Fehr & Schunk (2019) likeliest: log evidence −3979, −3934,
−3945, −3970, −3997, −4023 (own computation, 160 persons with 117 choices each)."""

EMPATHY = ("empathy_behind", "empathy_ahead")

WIDER: dict[str, Level] = {
    "reciprocity": {"normal": [0.0717, 0.1]},
    "vengefulness": {"normal": [0.0417, 0.1]},
    "belief_retention": {"triangular": [0.7, 0.97, 1.0]},
}
"""Priors of traits that the vocabulary gives everybody alike; the published types lie within .1 of the first two."""

KNOTS, FARTHEST, TABLE = 97, 3.6, 8193
"""Knots of an inverse distribution function on z, their farthest from 0, and entries of the table they are read from."""

Array: TypeAlias = np.ndarray | jax.Array


class Prior(NamedTuple):
    """A distribution of d coordinates, with the values they stand for; C components."""

    names: tuple[str, ...]  # of what the coordinates stand for
    about: tuple[Trait, ...]  # unit, range and meaning of each
    start: Array  # (d,) coordinate of the first knot
    step: Array  # (d,) distance of knots
    knots: Array  # (d, K) value at each knot
    slopes: Array  # (d, K) change of value per knot
    centres: np.ndarray  # (C, d) means of the components, whose covariance is 1
    shares: np.ndarray  # (C,) summing to 1
    kinds: tuple[str, ...]  # what the components are called; one empty name where there is but one
    fixed: dict[str, float]  # values of those that are known for certain

    @property
    def size(self) -> int:
        """Number d of coordinates."""
        return len(self.names)


class Curves(NamedTuple):
    """The values for which coordinates stand: cubic pieces between knots."""

    start: Array  # (d,)
    step: Array  # (d,)
    knots: Array  # (d, K)
    slopes: Array  # (d, K)


def prior(wanted: Mapping[str, Trait], own: Mapping[str, Level] | None = None) -> Prior:
    """Return the prior of a person drawn from the population.

    Parameters
    ----------
    wanted : mapping
        What is asked, by name; the distributions in it count where neither `own` nor `WIDER` says otherwise.
    own : mapping, optional
        Distributions of one's own, by name. A bare number fixes a value.

    Raises
    ------
    InputError
        If `own` names something that is not asked, or a distribution is no distribution of its trait.
    """
    given = dict(own or {})
    for name in given:
        if name not in wanted:
            raise InputError(f"these observations do not depend on {name!r}", did_you_mean(name, wanted))
    levels = {name: given.get(name, WIDER.get(name, trait.prior)) for name, trait in wanted.items()}
    for name, level in levels.items():
        for flaw in flaws(level, wanted[name].low, wanted[name].high):
            raise InputError(f"the prior of {name}: {flaw.message}", flaw.hint)
    fixed = {name: float(level) for name, level in levels.items() if not isinstance(level, Mapping)}
    open_to = [name for name in wanted if name not in fixed]
    if not open_to:
        raise InputError("every trait is taken for known", "leave one open to be learnt")
    tables = [_typed(wanted[name]) if _is_typed(levels[name]) else _knots(levels[name], wanted[name]) for name in open_to]
    start, step, knots, slopes = (np.array(part) for part in zip(*tables, strict=True))
    shares, places = _components({name: levels[name] for name in open_to})
    about = tuple(wanted[name] for name in open_to)
    kinds = type_names({name: levels[name] for name in EMPATHY if name in open_to}, len(shares))
    return Prior(tuple(open_to), about, start, step, knots, slopes, places, shares, kinds, fixed)


def of_traits(*names: str) -> dict[str, Trait]:
    """Return what the vocabulary says of some traits."""
    return {name: traits()[name] for name in names}


def values(given: Prior, coordinates: Any) -> dict[str, Any]:
    """Return the values for which coordinates stand.

    Parameters
    ----------
    given : Prior
        Their prior.
    coordinates : numpy.ndarray or jax.Array
        Shape (…, d).

    Returns
    -------
    dict
        By name, arrays of the same kind, shape (…), single precision.
    """
    kind: Any = np if isinstance(coordinates, np.ndarray) else jnp  # outside a program NumPy, which need not be compiled
    at = (coordinates - given.start.astype(np.float32)) / given.step.astype(np.float32)
    at = kind.clip(at, 0.0, KNOTS - 1.0)
    low = kind.clip(kind.floor(at).astype(np.int32), 0, KNOTS - 2)
    t = (at - low).astype(np.float32)
    number = np.arange(given.size)
    knots, slopes = kind.asarray(given.knots, np.float32), kind.asarray(given.slopes, np.float32)
    one, other = knots[number, low], knots[number, low + 1]
    rise, next_rise = slopes[number, low], slopes[number, low + 1]
    found = one + t * (rise + t * (3.0 * (other - one) - 2.0 * rise - next_rise + t * (2.0 * (one - other) + rise + next_rise)))
    by_name = {name: found[..., place] for place, name in enumerate(given.names)}
    return by_name | {name: kind.full(coordinates.shape[:-1], value, np.float32) for name, value in given.fixed.items()}


def curves(given: Prior) -> Curves:
    """Return what `values` computes with, as arguments of a compiled program."""
    return Curves(*(np.asarray(part, np.float32) for part in (given.start, given.step, given.knots, given.slopes)))


def of_curves(names: tuple[str, ...], fixed: Mapping[str, float], curves: Curves) -> Prior:
    """Return a prior that knows `values` and nothing of how likely they are; its curves may be arguments of a program."""
    nothing = np.zeros((0, len(names)))
    return Prior(names, (), *curves, nothing, nothing[:, 0], (), dict(fixed))


def log_density(given: Prior, coordinates: jax.Array) -> jax.Array:
    """Return the log density of coordinates up to a constant, shape (…) from (…, d)."""
    return jax.nn.logsumexp(jnp.stack([log_component(given, number, coordinates) for number in range(len(given.shares))]), axis=0)


def log_component(given: Prior, component: int, coordinates: jax.Array) -> jax.Array:
    """Return the log of the share of a component times its density, shape (…) from (…, d), up to the constant of `log_density`."""
    away = coordinates - given.centres[component].astype(np.float32)
    return jnp.log(jnp.float32(given.shares[component])) - 0.5 * jnp.sum(away * away, axis=-1)


def draw(given: Prior, count: int, generator: np.random.Generator) -> np.ndarray:
    """Draw coordinates of persons, shape (count, d), float32."""
    component = generator.choice(len(given.shares), count, p=given.shares)
    return (given.centres[component] + generator.standard_normal((count, given.size))).astype(np.float32)


def type_names(typed: Mapping[str, Level], count: int) -> tuple[str, ...]:
    """Return what types are called: as they were published where the weights are theirs, else by number."""
    if count == 1:
        return ("",)
    weights = [level["types"][1::2] if isinstance(level, Mapping) and "types" in level else () for level in typed.values()]
    published = {tuple(kind.traits[name] for name in typed): name for name, kind in ARCHETYPES.items() if kind.published}
    found = [published.get(tuple(values)) for values in zip(*weights, strict=False)]
    return tuple(name.replace("_", " ") if name else f"type {number}" for number, name in enumerate(found or [None] * count, 1))


def _is_typed(level: Level) -> bool:
    return isinstance(level, Mapping) and "types" in level


def _typed(trait: Trait) -> tuple[float, float, np.ndarray, np.ndarray]:
    """The straight line value = spread · z over the range of the trait."""
    step = (trait.high - trait.low) / TYPE_SPREAD / (KNOTS - 1)
    return trait.low / TYPE_SPREAD, step, np.linspace(trait.low, trait.high, KNOTS), np.full(KNOTS, step * TYPE_SPREAD)


def _knots(level: Level, trait: Trait) -> tuple[float, float, np.ndarray, np.ndarray]:
    """The inverse distribution function at equally distant z, with the slopes that keep it monotone (Fritsch & Carlson 1980)."""
    table = quantiles(level, trait.low, trait.high, TABLE)
    at = ndtri((np.arange(TABLE) + 0.5) / TABLE)
    z = np.linspace(-FARTHEST, FARTHEST, KNOTS)
    found = np.interp(z, at, table)
    return -FARTHEST, z[1] - z[0], found, np.asarray(PchipInterpolator(z, found).derivative()(z)) * (z[1] - z[0])


def _components(levels: Mapping[str, Level]) -> tuple[np.ndarray, np.ndarray]:
    """Return shares and centres of the types; traits with the same shares share their type, as in `scenario.distributions`."""
    typed = {name: np.asarray(level["types"]) for name, level in levels.items() if _is_typed(level) and isinstance(level, Mapping)}
    if not typed:
        return np.ones(1), np.zeros((1, len(levels)))
    shares = next(iter(typed.values()))[::2]
    if any(one[::2].shape != shares.shape or not np.allclose(one[::2], shares) for one in typed.values()):
        raise InputError(f"{' and '.join(typed)} are types of different shares", "give types with the same shares, or other distributions")
    centres = np.zeros((len(shares), len(levels)))
    for place, name in enumerate(levels):
        if name in typed:
            centres[:, place] = typed[name][1::2] / TYPE_SPREAD
    return shares / shares.sum(), centres
