"""The catalogue: which runs there are and where, so that they can be found by name.

A small SQLite file in the user's data folder. It holds nothing but places; what a run says of itself is read from the run each time, so
that the catalogue can be lost, stale or wrong and never give a wrong number.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from hashlib import sha256
from pathlib import Path
from typing import Any
from uuid import uuid4

from virtu.errors import InputError, Place, RunError, did_you_mean
from virtu.record import directory, store

NAME = "runs.sqlite"
ELSEWHERE = "set VIRTU_CATALOGUE to a file that can be written"
_TABLE = "CREATE TABLE IF NOT EXISTS runs (place TEXT PRIMARY KEY)"


def file() -> Path:
    """Return where the catalogue is: ``VIRTU_CATALOGUE``, or in the user's data folder."""
    named = os.environ.get("VIRTU_CATALOGUE")
    return Path(named) if named else Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share") / "virtu" / NAME


def enter(place: Path) -> None:
    """Enter a run; entered before, nothing changes.

    A catalogue that cannot be written hinders no run, for `scan` finds it later; a damaged one is put aside, and a new one begun.
    """
    for _ in range(2):
        try:
            with _opened() as base:
                base.execute("INSERT OR IGNORE INTO runs VALUES (?)", (str(place.resolve()),))
        except InputError:
            continue
        except (RunError, sqlite3.OperationalError):
            return
        return


def leave(place: Path) -> None:
    """Take a run out."""
    with _opened() as base:
        base.execute("DELETE FROM runs WHERE place = ?", (str(place.resolve()),))


def scan(folder: Path) -> list[Path]:
    """Enter all runs below a folder; return them.

    Raises
    ------
    InputError
        If there is no such folder.
    """
    if not folder.is_dir():
        raise InputError("there is no such folder to look in", "name a folder that exists", Place(str(folder)))
    found = [path.parent for path in sorted(folder.rglob(directory.ABOUT)) if not path.parent.name.startswith(".")]
    for place in found:
        enter(place)
    return found


def places() -> list[Path]:
    """Return where runs are, or were when they were entered."""
    with _opened() as base:
        return [Path(row[0]) for row in base.execute("SELECT place FROM runs ORDER BY place")]


def listed() -> list[dict[str, Any]]:
    """Return what each run in the catalogue says of itself now, JSON-ready.

    Returns
    -------
    list of dict
        id, place, state (``finished``, ``unfinished``, ``damaged``, ``gone``), and for those that can be read: kind, scenario, seed,
        histories, arms, written, finished, shards, done. Only ``run.json`` is checked here; `store.checked` checks all files.
    """
    return [{"id": name_of(place), "place": str(place), **_state(place)} for place in places()]


def put_aside() -> list[str]:
    """Return the damaged catalogues that were put aside."""
    return sorted(map(str, file().parent.glob(f"{file().name}.damaged-*")))


def _state(place: Path) -> dict[str, Any]:
    if not directory.is_run(place):
        return {"state": "gone"}
    try:
        about = directory.read_about(place)
    except InputError as error:
        return {"state": "damaged", "fault": error.message}
    done, count = store.progress(place, about)
    return {
        "state": "unfinished" if about["finished"] is None else "finished",
        "kind": about["kind"],
        "scenario": about["scenario"]["name"],
        "seed": about["seed"],
        "histories": about["design"].get("histories"),
        "arms": len(about["design"].get("arms", [])) or 1,
        "written": about["written"],
        "finished": about["finished"],
        "shards": count,
        "done": done,
    }


def name_of(place: Path) -> str:
    """Return the short name of a run: eight letters that depend on its place."""
    return sha256(str(place.resolve()).encode()).hexdigest()[:8]


def found(named: str) -> Path:
    """Return the place of a run, given as a path or by its short name.

    Raises
    ------
    InputError
        If there is no such run.
    """
    if directory.is_run(Path(named)):
        return Path(named).resolve()
    known = {name_of(place): place for place in places()}
    matching = [place for name, place in known.items() if len(named) >= 4 and name.startswith(named)]
    if len(matching) == 1:
        return matching[0]
    if Path(named).exists():
        raise InputError("this is no run directory", directory.NOT_A_RUN, Place(named))
    hint = did_you_mean(named, known) if known else "the catalogue is empty; virtu runs --scan FOLDER looks for runs"
    raise InputError(f"there is no run {named!r}", hint)


@contextmanager
def _opened() -> Iterator[sqlite3.Connection]:
    """Open the catalogue; a damaged one is put aside, and said so."""
    path = file()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        base = sqlite3.connect(path, timeout=30.0)
    except (OSError, sqlite3.OperationalError) as error:
        raise RunError(f"the catalogue cannot be opened: {error}", ELSEWHERE, Place(str(path))) from None
    with closing(base):
        try:
            base.execute(_TABLE)
            rows = base.execute("PRAGMA quick_check").fetchall()
            if rows != [("ok",)]:
                raise sqlite3.DatabaseError(rows[0][0])
        except sqlite3.OperationalError as error:
            raise RunError(f"the catalogue cannot be used: {error}", ELSEWHERE, Place(str(path))) from None
        except sqlite3.DatabaseError as error:
            base.close()
            aside = path.with_name(f"{path.name}.damaged-{uuid4().hex[:8]}")
            path.rename(aside)
            hint = "ask again; virtu runs --scan FOLDER finds the runs that were in it"
            raise InputError(f"the catalogue is damaged ({error}) and was put aside as {aside.name}", hint, Place(str(path))) from None
        with base:
            yield base
