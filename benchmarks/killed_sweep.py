"""A sweep on a cluster that is killed again and again is compared with one that is left alone, file by file.

    python benchmarks/killed_sweep.py [POINTS] [HISTORIES] [KILLS]

KILLS single workers are killed, and KILLS times everything at once. The full measure is 200 500 5.
"""

from __future__ import annotations

import signal
import subprocess
import sys
import tempfile
import time
from hashlib import sha256
from pathlib import Path

import psutil

ASKED = ("sweep", "editorial-office", "--ticks", "24", "--measure", "share:Brandt", "--seed", "7")
SCRIPT = "from virtu.cli import main\nif __name__ == '__main__': main()"


def main() -> None:
    points, histories, kills = [*map(int, sys.argv[1:]), *(20, 64, 1)[len(sys.argv) - 1 :]]
    with tempfile.TemporaryDirectory() as folder:
        begun = time.perf_counter()
        alone, killed = Path(folder) / "alone", Path(folder) / "killed"
        _command(alone, points, histories, "local").wait()
        left_alone = time.perf_counter() - begun
        shards = len(list((alone / "shards").glob("0*.json")))
        marks = [(number + 1) * shards // (2 * kills + 1) for number in range(2 * kills)]
        begun = time.perf_counter()
        command = _command(killed, points, histories, "dask")
        for number, mark in enumerate(marks):
            _wait(killed, mark, command)
            if number % 2:
                _kill(_family(command))
                command.wait()
                command = _command(killed, points, histories, "dask")
            else:
                _kill([one for one in _family(command) if _runs_shards(one)][:1])
        code = command.wait()
        seconds = time.perf_counter() - begun
        same = _digests(alone) == _digests(killed)
        print(f"{points} points × {histories} histories, {shards} shards, {kills} workers and {kills} times all killed (exit code {code})")
        print(f"files the same to the last bit: {'yes' if same else 'NO'}; {left_alone:.0f} s left alone, {seconds:.0f} s killed")
    sys.exit(not same)


def _command(place: Path, points: int, histories: int, on: str) -> subprocess.Popen[bytes]:
    vary = ("--vary", f"Brandt.display = 0:1:{points}", "-n", str(histories), "--on", on, "--workers", "2", "--out", str(place))
    return subprocess.Popen([sys.executable, "-c", SCRIPT, *ASKED, *vary], stdout=subprocess.DEVNULL)


def _family(command: subprocess.Popen[bytes]) -> list[psutil.Process]:
    parent = psutil.Process(command.pid)
    return [parent, *parent.children(recursive=True)]


def _runs_shards(process: psutil.Process) -> bool:
    """Whether this is a worker with the compiler loaded, and not the scheduler's own process."""
    return "spawn_main" in " ".join(process.cmdline()) and any("jaxlib" in piece.path for piece in process.memory_maps())


def _kill(processes: list[psutil.Process]) -> None:
    for one in processes:
        one.send_signal(signal.SIGKILL)


def _wait(place: Path, mark: int, command: subprocess.Popen[bytes]) -> None:
    while len(list((place / "shards").glob("0*.json"))) < mark:
        if command.poll() is not None:
            sys.exit(f"the sweep ended before shard {mark}, with exit code {command.returncode}")
        time.sleep(0.05)


def _digests(place: Path) -> dict[str, str]:
    files = (path for part in ("dataset.zarr", "shards") for path in sorted((place / part).rglob("*")) if path.is_file())
    return {path.relative_to(place).as_posix(): sha256(path.read_bytes()).hexdigest() for path in files} | {
        name: sha256((place / name).read_bytes()).hexdigest() for name in ("sweep.csv", "sweep.parquet", "workbench.tar.gz")
    }


if __name__ == "__main__":
    main()
