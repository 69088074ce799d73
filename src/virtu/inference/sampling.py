"""The thorough answer: draws from a posterior by the no-U-turn sampler (Hoffman & Gelman 2014), as numpyro has it.

Chains run side by side as one program. Each is given its coordinates whitened, x = C⁻¹(z − z*), with z* and C C' the mean and covariance
that the quick answer found, so that little is left to adapt but the length of a step.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from virtu import chance
from virtu.inference import kept

ACCEPTED = 0.8
"""Share of steps that is aimed at being accepted."""

DEEPEST = 8
"""Doublings of a trajectory at most."""


class Chains(NamedTuple):
    """Draws of B chains."""

    point: np.ndarray  # (B, S, d) whitened coordinates
    diverged: np.ndarray  # (B,) number of draws whose trajectory ran away
    steps: float  # mean number of steps of a trajectory


def sample(
    log_density: Callable[[jax.Array, Any, Any], jax.Array],
    start: np.ndarray,
    data: Any,
    shared: Any,
    warmup: int,
    draws: int,
    seed: int,
    *,
    forward: bool = False,
) -> Chains:
    """Draw from densities, one for each chain.

    Parameters
    ----------
    log_density : callable
        ``log_density(x, data, shared) -> number`` of one chain, x of shape (d,), up to a constant. Its program is kept between sessions
        under its ``__qualname__``, which must say all that it depends on beside its arguments.
    start : numpy.ndarray
        Where chains begin, shape (B, d).
    data : tree
        Arrays with a leading axis of B.
    shared : tree
        Arrays that all chains share.
    warmup, draws : int
        Draws that are thrown away while the length of a step is found, and draws that are kept.
    seed : int
        Of the chains.
    forward : bool
        Whether to differentiate forwards, which is quicker for few coordinates and many rounds.
    """
    keys = np.asarray(chance.sampler_keys(seed, len(start)))
    arguments = np.asarray(start, np.float32), jax.tree.map(_single, data), shared, keys
    point, diverged, steps = _program(log_density, warmup, draws, forward, arguments)(*arguments)
    return Chains(np.asarray(point), np.asarray(diverged), float(np.mean(steps)))


def _single(part: Any) -> np.ndarray:
    """Return an array with no double precision in it, which programs do not have."""
    found = np.asarray(part)
    return found.astype(np.float32) if found.dtype == np.float64 else found


def _program(
    log_density: Callable[[jax.Array, Any, Any], jax.Array], warmup: int, draws: int, forward: bool, arguments: tuple[Any, ...]
) -> Callable[..., Any]:
    """Return the compiled sampler of a density."""
    from numpyro.infer.hmc import hmc

    begin, move = hmc(potential_fn_gen=lambda data, shared: lambda x: -log_density(x, data, shared), algo="NUTS")

    def chain(start: jax.Array, data: Any, shared: Any, key: jax.Array) -> tuple[jax.Array, ...]:
        options = {"target_accept_prob": ACCEPTED, "max_tree_depth": DEEPEST, "forward_mode_differentiation": forward}
        state = begin(start, warmup, 0.5, adapt_mass_matrix=False, model_args=(data, shared), rng_key=key, **options)

        def step(state: Any, _: None) -> tuple[Any, tuple[jax.Array, ...]]:
            after = move(state, model_args=(data, shared))
            return after, (after.z, after.diverging, after.num_steps)

        _, (point, diverging, steps) = jax.lax.scan(step, state, None, warmup + draws)
        return point[warmup:], jnp.sum(diverging[warmup:]), jnp.mean(steps[warmup:].astype(jnp.float32))

    def chains(start: jax.Array, data: Any, shared: Any, keys: jax.Array) -> tuple[jax.Array, ...]:
        return jax.vmap(chain, (0, 0, None, 0))(start, data, shared, keys)

    chains.__qualname__ = repr(("no-U-turn", log_density.__qualname__, warmup, draws, forward))
    return kept.program(chains, arguments, (0, 0, 0))


def agreement(point: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the split R̂ and the effective number of draws of chains, each of shape (d,), from draws of shape (chains, S, d)."""
    from numpyro.diagnostics import effective_sample_size, split_gelman_rubin

    return np.asarray(split_gelman_rubin(point)), np.asarray(effective_sample_size(point))
