"""A run directory: what stands in it, how it is begun, finished and checked, and who is at work in it.

``run.json`` says what is run (scenario text and hash, seed, versions, machine, design) and how the run is cut into shards; it is there
before the first shard, and once more at the end, with the summary and with size and digest of every other file. It carries a digest of
itself. Files are written beside their place and renamed, so that each is whole or absent, whenever the run is killed.
"""

from __future__ import annotations

import json
import math
import os
import platform
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from hashlib import file_digest, sha256
from pathlib import Path
from typing import Any
from uuid import uuid4

from virtu.errors import InputError, Place, RunError

FORMAT = "virtu-run"
FORMAT_VERSION = 2
DATASET, EVENTS, MARKS, ABOUT = "dataset.zarr", "events", "shards", "run.json"
BESIDE = ("report.html", "comparison.json", "sweep.csv", "sweep.parquet", "workbench.tar.gz", "sweep.json", "summary.csv", "events.csv")
"""What virtu itself puts beside the parts of a run; a damaged one can be made anew from them."""

DISK = "check the free space and the rights of the directory"
ELSEWHERE = "choose another directory"
AGAIN = "repair it with: virtu resume {}"
NOT_A_RUN = "give a directory written with --out"
REQUIRED = ("format_version", "kind", "scenario", "design", "cut", "attrs", "summary", "machine", "versions", "seed", "files", "finished")


def plain(value: Any) -> Any:
    """Return the value as plain JSON data: mappings, lists, text, numbers, true, false, null.

    Numpy scalars and arrays become numbers and lists; numbers that are not finite become null, for JSON has none.
    """
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if hasattr(value, "tolist"):
        return plain(value.tolist())
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    return value if value is None or isinstance(value, bool | int) else str(value)


def machine() -> dict[str, Any]:
    """Return what of the machine may matter for the numbers: system, processor, cores, Python."""
    return {
        "system": platform.system(),
        "release": platform.release(),
        "processor": platform.machine(),
        "cores": os.cpu_count(),
        "python": platform.python_version(),
    }


def digest(text: str) -> str:
    """Return the SHA-256 of a text."""
    return sha256(text.encode("utf-8")).hexdigest()


def described(path: Path) -> dict[str, Any]:
    """Return size and SHA-256 of a file."""
    with path.open("rb") as file:
        return {"bytes": path.stat().st_size, "sha256": file_digest(file, "sha256").hexdigest()}


def settled(path: Path) -> dict[str, Any]:
    """Return size and SHA-256 of a file just written, when it has reached the disk."""
    with path.open("r+b") as file:
        os.fsync(file.fileno())
    return described(path)


def sealed(content: Mapping[str, Any]) -> dict[str, Any]:
    """Return JSON data with a digest of itself under ``sha256``."""
    bare = {key: value for key, value in content.items() if key != "sha256"}
    return {**bare, "sha256": digest(json.dumps(bare, sort_keys=True, ensure_ascii=False, allow_nan=False))}


def write_json(path: Path, content: Mapping[str, Any]) -> None:
    """Write JSON data with a digest of itself, whole or not at all."""
    write_text(path, json.dumps(sealed(content), indent=1, ensure_ascii=False, allow_nan=False) + "\n")


def write_text(path: Path, text: str) -> None:
    """Write a text, whole or not at all, and wait until the disk holds it."""
    partial = path.with_name(f".{path.name}.partial-{uuid4().hex[:8]}")
    with partial.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    partial.replace(path)


def about_run(
    kind: str,
    scenario: tuple[str | None, str],
    seed: int | None,
    design: Mapping[str, Any],
    cut: Mapping[str, tuple[int, int]],
    attrs: Mapping[str, Any],
) -> dict[str, Any]:
    """Return what ``run.json`` says of a run that is beginning.

    Parameters
    ----------
    kind : str
        ``"run"``, ``"comparison"``, ``"sweep"`` or ``"proposals"``.
    scenario : tuple
        Its name, and its text as it is run.
    seed : int or None
        The seed.
    design : mapping
        What is asked for beyond the scenario; JSON-ready.
    cut : mapping
        Dimension: how many there are in all, and in a shard.
    attrs : mapping
        What the Dataset says of itself, JSON-ready; with ``versions``.
    """
    name, text = scenario
    return {
        "format": FORMAT,
        "format_version": FORMAT_VERSION,
        "kind": kind,
        "written": now(),
        "finished": None,
        "scenario": {"name": name, "sha256": digest(text), "text": text},
        "seed": seed,
        "versions": plain(attrs.get("versions")),
        "machine": machine(),
        "design": plain(design),
        "cut": plain(cut),
        "attrs": plain(attrs),
        "summary": None,
        "files": None,
    }


def now() -> str:
    """Return the time, in UTC."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def begin(place: Path, about: Mapping[str, Any]) -> None:
    """Make the directory of a run that is beginning, whole or not at all.

    Raises
    ------
    InputError
        If something is there already.
    RunError
        If the disk refuses.
    """
    check_free(place)
    with refusing(place), beside(place) as partial:
        write_json(partial / ABOUT, about)
        if place.is_dir():
            place.rmdir()
        partial.rename(place)


def finish(place: Path, about: Mapping[str, Any], summary: Mapping[str, Any], attrs: Mapping[str, Any]) -> None:
    """Write ``run.json`` of a run whose parts are all there.

    Parameters
    ----------
    place : Path
        The directory.
    about : mapping
        What `begin` wrote.
    summary, attrs : mapping
        What the command prints, and what the Dataset says of itself.
    """
    tidy(place)
    with refusing(place):
        files = {path.relative_to(place).as_posix(): settled(path) for path in files_of(place)}
        write_json(place / ABOUT, {**about, "finished": now(), "attrs": plain(attrs), "summary": plain(summary), "files": files})


def files_of(place: Path) -> list[Path]:
    """Return all files of a run but ``run.json``."""
    return sorted(path for path in place.rglob("*") if path.is_file() and path != place / ABOUT)


def tidy(place: Path) -> None:
    """Remove what a killed run left half written."""
    for path in sorted(place.rglob(".*.partial-*")) + sorted(place.rglob("*.partial")):
        shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)


def read_about(place: Path) -> dict[str, Any]:
    """Return what ``run.json`` says, after checking that it says what was written.

    Raises
    ------
    InputError
        If this is no run directory, ``run.json`` is damaged, or another virtu wrote it.
    """
    path = place / ABOUT
    if not path.is_file():
        what = f"has no {ABOUT}" if place.is_dir() else "does not exist"
        raise InputError(f"this is no run directory: it {what}", NOT_A_RUN, Place(str(place)))
    about = read_json(path, "the run cannot be read without it; run it again elsewhere")
    if about.get("format") != FORMAT:
        raise InputError(f"{ABOUT} was not written by virtu", NOT_A_RUN, Place(str(path)))
    if about.get("format_version") != FORMAT_VERSION:
        found = about.get("format_version")
        hint = "use the virtu that wrote it"
        raise InputError(f"the run has format version {found!r}, this virtu reads {FORMAT_VERSION}", hint, Place(str(path)))
    lacking = [key for key in REQUIRED if key not in about]
    if lacking:
        raise InputError(f"{ABOUT} lacks {', '.join(lacking)}", "run it again", Place(str(path)))
    scenario = about["scenario"]
    if not isinstance(scenario, dict) or digest(str(scenario.get("text"))) != scenario.get("sha256"):
        raise InputError("the scenario text was altered after the run", "run the altered scenario anew", Place(str(path)))
    check_seal(about, path)
    return about


def read_json(path: Path, hint: str) -> dict[str, Any]:
    """Return the mapping in a JSON file.

    Raises
    ------
    InputError
        If it is none.
    """
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, RecursionError) as error:
        raise InputError(f"{path.name} is not valid JSON: {error}", hint, Place(str(path))) from error
    except OSError as error:
        raise InputError(f"{path.name} cannot be read: {error.strerror}", hint, Place(str(path))) from error
    return content if isinstance(content, dict) else {}


def check_seal(content: Mapping[str, Any], path: Path) -> None:
    """Raise InputError where JSON data differ from what was written."""
    try:
        whole = sealed(content)["sha256"] == content.get("sha256")
    except ValueError:  # a number too large for a float is read as infinity
        whole = False
    if not whole:
        raise InputError(f"a part of the run was altered or damaged: {path.name}", "run it again", Place(str(path)))


def check_files(place: Path, files: Any) -> None:
    """Raise InputError on the first file that is missing, not as it was written, or not of the run."""
    hint = AGAIN.format(place)
    parts = {name.split("/")[0] for name in files} if isinstance(files, dict) else set()
    if not {DATASET, MARKS} <= parts:
        raise InputError(f"{ABOUT} does not list the files of {DATASET}", hint, Place(str(place / ABOUT)))
    for name, known in files.items():
        path = place / name
        if not path.is_file():
            raise InputError(f"a part of the run is missing: {name}", hint, Place(str(path)))
        if path.stat().st_size != known.get("bytes") or described(path) != known:
            raise InputError(f"a part of the run was altered or damaged: {name}", hint, Place(str(path)))
    for path in files_of(place):
        name = path.relative_to(place).as_posix()
        if name not in files and name.split("/")[0] in (DATASET, EVENTS, MARKS):
            raise InputError(f"this file is not of the run: {name}", "remove it, or move it elsewhere", Place(str(path)))


def is_run(place: Path) -> bool:
    """Return whether there is a run directory, whole or not."""
    return (place / ABOUT).is_file()


def check_free(place: Path) -> None:
    """Refuse a place that holds anything."""
    if place.exists() and not place.is_dir():
        raise InputError("the run needs a directory, and this is a file", ELSEWHERE, Place(str(place)))
    held = sorted(item.name for item in place.iterdir()) if place.is_dir() else []
    if held:
        raise InputError(f"the directory is not empty and holds what this run did not write: {_listed(held)}", ELSEWHERE, Place(str(place)))


def foreign(place: Path) -> list[str]:
    """Return the names of what lies in a run directory and virtu did not write."""
    return sorted(item.name for item in place.iterdir() if item.name not in (DATASET, EVENTS, MARKS, ABOUT, *BESIDE))


def remove(place: Path) -> None:
    """Delete a run directory.

    Raises
    ------
    InputError
        If it is none, somebody is at work in it, or it holds what virtu did not write.
    RunError
        If the disk refuses.
    """
    if not is_run(place) or read_json(place / ABOUT, NOT_A_RUN).get("format") != FORMAT:
        raise InputError("this is no run directory, and nothing was deleted", NOT_A_RUN, Place(str(place)))
    tidy(place)
    others = foreign(place)
    if others:
        hint = "move it elsewhere first; nothing was deleted"
        raise InputError(f"the directory holds what virtu did not write: {_listed(others)}", hint, Place(str(place)))
    with at_work(place), refusing(place):
        (place / ABOUT).unlink()  # first, so that what is left by a kill is not taken for a run
        shutil.rmtree(place)


def _listed(names: list[str]) -> str:
    return ", ".join(repr(name) for name in names[:3]) + (", …" if len(names) > 3 else "")


@contextmanager
def at_work(place: Path) -> Iterator[None]:
    """Keep others from writing to a run directory meanwhile; whoever is killed keeps nobody out.

    Raises
    ------
    InputError
        If somebody is at work in it.
    """
    try:
        import fcntl
    except ImportError:  # Windows has no such locks on directories; there two writers would write the same bytes twice
        yield
        return
    held = os.open(place, os.O_RDONLY)
    try:
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            hint = "wait until it is done, or choose another directory"
            raise InputError("another virtu is at work on this run", hint, Place(str(place))) from None
        yield
    finally:
        os.close(held)


@contextmanager
def beside(place: Path) -> Iterator[Path]:
    """Give a new sibling directory, gone again unless it was moved away."""
    place.parent.mkdir(parents=True, exist_ok=True)
    partial = place.parent / f".{place.name}.partial-{uuid4().hex[:8]}"
    partial.mkdir()
    try:
        yield partial
    finally:
        shutil.rmtree(partial, ignore_errors=True)


@contextmanager
def refusing(place: Path) -> Iterator[None]:
    """Turn what the disk refuses into an error a person can act on."""
    try:
        yield
    except OSError as error:
        raise RunError(f"the run could not be written: {error}", DISK, Place(str(place))) from error
