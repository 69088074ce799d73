"""What a log of an organisation says of its people, in the form in which choices in games are answered: the reports are the same."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from virtu.errors import InputError, Place, did_you_mean
from virtu.inference import kept, posterior, priors
from virtu.inference.logs import people
from virtu.inference.logs.measuring import Learnt, Progress, learn
from virtu.inference.logs.people import People
from virtu.inference.outside_in import Inference, densities, versions
from virtu.inference.posterior import FEWEST, LITTLE, Posterior
from virtu.inference.priors import EMPATHY, Prior
from virtu.inference.probes.family import Session
from virtu.laboratory import interventions
from virtu.laboratory.arenas import scenario_of
from virtu.laboratory.simulate import check_arguments
from virtu.scenario import Scenario
from virtu.scenario.choices.log import FALLS, Line, Log, read_log
from virtu.scenario.displayed import answering
from virtu.scenario.distributions import Level, quantiles
from virtu.scenario.vocabulary import MOVES, traits

HISTORIES = 256
"""Histories that are replayed side by side where nothing else is said."""

MOST_HISTORIES = 100_000

ABOUT = "Moves in an organisation, made again in histories of the scenario"

RARE = 0.5
"""Share of the posterior in which a line could not be, from which on it is said."""


class Acts(NamedTuple):
    """The lines of a log as arrays, person by person, filled up with −1 to the longest."""

    tick: np.ndarray  # (N, L) int32
    move: np.ndarray  # (N, L) int32 code of the move; that after the last stands for a fall
    target: np.ndarray  # (N, L) int32 number of the person, −1 for nobody


@answering("inference")
def infer_log(
    path: Path | str,
    scenario: Scenario | str | Path,
    *,
    who: str | None = None,
    history: int | None = None,
    do: Iterable[str] = (),
    prior: Mapping[str, Level] | None = None,
    histories: int = HISTORIES,
    seed: int = 0,
    progress: Progress | None = None,
) -> dict[str, Any]:
    """Infer what people are like from a log of what they did in an organisation.

    Main arguments
    --------------
    path : Path or str
        CSV or an Excel workbook with a line a move; docs/inference.md says which columns.
    scenario : Scenario, str or Path
        The organisation, with the distributions that traits are believed to have.
    who : str, optional
        The one person of whom to tell; all with lines by default. All are inferred together in any case.
    prior : mapping, optional
        Distributions of one's own, by trait or by ``Name.trait``.

    Other arguments
    ---------------
    history : int, optional
        The one history of a log that holds several, as the log of a run does.
    do : iterable of str
        What else is done in all histories; see `virtu.laboratory.interventions`.
    histories : int
        Number replayed side by side, 16 to 100 000.
    seed : int
        Of all chance.
    progress : callable, optional
        Called with the share of the way that is done, and what is being done.

    Returns
    -------
    dict
        Ready for JSON; docs/inference.md says what it holds.

    Raises
    ------
    InputError
        If the log or an argument is at fault, or no history allows the log.
    """
    given = {"who": who, "history": history, "do": do, "prior": prior, "histories": histories, "seed": seed}
    return inference(path, scenario, **given, progress=progress).result


def inference(
    path: Path | str,
    scenario: Scenario | str | Path,
    *,
    who: str | None = None,
    history: int | None = None,
    do: Iterable[str] = (),
    prior: Mapping[str, Level] | None = None,
    histories: int = HISTORIES,
    seed: int = 0,
    progress: Progress | None = None,
    folder: Path | None = None,
) -> Inference:
    """Return the answer with its draws; parameters as `infer_log`, and a folder in which a run is kept until it is finished."""
    organisation = _organisation(scenario)
    check_arguments(1, seed, organisation.ticks)
    if not 16 <= histories <= MOST_HISTORIES:
        raise InputError(f"histories must be a whole number from 16 to {MOST_HISTORIES:,}, found {histories}")
    log = read_log(path, organisation, history)
    told = _told(log, who)
    done = interventions.parse_all(do, organisation)
    agenda = interventions.agenda(organisation, done, room=interventions.room_needed(organisation, done)) if done else None
    given = people.people(organisation, prior)
    started, compiled = time.perf_counter(), kept.seconds.compiling
    learnt = learn(given, log, count=histories, seed=seed, agenda=agenda, progress=progress, kept=folder)
    taken, compiling = time.perf_counter() - started, kept.seconds.compiling - compiled
    found = _posterior(given, learnt, told)
    options = {"who": who, "history": history, "do": [str(one) for one in done], "prior": dict(prior or {}), "histories": histories}
    result = {
        "table": str(path),
        "game": "",
        "scenario": organisation.scenario if isinstance(scenario, Scenario) else str(scenario),
        "about": f"{ABOUT} {organisation.scenario}",
        "choices": len(log.lines),
        "people": {name: _person(given, learnt, found, log, name) for name in told},
        "prior": _population(given, found.prior.names),
        "types": {},
        "levels": [],
        "method": found.method,
        "chains": None,
        "next": [],
        "text": None,
        "readings": [],
        "densities": densities(found),
        "lines": _lines(log, learnt, organisation),
        "log_chance": learnt.evidence,
        "notes": _notes(log, learnt, found),
        "seed": seed,
        "options": options,
        "seconds": {"compiling": compiling, "answering": taken - compiling},
        "versions": versions(),
    }
    return Inference(result, found, Session(told, _acts(log, told, organisation), _counts(log, told)))


def _organisation(scenario: Scenario | str | Path) -> Scenario:
    found = scenario_of(scenario)
    if not isinstance(found, Scenario):
        raise InputError(f"{found.scenario} is a scenario of the street, whose persons make no moves on each other")
    return found


def _told(log: Log, who: str | None) -> tuple[str, ...]:
    """Return the persons to be told of, in the order in which they come up."""
    acting = tuple(dict.fromkeys(line.actor for line in log.lines))
    if who is None:
        return acting
    if who not in acting:
        raise InputError(f"nobody who acts in the log is called {who!r}", did_you_mean(who, acting), Place(log.file))
    return (who,)


def _counts(log: Log, told: Sequence[str]) -> tuple[int, ...]:
    return tuple(sum(line.actor == name for line in log.lines) for name in told)


def _posterior(given: People, learnt: Learnt, told: tuple[str, ...]) -> Posterior:
    """Return draws of the traits of persons, of all traits that are open in any of them; what is known of a person is always the same."""
    names, scenario = list(traits()), given.scenario
    number = [scenario.person_names.index(name) for name in told]
    wanted = [names[trait] for trait in sorted(set(given.trait[np.isin(given.person, number)]))]
    value = np.empty((len(told), len(learnt.value), len(wanted)))
    before = np.empty((len(told), posterior.PRIOR_DRAWS, len(wanted)))
    effective = np.empty(len(told))
    for row, person in enumerate(number):
        mine = {names[trait]: place for place, trait in enumerate(given.trait) if given.person[place] == person}
        effective[row] = learnt.effective[list(mine.values())].min()
        for column, name in enumerate(wanted):
            before[row, :, column] = _before(scenario.trait_prior(told[row], name), name)
            value[row, :, column] = learnt.value[:, mine[name]] if name in mine else before[row, 0, column]
    method = f"histories drawn towards the log in {learnt.steps} steps"
    one = np.ones((len(told), 1))
    return Posterior(_named(wanted), told, value, value, _modes(value), before, one, one, effective, method)


def _named(names: Sequence[str]) -> Prior:
    """Return the prior of traits as far as it says what they are."""
    nothing, none = np.zeros((len(names), 0)), np.zeros(len(names))
    about = tuple(traits()[name] for name in names)
    return Prior(tuple(names), about, none, none, nothing, nothing, nothing.T, nothing.T[:, 0], ("",), {})


def _before(level: Level, name: str) -> np.ndarray:
    """Return a trait at equal steps of chance in its prior, in an order that has nothing to do with it."""
    trait = traits()[name]
    drawn = quantiles(level, trait.low, trait.high, posterior.PRIOR_DRAWS)
    return np.random.default_rng(posterior.PRIOR_SEED + list(traits()).index(name)).permutation(drawn)


def _modes(value: np.ndarray) -> np.ndarray:
    """Return the middle of the shortest interval that holds half the draws of each trait of each person, shape (N, d)."""
    order = np.sort(value, axis=1)
    half = order.shape[1] // 2
    first = np.argmin(order[:, half:] - order[:, : order.shape[1] - half], axis=1)[:, None]
    ends = np.take_along_axis(order, first, axis=1), np.take_along_axis(order, first + half, axis=1)
    return 0.5 * (ends[0] + ends[1])[:, 0]


def _kinds(given: People, person: str, value: np.ndarray, names: Sequence[str]) -> tuple[tuple[str, ...], np.ndarray]:
    """Return the types of a person's two weights of empathy and the chance of each; one without a name where there are none."""
    levels = {name: given.scenario.trait_prior(person, name) for name in EMPATHY if name in names}
    typed = {name: level for name, level in levels.items() if isinstance(level, Mapping) and "types" in level}
    if len(typed) < len(EMPATHY):
        return ("",), np.ones(1)
    centres = np.stack([np.array(level["types"][1::2]) for level in typed.values()], axis=-1)
    drawn = value[:, [names.index(name) for name in typed]]
    nearest = np.argmin(np.sum((drawn[:, None] - centres) ** 2, axis=-1), axis=1)
    share = np.bincount(nearest, minlength=len(centres)) / len(drawn)
    return priors.type_names(typed, len(centres)), share


def _person(given: People, learnt: Learnt, found: Posterior, log: Log, name: str) -> dict[str, Any]:
    """Return what is said of a person: of the traits that are open."""
    row = found.persons.index(name)
    open_to = [place for place, spread in enumerate(found.before[row].std(axis=0)) if spread > 0.0]
    names = [found.prior.names[place] for place in open_to]
    kinds, share = _kinds(given, name, found.value[row], found.prior.names)
    cut = {field: getattr(found, field)[row : row + 1, ..., open_to] for field in ("point", "value", "highest")}
    before, effective = found.before[row][:, open_to], found.effective[row : row + 1]
    one = found._replace(prior=_named(names), persons=(name,), before=before, kind=share[None], effective=effective, **cut)
    told = posterior.summary(one)[name]
    told["correlations"] = posterior.correlations(one)[0].tolist()
    told["choices"] = sum(line.actor == name for line in log.lines)
    told["unknown"] = [trait for trait, value in told["traits"].items() if value["contraction"] < _least(found.effective[row])]
    told["types"] = dict(zip(kinds, told["types"], strict=True)) if len(kinds) > 1 else {}
    told["levels"] = {}
    told["prior"] = posterior.spans(one.prior, before)
    told["known"] = people.fixed(given, name)
    return told


def _least(effective: float) -> float:
    """Return the contraction below which no more is said to be known than before: so much may come from few draws alone.

    The variance of n normal draws has a relative standard error of √(2/n); twice that is asked for.
    """
    return max(LITTLE, 2.0 * float(np.sqrt(2.0 / effective)))


def _population(given: People, names: Sequence[str]) -> dict[str, Any]:
    """Return what is said of the traits, with the distribution of those of whom the scenario says nothing of their own."""
    levels = {name: given.scenario.population[name].value if name in given.scenario.population else traits()[name].prior for name in names}
    drawn = np.stack([_before(level, name) for name, level in levels.items()], axis=-1)
    return posterior.spans(_named(names), drawn)


def _lines(log: Log, learnt: Learnt, scenario: Scenario) -> list[dict[str, Any]]:
    """Return how likely each line was, on average over the posterior."""
    return [
        {
            "line": line.number,
            "date": scenario.date_of(line.tick),
            "actor": line.actor,
            "move": line.move,
            "target": line.target or "",
            "chance": float(chance),
            "barred": float(barred),
            "source": line.source,
        }
        for line, chance, barred in zip(log.lines, learnt.chance, learnt.barred, strict=True)
    ]


def _notes(log: Log, learnt: Learnt, found: Posterior) -> list[str]:
    told = ["what the log does not mention is taken for unknown, not for inaction"]
    if found.effective.min() < FEWEST:
        rough = [name for name, number in zip(found.persons, found.effective, strict=True) if number < FEWEST]
        told.append(f"intervals are rough for {', '.join(rough)}: few effective draws; replay more histories (--histories)")
    told.append(f"the histories of the posterior descend from {learnt.families} of the prior")
    barred = [(line, share) for line, share in zip(log.lines, learnt.barred, strict=True) if share >= RARE]
    for line, share in barred:
        told.append(f"line {line.number} ({line.actor}, {_move(line)}) could not be in {share:.0%} of the histories")
    return told


def _move(line: Line) -> str:
    return f"{line.move.replace('_', ' ')} {line.target or ''}".strip()


def _acts(log: Log, told: Sequence[str], scenario: Scenario) -> Acts:
    names = list(scenario.person_names)
    rows = [[line for line in log.lines if line.actor == name] for name in told]
    shape = len(told), max(map(len, rows))
    found = Acts(*(np.full(shape, -1, np.int32) for _ in Acts._fields))
    for row, lines in enumerate(rows):
        for column, line in enumerate(lines):
            found.tick[row, column] = line.tick
            found.move[row, column] = (*MOVES, FALLS).index(line.move)
            found.target[row, column] = names.index(line.target) if line.target else -1
    return found
