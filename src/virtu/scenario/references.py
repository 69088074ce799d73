"""Check the words by which one part of a file names another, or a word of the vocabulary."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence

from virtu.errors import Fault, Place, did_you_mean
from virtu.scenario.nodes import Node
from virtu.scenario.setting import Setting, nodes_at

_LONGEST_WORD = 80


def words_at(root: Node, pattern: str) -> Iterator[tuple[str, Place]]:
    """Yield the texts that stand where a pattern says, a list's one by one.

    Parameters
    ----------
    root : Node
        The tree.
    pattern : str
        Path of the value, ``*`` for any entry; ``#`` at its end for the keys of a mapping.
    """
    *steps, last = pattern.split(".")
    parents = nodes_at(root, steps)
    if last == "#":
        yield from ((key, parent.keys[key]) for parent in parents for key in parent.items())
        return
    for parent in parents:
        node = parent.child(last)
        yield from ((each.value, each.place) for each in (node, *node.each()) if isinstance(each.value, str))


def unknown_among(setting: Setting, references: Mapping[str, Sequence[str]], also: Mapping[str, str]) -> Iterator[Fault]:
    """Yield the words that name nothing the file or the vocabulary defines.

    Parameters
    ----------
    setting : Setting
        The tree and what may be named, by kind.
    references : mapping
        Where a file names something, by kind; as for `words_at`.
    also : mapping
        A further word that some of the patterns allow.
    """
    for kind, patterns in references.items():
        known = setting.known[kind]
        for pattern in patterns if known is not None else ():
            allowed = {*(known or ()), *([also[pattern]] if pattern in also else [])}
            yield from _unknown(setting.root, kind, pattern, allowed)


def _unknown(root: Node, kind: str, pattern: str, allowed: Collection[str]) -> Iterator[Fault]:
    for word, place in words_at(root, pattern):
        if word not in allowed:
            short = word[:_LONGEST_WORD]
            yield Fault(f"unknown {kind} {short!r}", place, did_you_mean(short, allowed) or f"the file defines no {kind}")
