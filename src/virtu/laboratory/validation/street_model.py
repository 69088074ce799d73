"""The model of the whole street: what correcting estimates does, and the signs of backlash, of riots and of radical flanks.

Each is an experiment on a small street of two camps, in which one thing is done and compared with doing nothing on the same chance.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any, cast

import jax.numpy as jnp
import numpy as np
import xarray as xr
from scipy.optimize import brentq

from virtu import chance
from virtu.laboratory.simulate import simulate
from virtu.laboratory.validation.rows import Gap, Row
from virtu.scenario import StreetScenario, loads
from virtu.scenario.street_vocabulary import street_parameters
from virtu.scenario.vocabulary import Traits
from virtu.street import build, measures, phases
from virtu.street.media import shown

HISTORIES, WEEKS, SEED = 96, 40, 1
DRAWN = 20_000
"""Histories whose minds are drawn to average over."""
CAMPS = ("reds", "blues")

CALIBRATED = {"least": (3.45, 0.14), "most": (5.42, 0.08)}
"""Bias of what is believed and reaction, at the least and the most overestimated support for violence that was published."""

LOOP_GAIN = (0.42, 0.48)
"""Derived from the two: reaction times bias."""

AT_REST = ("ratchet", "restraint", "victim_anger", "repression_calm", "perception_noise", "perception_memory", "recruitment", "leaving")
"""Constants that are 0 where nothing but estimates, reaction and fatigue moves intensity."""

VIOLENT = "tactic reds = violent @ 4"
SURE = 1.96

GAPS = {
    "backlash.size": "effects are steps of scales of answers, which shares of supporters do not have; signs and their ratio are compared",
    "protests.elections": "Wasow 2020, +1.6 to +2.5 points and 1.5 to 7.9 %: distances to protests, and elections, are not in the model",
    "flank.size": "d of about .5 is in standard deviations of answers on a scale, which shares of supporters do not have",
}


def rows(data: Path | None) -> Iterator[Row | Gap]:
    """Yield the rows; no published table is read."""
    del data
    yield from _inflation()
    for minds in ("naive", "average"):
        for name, (bias, reaction) in CALIBRATED.items():
            yield from _correction(name, bias, reaction, minds)
    yield from _as_default()
    yield from _backlash()
    yield from _riots()
    yield from _flank()
    yield from (Gap(name, reason) for name, reason in GAPS.items())


@cache
def country(text: str) -> StreetScenario:
    """Return a street of a million people, two camps with nothing but a following each, and changes of its fields in JSON."""
    content: dict[str, Any] = {
        "arena": "street",
        "scenario": "experiment",
        "title": "Experiment",
        "calendar": {"ticks": WEEKS},
        "actors": {"Ada": {}, "Ben": {}},
        "camps": {
            "reds": {"leader": "Ada", "tactic": "nonviolent", "background": 10},
            "blues": {"leader": "Ben", "tactic": "nonviolent", "background": 10},
        },
        "public": {"people": 1_000_000, "cells": {"all": {"core": {"reds": 0.1, "blues": 0.1}, "leaning": {"reds": 0.2, "blues": 0.2}}}},
    }
    changes = json.loads(text)
    for name, one in changes.pop("camps", {}).items():
        content["camps"][name] |= one
    return cast("StreetScenario", loads(json.dumps(content | changes)))


def played(do: Sequence[str] = (), **changes: Any) -> xr.Dataset:
    """Run an experiment: what is done, and fields of `country` that are changed."""
    return simulate(country(json.dumps(changes)), HISTORIES, SEED, do=do)


def effect(of: str, do: Sequence[str], base: Sequence[str] = (), **changes: Any) -> tuple[float, float]:
    """Return by how many points support of a camp is higher at the end for what is done, and half of the 95 % interval."""
    done, plain = (played(arm, **changes).support.sel(option=of).isel(tick=-1).values for arm in (do, base))
    less = 100.0 * (done.astype(float) - plain)
    return float(less.mean()), SURE * float(less.std(ddof=1)) / HISTORIES**0.5


def sign(found: tuple[float, float]) -> float:
    """Return 1 or −1 where an effect is sure, 0 where its interval covers none."""
    return float(np.sign(found[0])) if abs(found[0]) > found[1] else 0.0


def _points(*found: tuple[float, float]) -> str:
    said = " and ".join(f"{mean:+.2f} ± {half:.2f}" for mean, half in found)
    return f"points of support after {WEEKS} weeks: {said}, 95 %, n = {HISTORIES} histories on the same chance"


def _inflation() -> Iterator[Row]:
    """People drawn with lognormal intensity, shown with a weight that is a power of it, against what the street shows."""
    drawn = np.random.default_rng(SEED).standard_normal((64, 20_000))
    for eta, sigma in ((1.0, 0.8), (0.5, 1.2)):
        intensity = 0.2 * np.exp(sigma * drawn - sigma**2 / 2)
        weight = intensity**eta
        means = (intensity * weight).sum(axis=1) / weight.sum(axis=1)
        wings = jnp.array([[[1.0], [0.0]]]), jnp.full((1, 2, 1), 0.2)
        ours = float(shown(*wings, jnp.float32(eta), jnp.float32(sigma), jnp.zeros((1, 1))).mean[0, 0])
        note = f"mean intensity as shown, of .2; {drawn.size:,} persons drawn, tolerance four standard errors, by the spread over 64 parts"
        tolerance = 4.0 * float(means.std(ddof=1)) / 8.0
        yield Row(f"media.inflation.{eta:g}.{sigma:g}", ours, float(means.mean()), tolerance, "derived, exp(ησ²)", note)


def shown_for(believed: float) -> float:
    """Return the bias m of what is shown at which leaders with the minds of the priors believe in a given one, E[m^(1 − τ)] over τ."""
    setup, key = phases.wide(build.setup(country("{}"))), chance.history_keys(SEED, jnp.arange(DRAWN))
    sees = np.asarray(phases.attention(Traits(*phases.sample_traits(setup, key)[:, setup.leader[:, 0]])), float)
    found = brentq(lambda log_bias: np.exp(log_bias * (1.0 - sees)).mean() - believed, 0.0, 10.0)
    return float(np.exp(float(found)))  # pyright: ignore[reportArgumentType]


def _correction(name: str, bias: float, reaction: float, minds: str) -> Iterator[Row]:
    """How much less militant a camp is whose estimates are corrected, with leaders who take what is shown as it is, or average ones.

    What is shown is such that they believe in the published bias.
    """
    naive = minds == "naive"
    constants = dict.fromkeys(AT_REST, 0.0) | {"intensity_spread": float(np.sqrt(np.log(bias if naive else shown_for(bias))))}
    changes = {"parameters": constants | {"reaction": reaction}, "camps": {camp: {"radical": {"share": 0.0}} for camp in CAMPS}}
    said = "leaders take what is shown as it is" if naive else "leaders have theory of mind as in the priors"
    yield from _corrected(f"correction.{minds}.{name}", said, ["off theory_of_mind"] if naive else [], changes)


def _corrected(name: str, said: str, base: list[str], changes: dict[str, Any]) -> Iterator[Row]:
    runs = [played([*base, *do], **changes) for do in ([], ["correct reds"], ["correct all"])]
    plain, one, both = (float(measures.intensity(run)[:, 0].mean()) for run in runs)
    note = (
        f"share by which the intensity of reds falls within {WEEKS} weeks; {said}: uncorrected they see "
        f"{measures.overestimate(runs[0]).mean():.2f} times what is (published: 3.45 to 5.42). Published: 34 % of support for violence, "
        "44 % of willingness"
    )
    for who, corrected in (("one", one), ("both", both)):
        yield Row(f"{name}.{who}", 1 - corrected / plain, 0.39, 0.05, "Mernyk et al. 2022, reaction derived from it", note)


def _as_default() -> Iterator[Row]:
    """The street with all its defaults: how far rivals are overestimated, the gain of the loop, and what correcting does."""
    believed = float(measures.overestimate(played()).mean())
    middle, half = np.mean([bias for bias, _ in CALIBRATED.values()]), np.ptp([bias for bias, _ in CALIBRATED.values()]) / 2.0
    note = f"mean over {WEEKS} weeks of the rival's intensity as leaders see it, over what it is; tolerance: the range that was published"
    yield Row("default.overestimate", believed, float(middle), float(half), "Mernyk et al. 2022", note)
    camp = country("{}").model_dump()["camps"]["reds"]
    wing, share = camp["radical"]["intensity"] / camp["intensity"], camp["radical"]["share"]
    known = {name: knob.default for name, knob in street_parameters().items()}
    gain = known["reaction"] * (1.0 - share + share * wing) * believed / known["fatigue"]
    low, high = LOOP_GAIN
    note = f"reaction {known['reaction']:g}, times the drive of both wings against that of the moderate one, times the overestimate"
    yield Row("default.loop-gain", gain, (low + high) / 2.0, (high - low) / 2.0, "derived from Mernyk et al. 2022", note)
    yield from _corrected("default.correction", "all constants and minds as by default", [], {})


def _backlash() -> Iterator[Row]:
    source = "Simpson, Willer & Feinberg 2018, sign"
    alone = ["off excitation"]
    own, other = effect("reds", [*alone, VIOLENT], alone), effect("blues", [*alone, VIOLENT], alone)
    answered = effect("blues", [VIOLENT])
    yield Row("backlash.own-support", sign(own), -1.0, 0.0, source, f"reds turn violent, nobody answers; {_points(own)}")
    note = f"reds turn violent, nobody answers; where blues answer in kind it is the second; {_points(other, answered)}"
    yield Row("backlash.rival-support", sign(other), 1.0, 0.0, source, note)
    floor = effect("reds", [*alone, VIOLENT], alone, camps={"reds": {"reasonableness": 0.05}})
    note = f"effect of reds' violence where they are held to be unreasonable already, over that where not; {_points(floor, own)}"
    yield Row("backlash.floor", floor[0] / own[0], 0.0, 0.2, "Simpson, Willer & Feinberg 2018, hardly any effect", note)
    peaceful = effect("reds", ["tactic reds = nonviolent @ 4"], ["tactic reds = violent @ 4"])
    yield Row("backlash.nonviolent-against-violent", sign(peaceful), 1.0, 0.0, "Wasow 2020, sign", f"support of reds; {_points(peaceful)}")


def _riots() -> Iterator[Row]:
    people = {"core": {"core": {"reds": 1.0}}, "leaning": {"leaning": {"reds": 1.0}}}
    found = {kind: effect("reds", [VIOLENT], public={"people": 1_000_000, "cells": {"all": cell}}) for kind, cell in people.items()}
    source = "Muñoz & Anduiza 2019"
    note = "people who lean to reds; how violent the riot was is not in units of the model, a violent campaign of its own size is compared"
    yield Row("riot.leaning", found["leaning"][0], -12.0, 3.0, source, f"{note}; {_points(found['leaning'])}")
    note = f"people who belong to reds; unmoved is read as by less than a point; {_points(found['core'])}"
    yield Row("riot.core", found["core"][0], 0.0, 1.0, f"{source}, unmoved", note)
    for cause, published in ((-1.0, -1.0), (1.0, 1.0)):
        cell = {"core": {"reds": 0.1, "blues": 0.1}, "leaning": {"reds": 0.2, "blues": 0.2}, "cause": {"reds": cause}}
        one = effect("reds", [VIOLENT], public={"people": 1_000_000, "cells": {"all": cell}})
        name, source = ("shared", "Enos, Kaufman & Sands 2019, sign") if cause > 0 else ("not-shared", "Wasow 2020, sign")
        yield Row(f"riot.cause-{name}", sign(one), published, 0.0, source, f"sympathy with the cause {cause:+g}; {_points(one)}")


def _flank() -> Iterator[Row]:
    source = "Simpson, Willer & Feinberg 2022, sign"
    camps = {"reds": {"radical": {"share": 0.05}}}
    for kind, published in (("distinct", 1.0), ("merged", -1.0)):
        found = effect("reds", [f"flank reds {kind}"], ["flank reds absent"], camps=camps)
        note = f"reds with a {kind} radical flank against none; {_points(found)}"
        yield Row(f"flank.{kind}", sign(found), published, 0.0, source if published > 0 else "sign; only distinct flanks help", note)
