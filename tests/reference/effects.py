"""What the moves of a tick do, all at once: everything is measured on the state before any of them."""

from __future__ import annotations

import math
from collections.abc import Callable
from types import SimpleNamespace as Record
from typing import NamedTuple

from virtu.scenario.vocabulary import Status

from . import minds
from .outlook import hostile, strongest
from .state import both_in_office, free_dependence, matrix, places

PAIRS = ("trust", "dependence", "claim", "estimate", "harm", "benefit", "protects")


class Act(NamedTuple):
    """One actor's move on one target, the state before it, and the sum of changes to which it adds."""

    before: Record
    world: Record
    view: Record
    change: Record
    one: int
    other: int

    def listeners(self) -> list[tuple[int, float]]:
        """Return those who hear the actor speak of the target, and how far each believes it."""
        trust = self.before.trust
        heard = [place for place in places(self.before) if both_in_office(self.before, place, self.one)]
        return [(place, (1.0 + trust[place][self.one]) / 2.0) for place in heard if place != self.other]

    def add(self, name: str, row: int, column: int, amount: float) -> None:
        getattr(self.change, name)[row][column] += amount

    def back(self, name: str, amount: float) -> None:
        """Change what the target feels for or owes to the actor."""
        self.add(name, self.other, self.one, amount)

    def focus(self) -> None:
        """Make the target a focal point as far as the two are known to be at odds."""
        enmity = (1.0 - self.before.trust[self.one][self.other]) / 2.0
        self.change.focus[self.other] += self.world.p.praise_focus * enmity

    def warmth(self) -> float:
        return self.world.p.cultivate_gain * (1.0 - self.before.trust[self.other][self.one])


def cultivate(act: Act) -> None:
    act.back("trust", act.warmth())
    act.back("benefit", act.world.p.kind_value)


def praise(act: Act) -> None:
    for listener, belief in act.listeners():
        act.add("estimate", listener, act.other, act.world.p.praise_gain * belief)
    act.back("trust", act.warmth() * (1.0 - act.world.attention[act.other]))
    act.focus()


def denounce(act: Act) -> None:
    p = act.world.p
    for listener, belief in act.listeners():
        act.add("claim", listener, act.other, p.denounce_gain * belief)
        act.add("trust", listener, act.other, -p.denounce_trust * belief)
    for ruler in strongest(act.world, act.view, act.one):
        if ruler != act.other:
            act.add("trust", ruler, act.one, p.denounce_trust * hostile(act.before, ruler, act.other))
    act.back("harm", p.hostile_value)
    act.focus()


def obstruct(act: Act) -> None:
    act.change.obstructed[act.other] += 1
    act.back("harm", act.world.p.hostile_value * act.world.attention[act.other])


def shun(act: Act) -> None:
    for listener, belief in act.listeners():
        act.add("trust", listener, act.other, -act.world.p.shun_harm * belief)
    act.back("harm", act.world.p.hostile_value)


def rescue(act: Act) -> None:
    p = act.world.p
    act.back("dependence", p.rescue_dependence * free_dependence(act.before, act.other))
    act.back("benefit", p.rescue_value)
    act.change.raised.add(act.before.person[act.other])


def protect(act: Act) -> None:
    p = act.world.p
    act.back("dependence", p.protect_dependence * free_dependence(act.before, act.other))
    act.back("benefit", p.kind_value)
    act.add("protects", act.one, act.other, 1.0)
    for ruler in strongest(act.world, act.view, act.one):
        act.add("trust", ruler, act.one, -p.shun_harm * max(-act.before.trust[ruler][act.other], 0.0))


EFFECTS: dict[str, Callable[[Act], None]] = {
    "cultivate": cultivate,
    "praise": praise,
    "denounce": denounce,
    "obstruct": obstruct,
    "shun": shun,
    "rescue": rescue,
    "protect": protect,
}
"""To bide, to offer to resign and to strike change nothing before they are settled."""


def act_all(state: Record, info: Record, world: Record, view: Record, acts: list[tuple[str, int, int]]) -> None:
    """Work out the sum of all acts, then change the state by it."""
    count = len(state.person)
    change = Record(focus=[0.0] * count, obstructed=[0] * count, raised=set(), **{name: matrix(count) for name in PAIRS})
    for name, one, other in acts:
        if name in EFFECTS:
            EFFECTS[name](Act(state, world, view, change, one, other))
    change_pairs(state, info, change)
    for place in places(state):
        lost = world.p.obstruct_harm * min(change.obstructed[place], 3)
        state.merit[place] = max(state.merit[place] * (1.0 - lost), 0.0)
        state.focus[place] += change.focus[place]
    for person in change.raised:
        if state.status[person] > Status.FORUM:
            state.status[person] -= 1


def change_pairs(state: Record, info: Record, change: Record) -> None:
    for one in places(state):
        for other in places(state):
            if not both_in_office(state, one, other):
                continue
            state.trust[one][other] = minds.clip(state.trust[one][other] + change.trust[one][other], -1.0, 1.0)
            state.dependence[one][other] += change.dependence[one][other]
            state.estimate[one][other] *= math.exp(change.estimate[one][other])
            belief = minds.shifted([share[one][other] for share in state.belief], change.claim[one][other])
            for intent, share in enumerate(belief):
                state.belief[intent][one][other] = share
            info.harm[one][other] += change.harm[one][other]
            info.benefit[one][other] += change.benefit[one][other]
            info.protects[one][other] = change.protects[one][other]
        owed = max(sum(state.dependence[one]), 1.0)
        state.dependence[one] = [value / owed for value in state.dependence[one]]
