"""Read YAML text into a tree in which every value and every key knows its place.

Scenario files come from anywhere, so the text is read event by event and nothing in it is ever executed or expanded:
tags, multiple documents, duplicate keys, bombs of aliases and deep nesting are faults. Plain scalars are resolved by
the core schema of YAML 1.2, in which ``no``, ``1922-04``, ``12:30`` and ``1_000`` are text and ``08`` is eight.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    StreamEndEvent,
)
from ruamel.yaml.reader import ReaderError

from virtu.errors import Fault, Place, ScenarioError

LARGEST_FILE = 5_000_000  # bytes
MOST_NODES = 100_000
MOST_ALIASES = 50
DEEPEST = 40

_INTEGER = re.compile(r"[-+]?[0-9]+")
_BASED = re.compile(r"0o[0-7]{1,15}|0x[0-9a-fA-F]{1,15}")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_INFINITE = re.compile(r"[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)")
_WORDS: dict[str, bool | None] = {"": None, "~": None, "null": None, "Null": None, "NULL": None}
_WORDS |= {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
_NUMERIC = frozenset("-+.0123456789")
_EXACT_DIGITS = 18
_UNFIT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
_QUOTED = 60
_LONGEST_SHOWN = 40
_BEYOND_UNICODE = re.compile(r"\\U(?!00(?:0[0-9a-fA-F]|10))[0-9a-fA-F]{8}")
_SYNTAX = {
    "mapping values are not allowed": ("there is a ': ' too many", "put text that contains ': ' in quotes, and check the indentation"),
    "could not find expected ':'": ("a key lacks its ':'", "write 'key: value', and check the quotes and brackets before this line"),
    "expected <block end>": ("this does not fit what stands above", "check the indentation of this line"),
    "expected '<document start>'": ("something follows the end of the scenario", "check the indentation and the brackets before this line"),
    "that cannot start any token": (None, "indent with spaces, and put text that begins with a special character in quotes"),
}
"""What the parser says, in plain words where it does not, and what to do."""


class Node(NamedTuple):
    """One value of a file: a scalar, a mapping (dict of nodes) or a list (tuple of nodes), and where it stands."""

    value: Any
    place: Place
    keys: Mapping[str, Place] = {}

    def child(self, key: str) -> Node:
        """Return the node under a key, or an empty node at the same place where there is none."""
        return self.items().get(key, Node(None, self.place))

    def items(self) -> dict[str, Node]:
        """Return the entries of a mapping, and none of anything else."""
        return self.value if isinstance(self.value, dict) else {}

    def each(self) -> tuple[Node, ...]:
        """Return the elements of a list, and none of anything else."""
        return self.value if isinstance(self.value, tuple) else ()

    def text(self) -> str | None:
        """Return the value where it is text."""
        return self.value if isinstance(self.value, str) else None

    def number(self) -> float | None:
        """Return the value where it is a finite number."""
        fits = isinstance(self.value, int | float) and not isinstance(self.value, bool)
        return float(self.value) if fits and abs(self.value) < float("inf") else None


@dataclass
class _Notes:
    """What has been met so far in one file."""

    file: str
    faults: list[Fault] = field(default_factory=list)
    anchors: dict[str, tuple[Node, int, int] | None] = field(default_factory=dict)
    nodes: int = 0
    aliases: int = 0

    def place(self, event: Event) -> Place:
        return Place(self.file, event.start_mark.line + 1, event.start_mark.column + 1)

    def stop(self, message: str, place: Place, hint: str = "") -> ScenarioError:
        return ScenarioError([*self.faults, Fault(message, place, hint)])

    def count(self, more: int, place: Place) -> None:
        self.nodes += more
        if self.nodes > MOST_NODES:
            raise self.stop(f"a file may hold at most {MOST_NODES:,} values, aliases written out, and this one holds more", place)


def quoted(value: object) -> str:
    """Say in a few words what a value is, for messages."""
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return f"the truth value {str(value).lower()}"
    if isinstance(value, int | float):
        return f"the number {value}"
    if isinstance(value, str):
        return f"the text {value[:_QUOTED]!r}" + ("…" if len(value) > _QUOTED else "")
    return "a mapping" if isinstance(value, dict) else "a list"


def label(parts: Sequence[str | int]) -> str:
    """Write the path to a value, ``ties[3].trust``, on one line; list indices count from 0."""
    written = "".join(f"[{part}]" if isinstance(part, int) else f".{shown(part)}" for part in parts)
    return written.removeprefix(".") or "the scenario"


def shown(name: str) -> str:
    """Write a name so that it fits into a line."""
    short = name[:_LONGEST_SHOWN]
    return short if short.strip() and short.isprintable() else repr(short)


def plain(node: Node) -> Any:
    """Return the values of a node without their places; lists become tuples."""
    if isinstance(node.value, dict):
        return {key: plain(child) for key, child in node.value.items()}
    if isinstance(node.value, tuple):
        return tuple(plain(child) for child in node.value)
    return node.value


def decode(data: bytes, file: str) -> str:
    """Decode the bytes of a file.

    Parameters
    ----------
    data : bytes
        At most `LARGEST_FILE` of them.
    file : str
        Name of the file for messages.

    Raises
    ------
    ScenarioError
        If there are more bytes, or they are not UTF-8.
    """
    if len(data) > LARGEST_FILE:
        raise ScenarioError([Fault(f"a scenario may have at most {LARGEST_FILE:,} bytes, {file} has more", Place(file))])
    try:
        return data.decode("utf-8").removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        before = data[: error.start].decode("utf-8")
        message = f"a scenario must be UTF-8 text, found the byte 0x{data[error.start]:02x} at offset {error.start}"
        raise ScenarioError([Fault(message, _place_in(before, file), "save the file as UTF-8")]) from None


def parse(text: str, file: str) -> tuple[Node, list[Fault]]:
    """Read YAML text.

    Parameters
    ----------
    text : str
        One YAML document whose root is a mapping.
    file : str
        Name of the file for the places.

    Returns
    -------
    root : Node
        A mapping.
    faults : list of Fault
        What is wrong, though the rest could be read.

    Raises
    ------
    ScenarioError
        If no tree can be made of the text.
    """
    notes = _Notes(file)
    try:
        root = _document(YAML(typ="safe", pure=True).parse(text), notes)
    except ReaderError as error:
        found = f"U+{ord(text[error.position]):04X}"
        raise notes.stop(f"a file may hold no control characters, found {found}", _place_in(text[: error.position], file)) from None
    except YAMLError as error:
        raise notes.stop(*_syntax(error, file)) from None
    except (ValueError, OverflowError):  # what the parser lets through for an escape such as \\UFFFFFFFF
        found = _BEYOND_UNICODE.search(text)
        place = _place_in(text[: found.start()], file) if found else Place(file)
        raise notes.stop("this is not valid YAML: an escape names a character beyond U+10FFFF", place) from None
    if not isinstance(root.value, dict):
        raise notes.stop(f"a scenario must be a mapping of fields, found {quoted(root.value)}", root.place, "begin with 'scenario: a-name'")
    return root, notes.faults


def _place_in(before: str, file: str) -> Place:
    line_start = before.rfind("\n") + 1
    return Place(file, before.count("\n") + 1, len(before) - line_start + 1)


def _syntax(error: YAMLError, file: str) -> tuple[str, Place, str]:
    if not isinstance(error, MarkedYAMLError) or error.problem is None:
        return f"this is not valid YAML: {error}", Place(file), ""
    mark = error.problem_mark or error.context_mark
    plain_words, hint = next((words for problem, words in _SYNTAX.items() if problem in error.problem), (None, ""))
    if not hint and error.context and error.context_mark:
        hint = f"{error.context} that begins on line {error.context_mark.line + 1}"
    place = Place(file, mark.line + 1, mark.column + 1) if mark else Place(file)
    return f"this is not valid YAML: {plain_words or error.problem}", place, hint


def _document(events: Iterator[Event], notes: _Notes) -> Node:
    next(events)
    first = next(events)
    if isinstance(first, StreamEndEvent):
        raise notes.stop("the file is empty", Place(notes.file, 1, 1), "virtu new writes a file to begin with")
    version = getattr(first, "version", None)
    if version is not None and tuple(version) != (1, 2):
        notes.faults.append(Fault("a scenario must be YAML 1.2, found another %YAML directive", Place(notes.file, 1, 1), "remove it"))
    root, _ = _compose(events, next(events), notes, 0)
    next(events)
    second = next(events)
    if isinstance(second, DocumentStartEvent):
        raise notes.stop("a file may hold one document only, found a second", notes.place(second), "remove the line '---'")
    return root


def _compose(events: Iterator[Event], event: Event, notes: _Notes, depth: int) -> tuple[Node, int]:
    """Return the node that begins with the event and its height: 0 for a scalar, one more than its highest child else."""
    place = notes.place(event)
    if isinstance(event, AliasEvent):
        return _alias(event, notes, place, depth)
    if getattr(event, "tag", None) is not None:
        notes.faults.append(Fault("tags (words with '!') are not allowed", place, "remove the tag, or put the text in quotes"))
    anchor, before = getattr(event, "anchor", None), notes.nodes
    if anchor is not None:
        notes.anchors[anchor] = None
    notes.count(1, place)
    if isinstance(event, ScalarEvent):
        node, height = Node(_scalar(event, notes, place), place), 0
    else:
        if depth >= DEEPEST:
            raise notes.stop(f"values may be nested at most {DEEPEST} deep", place)
        build = _mapping if isinstance(event, MappingStartEvent) else _sequence
        node, height = build(events, notes, place, depth + 1)
    if anchor is not None:
        notes.anchors[anchor] = (node, height, notes.nodes - before)
    return node, height


def _alias(event: AliasEvent, notes: _Notes, place: Place, depth: int) -> tuple[Node, int]:
    notes.aliases += 1
    if notes.aliases > MOST_ALIASES:
        raise notes.stop(f"a file may use at most {MOST_ALIASES} aliases", place, "write the values out, or use extends")
    known = notes.anchors.get(event.anchor)
    if known is None:
        problem = "stands inside itself" if event.anchor in notes.anchors else "is not defined before"
        raise notes.stop(f"the alias *{event.anchor} {problem}", place)
    node, height, size = known
    if depth + height > DEEPEST:
        raise notes.stop(f"values may be nested at most {DEEPEST} deep", place)
    notes.count(size, place)
    return node, height


def _sequence(events: Iterator[Event], notes: _Notes, place: Place, depth: int) -> tuple[Node, int]:
    elements: list[Node] = []
    highest = 0
    while not isinstance(event := next(events), SequenceEndEvent):
        node, height = _compose(events, event, notes, depth)
        elements.append(node)
        highest = max(highest, height)
    return Node(tuple(elements), place), highest + 1


def _mapping(events: Iterator[Event], notes: _Notes, place: Place, depth: int) -> tuple[Node, int]:
    entries: dict[str, Node] = {}
    places: dict[str, Place] = {}
    highest = 0
    while not isinstance(event := next(events), MappingEndEvent):
        at = notes.place(event)
        key = _key(_compose(events, event, notes, depth)[0], at, notes)
        event = next(events)
        node, height = _compose(events, event, notes, depth)
        if isinstance(event, ScalarEvent) and event.style is None and not event.value:
            node = node._replace(place=at)  # what is not written stands nowhere: point at its key
        highest = max(highest, height)
        if key in entries:
            first = places[key].line
            notes.faults.append(Fault(f"the key {key!r} stands twice", at, f"it stands on line {first} already; remove or rename one"))
        elif key is not None:
            entries[key], places[key] = node, at
    return Node(entries, place, places), highest + 1


def _key(node: Node, place: Place, notes: _Notes) -> str | None:
    if isinstance(node.value, str):
        return node.value
    scalar = not isinstance(node.value, dict | tuple)
    notes.faults.append(Fault(f"a key must be text, found {quoted(node.value)}", place, "put it in quotes" if scalar else ""))
    return str(node.value) if scalar else None


def _scalar(event: ScalarEvent, notes: _Notes, place: Place) -> Any:
    if event.style is None:
        return _resolved(event.value)
    unfit = _UNFIT.search(event.value)
    if unfit is None:
        return event.value
    notes.faults.append(Fault(f"text may hold no control characters, found U+{ord(unfit.group()):04X}", place))
    return _UNFIT.sub("?", event.value)


def _resolved(text: str) -> Any:
    """Return what an unquoted scalar stands for in the core schema of YAML 1.2."""
    if text in _WORDS:
        return _WORDS[text]
    if text[0] not in _NUMERIC:
        return text
    if _INTEGER.fullmatch(text):
        return int(text) if len(text) <= _EXACT_DIGITS else float(text)
    if _BASED.fullmatch(text):
        return int(text, 0)
    if _FLOAT.fullmatch(text):
        return float(text)
    return float(text.replace(".", "", 1)) if _INFINITE.fullmatch(text) else text
