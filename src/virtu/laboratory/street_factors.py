"""Factors of an attribution in the street, beside those that both arenas know."""

from __future__ import annotations

from virtu.errors import InputError
from virtu.laboratory.arena import Factoring
from virtu.laboratory.factor_kinds import Factor, bare, outstanding
from virtu.laboratory.intervention_kinds import Switch, named
from virtu.laboratory.street_kinds import QUANTITIES, AddShock, SetFlank, SetTactic
from virtu.scenario import StreetScenario

SHOCKS = "shocks"
AT_HOME, AWAY = "calls nobody out", "the radical wing stays away"


def usual(scenario: StreetScenario, who: str, ticks: int | None) -> list[Factor]:
    """Return the factors that are looked at for a camp where none are chosen.

    They are the traits of its leader that stand out, as in the organisation; its tactic and its radical wing; the tactics of its rivals,
    each by itself; that media choose what is intense; that people misread their rivals; the elite that answers, and what comes from
    outside, where the scenario has them.
    """
    camps = {who: scenario.camps[who]} | scenario.camps
    found = outstanding(scenario, camps[who].leader)
    found += [_tactic(name) for name, camp in camps.items() if name == who and camp.tactic != "none"]
    found += [bare(f"flank {named(who)}", SetFlank(who, "absent"), AWAY)] if camps[who].radical.share > 0.0 else []
    found += [_tactic(name) for name, camp in camps.items() if name != who and camp.tactic != "none"]
    mechanisms = ["media_selection", "misperception", *(["elite"] if scenario.elite is not None else [])]
    found += [bare(name, Switch(name), "off") for name in mechanisms]
    shocks = _shocks(scenario, ticks)
    return [*found, shocks] if shocks.neutral else found


def _tactic(camp: str) -> Factor:
    return bare(f"tactic {named(camp)}", SetTactic(camp, "none"), AT_HOME)


def _shocks(scenario: StreetScenario, ticks: int | None) -> Factor:
    """All shocks within a run, each taken back by its opposite for as long as it lasts."""
    last = (scenario.ticks if ticks is None else ticks) - 1
    spans = [
        (shock, scenario.tick_of(shock.at), scenario.tick_of(shock.at if shock.until is None else shock.until)) for shock in scenario.shocks
    ]
    neutral = tuple(
        AddShock(quantity, -getattr(shock, quantity), since=since, until=min(until, last))
        for shock, since, until in spans
        for quantity in QUANTITIES
        if getattr(shock, quantity) and since <= last
    )
    return Factor(SHOCKS, neutral, "none comes from outside", SHOCKS)


def _group(text: str, scenario: StreetScenario, ticks: int | None) -> Factor | None:
    """Return all shocks as one factor, where that is what a text names."""
    if text.strip() != SHOCKS:
        return None
    found = _shocks(scenario, ticks)
    if not found.neutral:
        raise InputError(f"the scenario {scenario.scenario} has no shocks in the time that is run", "leave the factor out")
    return found


FACTORING = Factoring(
    noun="camp",
    whose=lambda scenario: scenario.camp_names,
    usual=usual,
    filled={"tactic": "{} = none", "flank": "{} absent"},
    meanings={SetTactic: AT_HOME, SetFlank: AWAY},
    group=_group,
)
"""All that attributions know of the street."""
