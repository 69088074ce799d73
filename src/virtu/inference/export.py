"""Draws for other tools: one netCDF file with the groups that ArviZ reads, ``posterior``, ``prior`` and ``observed_data``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from virtu.record.export import replacing

if TYPE_CHECKING:
    import xarray as xr

    from virtu.inference.outside_in import Inference

PRIOR_DRAWS = 1000
"""Draws of the prior that are written."""


def tree(found: Inference) -> xr.DataTree:
    """Return the draws of an answer.

    Parameters
    ----------
    found : Inference
        From `virtu.inference.outside_in.inference`.

    Returns
    -------
    xarray.DataTree
        ``posterior`` with one variable a trait, dims (chain, draw, person); ``prior`` with dims (chain, draw), and person where each has
        one of their own; ``observed_data`` with the choices as they were read, dims (person, choice, …). Draws have equal weight and no
        order, so that there is one chain.
    """
    import xarray as xr

    given, names = found.posterior, found.posterior.prior.names
    units = {name: {"units": trait.unit, "long_name": trait.doc} for name, trait in zip(names, given.prior.about, strict=True)}
    after = {
        name: (("chain", "draw", "person"), given.value[None, :, :, place].swapaxes(1, 2), units[name]) for place, name in enumerate(names)
    }
    apart = given.before.ndim == 3  # each person has a prior of their own
    some = given.before[:, :PRIOR_DRAWS].swapaxes(0, 1)[None] if apart else given.before[None, :PRIOR_DRAWS]
    dims = ("chain", "draw", "person") if apart else ("chain", "draw")
    before = {name: (dims, some[..., place], units[name]) for place, name in enumerate(names)}
    observed = {name: _observed(name, np.asarray(part)) for name, part in found.session.answers._asdict().items()}
    persons = {"person": list(given.persons)}
    what = "game" if found.result["game"] else "scenario"
    about = {what: found.result[what], "method": given.method, "seed": found.result["seed"], "created_by": "virtu"}
    groups = {
        "/": xr.Dataset(attrs=about),
        "posterior": xr.Dataset(after, persons, about),
        "prior": xr.Dataset(before, persons if apart else None, about),
        "observed_data": xr.Dataset(observed, persons, about),
    }
    return xr.DataTree.from_dict(groups)


def write(path: Path, found: Inference) -> Path:
    """Write the draws of an answer as netCDF, whole or not at all.

    Parameters
    ----------
    path : Path
        The file; replaced when it exists.
    found : Inference
        As in `tree`.

    Raises
    ------
    RunError
        If the disk refuses.
    """
    with replacing(path) as partial:
        tree(found).to_netcdf(partial, engine="h5netcdf")
    return path


def _observed(name: str, part: np.ndarray) -> tuple[tuple[str, ...], Any]:
    inner = [f"{name}_{axis}" for axis in range(part.ndim - 2)]
    return ("person", "choice", *inner)[: part.ndim], part
