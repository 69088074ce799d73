"""Factors of an attribution in the organisation, beside those that both arenas know."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Literal, TypeAlias

from virtu.errors import InputError, did_you_mean
from virtu.laboratory.arena import Factoring
from virtu.laboratory.factor_kinds import Factor, bare, outstanding
from virtu.laboratory.intervention_kinds import Switch, named
from virtu.laboratory.organisation_kinds import Appoint, SetTie
from virtu.scenario import Scenario

VACANT = "held by nobody"

Kind: TypeAlias = Literal["trust", "dependence", "grievance", "kindness"]
TIES: tuple[Kind, ...] = ("trust", "dependence", "grievance", "kindness")

_TIES = re.compile(r"ties\s+(?P<way>to|of)\s+(?P<person>.*\S)\s*", re.DOTALL)


def usual(scenario: Scenario, who: str, _: int | None = None) -> list[Factor]:
    """Return the factors that are looked at for a person where none are chosen.

    They are the traits that stand out, that is those whose median lies outside the middle half of the population's prior; each post held
    at the start; the ties of others to the person and of the person to others, as two; and the mechanisms from which the person's
    position draws: patronage for who appoints anybody, work for who keeps the records, the founder for who has access to one.
    """
    held = {key: post for key, post in scenario.posts.items() if post.holder == who}
    mechanisms = {
        "patronage": any(post.appoints for post in held.values()),
        "work": any(post.records for post in held.values()),
        "founder": scenario.founder is not None and who in (scenario.founder.actor, *scenario.founder.access),
    }
    found = outstanding(scenario, who)
    found += [bare(f"post {named(key)}", Appoint(key, None), VACANT) for key in held]
    found += [factor for way in ("to", "of") if (factor := _ties(scenario, way, who)).neutral]
    return found + [bare(name, Switch(name), "off") for name, matters in mechanisms.items() if matters]


def _ties(scenario: Scenario, way: str, who: str) -> Factor:
    """All that is felt for a person, or by one, at the start, among those who are there by then."""
    pairs = sorted({pair for tie in scenario.ties for pair in _pairs(tie.from_, tie.to, tie.mutual)})
    there = [name for name, actor in scenario.actors.items() if actor.entry in ("forum", "candidate")]
    kinds = {pair: _kinds(scenario, pair) for pair in pairs if pair[way == "to"] == who and set(pair) <= set(there)}
    start = scenario.date_of(0)
    neutral = tuple(SetTie(*pair, kind, 0.0, since=start, until=start) for pair, found in kinds.items() for kind in found)
    text = f"ties {way} {named(who)}"
    return Factor(text, neutral, f"{len(neutral)} ties at the start, 0", text)


def _pairs(one: str, other: str, mutual: bool) -> Iterator[tuple[str, str]]:
    yield one, other
    if mutual:
        yield other, one


def _kinds(scenario: Scenario, pair: tuple[str, str]) -> list[Kind]:
    """Which kinds of tie a person has to another at the start."""
    ties = [tie for tie in scenario.ties if pair in _pairs(tie.from_, tie.to, tie.mutual)]
    return [kind for kind in TIES if any(getattr(tie, kind) for tie in ties)]


def _group(text: str, scenario: Scenario, _: int | None) -> Factor | None:
    """Return the ties of a person, or to one, as one factor, where that is what a text names."""
    group = _TIES.fullmatch(text)
    if group is None:
        return None
    way, who = group["way"], group["person"].strip('"')
    if who not in scenario.actors:
        raise InputError(f"unknown person {who!r}, in the factor 'ties {way} {who}'", did_you_mean(who, scenario.actors))
    found = _ties(scenario, way, who)
    if not found.neutral:
        raise InputError(f"there are no ties {way} {who} at the start", "leave the factor out")
    return found


FACTORING = Factoring(
    noun="person",
    whose=lambda scenario: tuple(scenario.actors),
    usual=usual,
    filled={"post": "{} = nobody", "tie": "{} = 0 @ 0"},
    meanings={Appoint: VACANT, SetTie: "0 at the start"},
    group=_group,
)
"""All that attributions know of the organisation."""
