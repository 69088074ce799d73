"""What the checks look at: the tree of a scenario and what its sections define."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from itertools import chain
from typing import NamedTuple

from virtu.scenario.calendar import Horizon
from virtu.scenario.nodes import Node
from virtu.scenario.vocabulary import Knob


class Setting(NamedTuple):
    """A tree, the words it may use by kind, its parameters and its time; None where what defines them cannot be read."""

    root: Node
    known: Mapping[str, Collection[str] | None]
    parameters: Mapping[str, Knob]
    horizon: Horizon | None


def defined(root: Node, *steps: str, needed: bool = False) -> set[str] | None:
    """Return the keys of a section, none where an optional one is absent, or None where it cannot be read."""
    node = root
    for step in steps:
        node = node.child(step)
    if node.value is None and not needed:
        return set()
    return set(node.value) if isinstance(node.value, dict) else None


def nodes_at(root: Node, steps: Sequence[str]) -> list[Node]:
    """Return the nodes under a path of keys, in which ``*`` stands for every entry of a mapping or a list."""
    nodes = [root]
    for step in steps:
        if step == "*":
            nodes = [inner for node in nodes for inner in chain(node.items().values(), node.each())]
        else:
            nodes = [node.child(step) for node in nodes if step in node.items()]
    return nodes
