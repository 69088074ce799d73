"""What a stakeholder table leads one to expect: the baseline first, then other models, how far they disagree, and who decides.

All models run on the same draws of the table's uncertain numbers. An arm, a table to which something was done, is drawn with the same
luck, so that its difference from the table as it is comes from what was done. What does nothing differs by exactly 0.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from virtu.classics.compromise import absolute_error, crps
from virtu.errors import InputError
from virtu.laboratory import forecast_draws, forecast_power
from virtu.laboratory.forecast_changes import changed
from virtu.laboratory.forecast_draws import Sample
from virtu.laboratory.forecast_models import MODELS, Forecasts, attention, forecasts, joined
from virtu.laboratory.forecast_power import spread
from virtu.laboratory.forecast_tornado import Input, inputs, tornado, varied
from virtu.laboratory.simulate import versions
from virtu.scenario.displayed import answering
from virtu.scenario.stakeholders import Stakeholders, has_weight, read
from virtu.scenario.tables.amounts import read as read_amount

VARIED = 0.1
"""Half the range of an input in the tornado where the table states none: share of its value, for positions of the scale."""


class Run(NamedTuple):
    """A table with its point, its draws, and what the models say of both."""

    table: Stakeholders
    sample: Sample  # the point first
    said: Forecasts


@answering("forecast")
def forecast(
    table: Stakeholders | Path | str,
    do: Sequence[str | Iterable[str]] = (),
    draws: int = 1000,
    seed: int = 0,
    *,
    scale: str | Iterable[str] = (),
    uncertainty: float | str | None = None,
    assume_salience: float | None = None,
    full_salience: float | None = None,
    actual: float | Mapping[str, float] | None = None,
) -> dict[str, Any]:
    """Forecast the outcome of every issue of a stakeholder table.

    Main arguments
    --------------
    table : Stakeholders, Path or str
        A table, or the path of one; see `virtu.scenario.stakeholders.read`.
    do : sequence
        What is done to the table, such as ``"salience UK = 0.2"`` or ``"drop Belgium"``; each an arm, or several that are one arm.
    draws : int
        Draws of the uncertain numbers, ≥ 2; none are made where no number is uncertain.
    seed : int
        Seed; the same seed gives the same draws.

    Other arguments
    ---------------
    scale, assume_salience, full_salience
        As in `virtu.scenario.stakeholders.read`; only for a path.
    uncertainty : float or str, optional
        Half the 95 % range of every number for which the table states none, as ``0.1`` or ``"10%"``: of the value for capability
        and salience, of the scale for positions.
    actual : float or mapping, optional
        What came about, in the unit of the issue, or by issue; every model is scored against it.

    Returns
    -------
    dict
        Ready for JSON: table, actors, about, draws, seed, uncertainty, notes, options, issues by name, arms, versions; docs/forecast.md
        says what each holds.

    Raises
    ------
    InputError
        If the table or an argument is at fault.
    """
    stated = _stated(table, scale, assume_salience, full_salience)
    share = None if uncertainty is None else _share(uncertainty)
    known = stated if share is None else forecast_draws.with_uncertainty(stated, share)
    count = _checked_draws(draws) if forecast_draws.is_uncertain(known) else 0
    outcomes = _actuals(known, actual)
    arms = [[one] if isinstance(one, str) else list(one) for one in do]
    found = inputs(known if count else forecast_draws.with_uncertainty(known, VARIED))
    base, others, moved = _run(known, [changed(known, arm) for arm in arms], found, count, seed)
    return {
        "table": known.file,
        "actors": list(known.actors),
        "about": {actor: text for actor, text in zip(known.actors, known.about, strict=True) if text},
        "draws": count,
        "seed": seed,
        "uncertainty": {"stated": forecast_draws.is_uncertain(stated), "assumed": share, "varied": None if count else VARIED},
        "notes": [*known.notes, *_notes(known)],
        "options": {
            "scale": [scale] if isinstance(scale, str) else list(scale),
            "assume_salience": assume_salience,
            "full_salience": full_salience,
        },
        "issues": {name: _issue(base, moved, found, issue, outcomes.get(name)) for issue, name in enumerate(known.issues)},
        "arms": [{"do": arm, "issues": _effects(base, other)} for arm, other in zip(arms, others, strict=True)],
        "versions": versions(),
    }


def read_actuals(texts: Iterable[str]) -> dict[str, float]:
    """Return outcomes written as ``8.833``, or as ``tax=8.8`` by issue; without an issue under the empty name.

    Raises
    ------
    InputError
        If one is not a number.
    """
    found = {}
    for text in texts:
        issue, _, number = text.rpartition("=")
        found[issue.strip()] = float(read_amount(number, ".").value)
    return found


def _stated(table: Stakeholders | Path | str, scale: str | Iterable[str], assume: float | None, full: float | None) -> Stakeholders:
    if not isinstance(table, Stakeholders):
        return read(table, scale=scale, assume_salience=assume, full_salience=full)
    if scale or assume is not None or full is not None:
        raise InputError("scale, assume_salience and full_salience are for tables that are read", "give them to read, or give a path")
    return table


def _share(uncertainty: float | str) -> float:
    """Return an uncertainty as a share above 0."""
    if isinstance(uncertainty, str):
        amount = read_amount(uncertainty, ".")
        uncertainty = float(amount.value) / (100.0 if amount.percent else 1.0)
    if not 0.0 < uncertainty <= 1.0:
        raise InputError(f"an uncertainty of {uncertainty:g} is not a share above 0 and up to 1", "write 10% or 0.1")
    return uncertainty


def _checked_draws(draws: int) -> int:
    if not 2 <= draws <= 1_000_000:
        raise InputError(f"cannot make {draws} draws", "give at least 2 and at most a million")
    return draws


def _actuals(table: Stakeholders, actual: float | Mapping[str, float] | None) -> dict[str, float]:
    """Return outcomes by issue."""
    given = dict(actual) if isinstance(actual, Mapping) else {} if actual is None else {"": actual}
    found = {}
    for issue, value in given.items():
        names = [name for name in table.issues if name.casefold() == issue.casefold() or (not issue and len(table.issues) == 1)]
        if not names:
            raise InputError(f"an outcome is given for the issue {issue!r}", f"name one of the issues: {', '.join(table.issues)}")
        if not math.isfinite(value):
            raise InputError(f"the outcome {value} is not a finite number")
        found[names[0]] = float(value)
    return found


def _run(table: Stakeholders, arms: Sequence[Stakeholders], found: list[Input], draws: int, seed: int) -> tuple[Run, list[Run], Forecasts]:
    """Run the table, its arms and the varied inputs in one batch; an arm that is the table as it is, is not run again."""
    different = [arm for arm in arms if arm != table]
    luck = forecast_draws.luck(table, draws, seed) if draws else None
    samples = [_sample(one, luck) for one in (table, *different)]
    samples.append(varied(forecast_draws.point(table), found))
    said = forecasts(joined(samples), table)
    ends = np.cumsum([0, *(len(one.position) for one in samples)])
    parts = [said.part(slice(first, last)) for first, last in zip(ends, ends[1:], strict=False)]
    runs = [Run(*one) for one in zip((table, *different), samples, parts, strict=False)]
    changes = iter(runs[1:])
    return runs[0], [runs[0] if arm == table else next(changes) for arm in arms], parts[-1]


def _sample(table: Stakeholders, luck: Sample | None) -> Sample:
    point = forecast_draws.point(table)
    return joined([point, forecast_draws.drawn(table, luck)]) if luck else point


def _notes(table: Stakeholders) -> list[str]:
    notes = []
    if (most := attention(table)) > 1.0:
        notes.append(f"Saliences of an actor add up to {most:.3g}; in the spatial bargain all are divided by it.")
    for issue, name in enumerate(table.issues):
        idle = [actor for number, actor in enumerate(table.actors) if not has_weight(table, number, issue)]
        if idle:
            notes.append(f"Without weight on {name!r}, and so in no model: {', '.join(idle)}.")
    return notes


def _issue(base: Run, moved: Forecasts, found: list[Input], issue: int, actual: float | None) -> dict[str, Any]:
    """Return everything about one issue."""
    table, said = base.table, base.said
    part = forecast_power.who_counts(table, base.sample, issue)
    values = {model: said.outcome[model][:, issue] for model in MODELS}
    course = said.courses[issue]
    return {
        "scale": table.scale[issue]._asdict(),
        "positions": {
            actor: {"position": table.position[number][issue]._asdict(), "weight": float(base.sample.weight(issue)[0, number])}
            for number, actor in enumerate(table.actors)
        },
        "models": {model: _summary(values[model]) for model in MODELS},
        "rounds": [
            {"round": number, "mean": spread(float(mean[0]), mean[1:]), "median": spread(float(median[0]), median[1:])}
            for number, (mean, median) in enumerate(zip(course.mean, course.median, strict=True))
        ],
        "turns": {"point": int(said.turns[0]), "settled": float(said.settled.mean())},
        "disagreement": _disagreement(values, table.scale[issue].length),
        "pivotal": forecast_power.pivotal(part),
        "last_word": forecast_power.last_word(part),
        "coalition": forecast_power.coalition(part),
        "tornado": tornado(table, found, said, moved, issue),
        "scores": None if actual is None else _scores(values, actual),
    }


def _summary(values: np.ndarray) -> dict[str, float | None]:
    """Return the forecast at the point, and mean, standard deviation and 95 % range of the draws."""
    drawn = values[1:]
    centre = {"mean": float(drawn.mean()), "sd": float(drawn.std(ddof=1))} if len(drawn) else {"mean": None, "sd": None}
    return {**spread(float(values[0]), drawn), **centre}


def _disagreement(values: Mapping[str, np.ndarray], length: float) -> dict[str, Any]:
    """Return how far apart the models are at the point: extremes, range, standard deviation, and range as a share of the scale."""
    points = {model: float(one[0]) for model, one in values.items()}
    lowest, highest = min(points, key=points.__getitem__), max(points, key=points.__getitem__)
    span = points[highest] - points[lowest]
    return {
        "lowest": lowest,
        "highest": highest,
        "range": span,
        "share_of_scale": span / length,
        "sd": float(np.std(list(points.values()), ddof=1)),
    }


def _scores(values: Mapping[str, np.ndarray], actual: float) -> dict[str, Any]:
    """Return the errors of the models: of the point, and of the draws where there are any."""
    models = {}
    for model, one in values.items():
        sample = one[1:] if len(one) > 1 else one
        models[model] = {"absolute_error": float(absolute_error(one[0], actual)), "crps": float(crps(sample, np.array(actual)))}
    return {"actual": actual, "models": models}


def _effects(base: Run, arm: Run) -> dict[str, Any]:
    """Return arm less base by issue and model: at the point, and over paired draws."""
    return {
        name: {model: _effect(arm.said.outcome[model][:, issue] - base.said.outcome[model][:, issue]) for model in MODELS}
        for issue, name in enumerate(base.table.issues)
    }


def _effect(difference: np.ndarray) -> dict[str, float | None]:
    drawn = difference[1:]
    if not len(drawn):
        return {**_summary(difference), "up": None, "down": None, "same": None}
    shares = {"up": (drawn > 0.0).mean(), "down": (drawn < 0.0).mean(), "same": (drawn == 0.0).mean()}
    return {**_summary(difference), **{name: float(share) for name, share in shares.items()}}
