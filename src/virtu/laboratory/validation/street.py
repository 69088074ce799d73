"""The street: escalation, outbursts, incidents that beget incidents, concessions, and what would have happened otherwise.

Thresholds of crowds are a family of their own, and so is the model of the whole street. What rests on data that are not at hand is a gap;
each says which.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from datetime import date
from itertools import pairwise
from pathlib import Path

import numpy as np

from virtu.classics import arms_race, civil_violence, concession, hawkes
from virtu.classics.synthetic_control import synthetic_control
from virtu.laboratory.validation.rows import Gap, Row, table

OVERESTIMATES = {"least": (3.45, 0.14, 0.48), "most": (5.42, 0.08, 0.42)}
"""Bias b, and published reaction k and loop gain k b, at the least and the most overestimated."""

CUT = 0.34
"""Share by which support for violence falls when the other side's is no longer overestimated."""

STREET_STEPS, STREET_SEEDS = 4000, (0, 1)
OUTBURSTS: dict[civil_violence.Rounding, tuple[tuple[float, float], ...]] = {
    "floor": ((35, 9.2), (21.3, 4.6), (280, 89)),
    "round": ((15, 9.8), (12.6, 3.7), (158, 64)),
    "none": ((0, 0.5), (1.7, 0.33), (26, 24)),
}
"""For each rounding of C/A: outbursts per 1,000 steps, mean and greatest number of actives, each with its tolerance."""

INCIDENTS = "street/arvig_germany_2014_2017.csv"
JITTER_SEEDS = range(5)

PROTESTS = "street/mass_mobilization_mm_master.csv"
ACCOMMODATION = {"all": (0.098, 0.105), "above-10000": (0.086, 0.153)}

BASQUE = "street/basque_synth.csv"
TREATED, WHOLE = "Basque Country (Pais Vasco)", "Spain (Espana)"
DONORS = {"baleares": ("Baleares (Islas)", 0.37), "madrid": ("Madrid (Comunidad De)", 0.44), "rioja": ("Rioja (La)", 0.19)}

GAPS = {
    "overestimation.surveys": "the answers behind Mernyk et al. 2022 and Moore-Berg et al. 2020 are not at hand",
    "red-scare": "+12.9 % Fascist vote, +8.5 % violence, +18 % branches per sd of Socialist vote: no data by town are at hand",
    "campaigns": "success .53 nonviolent, .26 violent: the list of campaigns is not at hand",
    "weimar": "killed 236 in 1923, 66 in 1924-28, 155 in 1929 to July 1931, by side 108 and 31, are totals; no list of the dead is at hand",
}


def rows(data: Path | None) -> Iterator[Row | Gap]:
    """Yield the rows of the street.

    Parameters
    ----------
    data : Path, optional
        Folder of published tables; that of the street is read.
    """
    for part in (_escalation, _overestimation, _active_shares, _outbursts, _mean_rate, _concession):
        yield from part()
    for path, compute in ((INCIDENTS, _incidents), (PROTESTS, _protests), (BASQUE, _basque)):
        found = table(data, path)
        yield from [found] if isinstance(found, Gap) else compute(found)
    yield from (Gap(name, reason) for name, reason in GAPS.items())


def _escalation() -> Iterator[Row]:
    source = "Shergill, Bays, Frith & Wolpert 2003"
    yield Row(
        "tit-for-tat", float(arms_race.tit_for_tat(0.25, 1.38, 8)[-1]), 3.3, 0.05, source, "newtons after 8 turns from .25, +38 % a turn"
    )
    source = "Richardson 1960"
    x, y = arms_race.fixed_point(arms_race.arms_race((2, 2), (5, 3), (5, 5)))
    yield Row("richardson.rest.x", float(x), 25 / 11, 1e-6, source, "dx = 2y - 5x + 5, dy = 2x - 3y + 5")
    yield Row("richardson.rest.y", float(y), 35 / 11, 1e-6, source, "the same race")
    for bias, published in ((1.0, 0.2), (1.99, 20.0)):
        rest = arms_race.fixed_point(arms_race.arms_race(0.5, 1, 0.1, bias))[0]
        yield Row(f"richardson.bias-{bias:g}.rest", float(rest), published, 1e-6, "derived", "k = l = .5, α = β = 1, g = h = .1")
    race = arms_race.arms_race(0.5, 1, 0.1, 2.01)
    away = float(arms_race.growth(race) > 0 and not arms_race.stable(race))
    yield Row("richardson.bias-2.01.runs-away", away, 1.0, 0.0, "derived", "1 where it holds")
    yield Row("richardson.critical-bias", float(arms_race.critical_bias(race)), 2.0, 1e-6, "derived", "√(αβ/(k l))")


def _overestimation() -> Iterator[Row]:
    source = "derived from Mernyk et al. 2022"
    for name, (bias, reaction, gain) in OVERESTIMATES.items():
        k = float(arms_race.reaction_of(CUT, bias))
        note = f"b = {bias}; two sides alike and at rest, of which one corrected at once supports violence {100 * CUT:.0f} % less"
        yield Row(f"overestimation.{name}.reaction", k, reaction, 0.005, source, note)
        yield Row(f"overestimation.{name}.loop-gain", k * bias, gain, 0.005, source, note)
        fall = 1 - float(arms_race.correction(arms_race.arms_race(k, 1, 0.1, bias)).both[0])
        note = "fall in the end of both, corrected; published as 34 to 44 % of support and willingness"
        yield Row(f"overestimation.{name}.correction", fall, 0.39, 0.05, source, note)


def _active_shares() -> Iterator[Row]:
    for arrest, published in ((0.0, 0.4444), (0.8997, 0.0198)):
        ours = float(civil_violence.active_fraction(arrest))
        yield Row(f"epstein.active-share.{arrest:g}", ours, published, 5e-5, "derived", f"q(P) at P = {arrest:g}, L = .82, T = .1")


def outbreak_figures(rules: civil_violence.Rules, seeds: Sequence[int], steps: int) -> tuple[float, float, float]:
    """Return outbursts (more than 50 actives) per 1,000 steps, mean and greatest number of actives, over some histories.

    Parameters
    ----------
    rules : Rules
        Of model I.
    seeds : sequence of int
        One a history.
    steps : int
        Of each history.
    """
    active = np.concatenate([civil_violence.simulate(rules, steps, seed).active for seed in seeds])
    return 1000 * float(civil_violence.outbursts(active).mean()) / steps, float(active.mean()), float(active.max())


def _outbursts() -> Iterator[Row]:
    note = "two histories of 4,000 steps on either side; tolerance three standard errors, by the spread over 16 histories"
    for rounding, published in OUTBURSTS.items():
        ours = outbreak_figures(civil_violence.Rules(rounding=rounding), STREET_SEEDS, STREET_STEPS)
        for name, one, (target, tolerance) in zip(("outbursts", "mean", "most"), ours, published, strict=True):
            yield Row(
                f"epstein.{rounding}.{name}", one, target, tolerance, "this project's earlier measurement, Epstein 2002 model I", note
            )


def _mean_rate() -> Iterator[Row]:
    model = hawkes.process((0.4, 0.2), ((0.3, 0.4), (0.2, 0.1)), 2.0, end=20_000.0)
    events = hawkes.simulate_thinning(model, seed=1)
    for kind, expected in enumerate(hawkes.mean_rate(model)[:, 0]):
        note = "events a unit of time over 20,000, drawn by thinning; the tolerance is about four standard errors"
        yield Row(
            f"hawkes.mean-rate.{kind}",
            float((events.kinds == kind).mean() * len(events.times) / events.end),
            expected,
            0.05,
            "derived",
            note,
        )


def _concession() -> Iterator[Row]:
    society = concession.conflict(0.6, 0.1, 0.5, 0.9)
    frequency = float(concession.critical_frequency(society))
    theta, mu, beta = 0.6, 0.5, 0.9
    given = float(concession.gain(society, concession.best_rate(society)))
    # From threat on: something now, then a threat with chance q again in every period; two equations for two values.
    chances = np.array([[frequency, 1 - frequency], [frequency, 1 - frequency]])
    values = np.linalg.solve(np.eye(2) - beta * chances, np.array([1 - theta + given, 1 - theta]))
    note = "citizens' value of concessions at q*, by the recursion over periods; a revolution is worth as much"
    yield Row("concession.indifference", float(values[0] * (1 - beta)), 1 - mu, 1e-9, "derived from Acemoglu & Robinson 2006", note)


def incident_days(path: Path) -> np.ndarray:
    """Read the dates of incidents as days, shape (events,)."""
    return np.array([date.fromisoformat(line["date"]).toordinal() for line in _read(path)])


def _incidents(path: Path) -> Iterator[Row]:
    days, source = incident_days(path), "Bencek & Strasheim 2016, ARVIG data, CC0"
    fits = [hawkes.fit(hawkes.spread_over_days(days, seed)) for seed in JITTER_SEEDS]
    radius, half_life = np.array([one.radius for one in fits]), np.array([float(one.half_life[0, 0]) for one in fits])
    note = f"{len(days)} incidents of all kinds; each at a random time of its day, mean of {len(fits)} draws, whose spread is "
    upper = f"; standard error {fits[0].radius_error:.3f}; an upper bound, as the background is one constant"
    yield Row("arvig.branching", float(radius.mean()), 0.96, 0.005, source, f"{note}{radius.std():.4f}{upper}")
    yield Row("arvig.half-life", float(half_life.mean()), 2.3, 0.05, source, f"days; {note}{half_life.std():.3f}")


def accommodation(lines: Sequence[dict[str, str]]) -> tuple[float, float]:
    """Return the share of protests that the state gives way to, where nonviolent and where violent."""
    nonviolent, violent = ([float(line["accomodation"]) for line in lines if _violent(line) == kind] for kind in (False, True))
    return sum(nonviolent) / len(nonviolent), sum(violent) / len(violent)


def violence_after(lines: Sequence[dict[str, str]]) -> tuple[float, float]:
    """Return the share of violent protests after a violent one and after another, each in the same country, by day of beginning."""
    ordered = sorted(lines, key=lambda line: (line["country"], line["start_date"]))
    pairs = [(_violent(one), _violent(then)) for one, then in pairwise(ordered) if one["country"] == then["country"]]
    after_violent, after_other = ([then for one, then in pairs if one == kind] for kind in (True, False))
    return sum(after_violent) / len(after_violent), sum(after_other) / len(after_other)


def _protests(path: Path) -> Iterator[Row]:
    lines, source = [line for line in _read(path) if line["protest"] == "1"], "Clark & Regan, Mass Mobilization data"
    large = [line for line in lines if line["participants_category"] == ">10000"]
    for (size, published), some in zip(ACCOMMODATION.items(), (lines, large), strict=True):
        for kind, ours, target in zip(("nonviolent", "violent"), accommodation(some), published, strict=True):
            yield Row(f"protests.accommodation.{size}.{kind}", ours, target, 0.0005, source, "share of protests")
    note = "share of violent protests; in the same country, by day of beginning"
    for name, ours, target in zip(("violent", "nonviolent"), violence_after(lines), (0.436, 0.202), strict=True):
        yield Row(f"protests.violent-after-{name}", ours, target, 0.0005, source, note)


def regions(path: Path) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """Read years, and output per head by region, both of shape (years,)."""
    found: dict[str, dict[int, float]] = {}
    for line in _read(path):
        found.setdefault(line["regionname"], {})[int(float(line["year"]))] = float(line["gdpcap"])
    years = sorted(found[TREATED])
    return np.array(years), {name: np.array([values[year] for year in years]) for name, values in found.items()}


def _basque(path: Path) -> Iterator[Row]:
    years, output = regions(path)
    donors = [name for name in output if name not in {TREATED, WHOLE}]
    twin = synthetic_control(output[TREATED], np.stack([output[name] for name in donors], axis=1), (years >= 1960) & (years <= 1969))
    source, note = "Abadie & Gardeazabal 2003, data", "weight; output per head of 1960-69 matched"
    for name, (region, published) in DONORS.items():
        yield Row(f"basque.weight.{name}", float(twin.weights[donors.index(region)]), published, 0.005, source, note)
    effect = float((twin.gap / twin.twin)[years >= 1975].mean())
    yield Row(
        "basque.effect", effect, -0.124, 0.0005, source, "mean gap over 1975-97 relative to the twin; output per head of 1960-69 matched"
    )
    note = "the published twin matches averages of predictors too, this one output only; hence the tolerance"
    yield Row("basque.effect.published", effect, -0.10, 0.03, "Abadie & Gardeazabal 2003", note)


def _violent(line: dict[str, str]) -> bool:
    return float(line["protesterviolence"]) == 1


def _read(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))
