"""Logs of who did what to whom in an organisation, read against a scenario: all that is wrong with one is reported at once.

A line is a move, in the words of the model, or a fall: the move ``falls`` with the grade as its outcome, as the log of a run has it.
What a log does not mention is not known; that somebody did nothing is a line with ``bide``.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from virtu.errors import Fault, InputError, did_you_mean
from virtu.scenario.choices.columns import Column
from virtu.scenario.choices.reading import Row, Table, read
from virtu.scenario.schema import Scenario
from virtu.scenario.tables.refusal import refuse
from virtu.scenario.vocabulary import CAUSES, MOVES, SELF_MOVES

FALLS = "falls"
"""The word that stands for a move in the line of a fall."""

GRADES: tuple[str, ...] = ("demoted", "out_of_forum", "out_of_office", "dead")
"""Grades to which somebody falls, in the order of the statuses from candidate on."""

GONE = ("out_of_office", "dead")
"""Grades after which nobody moves and nobody is aimed at."""

OUTCOMES: dict[str, tuple[str, ...]] = {
    "strike": ("carried", "failed", "held back"),
    "threaten_to_resign": ("refused", "accepted", "held back"),
}
"""What may have become of the moves that are settled by others; of any other it can only be said that it was done."""

COLUMNS: tuple[Column, ...] = (
    Column("date", "date of the move, 1922-04 or 1922-04-03", "name", needed=False),
    Column("tick", "tick of the move, from 0, instead of a date", "name", needed=False),
    Column("actor", "who moved", "name"),
    Column("move", "what was done, one of the moves of the model", "name"),
    Column("target", "to whom it was done", "name", needed=False),
    Column("outcome", "what became of it, where that is known", "name", needed=False),
    Column("weight", "chance that the line is right, above 0 to 1; 1 by default", needed=False, low=1e-6, high=1.0),
    Column("source", "where it is written", "name", needed=False),
    Column("history", "number of the history, where the log is of several", needed=False, low=0.0),
)


class Line(NamedTuple):
    """What a line of a log says."""

    number: int  # of the line in the file
    tick: int
    actor: str
    move: str  # a move, or the word for a fall
    target: str | None
    outcome: str  # "" where it is not known; of a fall its grade
    cause: str  # of a fall, "" where it is not known
    weight: float  # chance that the line is right
    source: str


class Log(NamedTuple):
    """A log that was read: lines in the order of time."""

    file: str
    lines: tuple[Line, ...]


def read_log(path: Path | str, scenario: Scenario, history: int | None = None) -> Log:
    """Read a log.

    Parameters
    ----------
    path : Path or str
        CSV or an Excel workbook, as for tables of choices.
    scenario : Scenario
        Whose persons and dates it names.
    history : int, optional
        The one history that is wanted of a log of several.

    Raises
    ------
    ScenarioError
        With all faults of the log, each with file, line and column.
    InputError
        If the file cannot be read, or the history is not in it.
    """
    table = read(path, COLUMNS, "log of moves")
    if "tick" not in table.columns and "date" not in table.columns:
        refuse([table.fault(table.rows[0]._replace(line=1), "", "the log says no time", "add a column 'date' or 'tick'")])
    rows = _of_history(table, history)
    faults: list[Fault] = []
    lines = [line for row in rows if (line := _line(table, row, scenario, faults)) is not None]
    refuse([*faults, *_out_of_order(table, lines), *_twice(table, lines), *_impossible(table, lines, scenario)])
    return Log(table.file, tuple(lines))


def _of_history(table: Table, history: int | None) -> list[Row]:
    found = sorted({int(row.values["history"]) for row in table.rows if row.values.get("history") is not None})
    if history is None and len(found) > 1:
        raise InputError(f"the log holds {len(found)} histories", "name one with --history")
    if history is None:
        return list(table.rows)
    if history not in found:
        raise InputError(f"the log holds no history {history}", did_you_mean(str(history), map(str, found)))
    return [row for row in table.rows if row.values["history"] == history]


def _line(table: Table, row: Row, scenario: Scenario, faults: list[Fault]) -> Line | None:
    """Return what a line says, or report what is wrong with it."""
    said = {name: row.values.get(name) or "" for name in ("actor", "move", "target", "outcome", "source")}
    move = said["move"].replace(" ", "_")
    before = len(faults)
    tick = _tick(table, row, scenario, faults)
    for name in ("actor", "target"):
        if said[name] and said[name] not in scenario.actors:
            hint = did_you_mean(said[name], scenario.actors)
            faults.append(table.fault(row, name, f"{scenario.scenario} knows nobody called {said[name]!r}", hint))
    if move not in (*MOVES, FALLS):
        faults.append(table.fault(row, "move", f"unknown move {said['move']!r}", did_you_mean(move, (*MOVES, FALLS))))
    else:
        faults += _aim(table, row, move, said["actor"], said["target"])
        faults += _ending(table, row, move, said["outcome"])
    if tick is None or len(faults) > before:
        return None
    grade, _, cause = said["outcome"].partition(":")
    weight = row.values.get("weight")
    return Line(
        row.line, tick, said["actor"], move, said["target"] or None, grade, cause, 1.0 if weight is None else weight, said["source"]
    )


def _tick(table: Table, row: Row, scenario: Scenario, faults: list[Fault]) -> int | None:
    """Return the tick of a line: its tick where it says one, else that of its date."""
    column = "tick" if row.values.get("tick") is not None else "date"
    when = row.values.get(column)
    if when is None:
        faults.append(table.fault(row, column, "the line says no time"))
        return None
    bare = when.removesuffix(".0") if column == "tick" else when
    try:
        tick = scenario.tick_of(int(bare) if bare.isdigit() else bare, within=False)
    except InputError as error:
        faults.append(table.fault(row, column, error.message, error.hint))
        return None
    if 0 <= tick < scenario.ticks:
        return tick
    span = f"it runs from {scenario.date_of(0)} to {scenario.date_of(scenario.ticks - 1)}"
    faults.append(table.fault(row, column, f"{when} lies outside {scenario.scenario}", span))
    return None


def _aim(table: Table, row: Row, move: str, actor: str, target: str) -> Iterator[Fault]:
    """Yield a target that is missing, too many, or the actor's own."""
    if move in SELF_MOVES and target and target != actor:
        yield table.fault(row, "target", f"{move} takes no target, found {target}", "leave the cell empty")
    if move not in (*SELF_MOVES, FALLS) and not target:
        yield table.fault(row, "target", f"{move} needs a target")
    if move not in (*SELF_MOVES, FALLS) and target == actor:
        yield table.fault(row, "target", f"{actor} cannot {move} {actor}", "name somebody else")


def _ending(table: Table, row: Row, move: str, outcome: str) -> Iterator[Fault]:
    """Yield an outcome that a move cannot have."""
    grade, sign, cause = outcome.partition(":")
    known = GRADES if move == FALLS else OUTCOMES.get(move, ("done",))
    if outcome and grade not in known:
        yield table.fault(row, "outcome", f"{outcome!r} is no outcome of {move}", did_you_mean(grade, known))
    elif sign and (move != FALLS or cause not in CAUSES):
        yield table.fault(row, "outcome", f"{cause!r} is no cause of a fall", did_you_mean(cause, CAUSES))


def _out_of_order(table: Table, lines: list[Line]) -> Iterator[Fault]:
    latest = -1
    for line in lines:
        if line.tick < latest:
            yield _at(
                table, line, "date" if "tick" not in table.columns else "tick", "the line lies before the one above it", "sort by time"
            )
        latest = max(latest, line.tick)


def _twice(table: Table, lines: list[Line]) -> Iterator[Fault]:
    """Yield second moves of an actor in a tick."""
    seen: dict[tuple[int, str, bool], int] = {}
    for line in lines:
        key = line.tick, line.actor, line.move == FALLS
        if key in seen:
            what = "falls" if line.move == FALLS else "moves"
            hint = "a tick has room for one; keep the one that mattered more"
            yield _at(table, line, "actor", f"{line.actor} {what} in line {seen[key]} already, in the same tick", hint)
        seen.setdefault(key, line.number)


def _impossible(table: Table, lines: list[Line], scenario: Scenario) -> Iterator[Fault]:
    """Yield moves by and against those who cannot be there, as far as the scenario and the log itself say so."""
    last = {name: (-2, f"{name} never has a place in {scenario.scenario}") for name, one in scenario.actors.items() if one.entry == "none"}
    founder = scenario.founder
    if founder is not None and founder.death is not None:
        last[founder.actor] = scenario.tick_of(founder.death) - 1, f"{founder.actor} dies in {founder.death}"
    for line in lines:
        for column in ("actor",) if line.move == FALLS else ("actor", "target"):
            name = getattr(line, column)
            if name in last and line.tick > last[name][0] + (line.move == FALLS):
                yield _at(table, line, column, last[name][1], "leave the line out")
        if line.move == FALLS and line.outcome in GONE:
            last.setdefault(line.actor, (line.tick, f"{line.actor} is {line.outcome.replace('_', ' ')} since line {line.number}"))


def _at(table: Table, line: Line, column: str, message: str, hint: str) -> Fault:
    return table.fault(Row(line.number, {}), column, message, hint)
