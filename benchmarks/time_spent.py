"""Where a compiled program spends its time: by part of the model, and whether memory or arithmetic bounds it.

The program is run once under the profiler of JAX, which times every operation, and each operation is put down to the file of the model that
most of its instructions come from, as the compiler's own tables say. The time of an operation is the median over its executions, so that a
busy machine distorts little. Bytes are those that operations read and write, each argument once.
"""

from __future__ import annotations

import re
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

import jax
import numpy as np

PARTS: dict[str, tuple[str, ...]] = {
    "chance": ("chance.py",),
    "pairs: looking ahead": ("outlook.py", "farsight.py", "contest.py", "theory_of_mind.py", "perception.py", "ruling_lattice.py"),
    "pairs: scoring": ("moves.py", "welfare.py", "empathy.py"),
    "pairs: choosing and acting": ("choosing.py", "choice.py"),
    "contest and purge": ("contests.py", "purges.py"),
    "memory and beliefs": ("ledgers.py", "memory.py", "suspicion.py"),
    "vacancies": ("vacancies.py",),
    "work, founder, meeting": ("work.py", "founder.py", "meetings.py"),
    "minds looked up, notes kept": ("phases.py", "training.py"),
}
"""Parts of the organisation by the files they stand in; the rest goes by the name "all else"."""

PASSED_OVER = ("state.py", "seats.py")
"""Files of helpers, whose work is put down to whoever calls them."""

BYTES = {"pred": 1, "s8": 1, "u8": 1, "s16": 2, "s32": 4, "u32": 4, "f32": 4, "s64": 8, "u64": 8, "f64": 8}
HOLDERS = ("while", "conditional", "call", "parameter", "tuple", "get-tuple-element", "constant", "bitcast")
"""Kinds of instruction that do no work of their own."""

_TITLES = ("FileNames", "FunctionNames", "FileLocations", "StackFrames")
_INSTRUCTION = re.compile(r"\s+(?:ROOT )?%(?P<name>[\w.\-]+) = (?P<shape>\(.*?\)|\S+) (?P<kind>[\w\-]+)\((?P<given>[^)]*)\)(?P<rest>.*)")


class Instruction(NamedTuple):
    """One line of a compiled program."""

    name: str
    kind: str
    bytes: int  # written
    given: tuple[str, ...]  # names of what it reads
    calls: str  # computation it calls, or ""
    frame: int  # number of the line of source it comes from, 0 where there is none


class Spent(NamedTuple):
    """What a run of a program took."""

    compile_s: float
    run_s: float
    operations: int  # executed
    short_share: float  # share of the time in operations of less than 3 µs, which mostly are the cost of starting them
    share: dict[str, float]  # of the time, by part
    bytes: float  # read and written
    operations_s: float  # sum of the times of operations


def time_spent(function: Callable[..., Any], arguments: tuple[Any, ...], options: dict[str, Any] | None) -> Spent:
    """Compile a function, run it once to warm up, once by the clock and once under the profiler.

    Raises
    ------
    RuntimeError
        If the program does not name its sources, or the profiler saw nothing of it.
    """
    started = time.perf_counter()
    program = jax.jit(function).lower(*arguments).compile(compiler_options=options)
    compile_s = time.perf_counter() - started
    jax.block_until_ready(program(*arguments))
    started = time.perf_counter()
    jax.block_until_ready(program(*arguments))
    run_s = time.perf_counter() - started
    listing = Listing(program.as_text() or "")
    times = {name: took for name, took in _timed(program, arguments).items() if name in listing.working}
    if not times:
        raise RuntimeError("the profiler saw no operation of the program")
    spent = {name: median(took) * len(took) for name, took in times.items()}
    whole = sum(spent.values())
    share: defaultdict[str, float] = defaultdict(float)
    for name, took in spent.items():
        share[listing.part(name)] += took / whole
    return Spent(
        compile_s=compile_s,
        run_s=run_s,
        operations=sum(map(len, times.values())),
        short_share=sum(took for name, took in spent.items() if took < 3e-6 * len(times[name])) / whole,
        share=dict(sorted(share.items(), key=lambda one: -one[1])),
        bytes=float(sum(listing.moved(name) * len(took) for name, took in times.items())),
        operations_s=whole,
    )


def _timed(program: Any, arguments: tuple[Any, ...]) -> dict[str, list[float]]:
    """Seconds of each execution, by operation."""
    with tempfile.TemporaryDirectory() as folder:
        with jax.profiler.trace(folder):
            jax.block_until_ready(program(*arguments))
        (kept,) = Path(folder).rglob("*.xplane.pb")
        profile = jax.profiler.ProfileData.from_file(str(kept))
        times: defaultdict[str, list[float]] = defaultdict(list)
        for event in (event for plane in profile.planes for line in plane.lines for event in line.events):
            times[event.name].append(event.duration_ns * 1e-9)
    return times


class Listing:
    """A compiled program as the compiler lists it."""

    def __init__(self, text: str) -> None:
        lines = text.splitlines()
        self._tables = _tables(lines)
        if not all(self._tables.values()):
            raise RuntimeError("the compiled program does not name its sources; this version of JAX lists it otherwise")
        self._inside: defaultdict[str, list[Instruction]] = defaultdict(list)
        computation = ""
        for line in lines:
            opened = re.match(r"(?:ENTRY )?%([\w.\-]+) .*\{$", line)
            computation = opened[1] if opened else computation
            found = None if opened else _read(line)
            if found:
                self._inside[computation].append(found)
        self._all = {one.name: one for group in self._inside.values() for one in group}
        self.working = {name for name, one in self._all.items() if one.kind not in HOLDERS}

    def moved(self, name: str) -> int:
        """Return the bytes an operation reads and writes."""
        one = self._all[name]
        return one.bytes + sum(self._all[given].bytes for given in set(one.given) if given in self._all)

    def part(self, name: str) -> str:
        """Return the part of the model that most instructions of an operation come from."""
        one = self._all[name]
        inside = (each for each in (one, *self._inside.get(one.calls, ())) if each.frame and each.kind not in (*HOLDERS, "broadcast"))
        votes = Counter(found for each in inside if (found := _part(self._files(each.frame))))
        return votes.most_common(1)[0][0] if votes else "all else"

    def _files(self, frame: int) -> Iterator[str]:
        """Files of a line of source and of those who called it, innermost first."""
        while frame:
            at = self._tables["StackFrames"][frame]
            place = _numbers(self._tables["FileLocations"][int(_numbers(at)["file_location_id"])])
            yield Path(self._tables["FileNames"][place["file_name_id"]].strip('"')).name
            above = _numbers(at).get("parent_frame_id", 0)
            frame = 0 if above == frame else above


def _tables(lines: list[str]) -> dict[str, dict[int, str]]:
    tables: dict[str, dict[int, str]] = {title: {} for title in _TITLES}
    title = ""
    for line in lines:
        if line in tables:
            title = line
        elif line.startswith(("%", "ENTRY")):
            break
        elif title and (found := re.match(r"(\d+) (.*)", line)):
            tables[title][int(found[1])] = found[2]
    return tables


def _numbers(text: str) -> dict[str, int]:
    return {name: int(value) for name, value in re.findall(r"(\w+)=(\d+)", text)}


def _read(line: str) -> Instruction | None:
    found = _INSTRUCTION.match(line)
    if not found:
        return None
    calls, frame = (re.search(wanted, found["rest"]) for wanted in (r"calls=%([\w.\-]+)", r"stack_frame_id=(\d+)"))
    given = tuple(re.findall(r"%([\w.\-]+)", found["given"]))
    return Instruction(found["name"], found["kind"], _size(found["shape"]), given, calls[1] if calls else "", int(frame[1]) if frame else 0)


def _size(shape: str) -> int:
    """Bytes of a shape as the compiler writes it, such as ``f32[12,64]{1,0}``, or of several in brackets."""
    parts = re.findall(r"(\w+)\[([\d,]*)\]", shape)
    return sum(BYTES.get(kind, 0) * int(np.prod([int(length) for length in sides.split(",") if length])) for kind, sides in parts)


def _part(files: Iterator[str]) -> str:
    """Part that a file belongs to, given with those it was called from; "" where only helpers are known, as in what branches share."""
    home = next((name for name in files if name not in PASSED_OVER), "")
    return next((part for part, names in PARTS.items() if home in names), "all else" if home else "")


def bandwidth(size: int) -> float:
    """Return bytes per second at which arrays are copied over and over, reading and writing counted; the best of five. Size in bytes."""
    source, target = np.ones(size // 4, np.float32), np.empty(size // 4, np.float32)
    repeats = max(1, 2**28 // size)
    best = 0.0
    for _ in range(5):
        started = time.perf_counter()
        for _ in range(repeats):
            np.copyto(target, source)
        best = max(best, 2.0 * source.nbytes * repeats / (time.perf_counter() - started))
    return best
