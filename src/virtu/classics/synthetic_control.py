r"""Synthetic control: what would have happened otherwise, read off a mixture of places to which nothing happened.

Abadie & Gardeazabal (2003), "The economic costs of conflict: a case study of the Basque Country", American Economic Review 93(1), 113-132.
Weights that are at least 0 and sum to 1 are chosen so that the mixture of donors was like the treated place before the event:

    min_w Σ_m v_m (x_m - Σ_j w_j X_mj)²,    Σ w = 1, w ≥ 0,

over what is to be matched, here the outcome of each year before the event with equal importance v (the original matches averages of
predictors too, with an importance found by another search). The effect is the gap after the event. Whether a gap is large is told by
placebos: the same done to every donor, as if the event had happened there (Abadie, Diamond & Hainmueller 2010, JASA 105, 493-505).

Least squares on the simplex is solved exactly: the constraint of the sum enters as one more row of a non-negative least squares problem, of
a weight so large that it holds to rounding, and the weights are then scaled to sum to 1.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy.optimize import nnls

from virtu.errors import InputError

EMPHASIS = 1e6
"""How much more the sum of the weights counts than the largest value to be matched."""


class Synthetic(NamedTuple):
    """A place and its synthetic twin over all T times."""

    weights: np.ndarray  # (donors,) ≥ 0, of sum 1
    twin: np.ndarray  # (T,) outcome of the mixture
    gap: np.ndarray  # (T,) outcome less that of the mixture
    fit: float  # root mean square of the gap over the times matched


class Placebos(NamedTuple):
    """The event moved to each place in turn, the treated one first."""

    ratio: np.ndarray  # (1 + donors,) root mean square of the gap after the event over that before
    p_value: float  # share of places whose ratio is at least the treated one's


def simplex_least_squares(targets: npt.ArrayLike, columns: npt.ArrayLike, importance: npt.ArrayLike = 1.0) -> np.ndarray:
    """Return the weights, at least 0 and of sum 1, of the mixture of columns nearest to the targets.

    Parameters
    ----------
    targets : array_like
        (m,) what is to be matched.
    columns : array_like
        (m, donors) the donors' values of it.
    importance : array_like
        (m,) v ≥ 0 of each row, or one for all.

    Raises
    ------
    InputError
        If shapes do not fit or a value is missing.
    """
    y, x = np.asarray(targets, float), np.asarray(columns, float)
    if x.ndim != 2 or y.shape != x.shape[:1] or 0 in x.shape:
        raise InputError(f"needs (m,) targets and (m, donors) columns, not {y.shape} and {x.shape}")
    if not (np.isfinite(y).all() and np.isfinite(x).all()):
        raise InputError("needs a value for every place and row, none of them missing")
    v = np.asarray(importance, float)
    if v.shape not in {(), y.shape} or not np.all((v >= 0) & np.isfinite(v)):
        raise InputError("needs an importance of at least 0 for each row")
    scale = np.sqrt(v) / (np.abs(x).max() or 1.0)
    # Only differences to the target matter under the constraint, so rows keep their digits beside the emphasised one.
    rows = np.vstack([(x - y[:, None]) * np.reshape(scale, (-1, 1)), np.full(x.shape[1], EMPHASIS)])
    weights = nnls(rows, np.append(np.zeros(len(y)), EMPHASIS))[0]
    return weights / weights.sum()


def synthetic_control(treated: npt.ArrayLike, donors: npt.ArrayLike, before: npt.ArrayLike) -> Synthetic:
    """Return the twin of a place.

    Parameters
    ----------
    treated : array_like
        (T,) outcome.
    donors : array_like
        (T, donors) outcomes of the places to which nothing happened.
    before : array_like
        (T,) bool: the times to be matched, before the event.
    """
    y, x, matched = np.asarray(treated, float), np.asarray(donors, float), np.asarray(before, bool)
    if y.ndim != 1 or x.shape[:1] != y.shape or matched.shape != y.shape or not matched.any():
        raise InputError(f"needs (T,) outcomes, (T, donors) and (T,) times to match, not {y.shape}, {x.shape} and {matched.shape}")
    weights = simplex_least_squares(y[matched], x[matched])
    twin = x @ weights
    return Synthetic(weights, twin, y - twin, _size((y - twin)[matched]))


def placebos(treated: npt.ArrayLike, donors: npt.ArrayLike, before: npt.ArrayLike, after: npt.ArrayLike) -> Placebos:
    """Move the event to each donor in turn; the treated place is never a donor of the others.

    Parameters
    ----------
    treated, donors, before
        As `synthetic_control`; at least two donors.
    after : array_like
        (T,) bool: the times at which the effect is looked for.
    """
    y, x, late = np.asarray(treated, float), np.asarray(donors, float), np.asarray(after, bool)
    if x.ndim != 2 or x.shape[1] < 2 or late.shape != y.shape or not late.any():
        raise InputError("needs at least two donors, and (T,) times after the event")
    runs = [synthetic_control(y, x, before)]
    runs += [synthetic_control(x[:, place], np.delete(x, place, axis=1), before) for place in range(x.shape[1])]
    if min(run.fit for run in runs) == 0:
        raise InputError("a place is matched without error, so that no gap after can be measured against the gap before")
    ratio = np.array([_size(run.gap[late]) / run.fit for run in runs])
    return Placebos(ratio, float((ratio >= ratio[0]).mean()))


def _size(gap: np.ndarray) -> float:
    return float(np.sqrt(np.mean(gap**2)))
