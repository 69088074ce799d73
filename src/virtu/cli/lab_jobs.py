"""Errands of the page as processes: how far each is, how fast it goes, and how it is stopped.

A process can be ended at any moment, even while the compiler works, and what it does never holds up the page. Few run at once, some
more may wait, and what was found is kept for whoever asks the same again, until there is too much of it.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import shutil
import sys
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from virtu.cli.lab_errand import RESULT
from virtu.errors import InputError

COMMAND = (sys.executable, "-m", "virtu.cli.lab_errand")
MOST_RUNNING, MOST_WAITING, MOST_KEPT, MOST_EACH = 2, 16, 24, 2
"""Errands that run at once, wait at most, are kept, and that one visitor may have under way."""

MOST_HISTORIES = {"run": 2_000, "compare": 20_000, "history": 2_000}
"""Histories that may be asked for on the page; a run keeps all of its histories, a comparison only what is measured of them."""

LONGEST_LINE, LONGEST_COMPLAINT = 1_000_000, 600


class Job:
    """One errand: waiting, running, done, failed or cancelled."""

    def __init__(self, order: Mapping[str, Any], out: Path, visitor: str) -> None:
        self.order, self.out, self.visitor = dict(order), out, visitor
        self.state, self.stage = "waiting", "waiting for its turn"
        self.faults: list[str] = []
        self.done, self.total = 0, int(order["histories"])
        self.began = self.playing = self.ended = 0.0  # moments by the monotonic clock, 0 before
        self.result: dict[str, Any] | None = None
        self.process: asyncio.subprocess.Process | None = None
        self.task: asyncio.Task[None] | None = None

    @property
    def over(self) -> bool:
        """Whether nothing more will come."""
        return self.state in ("done", "failed", "cancelled")

    @property
    def elapsed(self) -> float:
        """Seconds since it began to run."""
        return (self.ended or time.monotonic()) - self.began if self.began else 0.0

    @property
    def rate(self) -> float | None:
        """Histories a second since the first could be played, None before any is done."""
        return self.done / max(time.monotonic() - self.playing, 1e-9) if self.done and self.playing else None

    @property
    def left(self) -> float | None:
        """Seconds until all histories are there at this rate, None while it is unknown."""
        return (self.total - self.done) / self.rate if self.rate else None

    def note(self, told: Mapping[str, Any]) -> None:
        """Take in a line that the process wrote."""
        self.stage = str(told.get("stage", self.stage))
        if "done" in told:
            self.done, self.total, self.stage = int(told["done"]), int(told["total"]), "playing histories"
            self.playing = self.playing or time.monotonic()
        self.faults += [str(fault) for fault in told.get("faults", ())]

    def cancel(self) -> None:
        """Stop at once, whatever it is doing."""
        if self.over:
            return
        self._end("cancelled")
        if self.process is not None:
            with suppress(ProcessLookupError):
                self.process.kill()

    def fail(self, why: str) -> None:
        """End with a fault that is none of the user's."""
        self.cancel()
        self.state, self.faults = "failed", [*self.faults, why]

    def _end(self, state: str) -> None:
        self.state, self.ended = state, time.monotonic()

    async def run(self) -> None:
        """Run the process to its end and read what it says."""
        self.state, self.stage, self.began = "running", "preparing; a program that is new is compiled first", time.monotonic()
        self.out.mkdir(parents=True, exist_ok=True)
        pipe = asyncio.subprocess.PIPE
        self.process = await asyncio.create_subprocess_exec(*COMMAND, stdin=pipe, stdout=pipe, stderr=pipe, limit=LONGEST_LINE)
        if self.over:  # cancelled while the process came up
            self.process.kill()
        complaint = asyncio.create_task(_all_of(self.process.stderr))
        await _tell(self.process.stdin, json.dumps({**self.order, "out": str(self.out)}, ensure_ascii=False) + "\n")
        async for line in self.process.stdout or ():
            self.note(json.loads(line))
        code = await self.process.wait()
        said = (await complaint)[-LONGEST_COMPLAINT:]
        if self.over:
            return
        if code == 0:
            self.result = await asyncio.to_thread(_read, self.out / RESULT)
            self._end("done")
            return
        self.faults = self.faults or [f"the run failed with exit code {code}: {said.strip() or 'it said nothing'}"]
        self._end("failed")


async def _all_of(stream: asyncio.StreamReader | None) -> str:
    return (await stream.read()).decode(errors="replace") if stream else ""


async def _tell(stream: asyncio.StreamWriter | None, text: str) -> None:
    if stream is None:
        return
    with suppress(BrokenPipeError, ConnectionResetError):
        stream.write(text.encode())
        await stream.drain()
        stream.close()


def _read(path: Path) -> dict[str, Any]:
    return json.loads(path.read_text(encoding="utf-8"))


class Bench:
    """All errands of a server, in a folder of their own.

    Parameters
    ----------
    folder : Path
        Where results lie; what is kept no longer is removed from it.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.jobs: dict[str, Job] = {}
        self.turn = asyncio.Semaphore(MOST_RUNNING)

    def start(self, order: Mapping[str, Any], visitor: str) -> Job:
        """Begin an errand, or return the one that was sent for the same.

        Parameters
        ----------
        order : mapping
            kind, text, histories, seed and what the kind needs; see `virtu.cli.lab_errand`.
        visitor : str
            Who asks; each may have so many under way.

        Raises
        ------
        InputError
            If there are too many errands, or too many histories are asked for.
        """
        _check(order)
        key = hashlib.sha256(json.dumps(order, sort_keys=True).encode()).hexdigest()
        known = self.jobs.get(key)
        if known is not None and (known.state == "done" or (known.visitor == visitor and not known.over)):
            self.jobs[key] = self.jobs.pop(key)  # the latest stands last
            return known
        busy = [job for job in self.jobs.values() if not job.over]
        if sum(job.visitor == visitor for job in busy) >= MOST_EACH:
            raise InputError(f"{MOST_EACH} runs of yours are under way", "wait for one of them, or cancel it")
        if len(busy) >= MOST_RUNNING + MOST_WAITING:
            raise InputError(f"{len(busy)} runs are under way or waiting", "try again in a while")
        self._make_room()
        if known is not None and not known.over:  # the same, but another visitor's, who may cancel it
            key = f"{key}-{visitor}"
        job = self.jobs[key] = Job(order, self.folder / f"{len(self.jobs)}-{time.monotonic_ns()}", visitor)
        job.task = asyncio.create_task(self._in_turn(job))
        return job

    def close(self) -> None:
        """End whatever is under way."""
        for job in self.jobs.values():
            job.cancel()

    async def _in_turn(self, job: Job) -> None:
        async with self.turn:
            if job.over:
                return
            try:
                await job.run()
            except (OSError, ValueError) as error:  # no process, no room on the disk, or a line that says nothing
                job.fail(f"the run failed: {error}")

    def _make_room(self) -> None:
        """Forget the oldest that are over, with their files."""
        over = [name for name, job in self.jobs.items() if job.over]
        for name in over[: max(0, len(self.jobs) - MOST_KEPT + 1)]:
            shutil.rmtree(self.jobs.pop(name).out, ignore_errors=True)


def _check(order: Mapping[str, Any]) -> None:
    most, asked = MOST_HISTORIES[order["kind"]], order["histories"]
    if not 1 <= asked <= most:
        raise InputError(f"the page plays 1 to {most:,} histories, found {asked:,}", "for more, use the command line")
