"""The compiled recursions of `hawkes`: each walks once through the events, carrying what is left of the past.

For exponential kernels the past of kind j weighs on kind i through S_ij = Σ_k exp(-β_ij (t - t_k)) alone, which decays between events and
grows by one at an event of kind j (Ozaki 1979, "Maximum likelihood estimation of Hawkes' self-exciting point processes", Annals of the
Institute of Statistical Mathematics 31, 145-155). So all of this takes time in proportion to the number of events.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit

from virtu.classics.keyed_draws import fold, mix, uniform

GAP, ACCEPT, KIND = 0, 1, 2
"""Slots of a draw."""

ROUNDS, SETTLED = 100, 1e-13
"""Most steps of Newton's method, and the relative change below which it ends."""


@njit(cache=True, error_model="numpy")
def likelihood(
    times: np.ndarray, kinds: np.ndarray, pieces: np.ndarray, spans: np.ndarray, mu: np.ndarray, n: np.ndarray, beta: np.ndarray, end: float
) -> tuple[float, np.ndarray, np.ndarray, np.ndarray]:
    """Return the log-likelihood and its slopes in background, branching and decay.

    Parameters
    ----------
    times, kinds, pieces : np.ndarray
        (events,) when, ascending from 0 to the end; which kind; and in which piece of the background.
    spans : np.ndarray
        (P,) lengths of the pieces.
    mu, n, beta : np.ndarray
        (D, P), (D, D) and (D, D) parameters.
    end : float
        Of the watch, which starts at 0.
    """
    size = n.shape[0]
    left, moment = np.zeros((size, size)), np.zeros((size, size))  # S and Σ (t - t_k) exp(-β (t - t_k))
    by_mu, by_n, by_beta = np.zeros(mu.shape), np.zeros((size, size)), np.zeros((size, size))
    total, before = 0.0, 0.0
    for event in range(times.size):
        gap, kind = times[event] - before, kinds[event]
        before = times[event]
        rate = mu[kind, pieces[event]]
        fading, fade = beta[0, 0], np.exp(-beta[0, 0] * gap)
        for i in range(size):
            for j in range(size):
                if beta[i, j] != fading:  # pairs that decay alike share an exponential
                    fading, fade = beta[i, j], np.exp(-beta[i, j] * gap)
                moment[i, j] = fade * (moment[i, j] + gap * left[i, j])
                left[i, j] *= fade
        for j in range(size):
            rate += n[kind, j] * beta[kind, j] * left[kind, j]
        total += math.log(rate)
        by_mu[kind, pieces[event]] += 1.0 / rate
        for j in range(size):
            by_n[kind, j] += beta[kind, j] * left[kind, j] / rate
            by_beta[kind, j] += n[kind, j] * (left[kind, j] - beta[kind, j] * moment[kind, j]) / rate
        left[:, kind] += 1.0
        total -= _expect_children(end - times[event], kind, n, beta, by_n, by_beta)
    for i in range(size):
        for piece in range(spans.size):
            total -= mu[i, piece] * spans[piece]
            by_mu[i, piece] -= spans[piece]
    return total, by_mu, by_n, by_beta


@njit(cache=True, error_model="numpy")
def _expect_children(rest: float, kind: int, n: np.ndarray, beta: np.ndarray, by_n: np.ndarray, by_beta: np.ndarray) -> float:
    """Return how many children an event has until the end of the watch, and take them off the slopes."""
    total, fading, fade = 0.0, beta[0, kind], np.exp(-beta[0, kind] * rest)
    for i in range(n.shape[0]):
        if beta[i, kind] != fading:
            fading, fade = beta[i, kind], np.exp(-beta[i, kind] * rest)
        total += n[i, kind] * (1.0 - fade)
        by_n[i, kind] -= 1.0 - fade
        by_beta[i, kind] -= n[i, kind] * rest * fade
    return total


@njit(cache=True, error_model="numpy")
def _excited(times: np.ndarray, kinds: np.ndarray, n: np.ndarray, beta: np.ndarray) -> np.ndarray:
    """Return the rate of each event's own kind that is owed to the events before, shape (events,)."""
    left, found, before = np.zeros(n.shape), np.empty(times.size), 0.0
    for event in range(times.size):
        kind = kinds[event]
        _fade(left, beta, times[event] - before)
        before, rate = times[event], 0.0
        for j in range(n.shape[0]):
            rate += n[kind, j] * beta[kind, j] * left[kind, j]
        found[event] = rate
        for i in range(n.shape[0]):
            left[i, kind] += 1.0
    return found


@njit(cache=True, error_model="numpy")
def best_background(
    times: np.ndarray, kinds: np.ndarray, pieces: np.ndarray, spans: np.ndarray, n: np.ndarray, beta: np.ndarray, limits: np.ndarray
) -> np.ndarray:
    """Return the background of the greatest likelihood for given branching and decay, shape (D, P).

    Each piece of each kind stands alone: its μ solves Σ 1/(μ + excitation) = span, the sum over its events, by Newton's method between
    bounds that close in.

    Parameters
    ----------
    times, kinds, pieces, spans, n, beta
        As in `likelihood`.
    limits : np.ndarray
        (D, P, 2) least, > 0, and greatest background; where they are equal it is held fast.
    """
    excited = _excited(times, kinds, n, beta)
    mu = np.empty((n.shape[0], spans.size))
    sort = kinds * spans.size + pieces
    order = np.argsort(sort, kind="mergesort")
    starts = np.searchsorted(sort[order], np.arange(mu.size + 1))
    for place in range(mu.size):
        i, piece = place // spans.size, place % spans.size
        mine = excited[order[starts[place] : starts[place + 1]]]
        mu[i, piece] = _best_rate(mine, spans[piece], limits[i, piece, 0], limits[i, piece, 1])
    return mu


@njit(cache=True, error_model="numpy")
def _balance(mu: float, excited: np.ndarray, span: float) -> tuple[float, float]:
    """Return Σ 1/(μ + excitation) - span, and minus its slope in μ."""
    balance, slope = -span, 0.0
    for rate in excited:
        one = 1.0 / (mu + rate)
        balance += one
        slope += one * one
    return balance, slope


@njit(cache=True, error_model="numpy")
def _best_rate(excited: np.ndarray, span: float, low: float, high: float) -> float:
    """Return the background of one piece between its limits, by Newton's method between bounds that close in."""
    # Without children it would be the count over the span; with them it is less.
    high = min(high, low + excited.size / span)
    if high <= low or _balance(low, excited, span)[0] <= 0.0:
        return low
    mu = high
    for _ in range(ROUNDS):
        balance, slope = _balance(mu, excited, span)
        if balance > 0.0:
            low = mu
        else:
            high = mu
        then = mu + balance / slope
        if not low < then < high:
            then = 0.5 * (low + high)
        if abs(then - mu) <= SETTLED * mu:
            break
        mu = then
    return mu


@njit(cache=True, error_model="numpy")
def expected(times: np.ndarray, kinds: np.ndarray, edges: np.ndarray, mu: np.ndarray, n: np.ndarray, beta: np.ndarray) -> np.ndarray:
    """Return how many events of its own kind were to be expected from the start to each event, shape (events,).

    Parameters
    ----------
    times, kinds, mu, n, beta
        As in `likelihood`.
    edges : np.ndarray
        (P + 1,) ends of the pieces of the background.
    """
    size = n.shape[0]
    left, sum_so_far, found = np.zeros((size, size)), np.zeros(size), np.empty(times.size)
    before = 0.0
    for event in range(times.size):
        now, kind = times[event], kinds[event]
        for i in range(size):
            for piece in range(edges.size - 1):
                inside = min(now, edges[piece + 1]) - max(before, edges[piece])
                if inside > 0.0:
                    sum_so_far[i] += mu[i, piece] * inside
            for j in range(size):
                fade = np.exp(-beta[i, j] * (now - before))
                sum_so_far[i] += n[i, j] * left[i, j] * (1.0 - fade)
                left[i, j] *= fade
        found[event] = sum_so_far[kind]
        for i in range(size):
            left[i, kind] += 1.0
        before = now
    return found


@njit(cache=True, error_model="numpy")
def _rates(mu: np.ndarray, n: np.ndarray, beta: np.ndarray, left: np.ndarray, piece: int, rates: np.ndarray) -> float:
    """Fill in the rate of each kind and return their sum."""
    total = 0.0
    for i in range(rates.size):
        rates[i] = mu[i, piece]
        for j in range(rates.size):
            rates[i] += n[i, j] * beta[i, j] * left[i, j]
        total += rates[i]
    return total


@njit(cache=True, error_model="numpy")
def _fade(left: np.ndarray, beta: np.ndarray, gap: float) -> None:
    fading, fade = beta[0, 0], np.exp(-beta[0, 0] * gap)
    for i in range(left.shape[0]):
        for j in range(left.shape[0]):
            if beta[i, j] != fading:
                fading, fade = beta[i, j], np.exp(-beta[i, j] * gap)
            left[i, j] *= fade


@njit(cache=True, error_model="numpy")
def _drawn_kind(rates: np.ndarray, mark: float) -> int:
    kind = 0
    while kind < rates.size - 1 and mark >= rates[kind]:
        mark -= rates[kind]
        kind += 1
    return kind


@njit(cache=True, error_model="numpy")
def thin(
    edges: np.ndarray, mu: np.ndarray, n: np.ndarray, beta: np.ndarray, seed: np.uint64, times: np.ndarray, kinds: np.ndarray
) -> tuple[int, float]:
    """Fill in events until the end of the last piece or until there is no more room; return how many, and the time reached.

    Parameters
    ----------
    edges, mu, n, beta
        As in `expected`.
    seed : np.uint64
        Of the draws.
    times, kinds : np.ndarray
        (most,) to be filled.
    """
    left, rates = np.zeros(n.shape), np.zeros(n.shape[0])
    now, piece, count, trial = 0.0, 0, 0, 0
    while count < times.size:
        # Nothing grows before the next event or the next piece, whichever is first.
        bound = _rates(mu, n, beta, left, piece, rates)
        draw = fold(mix(seed), trial)
        trial += 1
        gap = -np.log1p(-uniform(draw, GAP)) / bound if bound > 0.0 else np.inf
        if now + gap >= edges[piece + 1]:
            _fade(left, beta, edges[piece + 1] - now)
            now = edges[piece + 1]
            piece += 1
            if piece == edges.size - 1:
                break
            continue
        _fade(left, beta, gap)
        now += gap
        total = _rates(mu, n, beta, left, piece, rates)
        if uniform(draw, ACCEPT) * bound < total:
            kind = _drawn_kind(rates, uniform(draw, KIND) * total)
            times[count], kinds[count] = now, kind
            count += 1
            left[:, kind] += 1.0
    return count, now
