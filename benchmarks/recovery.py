"""What each family of probes can tell: people of known traits play the standard set and are inferred from their answers.

``python benchmarks/recovery.py [FAMILY]... [--people N] [--seed S]``. For each trait: the p-value of a test that the posterior shares below
the truth are uniform (simulation-based calibration), the correlation of posterior means with the truth, the mean contraction, and how often
the central 50 % and 95 % cover the truth. Traits that are not recovered are named.
"""

from __future__ import annotations

import argparse
import time

from virtu.inference.probes import FAMILIES
from virtu.inference.probes.trial import Trial, trial


def table(name: str, found: Trial) -> list[str]:
    """Return the lines of a table."""
    lines = [f"| {name} | p of uniform ranks | correlation | learnt | 50 % covers | 95 % covers |", "|---|---|---|---|---|---|"]
    for one in found.traits:
        half, most = (f"{share:.1%}" for share in one.coverage)
        lines.append(f"| {one.trait} | {one.p:.3f} | {one.correlation:.2f} | {one.contraction:.0%} | {half} | {most} |")
    return lines


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("families", nargs="*", default=list(FAMILIES))
    parser.add_argument("--people", type=int, default=500)
    parser.add_argument("--seed", type=int, default=7)
    given = parser.parse_args()
    for name in given.families:
        started = time.process_time()
        found = trial(FAMILIES[name], given.people, given.seed)
        print("\n".join(table(name, found)), flush=True)
        lost = [one.trait for one in found.traits if not one.recovered]
        print(f"not recovered: {', '.join(lost) or 'none'}; least effective number {found.learnt.draws.effective.min():.0f}")
        if len(found.confusion) > 1:
            print("true level by inferred level:", found.confusion.tolist())
        print(f"{given.people} people, {time.process_time() - started:.0f} s of processor time\n", flush=True)


if __name__ == "__main__":
    main()
