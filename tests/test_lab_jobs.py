"""Errands in processes of their own: progress, stopping at once, bounds, and what is kept."""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import pytest

from virtu.cli import lab_jobs
from virtu.cli.lab_jobs import MOST_EACH, MOST_KEPT, MOST_RUNNING, MOST_WAITING, Bench, Job
from virtu.errors import InputError

QUICK = """
import json, pathlib, sys
order = json.loads(sys.stdin.readline())
for done in (0, order["histories"]):
    print(json.dumps({"done": done, "total": order["histories"]}), flush=True)
pathlib.Path(order["out"], "result.json").write_text(json.dumps({"seen": order["text"]}))
"""
ENDLESS = "import time, json\nprint(json.dumps({'stage': 'never ends'}), flush=True)\ntime.sleep(600)"
BROKEN = "import sys\nsys.exit('no such thing')"
GARBLED = "print('what?', flush=True)\nimport time\ntime.sleep(600)"
FAULTY = "import json, sys\nprint(json.dumps({'faults': ['x: wrong (mend it)']}))\nsys.exit(2)"


@pytest.fixture
def bench_of(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Bench]:
    def made(script: str) -> Bench:
        monkeypatch.setattr(lab_jobs, "COMMAND", (sys.executable, "-c", script))
        return Bench(tmp_path)

    return made


def order(number: int = 0, histories: int = 10, kind: str = "run") -> dict[str, Any]:
    return {"kind": kind, "text": f"scenario {number}", "histories": histories, "seed": 0}


async def until(job: Job, seen: Callable[[Job], bool], most: float = 30.0) -> None:
    ends = time.monotonic() + most
    while not seen(job) and time.monotonic() < ends:
        await asyncio.sleep(0.02)
    assert seen(job), (job.state, job.stage, job.faults)


def run(work: Coroutine[Any, Any, None]) -> None:
    asyncio.run(work)


def test_an_errand_says_how_far_it_is_and_what_it_found(bench_of: Callable[[str], Bench]) -> None:
    async def work() -> None:
        job = bench_of(QUICK).start(order(), "me")
        assert job.rate is None and job.left is None and not job.over
        await until(job, lambda job: job.over)
        assert job.state == "done" and job.result == {"seen": "scenario 0"}
        assert (job.done, job.total) == (10, 10) and job.rate and job.left == 0.0 and job.elapsed > 0

    run(work())


def test_it_stops_within_a_second_whatever_it_does(bench_of: Callable[[str], Bench]) -> None:
    """The process is gone, and the event loop never waits for it."""

    async def work() -> None:
        job = bench_of(ENDLESS).start(order(), "me")
        await until(job, lambda job: job.stage == "never ends")
        started = time.monotonic()
        job.cancel()
        assert job.over and job.state == "cancelled" and time.monotonic() - started < 1.0
        assert job.process is not None
        assert await asyncio.wait_for(job.process.wait(), 5.0) != 0
        job.cancel()
        assert job.state == "cancelled"

    run(work())


def test_what_waits_can_be_stopped_before_it_begins(bench_of: Callable[[str], Bench]) -> None:
    async def work() -> None:
        bench = bench_of(ENDLESS)
        jobs = [bench.start(order(number), f"visitor {number}") for number in range(MOST_RUNNING + 1)]
        await until(jobs[0], lambda job: job.stage == "never ends")
        assert jobs[-1].state == "waiting"
        jobs[-1].cancel()
        bench.close()
        await asyncio.gather(*(job.task for job in jobs if job.task))
        assert all(job.state == "cancelled" for job in jobs) and jobs[-1].process is None

    run(work())


@pytest.mark.parametrize(
    ("script", "said"), [(BROKEN, "no such thing"), (FAULTY, "x: wrong (mend it)"), (GARBLED, "the run failed: Expecting value")]
)
def test_a_failure_is_told(bench_of: Callable[[str], Bench], script: str, said: str) -> None:
    async def work() -> None:
        job = bench_of(script).start(order(), "me")
        await until(job, lambda job: job.over)
        assert job.state == "failed" and job.result is None
        assert said in " ".join(job.faults)

    run(work())


def test_the_same_again_is_not_run_again(bench_of: Callable[[str], Bench]) -> None:
    async def work() -> None:
        bench = bench_of(QUICK)
        job = bench.start(order(), "me")
        await until(job, lambda job: job.over)
        assert bench.start(order(), "somebody else") is job
        assert bench.start(order(histories=11), "me") is not job
        bench.close()

    run(work())


def test_what_one_asks_nobody_else_can_cancel(bench_of: Callable[[str], Bench]) -> None:
    async def work() -> None:
        bench = bench_of(ENDLESS)
        mine, other = bench.start(order(), "me"), bench.start(order(), "somebody else")
        assert mine is not other and bench.start(order(), "me") is mine
        other.cancel()
        assert not mine.over
        again = bench.start(order(), "somebody else")
        assert again is not other and not again.over
        bench.close()
        await asyncio.gather(*(job.task for job in (mine, other, again) if job.task))

    run(work())


def test_there_are_never_too_many(bench_of: Callable[[str], Bench]) -> None:
    async def work() -> None:
        bench = bench_of(ENDLESS)
        for number in range(MOST_EACH):
            bench.start(order(number), "me")
        with pytest.raises(InputError, match="of yours"):
            bench.start(order(99), "me")
        for number in range(MOST_RUNNING + MOST_WAITING - MOST_EACH):
            bench.start(order(number), f"visitor {number}")
        with pytest.raises(InputError, match="under way or waiting"):
            bench.start(order(0), "one more")
        tasks = [job.task for job in bench.jobs.values() if job.task]
        bench.close()
        await asyncio.gather(*tasks)

    run(work())


@pytest.mark.parametrize(("kind", "histories"), [("run", 0), ("run", 2_001), ("compare", 20_001), ("compare", -1)])
def test_too_many_histories_are_refused(bench_of: Callable[[str], Bench], kind: str, histories: int) -> None:
    with pytest.raises(InputError, match="the page plays 1 to"):
        bench_of(QUICK).start(order(0, histories, kind), "me")


def test_what_is_kept_is_bounded(tmp_path: Path, bench_of: Callable[[str], Bench]) -> None:
    """The oldest results make room, with their files."""

    async def work() -> None:
        bench = bench_of(QUICK)
        for number in range(MOST_KEPT + 3):
            job = Job(order(number), tmp_path / str(number), "me")
            job.out.mkdir()
            job.state = "done"
            bench.jobs[str(number)] = job
        bench.close()
        job = bench.start(order(), "me")
        await until(job, lambda job: job.over)
        assert len(bench.jobs) == MOST_KEPT
        assert not (tmp_path / "0").exists() and not (tmp_path / "3").exists() and (tmp_path / "4").exists()

    run(work())
