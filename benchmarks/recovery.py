"""What each family of probes can tell: people of known traits answer and are inferred from their answers.

``python benchmarks/recovery.py [FAMILY]... [--people N] [--seed S]``. In the families of games they play the standard set; in
``organisation`` histories of a council of four are run, each of them inferred from its whole log (``--people`` is the number of logs,
``--ticks`` their length, ``--histories`` what each is replayed in). For each trait: the p-value of a test that the posterior shares below
the truth are uniform (simulation-based calibration), the correlation of posterior means with the truth, the mean contraction, and how often
the central 50 % and 95 % cover the truth. Traits that are not recovered are named.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Sequence

import numpy as np

from virtu.inference.logs import people
from virtu.inference.logs import trial as trial_of_logs
from virtu.inference.probes import FAMILIES
from virtu.inference.probes.trial import trial
from virtu.inference.recovery import Recovery

ORGANISATION = "organisation"


def table(name: str, found: Sequence[Recovery]) -> list[str]:
    """Return the lines of a table, and what is not recovered."""
    lines = [f"| {name} | p of uniform ranks | correlation | learnt | 50 % covers | 95 % covers |", "|---|---|---|---|---|---|"]
    for one in found:
        half, most = (f"{share:.1%}" for share in one.coverage)
        learnt = "–" if np.isnan(one.contraction) else f"{one.contraction:.0%}"
        lines.append(f"| {one.trait} | {one.p:.3f} | {one.correlation:.2f} | {learnt} | {half} | {most} |")
    lost = [one.trait for one in found if not one.recovered]
    return [*lines, f"not recovered: {', '.join(lost) or 'none'}"]


def game(name: str, count: int, seed: int) -> None:
    """Print how well people are known by a game."""
    found = trial(FAMILIES[name], count, seed)
    print("\n".join(table(name, found.traits)))
    print(f"least effective number {found.learnt.draws.effective.min():.0f}")
    if len(found.confusion) > 1:
        print("true level by inferred level:", found.confusion.tolist())


def organisation(count: int, seed: int, ticks: int, histories: int) -> None:
    """Print how well people are known by the logs of an organisation."""
    given = people.people(trial_of_logs.practice())
    so = trial_of_logs.played(given, count, seed, ticks)
    learnt = list(trial_of_logs.inferred(given, so.logs, histories, seed))
    print("\n".join(table(ORGANISATION, trial_of_logs.compared(given, so, learnt, seed))))
    lines, effective = [len(log.lines) for log in so.logs], [one.effective.min() for one in learnt]
    print(f"{np.mean(lines):.0f} lines in a log; least effective number {min(effective):.0f}, median over logs {np.median(effective):.0f}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("families", nargs="*", default=[*FAMILIES, ORGANISATION])
    parser.add_argument("--people", type=int, default=500)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--ticks", type=int, default=24)
    parser.add_argument("--histories", type=int, default=128)
    given = parser.parse_args()
    for name in given.families:
        started = time.process_time()
        if name == ORGANISATION:
            organisation(given.people, given.seed, given.ticks, given.histories)
        else:
            game(name, given.people, given.seed)
        print(f"{given.people} of them, {time.process_time() - started:.0f} s of processor time\n", flush=True)


if __name__ == "__main__":
    main()
