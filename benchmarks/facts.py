"""The sets of facts that come with virtu, computed from published tables: ``python benchmarks/facts.py FOLDER`` writes them anew.

Rates have exact Poisson intervals (Garwood 1936), shares those of Wilson (1927); leaders, spells and turns are taken for independent.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from scipy.stats import chi2

from virtu.inference.targets import SHIPPED, UNMEASURED
from virtu.laboratory.validation import leaders
from virtu.record import statistics

HEAD = "measure,value,low,high,about,source"


class Fact(NamedTuple):
    """A number with its 95 % interval."""

    measure: str
    value: float
    low: float
    high: float
    about: str
    source: str


class Set(NamedTuple):
    """Numbers that belong together."""

    name: str
    told: tuple[str, ...]  # what stands above them
    facts: Callable[[Path], Iterator[Fact]]


def rate(measure: str, counts: tuple[int, float], about: str, source: str) -> Fact:
    """Return a rate: events over years."""
    events, years = counts
    low = float(chi2.ppf(0.025, 2 * events)) / 2.0 if events else 0.0
    high = float(chi2.ppf(0.975, 2 * events + 2)) / 2.0
    return Fact(
        measure,
        events / years,
        low / years,
        high / years,
        f"{about}: {events} in {years:.1f} years",
        source,
    )


def share(counts: tuple[int, int], about: str, source: str) -> Fact:
    """Return a share of a number, of which virtu has no measure."""
    found = statistics.share(*counts)
    return Fact(UNMEASURED, found["mean"], found["low"], found["high"], f"{about}: {counts[0]} of {counts[1]}", source)


def coups(data: Path) -> Iterator[Fact]:
    tenure = leaders.leaders(data / leaders.SVOLIK)
    for year in range(10):
        about = f"coups in year {year + 1} of a leader's tenure"
        yield rate(f"hazard coup tenure {year}:{year + 1}", leaders.at_risk(tenure, year, year + 1), about, "Svolik 2012")


def politburo(data: Path) -> Iterator[Fact]:
    spells = leaders.members(data / leaders.POLITBURO)
    for (low, first), (high, last) in (
        ((1922.25, "1922-04"), (1929.0, "1929-01")),
        ((1929.0, "1929-01"), (1934.0, "1934-01")),
        ((1934.0, "1934-01"), (1939.0, "1939-01")),
    ):
        about = "last exits of members and candidates of the Politburo"
        yield rate(f"hazard exit period {first}:{last}", leaders.last_exits(spells, low, high), about, "Soviet Leadership Data Project")


def ministers(data: Path) -> Iterator[Fact]:
    tenure = leaders.appointments(data / leaders.APPOINTMENTS, data / leaders.POSTS)
    for year in range(5):
        about = f"ministers leaving a post in year {year + 1}"
        yield rate(
            f"hazard exit tenure {year}:{year + 1}", leaders.at_risk(tenure, year, year + 1), about, "IfG Ministers Database, CC BY 4.0"
        )


def turns(data: Path) -> Iterator[Fact]:
    lines = leaders._read(data / leaders.DELORS)
    spoken = [(line["meeting"], leaders._speaker(line["speaker_clean"])) for line in lines]
    source = "Mourlon-Druol & Bergamini, Delors Committee"
    yield share(_followed(spoken), "turns of others that the chair follows", source)
    yield share((sum(who == leaders.CHAIR for _, who in spoken), len(spoken)), "turns of the chair", source)
    yield share(_returned(spoken), "three turns in a row in which the first speaker comes back", source)


def _followed(spoken: Sequence[leaders.Turn]) -> tuple[int, int]:
    others = [
        then[1] == leaders.CHAIR for now, then in zip(spoken, spoken[1:], strict=False) if now[0] == then[0] and now[1] != leaders.CHAIR
    ]
    return sum(others), len(others)


def _returned(spoken: Sequence[leaders.Turn]) -> tuple[int, int]:
    threes = [three for three in zip(spoken, spoken[1:], spoken[2:], strict=False) if len({meeting for meeting, _ in three}) == 1]
    return sum(a[1] == c[1] != b[1] for a, b, c in threes), len(threes)


def mails(data: Path) -> Iterator[Fact]:
    employees, messages, recipients = (data / leaders.ENRON[name] for name in ("employees", "messages", "recipients"))
    level = {line[0]: line[6] for line in leaders._lines(employees)}
    sender = {line[0]: line[4] for line in leaders._lines(messages)}
    sent = [(sender[message], receiver) for message, _, receiver in leaders._lines(recipients)]
    chance = np.random.default_rng(0)
    people = sorted(level)
    found = leaders.mail_rates(sent, level)
    again = [_redrawn(sent, level, people, chance) for _ in range(200)]
    for pair, value in sorted(found.items()):
        low, high = np.quantile([one[pair] for one in again], (0.025, 0.975))
        about = f"mails per ordered pair, {pair[0].lower()} to {pair[1].lower()}; persons redrawn for the interval"
        yield Fact(UNMEASURED, value, float(low), float(high), about, "Perry & Wolfe 2013")


def _redrawn(
    sent: Sequence[tuple[str, str]], level: dict[str, str], people: Sequence[str], chance: np.random.Generator
) -> dict[tuple[str, str], float]:
    """Mails per pair among persons drawn with replacement; two copies of one person are no pair."""
    counts = dict(zip(people, chance.multinomial(len(people), [1.0 / len(people)] * len(people)).tolist(), strict=True))
    size = {one: sum(counts[who] for who in people if level[who] == one) for one in set(level.values())}
    same = {one: sum(counts[who] ** 2 for who in people if level[who] == one) for one in size}
    total = dict.fromkeys(((a, b) for a in size for b in size), 0.0)
    for one, other in sent:
        if one != other:
            total[level[one], level[other]] += counts[one] * counts[other]
    return {(a, b): value / (size[a] * size[b] - (same[a] if a == b else 0)) for (a, b), value in total.items()}


SETS = (
    Set(
        "leaders-coups",
        ("Coups against leaders of autocracies by year of tenure, 1946 to 2008; interim leaders left out.", "Compare with: ruling-group"),
        coups,
    ),
    Set("politburo-exits", ("Exits from the Politburo, per year of membership.", "Compare with: politburo-1922"), politburo),
    Set(
        "ministers-exits",
        (
            "British ministers leaving a post, by year in it; completed appointments.",
            "Compare with: a cabinet of your own, whose forum is the ministers",
        ),
        ministers,
    ),
    Set(
        "committee-turns",
        ("Who speaks after whom in the Delors Committee.", "virtu has no measure for this: in its meetings everybody speaks once"),
        turns,
    ),
    Set(
        "office-mails",
        ("Mails at Enron by the rank of sender and receiver.", "virtu has no measure for this: its moves are not mails"),
        mails,
    ),
)


def written(one: Set, data: Path) -> str:
    """Return a set as CSV."""
    lines = [f"# {line}" for line in one.told]
    lines += [HEAD]
    lines += [f'{fact.measure},{fact.value:.5f},{fact.low:.5f},{fact.high:.5f},"{fact.about}","{fact.source}"' for fact in one.facts(data)]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    for each in SETS:
        (SHIPPED / f"{each.name}.csv").write_text(written(each, Path(sys.argv[1])), encoding="utf-8")
        print(f"wrote {each.name}.csv")
