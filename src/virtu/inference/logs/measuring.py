"""From the lines of a log to draws of everybody's traits, kept on disk from round to round where a run is long."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple, TypeAlias

import numpy as np

from virtu.errors import InputError, Place, RunError
from virtu.inference.logs import people, tempering
from virtu.inference.logs.people import People
from virtu.inference.logs.replay import IMPOSSIBLE, Replays
from virtu.inference.logs.tempering import BURNT, ROUNDS, Cloud
from virtu.laboratory.programs import source
from virtu.organisation.state import Agenda
from virtu.scenario.choices.log import Line, Log

Progress: TypeAlias = Callable[[float, str], None]
"""Called with the share of the way that is done, and what is being done."""

HALF = 0.5
"""Share of the way that is counted for the power of the likelihood; the rest is for the rounds at its full power."""

BARRED = -10_000.0
"""What stands for the log-likelihood of a line that could not be: less than that of any that could, yet finite, so that histories which
allow more of the log are preferred from the first step on, and none that bars a line is left at the last."""

KEPT = "histories.npz"
"""File in which a run that is not finished keeps its histories."""


class Learnt(NamedTuple):
    """What a log taught: draws of equal weight, N histories times the draws kept of each."""

    value: np.ndarray  # (S, E) values of the open traits of persons
    effective: np.ndarray  # (E,) effective number of draws of each
    height: np.ndarray  # (N,) log-likelihood of the whole log in each history of the posterior
    evidence: float  # log of the chance of the log
    chance: np.ndarray  # (lines,) mean over the posterior of the chance of what each line says
    barred: np.ndarray  # (lines,) share of the posterior in which the line could not be
    steps: int  # from the prior to the posterior
    families: int  # histories at the prior from which those of the posterior descend


def learn(
    given: People,
    log: Log,
    *,
    count: int,
    seed: int,
    agenda: Agenda | None = None,
    progress: Progress | None = None,
    kept: Path | None = None,
) -> Learnt:
    """Draw everybody's traits from their posterior given a log.

    Parameters
    ----------
    given : People
        Whose traits are unknown.
    log : Log
        What they did.
    count : int
        Number N of histories that are replayed side by side.
    seed : int
        Of all chance.
    agenda : Agenda, optional
        What else is done in all histories.
    progress : callable, optional
        Told how far it is.
    kept : Path, optional
        Folder in which the histories are kept from round to round, so that the same call goes on from there; emptied at the end.

    Raises
    ------
    InputError
        If no history drawn from the prior allows the log.
    """
    replays = Replays(given.scenario, log.lines, seed, agenda)
    parts = tempering.blocks(given.owner, _lines_of(given, log.lines))

    def height(point: np.ndarray, luck: np.ndarray) -> np.ndarray:
        said = replays.log_chances(people.lots(given, point), luck)
        return np.where(said < IMPOSSIBLE, BARRED, said).sum(axis=0)

    save = _Keeper(kept, _key(given, log.lines, agenda, count, seed))
    seed %= 2**64  # NumPy's seeds are not negative
    cloud, paths = save.found()
    if cloud is None:
        cloud = tempering.begin(height, parts, replays.ticks, count, seed)
    steps = cloud.rounds - len(paths)
    for at in tempering.towards(height, parts, cloud, seed):
        cloud, steps = save.keep(at, paths), steps + 1
        _tell(progress, HALF * cloud.power, f"likelihood to the power of {cloud.power:.3f}")
    for number in range(len(paths), ROUNDS):
        cloud = tempering.moved(height, parts, cloud, seed)
        paths.append(cloud.point.astype(np.float32))
        save.keep(cloud, paths)
        _tell(progress, HALF + (1.0 - HALF) * (number + 1) / ROUNDS, f"round {number + 1} of {ROUNDS}")
    save.clear()
    return _learnt(given, replays, log, cloud, paths, steps)


def _learnt(given: People, replays: Replays, log: Log, cloud: Cloud, paths: Sequence[np.ndarray], steps: int) -> Learnt:
    drawn = np.stack([people.values(given, point) for point in paths[BURNT:]], axis=1)
    said = replays.log_chances(people.lots(given, cloud.point), cloud.luck)
    _check_possible(said < IMPOSSIBLE, log)
    chance = replays.right(said)
    return Learnt(
        value=drawn.reshape(-1, drawn.shape[-1]),
        effective=tempering.effective(drawn, cloud.family),
        height=cloud.height,
        evidence=cloud.evidence,
        chance=chance.mean(axis=1),
        barred=np.mean(chance <= 0.0, axis=1),
        steps=steps,
        families=len(np.unique(cloud.family)),
    )


def _tell(progress: Progress | None, share: float, what: str) -> None:
    if progress is not None:
        progress(share, what)


def _lines_of(given: People, lines: Sequence[Line]) -> np.ndarray:
    """Return the number of lines of each person."""
    actors = [line.actor for line in lines]
    return np.array([actors.count(name) for name in given.scenario.person_names])


def _check_possible(barred: np.ndarray, log: Log) -> None:
    """Refuse a log that no history allows, and say which lines cannot be in most of them; from marks of shape (lines, N)."""
    if not np.all(np.any(barred, axis=0)):
        return
    share = barred.mean(axis=1)
    worst = sorted(at for at in np.argsort(-share, kind="stable")[:3] if share[at] > 0.0)
    told = ", ".join(f"line {log.lines[at].number} in {1.0 - share[at]:.0%}" for at in worst)
    hint = f"could be: {told}; give lines a weight below 1, leave some out, or replay more histories (--histories)"
    raise InputError(
        f"in none of {barred.shape[1]} histories could all lines be", hint, Place(log.file, log.lines[int(np.argmax(share))].number)
    )


def _key(given: People, lines: Sequence[Line], agenda: Agenda | None, count: int, seed: int) -> str:
    """Return a digest of all that histories depend on, virtu itself among it."""
    done = b"" if agenda is None else b"".join(np.ascontiguousarray(part).tobytes() for part in agenda)
    parts = (given.scenario.canonical, tuple(lines), count, seed, source())
    return hashlib.sha256(repr(parts).encode() + done).hexdigest()


class _Keeper:
    """Histories on disk; without a folder they are kept nowhere."""

    def __init__(self, folder: Path | None, key: str) -> None:
        self.path = None if folder is None else folder / KEPT
        self.key = key

    def found(self) -> tuple[Cloud | None, list[np.ndarray]]:
        """Return what is kept of the same question, or nothing."""
        if self.path is None or not self.path.is_file():
            return None, []
        with np.load(self.path) as parts:
            if str(parts["key"]) != self.key:
                return None, []
            fields = {name: parts[name] for name in Cloud._fields}
            fields |= {name: kind(fields[name]) for name, kind in (("power", float), ("rounds", int), ("evidence", float))}
            return Cloud(**fields), list(parts["path"])

    def keep(self, cloud: Cloud, paths: Sequence[np.ndarray]) -> Cloud:
        """Write the histories down, whole or not at all, and return them."""
        if self.path is not None:
            part = self.path.with_suffix(".part.npz")
            try:
                np.savez(part, key=self.key, path=np.array(paths), **cloud._asdict())
                os.replace(part, self.path)
            except OSError as error:
                raise RunError(f"histories cannot be kept in {self.path.parent}: {error.strerror}") from error
        return cloud

    def clear(self) -> None:
        """Throw away what was kept."""
        if self.path is not None:
            self.path.unlink(missing_ok=True)
