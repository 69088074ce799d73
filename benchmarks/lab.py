"""Five users of the page at once while one of them runs 2,000 histories: how long actions take, how progress is told, how soon it stops.

    python benchmarks/lab.py [--seconds 60] [--scenario politburo-1922]

Needs Chromium and the extras `lab` and `browser`. All runs on this machine, the browser too, so that times are those of a machine that does
everything at once. The lines to keep: 95 % of actions within 300 ms, progress every second, a run cancelled within one second.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable
from importlib import import_module
from typing import Any

import numpy as np

USERS, HISTORIES = 5, 2_000
PATIENCE = 120_000
"""Milliseconds after which an action counts as never done."""

Times = dict[str, list[float]]


async def timed(times: Times, name: str, act: Callable[[], Awaitable[Any]], seen: Callable[[], Awaitable[Any]]) -> None:
    """Do something and wait until it shows; note the milliseconds."""
    started = time.perf_counter()
    await act()
    await seen()
    times.setdefault(name, []).append(1e3 * (time.perf_counter() - started))


async def wander(page: Any, home: str, scenario: str, times: Times, until: float) -> None:
    """Open pages, put questions together and take them apart, look at another tab, again and again."""
    page.set_default_timeout(PATIENCE)
    while time.perf_counter() < until:
        heading = page.get_by_role("heading", name="Who ends on top")
        await timed(times, "open the first page", lambda: page.goto(home), heading.wait_for)
        ask = page.get_by_role("button", name="Ask", exact=True)
        await timed(times, "open a scenario", lambda: page.goto(f"{home}s/{scenario}"), ask.wait_for)
        more = page.get_by_text("Something else, or several things together")
        add = page.get_by_role("button", name="Add", exact=True)
        await timed(times, "unfold the builder", more.click, add.wait_for)
        await timed(times, "a fault is told", add.click, page.get_by_text("is missing").wait_for)
        histories = page.get_by_role("tab", name="Histories")
        await timed(times, "change the tab", histories.click, page.get_by_role("button", name="Run", exact=True).wait_for)
        await timed(times, "open the seats", lambda: page.goto(f"{home}p/{scenario}"), page.get_by_role("button", name="Begin").wait_for)
        await page.wait_for_timeout(300)


async def watch(page: Any, home: str, scenario: str, until: float) -> tuple[list[float], float]:
    """Run histories, one run after the other; return the seconds between two signs of progress, and those until the last had stopped."""
    page.set_default_timeout(PATIENCE)
    await page.goto(f"{home}s/{scenario}")
    await page.get_by_role("tab", name="Histories").click()
    await page.get_by_role("textbox", name="Histories").fill(str(HISTORIES))
    run, said, stop = (page.get_by_role("button", name="Run", exact=True), page.locator(".lab-progress [role=status]"), _cancel(page))
    gaps, seed = [], 0
    while True:
        await page.get_by_role("textbox", name="Seed").last.fill(str(seed))
        await run.click()
        await said.last.wait_for()
        gaps += await signs(page, said.last, until)
        if time.perf_counter() > until and await stop.is_visible():
            break
        seed += 1
    started = time.perf_counter()
    await stop.click()
    await page.get_by_text("Cancelled after").wait_for()
    return gaps, time.perf_counter() - started


def _cancel(page: Any) -> Any:
    return page.get_by_role("button", name="Cancel").last


async def signs(page: Any, said: Any, until: float) -> list[float]:
    """Return the seconds between two signs of progress until a run ends, or time is up."""
    gaps, last, before = [], time.perf_counter(), ""
    while time.perf_counter() < until and await said.is_visible():
        now = await said.inner_text()
        if now != before:
            gaps.append(time.perf_counter() - last)
            last, before = time.perf_counter(), now
        await page.wait_for_timeout(50)
    return gaps


async def measure(home: str, scenario: str, seconds: float) -> None:
    playwright = import_module("playwright.async_api")
    async with playwright.async_playwright() as driver:
        browser = await driver.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        pages = [await (await browser.new_context()).new_page() for _ in range(USERS)]
        until, times = time.perf_counter() + seconds, Times()
        watched = asyncio.create_task(watch(pages[0], home, scenario, until))
        await asyncio.gather(*(wander(page, home, scenario, times, until) for page in pages[1:]))
        gaps, stopped = await watched
        await browser.close()
    report(times, gaps, stopped)


def report(times: Times, gaps: list[float], stopped: float) -> None:
    whole = [one for some in times.values() for one in some]
    for name, some in {**times, "all actions (line 300)": whole}.items():
        print(f"{name:24s} n {len(some):4d}  median {np.median(some):6.0f} ms  p95 {np.percentile(some, 95):6.0f} ms")
    whole = np.concatenate([np.array(some) for some in times.values()])
    print(
        f"{'all actions':24s} n {whole.size:4d}  median {np.median(whole):6.0f} ms  p95 {np.percentile(whole, 95):6.0f} ms  (line 300 ms)"
    )
    print(f"progress: {len(gaps)} signs, the longest gap {max(gaps):.2f} s (line 1 s)")
    print(f"cancelled after {stopped:.2f} s (line 1 s)")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--scenario", default="politburo-1922")
    asked = parser.parse_args()
    if shutil.which("chromium") is None:
        sys.exit("this needs Chromium: apt-get install chromium")
    command = [sys.executable, "-c", "from virtu.cli import main; main()", "lab", "--no-browser", "--port", "0", "--json"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        try:
            home = json.loads("".join(server.stdout.readline() for _ in range(3)))["address"]
            print(f"{USERS} users, {os.cpu_count()} processors, load {os.getloadavg()[0]:.1f} at the start")
            asyncio.run(measure(home, asked.scenario, asked.seconds))
        finally:
            server.terminate()


if __name__ == "__main__":
    main()
