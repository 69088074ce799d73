"""What the description of an organisation says that is peculiar to it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from virtu.organisation import measures as known
from virtu.organisation import moves, state
from virtu.organisation.phases import DRAWN, PHASES
from virtu.scenario import Scenario
from virtu.scenario.vocabulary import MECHANISMS, parameters
from virtu.scenario.vocabulary import MOVES as NAMES

__all__ = [
    "CONCEPTS",
    "MECHANISMS",
    "MOVES",
    "PHASES",
    "SETUP",
    "SITES",
    "SPACE",
    "STATE",
    "entities",
    "measures",
    "parameters",
    "recorded",
]

STATE, SETUP = state.State, state.Setup

MOVES: dict[str, Callable[..., Any]] = {name: moves.REGISTRY[name].effect for name in NAMES}
"""The moves an actor can choose, and what documents each."""

SITES: tuple[str, ...] = (*(site for drawn in DRAWN.values() for sites in drawn.values() for site in sites), "move", "target")
"""Decisions at which chance enters."""

SPACE = (
    "There is no space. Persons act in *places*, at most 32 chairs in and around the forum (F below; P persons, S posts, O outer seats,"
    " Q issues, T ticks)."
)

CONCEPTS: tuple[Mapping[str, str], ...] = (
    {
        "name": "Basic principles",
        "text": "Quantal choice among moves scored by a look-ahead of first order; theory of mind as a mixture of levels of reasoning;"
        " empathy as a weight on the other's payoff; suspicion as a belief over types of intent. Theory of mind and empathy share no"
        " parameter.",
    },
    {
        "name": "Emergence",
        "text": "Who ends on top, falls, coalitions, purges and collective leadership come from what persons choose; none is imposed.",
    },
    {
        "name": "Adaptation",
        "text": "Each member of the forum chooses one of ten moves and a target each tick, by softmax of the scores; precision falls with"
        " threat in those without nerve.",
    },
    {
        "name": "Objectives",
        "text": "The expected change of one's own standing, prospects and policy, of the other's payoff by empathy, less dread of ruthless"
        " means and the price of risk.",
    },
    {
        "name": "Learning",
        "text": "Beliefs about intent are updated by what others do; estimates of strength follow what is seen.",
    },
    {
        "name": "Prediction",
        "text": "The sides that third parties would take in a contest are predicted with the actor's own estimates and its own depth of"
        " theory of mind.",
    },
    {
        "name": "Sensing",
        "text": "Public strength is seen with error; backing and ambition as far as they are displayed or found out.",
    },
    {
        "name": "Interaction",
        "text": "Direct, by moves, votes and contests; indirect, through what third parties come to believe.",
    },
    {
        "name": "Collectives",
        "text": "Patronage (who depends on whom) and sides in a contest; neither has a state of its own.",
    },
)


def entities(scenario: Scenario) -> list[dict[str, str]]:
    """Return name and text of each kind of entity of a scenario."""
    persons = [f"{name} ({actor.role})" if actor.role else name for name, actor in scenario.actors.items()]
    posts = [f"{post.label or key}, held by {post.holder or 'nobody'}, weight {post.weight:g}" for key, post in scenario.posts.items()]
    groups = [f"{group.count} of {group.label or key}, weight {group.weight:g} each" for key, group in scenario.groups.items()]
    forum = scenario.forum
    found = {
        f"Persons ({len(persons)})": "; ".join(persons),
        f"Posts ({len(posts)})": "; ".join(posts) or "none",
        "Outer seats": "; ".join(groups) or "none",
        "The forum": f"{forum.seats} voting seats and {forum.candidates} candidates",
        "Issues": "; ".join(issue.label or key for key, issue in scenario.issues.items()),
        "The founder": scenario.founder.actor if scenario.founder else "none",
    }
    return [{"name": name, "text": text} for name, text in found.items()]


def measures() -> list[dict[str, str]]:
    """Return form, unit and meaning of each measure."""
    return [
        {"name": f"{one.name}:PERSON" if one.personal else one.name, "unit": one.unit, "text": one.doc} for one in known.MEASURES.values()
    ]


def recorded(scenario: Scenario) -> str:
    """Return what a scenario is held against, or nothing."""
    exits = len(scenario.record.exits) if scenario.record else 0
    return f"{exits} recorded losses of standing: their dates and their order" if exits else ""
