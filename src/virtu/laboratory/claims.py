"""Claims put to the test: each a contrast of arms on the same people and the same chance, at the defaults and at points around them.

All arms of all claims about a scenario run one compiled program. The points draw every constant of the arena within ±25 % of its value in
the scenario; the share of points at which a contrast keeps its sign tells how far a result hangs on constants that nobody measured. A
part of the work is some histories of all arms; parts can be kept, and a run that was killed goes on with those that are missing.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple, TypeAlias

import numpy as np

from virtu import chance
from virtu.errors import InputError, did_you_mean
from virtu.laboratory import claim_file, claim_measures, interventions, kernel, trials
from virtu.laboratory.arenas import arena_of
from virtu.laboratory.claim_file import Claim, Contrast
from virtu.laboratory.compare import outcome_of
from virtu.laboratory.intervention_kinds import named
from virtu.laboratory.interventions import Intervention
from virtu.laboratory.simulate import Progress, sampled_traits, versions
from virtu.laboratory.trials import Trial
from virtu.record import statistics
from virtu.record.parts import Parts
from virtu.scenario import AnyScenario, load
from virtu.scenario.vocabulary import traits

SPREAD = 0.25
"""How far a constant of a point may lie from its value in the scenario, as a share of it."""

DEFAULTS = -1
"""Number of the point at which every constant has its value in the scenario."""

EVERYBODY = "*."
"""In ``trait *.conviction = 0.7``: a sentence for every person who can ever have a place."""

Deed: TypeAlias = tuple[str, ...]
"""What is done in an arm, as texts."""


class Stage(NamedTuple):
    """A scenario with the claims made of it, ready to be run."""

    trial: Trial
    claims: tuple[Claim, ...]
    arms: dict[Deed, list[Intervention]]
    wanted: dict[Deed, tuple[str, ...]]  # what is measured in each arm


class Job(NamedTuple):
    """Some histories of all arms of a stage, at a point."""

    stage: Stage
    point: int
    first: int
    count: int

    @property
    def name(self) -> str:
        """Name of the part."""
        where = "defaults" if self.point == DEFAULTS else f"point-{self.point:03}"
        return f"{self.stage.trial.scenario.scenario}-{where}-{self.first:08}"


Values: TypeAlias = dict[tuple[Deed, str], np.ndarray]
"""What is measured of all histories of a point, by arm and measure."""


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
        Test only the claims about this scenario, or about the one that it extends. All claims by default, each on the scenario it names.
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
        contrasts, and of its first contrast measure, expected, effect, unit, unchanged and same_sign; verdict; reference, note), counts,
        timing, versions.

    Raises
    ------
    InputError
        If an argument, the file or a claim in it is at fault.
    """
    _check_points(points, point_histories)
    chosen = _chosen(claim_file.read(file), tuple(only), scenario)
    started = time.perf_counter()
    stages = [_stage(found, rows, histories, seed, chunk) for found, rows in chosen]
    sizes = {DEFAULTS: histories} | dict.fromkeys(range(points), point_histories)
    found = _run(list(_jobs(stages, sizes)), sizes, seed, parts, workers, progress)
    rows = [_row(stage, claim, found, sizes) for stage in stages for claim in stage.claims]
    rows.sort(key=lambda row: _order(row["id"]))
    return {
        "histories": histories,
        "seed": seed,
        "points": points,
        "point_histories": point_histories,
        "spread": SPREAD,
        "rows": rows,
        "counts": {word: sum(row["verdict"] == word for row in rows) for word in ("supported", "reversed", "no effect")},
        "timing": {"compile_s": sum(stage.trial.compile_s for stage in stages), "run_s": time.perf_counter() - started},
        "versions": versions(),
    }


def verdict(effect: dict[str, Any], expected: claim_file.Sign) -> str:
    """Return what an interval says of the sign that was expected: supported, reversed or no effect; rises or falls where none was.

    That something does *not* rise or fall is supported unless the interval lies wholly on that side of 0: absence of evidence, no more.
    """
    low, high = effect["low"], effect["high"]
    sign = 0 if low is None else (low > 0.0) - (high < 0.0)
    if expected == "?":
        return {1: "rises", -1: "falls", 0: "no effect"}[sign]
    foretold = 1 if expected.endswith("+") else -1
    if expected.startswith("not"):
        return "reversed" if sign == foretold else "supported"
    return "no effect" if sign == 0 else "supported" if sign == foretold else "reversed"


def at_point(scenario: AnyScenario, point: int, seed: int) -> AnyScenario:
    """Return a scenario with its constants at a point: each a function of seed, point and its own name."""
    if point == DEFAULTS:
        return scenario
    drawn = {}
    for name, knob in arena_of(scenario).repertoire.parameters().items():
        factor = np.random.default_rng([chance.code(name), seed & (2**64 - 1)]).uniform(1.0 - SPREAD, 1.0 + SPREAD, point + 1)[point]
        drawn[name] = float(np.clip(factor * scenario.parameters.get(name, knob.default), knob.low, knob.high))
    return scenario.model_copy(update={"parameters": drawn})


def _check_points(points: int, histories: int) -> None:
    if isinstance(points, bool) or not isinstance(points, int) or not 0 <= points <= 1000:
        raise InputError(f"points must be a whole number from 0 to 1000, found {points!r}")
    if isinstance(histories, bool) or not isinstance(histories, int) or histories < 2:
        raise InputError(f"histories of a point must be a whole number of at least 2, found {histories!r}")


def _order(name: str) -> tuple[int, int]:
    """Minds, then the organisation, then the street; and by number."""
    return ("MAS".find(name[0]) % 4, int(name[1:]))


def _chosen(
    rows: Sequence[Claim], only: tuple[str, ...], scenario: AnyScenario | str | Path | None
) -> list[tuple[AnyScenario, tuple[Claim, ...]]]:
    """Return the claims asked for, by scenario."""
    known = [row.id for row in rows]
    for name in only:
        if name not in known:
            raise InputError(f"unknown claim {name!r}", did_you_mean(name, known))
    kept = [row for row in rows if not only or row.id in only]
    if scenario is None:
        names = dict.fromkeys(row.scenario for row in kept)
        return [(load(name), tuple(row for row in kept if row.scenario == name)) for name in names]
    found = scenario if isinstance(scenario, AnyScenario) else load(scenario)
    about = tuple(row for row in kept if row.scenario in (found.scenario, found.extends))
    if not about:
        names = ", ".join(sorted({row.scenario for row in kept}))
        raise InputError(f"none of these claims is about {found.scenario}", f"they are about {names}, or a scenario that extends it")
    return [(found, about)]


def _stage(scenario: AnyScenario, rows: tuple[Claim, ...], histories: int, seed: int, chunk: int | None) -> Stage:
    arms: dict[Deed, list[Intervention]] = {}
    wanted: dict[Deed, dict[str, None]] = {}
    for row in rows:
        for term in (term for contrast in row.contrasts for term in contrast.terms):
            deed = row.done(term.arm)
            if deed not in arms:
                arms[deed] = _parsed(row, deed, scenario)
            _unit(term.measure, scenario, row)
            wanted.setdefault(deed, {})[term.measure] = None
    trial = trials.prepare(scenario, arms.values(), histories, seed, None, chunk)
    return Stage(trial, rows, arms, {deed: tuple(names) for deed, names in wanted.items()})


def _parsed(row: Claim, deed: Deed, scenario: AnyScenario) -> list[Intervention]:
    placed = [name for name, actor in scenario.actors.items() if getattr(actor, "entry", "") != "none"]
    texts = [text.replace(EVERYBODY, f"{named(name)}.", 1) for text in deed for name in (placed if EVERYBODY in text else placed[:1])]
    try:
        return interventions.parse_all(texts, scenario)
    except InputError as error:
        raise InputError(f"claim {row.id}: {error.message}", error.hint) from error


def _unit(measure: str, scenario: AnyScenario, row: Claim) -> str:
    """Return the unit of a measure, checked."""
    if measure in claim_measures.MEASURES:
        return claim_measures.MEASURES[measure][0]
    if measure.startswith(f"{claim_measures.KNOWN}:"):
        person, trait = claim_measures.person_and_trait(measure)
        if person not in scenario.actors or trait not in traits():
            raise InputError(f"claim {row.id}: {measure!r} names no person and trait of {scenario.scenario}")
        return "share of variance"
    try:
        return arena_of(scenario).measures()[outcome_of(measure, scenario).partition(":")[0]].unit
    except InputError as error:
        raise InputError(f"claim {row.id}: {error.message}", error.hint) from error


def _jobs(stages: Sequence[Stage], sizes: dict[int, int]) -> Iterator[Job]:
    for stage in stages:
        for point, histories in sizes.items():
            for first, count in kernel.chunks(histories, stage.trial.chunk):
                yield Job(stage, point, first, count)


def _run(
    jobs: list[Job], sizes: dict[int, int], seed: int, folder: Path | None, workers: int | None, progress: Progress | None
) -> dict[tuple[str, int], Values]:
    """Run what is not kept yet, and return what is measured by scenario and point."""
    kept = None if folder is None else Parts(folder, _design(jobs, sizes, seed))
    total, done = sum(job.count * len(job.stage.arms) for job in jobs), 0
    results: dict[str, Values] = {}
    calls: Iterable[Callable[[], tuple[Job, Values]]] = (partial(_part, job, seed, kept) for job in jobs)
    for job, values in kernel.in_parallel(iter(calls), workers or kernel.processors()):
        results[job.name] = values
        done += job.count * len(job.stage.arms)
        if progress:
            progress(done, total)
    joined: dict[tuple[str, int], Values] = {}
    for stage, point in dict.fromkeys((job.stage.trial.scenario.scenario, job.point) for job in jobs):
        parts = [results[job.name] for job in jobs if (job.stage.trial.scenario.scenario, job.point) == (stage, point)]
        joined[stage, point] = {key: np.concatenate([part[key] for part in parts], axis=-1) for key in parts[0]}
    return joined


def _design(jobs: Sequence[Job], sizes: dict[int, int], seed: int) -> dict[str, Any]:
    """All that the parts depend on."""
    stages = {job.stage.trial.scenario.scenario: job.stage for job in jobs}
    arms = {
        name: {"sha256": stage.trial.scenario.sha256, "arms": [[list(deed), list(stage.wanted[deed])] for deed in stage.arms]}
        for name, stage in stages.items()
    }
    chunk = {stage.trial.chunk for stage in stages.values()}
    return {"kind": "claims", "stages": arms, "sizes": list(sizes.values()), "seed": seed, "chunk": sorted(chunk), "versions": versions()}


def _part(job: Job, seed: int, kept: Parts | None) -> tuple[Job, Values]:
    keys = [(deed, measure) for deed, names in job.stage.wanted.items() for measure in names]
    found = None if kept is None else kept.get(job.name)
    if found is None:
        found = {str(number): values for number, values in enumerate(_measured(job, seed, keys))}
        if kept is not None:
            kept.put(job.name, found)
    return job, {key: found[str(number)] for number, key in enumerate(keys)}


def _measured(job: Job, seed: int, keys: Sequence[tuple[Deed, str]]) -> Iterator[np.ndarray]:
    """Run the arms of a job one after the other and yield what is wanted of each, in the order of the keys."""
    stage, scenario = job.stage, at_point(job.stage.trial.scenario, job.point, seed)
    for deed, done in stage.arms.items():
        dataset = trials.histories(stage.trial, trials.agenda(stage.trial, done, scenario), job.first, job.count)
        usual = trials.values(stage.trial, dataset)
        yield from (claim_measures.of_chunk(dataset, measure, usual) for arm, measure in keys if arm == deed)


def _row(stage: Stage, claim: Claim, found: dict[tuple[str, int], Values], sizes: dict[int, int]) -> dict[str, Any]:
    contrasts = [_contrast(stage, claim, contrast, found, sizes) for contrast in claim.contrasts]
    deciding = [one for one in contrasts if not one["beside"]]
    words = [one["verdict"] for one in deciding]
    first = deciding[0]
    together = "supported" if set(words) == {"supported"} else "reversed" if "reversed" in words else "no effect"
    return {
        "id": claim.id,
        "claim": claim.claim,
        "mechanism": claim.mechanism,
        "knob": claim.knob,
        "scenario": stage.trial.scenario.scenario,
        "arms": {claim_file.AS_IT_IS: [], **{name: list(deed) for name, deed in claim.arms.items()}},
        **{key: first[key] for key in ("measure", "expected", "effect", "unit", "unchanged", "same_sign")},
        "verdict": together,
        "contrasts": contrasts,
        "reference": list(claim.reference),
        "note": claim.note,
    }


def _contrast(
    stage: Stage, claim: Claim, contrast: Contrast, found: dict[tuple[str, int], Values], sizes: dict[int, int]
) -> dict[str, Any]:
    scenario = stage.trial.scenario
    values = _combined(stage, claim, contrast, found[scenario.scenario, DEFAULTS])
    effect = {**statistics.mean(values), "above": float((values > 0.0).mean()), "below": float((values < 0.0).mean())}
    around = [float(_combined(stage, claim, contrast, found[scenario.scenario, point]).mean()) for point in sizes if point != DEFAULTS]
    sign = np.sign(effect["mean"])
    return {
        "says": contrast.says,
        "measure": contrast.measure if isinstance(contrast.measure, str) else list(contrast.measure),
        "terms": [term._asdict() for term in contrast.terms],
        "expected": contrast.expected,
        "beside": contrast.beside,
        "effect": effect,
        "unit": _unit(contrast.terms[0].measure, scenario, claim),
        "unchanged": float((values == 0.0).mean()),
        "verdict": verdict(effect, contrast.expected),
        "same_sign": float(np.mean(np.sign(around) == sign)) if around and sign else None,
        "around": around,
    }


def _combined(stage: Stage, claim: Claim, contrast: Contrast, values: Values) -> np.ndarray:
    """Return a contrast history by history, shape (histories,)."""
    total = 0.0
    for term in contrast.terms:
        measured = values[claim.done(term.arm), term.measure]
        if measured.ndim > 1:
            person, trait = claim_measures.person_and_trait(term.measure)
            true = sampled_traits(stage.trial.scenario, measured.shape[1], stage.trial.seed).sel(actor=person, trait=trait)
            measured = claim_measures.known(measured, true.values.astype(np.float64))
        total = total + term.weight * measured
    return np.asarray(total)
