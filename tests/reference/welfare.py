"""What an act takes from the payoff of the one it is aimed at, or gives to it, as the actor sees it."""

from __future__ import annotations

from types import SimpleNamespace as Record

from .state import both_in_office, places


def loss_of_favour(world: Record, view: Record, one: int, other: int, favour: int) -> float:
    """Return what a unit of somebody's attraction is worth to the other, as one sees it."""
    moved = (1.0 - world.p.farsightedness) * world.precision[one] * (world.depth[one][1] + world.depth[one][2]) * view.share[one][favour]
    standing = view.share[one][other] * view.fear[other][favour]
    prospect = world.p.foresight * view.ambition[one][other] * view.hope[other][favour]
    return moved * (standing + prospect)


def loss_of_focus(view: Record, one: int, other: int) -> float:
    """Return what a unit of strength expected to turn on the other costs it: all strike the easier."""
    return view.share[one][other] * sum(view.danger[other])


def gain_of_strength(state: Record, world: Record, view: Record, one: int, other: int) -> float:
    """Return what a unit of strength, as a share of all, is worth to the other: its share, and its contests."""
    share = view.share[one][other]
    found = 1.0 - share
    for rival in places(state):
        if both_in_office(state, other, rival):
            beyond = 1.0 - view.contests[other, rival].share
            found += share * view.danger[other][rival] * beyond
            found += world.p.foresight * view.ambition[one][other] * view.chase[other][rival] * beyond
    return found


def gain_of_shelter(view: Record, one: int, other: int) -> float:
    """Return what it is worth to the other that one is sure to stand by it against its likeliest attacker."""
    rivals = [rival for rival in view.attacker[other] if rival != one]
    unsure = sum(view.danger[other][rival] * (1.0 - view.contests[other, rival].sides[one]) for rival in rivals)
    return view.share[one][other] * view.share[one][one] * unsure


def gain_of_strike(world: Record, view: Record, one: int, other: int, distance: float) -> float:
    """Return what a strike does to its target, who takes the spoils where it fails and loses all where it succeeds.

    Distance is that of the positions as the target weighs them.
    """
    wins, held, taken = view.contests[one, other].wins, view.share[one][other], view.share[one][one]
    relief = held * view.hazard[other][one] if one in view.attacker[other] else 0.0
    gain = (1.0 - world.p.farsightedness) * (world.p.spoils * taken + relief + world.p.policy_weight * taken * distance)
    if view.after is not None:
        gain += world.p.farsightedness * held * (view.after[one][one][other] - 1.0)
    return (1.0 - wins) * gain - wins * held * (1.0 - view.threat[other])
