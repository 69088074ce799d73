"""Runs that are kept, in the forms of other tools: netCDF, CSV, Stata, and RO-Crate.

Every file of a run is checked before anything is written, and what is written is there whole or not at all. Tables hold measures, one
number a history; netCDF and the crate hold all there is.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Literal, NamedTuple, get_args

import numpy as np
import xarray as xr

from virtu.errors import InputError, Place, did_you_mean
from virtu.laboratory import orders
from virtu.laboratory.arenas import arena_of
from virtu.record import crate, directory, export, netcdf, shards, store
from virtu.record.tally import blocks
from virtu.scenario import AnyScenario

Form = Literal["netcdf", "csv", "stata", "ro-crate"]
FORMS: dict[str, str] = {"netcdf": ".nc", "csv": "-csv", "stata": ".dta", "ro-crate": "-crate"}
"""Forms, and how names end; those without a dot are folders."""

Draw = Callable[[Path, Mapping[str, Any]], Mapping[Path, str]]
"""Draws the figures of a run into a folder, from what is told of it; returns their files and what they show."""

MOST_STATA = 32_000
"""Most columns of a table for Stata."""


class Portion(NamedTuple):
    """Measures of some histories of an arm."""

    arm: int
    histories: np.ndarray
    names: list[str]
    units: list[str]
    values: np.ndarray  # (measures, histories)


def export_run(place: Path | str, to: str, out: Path | str | None = None, *, licence: str | None = None, draw: Draw | None = None) -> Path:
    """Write a run that is kept in the form of another tool.

    Main arguments
    --------------
    place : Path or str
        The directory of a finished run, comparison or sweep.
    to : str
        ``netcdf``: all variables, one file. ``csv``: a folder with the measures of every history, one a line, the summary and the log.
        ``stata``: the measures, one line a history and arm. ``ro-crate``: a folder with the whole run and a description of it.
    out : Path or str, optional
        Where to; beside the run by default. Must not exist.

    Other arguments
    ---------------
    licence : str, optional
        Of the results, named in a crate.
    draw : callable, optional
        Draws the figures of a crate.

    Returns
    -------
    Path
        What was written.

    Raises
    ------
    InputError
        If the form is unknown, the run is unfinished, altered or damaged, or something is in the way.
    RunError
        If the disk refuses.
    """
    if to not in get_args(Form):
        raise InputError(f"unknown form {to!r}", did_you_mean(to, get_args(Form)))
    found = Path(place).resolve()
    target = found.with_name(found.name + FORMS[to]) if out is None else Path(out).resolve()
    if to == "ro-crate":
        crate.check()
    about = store.checked(found)
    if target.exists():
        raise InputError("something is there already, and nothing was written", "choose another place with --out", Place(str(target)))
    if target.is_relative_to(found):
        raise InputError("the place lies within the run", "choose another place with --out", Place(str(target)))
    scenario, dataset = orders.scenario_in(about["scenario"]["text"]), shards.dataset_of(found, about)
    if FORMS[to].startswith("."):
        with export.replacing(target) as partial:
            if to == "netcdf":
                netcdf.write(partial, dataset, _said(about))
            else:
                _stata(partial, about, portions(about, dataset, scenario))
        return target
    with directory.refusing(target), directory.beside(target) as partial:
        if to == "csv":
            _csv(partial, found, about, portions(about, dataset, scenario))
            partial.rename(target)
        else:
            (partial / "drawn").mkdir()
            figures = draw(partial / "drawn", about["summary"]) if draw else {}
            crate.write(partial / "crate", found, about, figures, licence, scenario.title)
            (partial / "crate").rename(target)
    return target


def portions(about: Mapping[str, Any], dataset: xr.Dataset, scenario: AnyScenario) -> Iterator[Portion]:
    """Yield the measures of a run, block by block, of a comparison or a sweep arm by arm within each."""
    for block in blocks(dataset):
        numbers = block["history"].values
        if about["kind"] == "run":
            found = arena_of(scenario).measured(block)
            yield Portion(0, numbers, list(found), [unit for _, unit in found.values()], np.stack([one for one, _ in found.values()]))
        else:
            names, units = ([str(word) for word in block[name].values] for name in ("measure", "measure_unit"))
            values = block["value"].transpose("arm", "measure", "history").values
            yield from (Portion(int(arm), numbers, names, units, one) for arm, one in zip(block["arm"].values, values, strict=True))


def arms(about: Mapping[str, Any]) -> list[str]:
    """Return what is done in each arm, in words."""
    return ["; ".join(one) or "nothing" for one in about["design"].get("arms") or [[]]]


def _said(about: Mapping[str, Any]) -> dict[str, Any]:
    """What a file says of the run it holds."""
    said = {key: about[key] for key in ("kind", "seed", "versions", "machine", "written", "finished")}
    design = {key: about["design"].get(key) for key in ("histories", "ticks", "unit", "arms", "asked")}
    scenario = {"scenario": about["scenario"]["name"], "scenario_sha256": about["scenario"]["sha256"]}
    return {**scenario, **said, **design, "scenario_text": about["scenario"]["text"], "created_by": "virtu", "histories": _histories(about)}


def _histories(about: Mapping[str, Any]) -> int:
    return about["attrs"]["histories"]


def _csv(folder: Path, place: Path, about: Mapping[str, Any], parts: Iterator[Portion]) -> None:
    """Write the tables of a run: measures, arms, and of a run its summary and log."""
    export.measures_csv(folder / "measures.csv", ((one.arm, one.histories, one.names, one.units, one.values) for one in parts))
    export.rows_csv(folder / "arms.csv", ("arm", "do"), enumerate(arms(about)))
    if about["kind"] == "run":
        export.summary_csv(folder / "summary.csv", about["summary"])
        export.events_csv(folder / "events.csv", shards.log_of(place))
    (folder / "about.json").write_text(json.dumps(_said(about), indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def _stata(path: Path, about: Mapping[str, Any], parts: Iterator[Portion]) -> None:
    import pandas as pd

    kept = list(parts)
    names, units = kept[0].names, kept[0].units
    if len(names) > MOST_STATA:
        raise InputError(f"Stata holds at most {MOST_STATA} measures, found {len(names)}", "export to csv or netcdf")
    short = _short(names)
    columns: dict[str, Any] = {
        "arm": np.concatenate([np.full(one.histories.size, one.arm, np.int32) for one in kept]),
        "history": np.concatenate([one.histories.astype(np.int32) for one in kept]),
    }
    values = np.concatenate([one.values for one in kept], axis=1)
    columns |= {name: np.where(np.isfinite(row), row, np.nan) for name, row in zip(short, values, strict=True)}
    labels: dict[Any, str] = {name: f"{full}, {unit}"[:80] for name, full, unit in zip(short, names, units, strict=True)}
    labels |= {"arm": "number of the arm", "history": "number of the history, from 0"}
    words: dict[Any, dict[Any, str]] = {"arm": {number: done[:32_000] for number, done in enumerate(arms(about))}}
    pd.DataFrame(columns).to_stata(
        path,
        write_index=False,
        version=118,
        variable_labels=labels,
        value_labels=words,
        data_label=f"{about['scenario']['name']}, seed {about['seed']}, virtu"[:80],
        time_stamp=None,
    )


def _short(names: list[str]) -> list[str]:
    """Return names that Stata allows: letters, digits and underscores, 32 at most, all different."""
    taken, found = {"arm", "history"}, []
    for name in names:
        plain = "".join(letter if letter.isascii() and letter.isalnum() else "_" for letter in name)[:32]
        wanted, number = plain, 1
        while wanted.lower() in taken:
            number += 1
            wanted = f"{plain[: 31 - len(str(number))]}_{number}"
        taken.add(wanted.lower())
        found.append(wanted)
    return found
