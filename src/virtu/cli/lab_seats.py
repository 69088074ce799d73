"""Games of the page, each in a process of its own, which is ended when it is left, cancelled, or idle for long."""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from virtu.cli.lab_jobs import LONGEST_COMPLAINT
from virtu.errors import InputError

COMMAND = (sys.executable, "-m", "virtu.cli.lab_seat")
MOST_GAMES = 6
"""Games that go on at once, one a visitor."""

LONGEST_IDLE = 1_800.0
"""Seconds after which a game that nobody touches is ended; from its address it goes on where it was."""

LONGEST_LINE = 16_000_000


class Seat:
    """A seat that is played: at work, ready for the next move, failed, or gone."""

    def __init__(self, order: Mapping[str, Any], out: Path) -> None:
        self.order, self.out = dict(order), out
        self.state, self.stage = "working", "preparing"
        self.faults: list[str] = []
        self.told: dict[str, Any] | None = None
        self.done, self.total = 0, 0
        self.began = self.touched = time.monotonic()
        self.process: asyncio.subprocess.Process | None = None
        self.task: asyncio.Task[None] | None = None

    @property
    def over(self) -> bool:
        """Whether nothing more will come."""
        return self.state in ("failed", "gone")

    @property
    def elapsed(self) -> float:
        """Seconds since it was last asked something."""
        return time.monotonic() - self.began

    def ask(self, **act: Any) -> None:
        """Have something done; what comes of it is found in `told` once the state is ready again.

        Raises
        ------
        InputError
            If the game is gone, or still at something else.
        """
        if self.state != "ready" or self.process is None or self.process.stdin is None:
            raise InputError("the game is gone" if self.over else "the game is still at work", "open its address again, or wait")
        self.state, self.faults, self.done, self.total = "working", [], 0, 0
        self.stage, self.began = "playing", time.monotonic()
        self._write(act)

    def enough(self) -> None:
        """End the hints that are being worked out, and take what is there."""
        if self.state == "working" and self.total:
            self._write({"act": "enough"})

    def cancel(self) -> None:
        """End the game at once, whatever it is doing."""
        if self.over:
            return
        self.state = "gone"
        if self.process is not None:
            with suppress(ProcessLookupError):
                self.process.kill()

    async def run(self) -> None:
        """Run the process to its end and read what it says."""
        pipe = asyncio.subprocess.PIPE
        self.process = await asyncio.create_subprocess_exec(*COMMAND, stdin=pipe, stdout=pipe, stderr=pipe, limit=LONGEST_LINE)
        if self.over:  # cancelled while the process came up
            self.process.kill()
        complaint = asyncio.create_task(_all_of(self.process.stderr))
        self._write({**self.order, "out": str(self.out)})
        try:
            async for line in self.process.stdout or ():
                self._note(json.loads(line))
        except ValueError as error:  # a line that says nothing
            self.cancel()
            self.state, self.faults = "failed", [f"the game failed: {error}"]
        code = await self.process.wait()
        said = (await complaint)[-LONGEST_COMPLAINT:].strip()
        if not self.over:
            self.state = "failed"
            self.faults = self.faults or [f"the game ended with exit code {code}: {said or 'it said nothing'}"]

    def _write(self, what: Mapping[str, Any]) -> None:
        if self.process is not None and self.process.stdin is not None:
            self.touched = time.monotonic()
            with suppress(BrokenPipeError, ConnectionResetError):
                self.process.stdin.write((json.dumps(what, ensure_ascii=False) + "\n").encode())

    def _note(self, said: Mapping[str, Any]) -> None:
        if self.over:
            return
        self.stage = str(said.get("stage", self.stage))
        self.done, self.total = int(said.get("done", self.done)), int(said.get("total", self.total))
        if "refused" in said:
            self.faults = [str(fault) for fault in said["refused"]]
            self.state = "ready" if self.told is not None else "working"
        if "told" in said:
            self.told, self.state = said["told"], "ready"


async def _all_of(stream: asyncio.StreamReader | None) -> str:
    return (await stream.read()).decode(errors="replace") if stream else ""


class Seats:
    """All games of a server.

    Parameters
    ----------
    folder : Path
        Where what is seen of them lies.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.games: dict[str, Seat] = {}

    def sit(self, order: Mapping[str, Any], visitor: str) -> Seat:
        """Begin a game, in place of the visitor's last.

        Parameters
        ----------
        order : mapping
            text, seat, seed, history, do, at; see `virtu.laboratory.play.play`.
        visitor : str
            Who plays.

        Raises
        ------
        InputError
            If there are too many games.
        """
        if visitor in self.games:
            self.games.pop(visitor).cancel()
        self._tidy()
        if len(self.games) >= MOST_GAMES:
            raise InputError(f"{len(self.games)} games are under way", "try again in a while")
        seat = self.games[visitor] = Seat(order, self.folder / f"game-{time.monotonic_ns()}")
        seat.task = asyncio.create_task(self._watched(seat))
        return seat

    def close(self) -> None:
        """End all games."""
        for seat in self.games.values():
            seat.cancel()

    def _tidy(self) -> None:
        """Forget games that are over, and end those that nobody has touched for long."""
        for visitor, seat in list(self.games.items()):
            if time.monotonic() - seat.touched > LONGEST_IDLE:
                seat.cancel()
            if seat.over:
                del self.games[visitor]

    async def _watched(self, seat: Seat) -> None:
        try:
            await seat.run()
        except OSError as error:  # no process
            seat.state, seat.faults = "failed", [f"the game failed: {error}"]
