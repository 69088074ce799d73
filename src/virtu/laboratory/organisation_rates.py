"""Rates of the organisation: how often whoever leads is struck down, and how often members leave the forum."""

from __future__ import annotations

import numpy as np
import xarray as xr

from virtu.laboratory.rates import AtRisk, Rate
from virtu.organisation.state import NOBODY, OUTCOMES
from virtu.scenario.vocabulary import MOVES, Status


def incumbents(leader: np.ndarray) -> np.ndarray:
    """Return who was last on top, tick by tick: a lead that narrows for a while does not end a rule, another's lead does.

    Parameters
    ----------
    leader : numpy.ndarray
        Who is on top, or −1, shape (H, T).
    """
    last = np.where(leader != NOBODY, np.arange(leader.shape[1]), -1)
    last = np.maximum.accumulate(last, axis=1)
    return np.where(last >= 0, np.take_along_axis(leader, np.maximum(last, 0), axis=1), NOBODY)


def tenures(holder: np.ndarray) -> np.ndarray:
    """Return for how many ticks the holder has held without a break, 0 at first; shape (H, T)."""
    began = np.ones(holder.shape, bool)
    began[:, 1:] = holder[:, 1:] != holder[:, :-1]
    number = np.arange(holder.shape[1])
    return number - np.maximum.accumulate(np.where(began, number, 0), axis=1)


def coups(dataset: xr.Dataset) -> AtRisk:
    """Return the ticks at whose end somebody rules, and whether that person is struck down in the next."""
    rules = _in_office(dataset, incumbents(dataset.leader.values))
    history, tick = np.nonzero(rules[:, :-1] != NOBODY)
    return AtRisk(history, tick, tenures(rules)[history, tick], _struck(dataset, rules)[history, tick])


def _in_office(dataset: xr.Dataset, rules: np.ndarray) -> np.ndarray:
    """Whoever was last on top and is still in the forum."""
    status = np.take_along_axis(dataset.status.values, np.maximum(rules, 0)[:, :, None].astype(np.intp), axis=2)[:, :, 0]
    return np.where((status >= 0) & (status <= int(Status.CANDIDATE)), rules, NOBODY)


def _struck(dataset: xr.Dataset, rules: np.ndarray) -> np.ndarray:
    """Whether a strike against whoever rules at the end of a tick is carried in the next one; shape (H, T − 1)."""
    carried = (dataset.move.values == MOVES.index("strike")) & (dataset.outcome.values == OUTCOMES.index("carried"))
    aimed = dataset.target.values[:, 1:] == rules[:, :-1, None]
    return (carried[:, 1:] & aimed).any(axis=2)


def exits(dataset: xr.Dataset) -> AtRisk:
    """Return the ticks at whose end a person is in the forum, and whether the person leaves for good in the next, for whatever cause."""
    status = dataset.status.values
    inside = (status >= 0) & (status <= int(Status.CANDIDATE))
    later = np.flip(np.maximum.accumulate(np.flip(inside, axis=1), axis=1), axis=1)
    history, tick, person = np.nonzero(inside[:, :-1])
    tenure = np.cumsum(inside, axis=1) - 1
    return AtRisk(history, tick, tenure[history, tick, person], ~later[history, tick + 1, person])


RATES = {
    "coup": Rate("Strikes carried against whoever rules, the last person to have been on top, per year of rule.", coups),
    "exit": Rate("Last exits from the forum, as member or candidate, for whatever cause, per year spent there.", exits),
}
"""All rates of the organisation."""
