"""Claims put to the test: each a contrast of arms on the same people and the same chance, at the defaults and at points around them.

All arms of all claims about a scenario run one compiled program, at the defaults and at every point: constants are its arguments. The share
of points at which a contrast keeps its sign tells how far a result hangs on constants that nobody measured. A part of the work is some
histories of all arms; parts can be kept, and a run that was killed goes on with those that are missing.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple, TypeAlias

import numpy as np

from virtu.errors import InputError, did_you_mean
from virtu.laboratory import claim_file, claim_measures, interventions, kernel, trials
from virtu.laboratory.arenas import arena_of, scenario_of
from virtu.laboratory.claim_file import Claim, Contrast, Term
from virtu.laboratory.claim_points import SPREAD, scenario_at
from virtu.laboratory.claim_roles import Cast, cast, filled
from virtu.laboratory.compare import outcome_of
from virtu.laboratory.interventions import Intervention
from virtu.laboratory.simulate import MOST_HISTORIES, Progress, sampled_traits, versions
from virtu.laboratory.trials import Trial
from virtu.laboratory.verdict import sign
from virtu.record import statistics
from virtu.record.parts import Parts
from virtu.scenario import AnyScenario, Scenario
from virtu.scenario.displayed import answering
from virtu.scenario.vocabulary import traits

DEFAULTS = -1
"""Number of the point at which every constant has its value in the scenario."""

MOST_POINTS = 1000
WORDS = ("supported", "reversed", "no effect")
MIXED = "mixed"
UNFIT = "does not apply"

Deed: TypeAlias = tuple[str, ...]
"""What is done in an arm, as texts."""

Values: TypeAlias = dict[tuple[Deed, str], np.ndarray]
"""What is measured of all histories of a point, by arm and measure."""


class Row(NamedTuple):
    """A claim as it is put to a scenario."""

    claim: Claim
    arms: dict[str, Deed]
    terms: tuple[tuple[Term, ...], ...]  # of each contrast, with names for roles
    unfit: str = ""  # why it cannot be put to it


class Stage(NamedTuple):
    """A scenario with the claims made of it, ready to be run."""

    trial: Trial
    rows: tuple[Row, ...]
    arms: dict[Deed, list[Intervention]]
    wanted: dict[Deed, tuple[str, ...]]  # what is measured in each arm


class Sizes(NamedTuple):
    """How much is run, and by which seed."""

    histories: int
    points: int
    point_histories: int
    seed: int

    def at(self, point: int) -> int:
        """Return the number of histories of each arm at a point."""
        return self.histories if point == DEFAULTS else self.point_histories


class Job(NamedTuple):
    """Some histories of all arms of a stage, at a point."""

    stage: Stage
    point: int
    first: int
    size: int

    @property
    def name(self) -> str:
        """Name of the part."""
        where = "defaults" if self.point == DEFAULTS else f"point-{self.point:03}"
        return f"{self.stage.trial.scenario.scenario}-{where}-{self.first:08}"


@answering("claims")
def claims(
    scenario: AnyScenario | str | Path | None = None,
    only: Iterable[str] = (),
    histories: int = 1000,
    points: int = 32,
    point_histories: int = 128,
    seed: int = 0,
    *,
    file: Path | str | None = None,
    parts: Path | None = None,
    chunk: int | None = None,
    workers: int | None = None,
    progress: Progress | None = None,
) -> dict[str, Any]:
    """Test claims.

    Main arguments
    --------------
    scenario : Scenario, str or Path, optional
        Put all claims about its arena to this scenario, as far as it has what they speak of. By default each is put to the scenario it
        names.
    only : iterable of str
        Names of claims, such as ``"M1"``; all by default.
    histories : int
        Number of histories of each arm at the defaults.
    points : int
        Points around the defaults, 0 to 1000.
    point_histories : int
        Number of histories of each arm at a point.
    seed : int
        Of histories and points.

    Other arguments
    ---------------
    file : Path or str, optional
        Claims of one's own, as in the file that comes with virtu.
    parts : Path, optional
        Folder in which finished parts are kept, and from which a run goes on.
    chunk, workers, progress
        As in `simulate`; progress counts histories of all arms.

    Returns
    -------
    dict
        Ready for JSON: histories, seed, points, point_histories, spread, rows (one a claim: id, claim, mechanism, knob, scenario, arms,
        contrasts, reference, note, verdict, histories and points it rests on, and of its first contrast measure, expected, effect as from
        `compare`, unit and same_sign; where a claim cannot be put to the scenario the verdict is "does not apply", with a reason and no
        effect), counts of the verdicts, timing, versions.

    Raises
    ------
    InputError
        If an argument, the file or a claim in it is at fault, or none of the claims can be put to the scenario.
    """
    sizes = Sizes(histories, points, point_histories, seed)
    _check(sizes)
    chosen = _chosen(claim_file.read(file), tuple(only), scenario)
    started = time.perf_counter()
    stages = [_stage(found, rows, sizes, chunk) for found, rows in chosen]
    found = _run(list(_jobs(stages, sizes)), sizes, parts, workers, progress)
    told = [_told(stage, row, found, sizes) for stage in stages for row in stage.rows]
    told.sort(key=lambda row: _order(row["id"]))
    return {
        **sizes._asdict(),
        "spread": SPREAD,
        "rows": told,
        "counts": {word: sum(row["verdict"] == word for row in told) for word in (*WORDS, MIXED, UNFIT)},
        "timing": {"compile_s": sum(stage.trial.compile_s for stage in stages), "run_s": time.perf_counter() - started},
        "versions": versions(),
    }


def verdict(effect: dict[str, Any], expected: claim_file.Sign) -> str:
    """Return what an interval says of the sign that was expected: supported, reversed or no effect; rises or falls where none was."""
    found = sign(effect)
    if expected == "?":
        return {1: "rises", -1: "falls", 0: "no effect"}[found]
    return {1: "supported", -1: "reversed", 0: "no effect"}[found if expected == "+" else -found]


def _check(sizes: Sizes) -> None:
    ranges = {"points": (sizes.points, 0, MOST_POINTS), "histories of a point": (sizes.point_histories, 2, MOST_HISTORIES)}
    ranges["histories"] = (sizes.histories, 2, MOST_HISTORIES)
    for name, (value, low, high) in ranges.items():
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            raise InputError(f"{name} must be a whole number from {low} to {high}, found {value!r}")


def _order(name: str) -> tuple[int, int]:
    """Minds, then the organisation, then the street; and by number."""
    return ("MAS".find(name[0]) % 4, int(name[1:]))


# which claims, about what


def _chosen(
    known: Sequence[Claim], only: tuple[str, ...], scenario: AnyScenario | str | Path | None
) -> list[tuple[AnyScenario, tuple[Row, ...]]]:
    """Return the claims asked for, as they are put to scenarios."""
    names = [claim.id for claim in known]
    for name in only:
        if name not in names:
            raise InputError(f"unknown claim {name!r}", did_you_mean(name, names))
    kept = [claim for claim in known if not only or claim.id in only]
    homes = {name: scenario_of(name) for name in dict.fromkeys(claim.scenario for claim in kept)}
    if scenario is None:
        return [(home, tuple(_strictly(claim, home) for claim in kept if claim.scenario == name)) for name, home in homes.items()]
    found = scenario_of(scenario)
    rows = tuple(_leniently(claim, found) for claim in kept if type(homes[claim.scenario]) is type(found))
    if all(row.unfit for row in rows):
        arena = arena_of(found).name
        reason = rows[0].unfit if rows else f"they are not about the {arena}"
        raise InputError(f"none of these claims can be put to {found.scenario}: {reason}", "leave SCENARIO out, or choose other claims")
    return [(found, rows)]


def _strictly(claim: Claim, scenario: AnyScenario) -> Row:
    try:
        return _put(claim, scenario)
    except InputError as error:
        raise InputError(f"claim {claim.id}: {error.message}", error.hint) from error


def _leniently(claim: Claim, scenario: AnyScenario) -> Row:
    """Put a claim to a scenario it was not written for; where that cannot be, say why."""
    try:
        return _put(claim, scenario)
    except InputError as error:
        return Row(claim, {}, (), error.message)


def _put(claim: Claim, scenario: AnyScenario) -> Row:
    """Put a claim to a scenario: names for roles, everything checked."""
    who = cast(scenario)
    arms = {arm: tuple(text for texts in done for text in filled(texts, scenario, who)) for arm, done in claim.arms.items()}
    for deed in arms.values():
        interventions.agenda(scenario, interventions.parse_all(deed, scenario))
    return Row(claim, {claim_file.AS_IT_IS: (), **arms}, tuple(tuple(_terms(one, scenario, who)) for one in claim.contrasts))


def _terms(contrast: Contrast, scenario: AnyScenario, who: Cast) -> Iterator[Term]:
    for term in contrast.terms:
        for measure in filled(term.measure, scenario, who, str):
            _unit(measure, scenario)
            yield term._replace(measure=measure)


def _unit(measure: str, scenario: AnyScenario) -> str:
    """Return the unit of a measure, checked."""
    if isinstance(scenario, Scenario) and measure in claim_measures.MEASURES:
        return claim_measures.MEASURES[measure][0]
    if isinstance(scenario, Scenario) and measure.startswith(f"{claim_measures.KNOWN}:"):
        person, trait = claim_measures.person_and_trait(measure)
        if person not in scenario.actors or trait not in traits():
            raise InputError(f"{measure!r} names no person and trait of {scenario.scenario}")
        return "share of variance"
    return arena_of(scenario).measures()[outcome_of(measure, scenario).partition(":")[0]].unit


def _stage(scenario: AnyScenario, rows: tuple[Row, ...], sizes: Sizes, chunk: int | None) -> Stage:
    wanted: dict[Deed, dict[str, None]] = {}
    for row in rows:
        for term in (term for terms in row.terms for term in terms):
            wanted.setdefault(row.arms[term.arm], {})[term.measure] = None
    arms = {deed: interventions.parse_all(deed, scenario) for deed in wanted}
    trial = trials.prepare(scenario, arms.values(), sizes.histories, sizes.seed, None, chunk)
    return Stage(trial, rows, arms, {deed: tuple(names) for deed, names in wanted.items()})


# running


def _jobs(stages: Sequence[Stage], sizes: Sizes) -> Iterator[Job]:
    for stage in stages:
        for point in (DEFAULTS, *range(sizes.points)):
            for first, size in kernel.chunks(sizes.at(point), stage.trial.chunk):
                yield Job(stage, point, first, size)


def _run(
    jobs: list[Job], sizes: Sizes, folder: Path | None, workers: int | None, progress: Progress | None
) -> dict[tuple[str, int], Values]:
    """Run what is not kept yet, and return what is measured by scenario and point."""
    kept = None if folder is None else Parts(folder, _design(jobs, sizes))
    total, done = sum(job.size * len(job.stage.arms) for job in jobs), 0
    results: dict[str, Values] = {}
    calls: Iterable[Callable[[], tuple[Job, Values]]] = (partial(_part, job, sizes, kept) for job in jobs)
    for job, values in kernel.in_parallel(iter(calls), workers or kernel.processors()):
        results[job.name] = values
        done += job.size * len(job.stage.arms)
        if progress:
            progress(done, total)
    joined: dict[tuple[str, int], list[Values]] = {}
    for job in jobs:
        joined.setdefault((job.stage.trial.scenario.scenario, job.point), []).append(results[job.name])
    return {where: {key: np.concatenate([one[key] for one in parts], axis=-1) for key in parts[0]} for where, parts in joined.items()}


def histories_in_all(scenario: AnyScenario | str | Path | None, only: Iterable[str], histories: int, points: int, each: int) -> int:
    """Return how many histories the arms of claims take together, for the bar of progress; arguments as of `claims`."""
    chosen = _chosen(claim_file.read(), tuple(only), scenario)
    arms = sum(len({row.arms[term.arm] for row in rows for terms in row.terms for term in terms}) for _, rows in chosen)
    return arms * (histories + points * each)


def _design(jobs: Sequence[Job], sizes: Sizes) -> dict[str, Any]:
    """All that the parts depend on; histories can be added, and parts that are too short are run again."""
    stages = {job.stage.trial.scenario.scenario: job.stage for job in jobs}
    arms = {
        name: {
            "sha256": stage.trial.scenario.sha256,
            "chunk": stage.trial.chunk,
            "arms": [[list(deed), list(stage.wanted[deed])] for deed in stage.arms],
        }
        for name, stage in stages.items()
    }
    return {"kind": "claims", "stages": arms, "seed": sizes.seed, "points": sizes.points, "versions": versions()}


def _part(job: Job, sizes: Sizes, kept: Parts | None) -> tuple[Job, Values]:
    keys = [(deed, measure) for deed, names in job.stage.wanted.items() for measure in names]
    found = None if kept is None else kept.get(job.name)
    if found is None or any(values.shape[-1] != job.size for values in found.values()):
        found = {str(number): values for number, values in enumerate(_measured(job, sizes))}
        if kept is not None:
            kept.put(job.name, found)
    return job, {key: found[str(number)] for number, key in enumerate(keys)}


def _measured(job: Job, sizes: Sizes) -> Iterator[np.ndarray]:
    """Run the arms of a job one after the other and yield what is wanted of each."""
    trial, scenario = job.stage.trial, job.stage.trial.scenario
    if job.point != DEFAULTS:
        scenario = scenario_at(scenario, job.point, sizes.points, sizes.seed)
        trial = trial._replace(setup=trial.arena.fitted(trial.arena.setup(scenario), trial.ticks))
    for deed, done in job.stage.arms.items():
        dataset = trials.histories(trial, trials.agenda(trial, done, scenario), job.first, job.size)
        usual = trials.values(trial, dataset)
        yield from (claim_measures.of_chunk(dataset, measure, usual) for measure in job.stage.wanted[deed])


# telling


def _told(stage: Stage, row: Row, found: dict[tuple[str, int], Values], sizes: Sizes) -> dict[str, Any]:
    claim = row.claim
    head = {key: getattr(claim, key) for key in ("id", "claim", "mechanism", "knob")} | {"scenario": stage.trial.scenario.scenario}
    tail = {"reference": list(claim.reference), "note": claim.note, **sizes._asdict()}
    if row.unfit:
        return {**head, "verdict": UNFIT, "reason": row.unfit, "contrasts": [], **tail}
    contrasts = [_contrast(stage, row, number, found, sizes) for number in range(len(claim.contrasts))]
    deciding = [one for one in contrasts if not one["beside"]]
    return {
        **head,
        "arms": {arm: list(deed) for arm, deed in row.arms.items()},
        **{key: deciding[0][key] for key in ("measure", "expected", "effect", "unit", "same_sign")},
        "verdict": together([one["verdict"] for one in deciding]),
        "contrasts": contrasts,
        **tail,
    }


def together(words: Sequence[str]) -> str:
    """Return the verdict on a claim: that of all its deciding contrasts, or mixed where they differ."""
    return words[0] if len(set(words)) == 1 else MIXED


def _contrast(stage: Stage, row: Row, number: int, found: dict[tuple[str, int], Values], sizes: Sizes) -> dict[str, Any]:
    scenario, contrast, terms = stage.trial.scenario, row.claim.contrasts[number], row.terms[number]
    values = _combined(stage, row, number, found[scenario.scenario, DEFAULTS])
    effect = statistics.paired(np.zeros_like(values), values) | {"variance_reduction": None}
    around = [float(_combined(stage, row, number, found[scenario.scenario, point]).mean()) for point in range(sizes.points)]
    measures = list(dict.fromkeys(term.measure for term in terms))
    return {
        "says": contrast.says,
        "measure": ", ".join(measures),
        "terms": [term._asdict() for term in terms],
        "against": contrast.against,
        "expected": contrast.expected,
        "beside": contrast.beside,
        "effect": effect,
        "unit": _unit(measures[0], scenario),
        "verdict": verdict(effect, contrast.expected),
        "same_sign": float(np.mean(np.sign(around) == np.sign(effect["mean"]))) if around and effect["mean"] else None,
        "around": around,
    }


def _combined(stage: Stage, row: Row, number: int, values: Values) -> np.ndarray:
    """Return a contrast history by history, shape (histories,)."""
    total = np.float64(-row.claim.contrasts[number].against)
    for term in row.terms[number]:
        measured = values[row.arms[term.arm], term.measure]
        if measured.ndim > 1:
            person, trait = claim_measures.person_and_trait(term.measure)
            true = sampled_traits(stage.trial.scenario, measured.shape[1], stage.trial.seed).sel(actor=person, trait=trait)
            measured = claim_measures.known(measured, true.values.astype(np.float64))
        total = total + term.weight * measured
    return np.asarray(total)
