"""How leaders and ministers lose their places, and who speaks to whom: rates computed again from published tables.

A hazard is the number of exits over the time spent at risk, both counted inside one span of tenure or of the calendar.
"""

from __future__ import annotations

import csv
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import numpy as np

from virtu.laboratory.validation.rows import Gap, Row, table

YEAR = 365.25  # days

SVOLIK = "leaders/svolik-leaders-1946-2008.csv"
COUPS_BY_YEAR = (0.096, 0.049, 0.027, 0.050, 0.040, 0.035, 0.048, 0.004, 0.018, 0.035)
COUPS_BY_ENTRY = {"coup": 0.058, "elections": 0.033, "consensus": 0.033, "succession": 0.013, "civil war": 0.004}

POLITBURO = "politburo/politburo-1919-1939.csv"
EXITS_BY_PERIOD = {(1919, 1929): 0.071, (1929, 1934): 0.083, (1934, 1939): 0.113}

APPOINTMENTS, POSTS = "ministers/appointment.csv", "ministers/post.csv"
MEDIAN_TENURE = {"SoS": ("secretary-of-state", 1.52), "MoS": ("minister-of-state", 1.19)}

ENRON = {name: f"hierarchy/enron-{name}.tsv" for name in ("employees", "messages", "recipients")}
MAILS = {("Junior", "Junior"): 1.42, ("Junior", "Senior"): 1.07, ("Senior", "Junior"): 0.83, ("Senior", "Senior"): 3.23}
ADVICE, MANAGERS = "hierarchy/ht_advice_edges.csv", "hierarchy/ht_advice_nodes.csv"

DELORS = "meetings/delors-committee-turns.csv"
CHAIR = "Jacques Delors"
SPELLINGS = {"Jaques Delors": CHAIR, "José Alberto Tavares": "José Alberto Tavares Moreira"}
GINIS = {"turns": 0.42, "time": 0.53, "words": 0.66}

Spell = tuple[str, float, float]
Turn = tuple[str, str]


class Tenure(NamedTuple):
    """Times in office, each array of shape (spells,)."""

    years: np.ndarray  # ≥ 0
    left: np.ndarray  # whether the spell ended in the way that is counted
    kind: np.ndarray  # what the spells are told apart by


def rows(data: Path | None) -> Iterator[Row | Gap]:
    """Yield the rates of leaders, of the Politburo, of ministers, of an office's mail, of advice, and of a committee's turns.

    Parameters
    ----------
    data : Path, optional
        Folder of published tables; those of leaders, politburo, ministers, hierarchy and meetings are read.
    """
    parts = ((_coups, (SVOLIK,)), (_politburo, (POLITBURO,)), (_ministers, (APPOINTMENTS, POSTS)), (_mails, tuple(ENRON.values())))
    parts += ((_advice, (ADVICE, MANAGERS)), (_turns, (DELORS,)))
    for compute, needed in parts:
        found = [table(data, path) for path in needed]
        gaps = [one for one in found if isinstance(one, Gap)]
        yield from gaps or compute(*(one for one in found if isinstance(one, Path)))
    yield Gap("politburo.central-committee", "98 of 139 shot and 1,108 of 1,966 delegates arrested are totals; no list of names is at hand")
    yield Gap("patronage.promotion", "the 20,139 person-years of Lee & Shih 2023 are not at hand; published: .105 with a tie, .082 without")


def _read(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def at_risk(tenure: Tenure, low: float, high: float) -> tuple[int, float]:
    """Return counted exits and years at risk between two lengths of tenure, the lower one included."""
    exits = tenure.left & (tenure.years >= low) & (tenure.years < high)
    return int(exits.sum()), float((np.clip(tenure.years, low, high) - low).sum())


def hazard(tenure: Tenure, low: float, high: float) -> float:
    """Return counted exits per year at risk between two lengths of tenure, the lower one included."""
    exits, years = at_risk(tenure, low, high)
    return exits / years


def _of_kind(tenure: Tenure, kind: str) -> Tenure:
    chosen = tenure.kind == kind
    return Tenure(*(values[chosen] for values in tenure))


def leaders(path: Path) -> Tenure:
    """Read the leaders' tenures, who came or left as interim leaders dropped; counted are exits by coup, told apart by the way in."""
    kept = [line for line in _read(path) if "interim" not in {line["entry"], line["exit"]}]
    days = np.array([float(line["enddate"]) - float(line["startdate"]) for line in kept])
    return Tenure(days / YEAR, np.array([line["exit"] == "coup" for line in kept]), np.array([line["entry"] for line in kept]))


def _coups(path: Path) -> Iterator[Row]:
    tenure, source = leaders(path), "Svolik 2012, The Politics of Authoritarian Rule, data"
    note = "coups per year at risk; who came or left as interim leader is dropped, a year is 365.25 days"
    for year, published in enumerate(COUPS_BY_YEAR):
        yield Row(f"coups.year.{year}", hazard(tenure, year, year + 1), published, 0.0005, source, note)
    yield Row("coups.year.10-29", hazard(tenure, 10, 30), 0.02, 0.01, source, f"{note}; published as about .01 to .03")
    for entry, published in COUPS_BY_ENTRY.items():
        ours = hazard(_of_kind(tenure, entry), 0, np.inf)
        why = f"; {ours:.5f} rounds to .032: the published value seems rounded twice" if entry == "consensus" else ""
        yield Row(f"coups.entry.{entry.replace(' ', '-')}", ours, published, 0.0005, source, f"{note}; all years together{why}")


def members(path: Path) -> list[Spell]:
    """Read the spells in the Politburo, as full member or candidate: name, start and end in decimal years."""
    return [(line["name"], float(line["start"]), float(line["end"])) for line in _read(path)]


def last_exits(spells: Sequence[Spell], low: float, high: float) -> tuple[int, float]:
    """Return last exits between two dates, and the years that members spent inside; who came back had not left."""
    last: dict[str, float] = {}
    for name, _, end in spells:
        last[name] = max(end, last.get(name, end))
    inside = sum(max(min(end, high) - max(start, low), 0.0) for _, start, end in spells)
    return sum(low <= end < high for end in last.values()), inside


def exit_rate(spells: Sequence[Spell], low: float, high: float) -> float:
    """Return last exits between two dates per year that members spent inside."""
    exits, years = last_exits(spells, low, high)
    return exits / years


def _politburo(path: Path) -> Iterator[Row]:
    spells, source = members(path), "Soviet Leadership Data Project, by way of T. Hwang's politburo-simulator"
    note = "exits per person-year of full members and candidates; a move between the two, or an exit followed by a return, is no exit"
    for (low, high), published in EXITS_BY_PERIOD.items():
        yield Row(f"politburo.exits.{low}-{high}", exit_rate(spells, low, high), published, 0.0005, source, note)


def appointments(path: Path, posts: Path) -> Tenure:
    """Read the ministers' completed appointments, told apart by the rank of the post."""
    rank = {line["id"]: line["rank_equivalence"] for line in _read(posts)}
    done = [line for line in _read(path) if line["end_date"]]
    days = np.array([(date.fromisoformat(line["end_date"]) - date.fromisoformat(line["start_date"])).days for line in done])
    return Tenure(days / YEAR, np.ones(len(done), bool), np.array([rank[line["post_id"]] for line in done]))


def _ministers(path: Path, posts: Path) -> Iterator[Row]:
    tenure, source = appointments(path, posts), "Institute for Government, IfG Ministers Database, CC BY 4.0"
    for kind, (name, published) in MEDIAN_TENURE.items():
        ours = float(np.median(_of_kind(tenure, kind).years))
        yield Row(f"ministers.median-tenure.{name}", ours, published, 0.005, source, "years; completed appointments to one post")
    by_year = [hazard(tenure, year, year + 1) for year in range(4)]
    note = "1 where it holds; exits per year in years 1 to 4, all ranks: " + " ".join(f"{value:.2f}" for value in by_year)
    yield Row("ministers.hazard-rises", float(by_year[0] < by_year[1] < by_year[2]), 1.0, 0.0, source, note)
    yield Row("ministers.hazard-then-falls", float(by_year[3] < by_year[2]), 1.0, 0.0, source, note)


def _lines(path: Path) -> Iterator[list[str]]:
    with path.open(encoding="latin-1") as file:
        for line in file:
            yield line.rstrip("\n").split("\t")


def mail_rates(sent: Iterable[tuple[str, str]], level: dict[str, str]) -> dict[tuple[str, str], float]:
    """Return mails per ordered pair of different people, by the level of sender and receiver, where there is such a pair.

    Parameters
    ----------
    sent : iterable of (str, str)
        Sender and receiver, one entry a mail and receiver.
    level : dict
        Level of each person, those included who neither send nor receive.
    """
    size = Counter(level.values())
    mails = Counter((level[sender], level[receiver]) for sender, receiver in sent if sender != receiver)
    pairs = {(a, b): size[a] * (size[b] - (a == b)) for a in size for b in size}
    return {levels: mails[levels] / count for levels, count in pairs.items() if count}


def _mails(employees: Path, messages: Path, recipients: Path) -> Iterator[Row]:
    level = {line[0]: line[6] for line in _lines(employees)}
    sender = {line[0]: line[4] for line in _lines(messages)}
    rates = mail_rates(((sender[message], receiver) for message, _, receiver in _lines(recipients)), level)
    for (a, b), published in MAILS.items():
        note = "mails per ordered pair, each receiver of a mail counted"
        yield Row(f"enron.{a.lower()}-to-{b.lower()}", rates[a, b], published, 0.005, "Perry & Wolfe 2013, data", note)


def density(edges: set[tuple[str, str]], people: int) -> float:
    """Return the share of ordered pairs that are tied."""
    return len(edges) / (people * (people - 1))


def reciprocity(edges: set[tuple[str, str]]) -> float:
    """Return the share of ties that are returned."""
    return sum((b, a) in edges for a, b in edges) / len(edges)


def _advice(path: Path, nodes: Path) -> Iterator[Row]:
    edges = {(line["from"], line["to"]) for line in _read(path)}
    source = "Krackhardt 1987, Social Networks 9, data"
    yield Row("managers.advice.density", density(edges, len(_read(nodes))), 0.452, 0.0005, source, "share of ordered pairs")
    yield Row("managers.advice.reciprocity", reciprocity(edges), 0.474, 0.0005, source, "share of ties that are returned")


def chair_next(turns: Sequence[Turn], chair: str) -> float:
    """Return the share of turns of others, in one meeting, that the chair follows; turns are (meeting, speaker)."""
    after = [then[1] == chair for now, then in pairwise(turns) if now[0] == then[0] and now[1] != chair]
    return sum(after) / len(after)


def returns(turns: Sequence[Turn]) -> float:
    """Return the share of three turns in a row, in one meeting, in which the first speaker comes back after another."""
    threes = [three for three in zip(turns, turns[1:], turns[2:], strict=False) if len({meeting for meeting, _ in three}) == 1]
    return sum(a[1] == c[1] != b[1] for a, b, c in threes) / len(threes)


def gini(amounts: Iterable[float]) -> float:
    """Return the Gini coefficient of amounts ≥ 0: mean difference of all ordered pairs over twice the mean."""
    x = np.sort(np.array(list(amounts), float))
    rank = np.arange(1, x.size + 1)
    return float(((2 * rank - x.size - 1) * x).sum() / (x.size * x.sum()))


def _speaker(label: str) -> str:
    return SPELLINGS.get(label, label)


def _named(label: str) -> bool:
    return label not in {"", "?", "All"} and " and others" not in label and "UNCLEAR" not in label


def _amount(text: str) -> float | None:
    """Read an amount; the table leaves it empty, or writes ``end``, where it is not known."""
    return float(text) if text not in {"", "end"} else None


def shares(lines: Sequence[dict[str, str]]) -> dict[str, list[float]]:
    """Return turns, seconds and words of each member of the committee, as far as the table has them; turns by nobody named are left out."""
    total: dict[str, dict[str, float]] = {"turns": defaultdict(float), "time": defaultdict(float), "words": defaultdict(float)}
    for line in lines:
        if _named(line["speaker_clean"]):
            who = _speaker(line["speaker_clean"])
            total["turns"][who] += 1.0
            total["time"][who] += _amount(line["time_delta"]) or 0.0
            total["words"][who] += _amount(line["words"]) or 0.0
    return {name: list(amounts.values()) for name, amounts in total.items()}


def _turns(path: Path) -> Iterator[Row]:
    lines, source = _read(path), "Mourlon-Druol & Bergamini, Delors Committee transcripts, data"
    turns = [(line["meeting"], _speaker(line["speaker_clean"])) for line in lines]
    note = "share of turns, all speakers, inside a meeting"
    yield Row("delors.chair-next", chair_next(turns, CHAIR), 0.258, 0.0005, source, note)
    yield Row("delors.chair-share", sum(who == CHAIR for _, who in turns) / len(turns), 0.214, 0.0005, source, "share of all turns")
    yield Row("delors.returns", returns(turns), 0.159, 0.0005, source, f"{note}: A-B-A of three turns in a row")
    missing = {name: sum(_amount(line[column]) is None for line in lines) for name, column in (("time", "time_delta"), ("words", "words"))}
    for name, amounts in shares(lines).items():
        why = f"{len(amounts)} members"
        if name in missing:
            why += f"; the table lacks this for {missing[name]} of {len(lines)} turns, and no definition was found that gives all three"
        yield Row(f"delors.gini.{name}", gini(amounts), GINIS[name], 0.005, source, why)
