"""How many pieces the background needs: criteria side by side, and a test of fewer against more by tables drawn from the fewer.

Information criteria mislead here, each in its own direction. Where families live long, pieces shorter than a family follow its ups and
downs, which Akaike's criterion takes for a gain; the penalty of the Bayesian one forbids many pieces however much a background moves. So a
background of few pieces is kept unless in tables drawn from it Akaike's criterion would hardly ever gain as much by more pieces as it does
in the table (a test by parametric bootstrap: Davison & Hinkley 1997, Bootstrap Methods and their Application, section 4.2).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any, Literal, NamedTuple, TypeAlias

import numpy as np

from virtu.classics.hawkes import Events, Hawkes, spectral_radius
from virtu.classics.hawkes_search import Greatest, greatest
from virtu.errors import InputError, RunError

Choice: TypeAlias = int | Literal["auto", "aic", "bic"]
Draw: TypeAlias = Callable[[Hawkes, int], Events | None]
"""Draws the table of a number from a process; None where it runs away."""

CANDIDATES = (1, 2, 4, 8, 16, 32, 64, 128)
"""Numbers of pieces that are tried, each halving the pieces of the one before."""

EACH = 10
"""Fewest incidents of every side for each piece, on average."""

MOST = 500
"""Most pieces that can be asked for."""

REFUTED = 0.05
"""Share of drawn tables below which what they reach is taken for too rare."""


NOTHING = 1e-4
"""Spectral radius below which there are no answers whose half-life could be known."""


class Candidate(NamedTuple):
    """A number of pieces and the fit with it."""

    pieces: int
    found: Greatest
    parameters: int
    aic: float
    bic: float  # with the number of incidents as the size of the sample
    trend_aic: float  # of as many pieces of background alone, without any children


class Comparison(NamedTuple):
    """A test of few pieces against more, on tables drawn from the fit with few."""

    pieces: int
    fall: float  # of the AIC of the table by the best of more pieces
    drawn: int  # tables drawn
    falls: tuple[float, ...]  # of those that did not run away and could be fitted
    reached: int  # drawn tables whose AIC falls as much

    @property
    def share(self) -> float:
        """The p-value: share of tables whose AIC falls as much, the one at hand among them."""
        return (1 + self.reached) / (1 + self.drawn)


class Chosen(NamedTuple):
    """The number of pieces taken, and what it was chosen by."""

    pieces: int
    by: Literal["given", "aic", "bic", "draws"]
    tests: tuple[Comparison, ...]  # that of one piece first, where there is any


def checked(pieces: int | str) -> Choice:
    """Return what was asked for as `pieces`.

    Raises
    ------
    InputError
        If it is neither a number that can be tried nor a way of choosing one.
    """
    if isinstance(pieces, str) and pieces.isascii() and pieces.isdigit():
        pieces = int(pieces)
    if pieces in ("auto", "aic", "bic"):
        return pieces
    if isinstance(pieces, str) or not 1 <= pieces <= MOST:
        raise InputError(f"{pieces!r} is no number of pieces", f"give a number up to {MOST}, or auto, aic or bic")
    return pieces


def candidates(events: Events, sides: int, choice: Choice) -> list[Candidate]:
    """Return the fits with all numbers of pieces that are tried, fewest first.

    Parameters
    ----------
    events : Events
        What happened.
    sides : int
        How many.
    choice : int or str
        As `checked`; a number is tried with the others.
    """
    fewest = np.bincount(events.kinds, minlength=sides).min()
    tried = {one for one in CANDIDATES if one == 1 or one * EACH <= fewest} | ({choice} if isinstance(choice, int) else set())
    return [_candidate(events, sides, pieces) for pieces in sorted(tried)]


def choose(tried: Sequence[Candidate], choice: Choice, draw: Draw, draws: int) -> Chosen:
    """Return the number of pieces to take; one piece is always tested against it.

    Parameters
    ----------
    tried : sequence of Candidate
        From `candidates`.
    choice : int or str
        A number is taken as it is; ``aic`` and ``bic`` take the least of a criterion; ``auto`` takes the least number that drawn tables do
        not refute against that of the least AIC.
    draw : callable
        Draws tables.
    draws : int
        How many are drawn for a test; 0 for none, which leaves ``auto`` with the AIC.
    """
    if isinstance(choice, int):
        taken = next(one for one in tried if one.pieces == choice)
    else:
        taken = min(tried, key=lambda one: one.bic if choice == "bic" else one.aic)
    tests = [_tested(tried, 0, draw, draws)] if draws and len(tried) > 1 else []
    if choice == "auto" and tests:
        # The best by AIC is never refuted: nothing gains on it.
        taken, more = _fewest(tried, tried.index(taken), draw, draws) if refuted(tests[0]) else (tried[0], [])
        tests += more
        return Chosen(taken.pieces, "draws", tuple(tests))
    return Chosen(taken.pieces, "given" if isinstance(choice, int) else "bic" if choice == "bic" else "aic", tuple(tests))


def _fewest(tried: Sequence[Candidate], most: int, draw: Draw, draws: int) -> tuple[Candidate, list[Comparison]]:
    """Return the fewest pieces, from the second candidate to that at `most`, that are not refuted, found by halving, and the tests made."""
    low, high, tests = 1, most, []
    while low < high:
        middle = (low + high) // 2
        tests.append(_tested(tried, middle, draw, draws, hasty=True))
        low, high = (middle + 1, high) if refuted(tests[-1]) else (low, middle)
    return tried[low], tests


def refuted(test: Comparison) -> bool:
    """Return whether so few drawn tables reach the table that few pieces are not enough."""
    return test.share < REFUTED


def refitted(events: Events | None, like: Greatest, near: Greatest | None = None) -> Greatest | None:
    """Return the fit of a drawn table; None where it ran away or has too little to be fitted.

    Parameters
    ----------
    events : Events, optional
        The drawn table.
    like : Greatest
        A fit with the pieces wanted.
    near : Greatest, optional
        A fit whose branching and decay are near; that of `like` by default.
    """
    if events is None:
        return None
    layout = like.layout
    try:
        return greatest(events, layout.kinds, layout.edges[1:-1], layout.one_decay, (near or like).rest)
    except (InputError, RunError):
        return None


def brief(found: Greatest) -> dict[str, float | None]:
    """Return spectral radius and half-life without intervals."""
    radius = spectral_radius(found.model.branching)
    return {"radius": radius, "half_life": math.log(2) / float(found.model.decay[0, 0]) if radius > NOTHING else None}


def as_json(tried: Sequence[Candidate], chosen: Chosen) -> dict[str, Any]:
    """Return the criteria and tests, ready for JSON."""
    return {
        "chosen": chosen.pieces,
        "by": chosen.by,
        "aic": min(tried, key=lambda one: one.aic).pieces,
        "bic": min(tried, key=lambda one: one.bic).pieces,
        "most": tried[-1].pieces,
        "rows": [
            {
                "pieces": one.pieces,
                "parameters": one.parameters,
                "log_likelihood": one.found.log_likelihood,
                "aic": one.aic,
                "bic": one.bic,
                "trend_aic": one.trend_aic,
                **brief(one.found),
            }
            for one in tried
        ],
        "tests": [
            {
                "pieces": one.pieces,
                "fall": one.fall,
                "drawn": one.drawn,
                "fitted": len(one.falls),
                "reached": one.reached,
                "p_value": one.share,
                "mean": float(np.mean(one.falls)) if one.falls else None,
                "most": max(one.falls, default=None),
                "refuted": refuted(one),
            }
            for one in chosen.tests
        ],
    }


def _candidate(events: Events, sides: int, pieces: int) -> Candidate:
    found = greatest(events, sides, np.linspace(0.0, events.end, pieces + 1)[1:-1])
    count, parameters = len(events.times), len(found.vector)
    aic, bic = 2.0 * parameters, math.log(count) * parameters
    trend = 2.0 * sides * pieces - 2.0 * _trend(events, sides, found)
    return Candidate(pieces, found, parameters, aic - 2.0 * found.log_likelihood, bic - 2.0 * found.log_likelihood, trend)


def _trend(events: Events, sides: int, found: Greatest) -> float:
    """Return the greatest log-likelihood of the pieces alone."""
    edges = found.layout.edges
    counts = np.array([np.histogram(events.times[events.kinds == side], edges)[0] for side in range(sides)])
    rates = counts / np.diff(edges)
    return float((counts * np.log(np.where(counts, rates, 1.0))).sum() - len(events.times))


def _tested(tried: Sequence[Candidate], place: int, draw: Draw, draws: int, *, hasty: bool = False) -> Comparison:
    """Test one candidate against all with more pieces, in haste only until it cannot be refuted any more."""
    few, more = tried[place], tried[place + 1 :]
    fall, falls, drawn = few.aic - min(one.aic for one in more), [], 0
    while drawn < draws and not (hasty and (1 + sum(one >= fall for one in falls)) / (1 + draws) >= REFUTED):
        events = draw(few.found.model, drawn)
        drawn += 1
        found = _aic(events, few, few)
        if found is not None:
            others = [other for one in more if (other := _aic(events, one, few)) is not None]
            falls += [found - min(others)] if others else []
    return Comparison(few.pieces, fall, drawn, tuple(falls), sum(one >= fall for one in falls))


def _aic(events: Events | None, candidate: Candidate, near: Candidate) -> float | None:
    """Return the AIC of a drawn table with the pieces of a candidate; None where it cannot be fitted."""
    found = refitted(events, candidate.found, near.found)
    return None if found is None else 2.0 * candidate.parameters - 2.0 * found.log_likelihood
