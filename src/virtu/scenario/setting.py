"""What the checks look at: the tree of a scenario and what its sections define."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain
from typing import NamedTuple

from virtu.scenario.calendar import Horizon
from virtu.scenario.nodes import Node


class Setting(NamedTuple):
    """A tree and what its sections define; None where a section cannot be read."""

    root: Node
    persons: set[str] | None
    issues: set[str] | None
    offices: set[str] | None
    sources: set[str] | None
    horizon: Horizon | None


def nodes_at(root: Node, steps: Sequence[str]) -> list[Node]:
    """Return the nodes under a path of keys, in which ``*`` stands for every entry of a mapping or a list."""
    nodes = [root]
    for step in steps:
        if step == "*":
            nodes = [inner for node in nodes for inner in chain(node.items().values(), node.each())]
        else:
            nodes = [node.child(step) for node in nodes if step in node.items()]
    return nodes
