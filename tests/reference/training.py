"""Training and shared experience: what is done to minds from outside."""

from __future__ import annotations

from types import SimpleNamespace as Record

from .chance import Words, normals
from .minds import clip

DEVIATION = {
    "theory_of_mind_depth": (0.4943978622, 0.0, 5.0),
    "theory_of_mind_precision": (0.2499330716, 0.0, 10.0),
}
"""Standard deviation in the default population, a normal distribution cut off at the range, and the range."""

BEHIND, AHEAD = 0.1825526639, 0.2091414399
"""Standard deviations of the two empathy weights over the three types of Bruhin, Fehr & Schunk (2019)."""


def gain(key: Words, site: str, slot: int, constants: dict[str, float], what: str) -> float:
    """Return what is done to a person, in standard deviations: effect + spread · z."""
    shock, _ = normals(key, site, 0, slot)
    return constants[f"{what}_effect"] + constants[f"{what}_spread"] * shock


def train(persons: list[Record], slots: list[int], agenda: Record, key: Words) -> None:
    """Move depth and precision of those trained."""
    for person, slot, trained in zip(persons, slots, agenda.trained, strict=True):
        if not trained:
            continue
        for name, (deviation, low, high) in DEVIATION.items():
            moved = getattr(person, name) + deviation * gain(key, "training", slot, agenda.parameter, "training")
            setattr(person, name, clip(moved, low, high))


def bits(code: int) -> set[int]:
    """Return the numbers of the groups with which somebody shares an experience."""
    return {number for number in range(31) if code // 2**number % 2}


def regard(world: Record, one: int, other: int) -> tuple[float, float]:
    """Return the empathy weights of one towards another, behind and ahead."""
    share = 0.0
    if world.groups[one]:
        share = 1.0 if world.groups[one] & world.groups[other] else world.p.sharing_spill
    lift, mind = share * world.warmth[one], world.mind[one]
    return mind.empathy_behind + lift * BEHIND, mind.empathy_ahead + lift * AHEAD
