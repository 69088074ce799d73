"""Load a scenario: find the file, read it and whatever it extends, merge them, and check the whole.

Every fault of a file is reported at once. Only where the text cannot be read at all does the report end there.
"""

from __future__ import annotations

import os
import stat
from importlib.resources.abc import Traversable
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

from pydantic import ValidationError

from virtu.errors import Fault, InputError, Place, ScenarioError, did_you_mean
from virtu.scenario.arenas import ARENAS, USUAL, AnyScenario, json_schema
from virtu.scenario.library import names, shipped
from virtu.scenario.nodes import LARGEST_FILE, Node, decode, parse, plain, quoted
from virtu.scenario.schema import Scenario
from virtu.scenario.wording import faults_of

MOST_FAULTS = 500
_SUFFIXES = (".yaml", ".yml")
_ATOMIC = (("population", "*"), ("actors", "*", "traits", "*"), ("elite", "members", "*", "containability"))
"""Where a mapping is one value, which a child replaces as a whole: the number of one with the source of another is wrong."""


class _Origin(NamedTuple):
    """Where a text comes from: name for messages, file, and folder of its relative paths, or None if it may only extend shipped ones."""

    label: str
    file: Traversable | Path
    folder: Path | None


class _Layer(NamedTuple):
    """One file of a chain, read."""

    origin: _Origin
    text: str
    root: Node


def load(source: str | Path) -> Scenario | Any:
    """Load a scenario with everything it extends.

    Parameters
    ----------
    source : str or pathlib.Path
        Name of a shipped scenario or path of a YAML file. A name goes before a file of the same name; ``./name`` is a file.

    Returns
    -------
    Scenario or StreetScenario
        By the ``arena`` the file names. To a type checker it is a `Scenario` or anything, so that who knows the arena need not say it.

    Raises
    ------
    ScenarioError
        If the file cannot be read or is at fault; with every fault and its place.
    InputError
        If there is neither a shipped scenario of that name nor such a file.
    """
    origin = _origin(source)
    if origin is None:
        raise InputError(f"there is no scenario and no file {str(source)[:80]!r}", did_you_mean(str(source)[:80], names()))
    return _assembled(origin, _read(origin))


def loads(text: str, name: str = "<text>") -> Scenario | Any:
    """Load a scenario from YAML text.

    Parameters
    ----------
    text : str
        What a scenario file holds. It can extend shipped scenarios only, because it has no folder.
    name : str
        What messages call it.

    Returns
    -------
    Scenario or StreetScenario
        As of `load`.

    Raises
    ------
    ScenarioError
        If it is at fault; with every fault and its place.
    """
    try:
        data = text.encode()
    except UnicodeEncodeError as error:
        line = text.count("\n", 0, error.start) + 1
        raise ScenarioError([Fault("text may hold no halves of surrogate pairs", Place(name, line))]) from None
    return _assembled(_Origin(name, Path(name), None), decode(data, name))


def _origin(source: str | Path, folder: Path | None = None) -> _Origin | None:
    """Return where a scenario lies, or None if it is not a path and no shipped scenario has the name."""
    if isinstance(source, str) and source in names():
        file = shipped(source)
        return _Origin(str(file), file, None)
    if not isinstance(source, Path) and not _looks_like_a_path(source, folder):
        return None
    path = Path(source) if folder is None else folder / source
    return _Origin(str(path), path, path.parent)


def _looks_like_a_path(source: str, folder: Path | None) -> bool:
    separated = "/" in source or os.sep in source
    return separated or source.endswith(_SUFFIXES) or os.path.exists((folder or Path()) / source)


def _read(origin: _Origin) -> str:
    """Return the text of a file, having made sure that it is one and of a sane size."""
    if not isinstance(origin.file, Path):
        return decode(origin.file.read_bytes(), origin.label)
    try:
        status = origin.file.stat()
        if not stat.S_ISREG(status.st_mode):
            what = "a folder" if stat.S_ISDIR(status.st_mode) else "a pipe, a device or a socket"
            raise _unreadable(origin, f"a scenario must be a file, but {origin.label} is {what}")
        if status.st_size > LARGEST_FILE:
            raise _unreadable(origin, f"a scenario may have at most {LARGEST_FILE:,} bytes, {origin.label} has {status.st_size:,}")
        with origin.file.open("rb") as stream:
            return decode(stream.read(LARGEST_FILE + 1), origin.label)
    except FileNotFoundError:
        raise _unreadable(origin, f"there is no file {origin.label}", _nearby(origin.file)) from None
    except OSError as error:
        raise _unreadable(origin, f"{origin.label[:200]} cannot be read: {error.strerror}") from None
    except ValueError:
        raise _unreadable(origin, f"{origin.label[:200]!r} is not a path") from None


def _unreadable(origin: _Origin, message: str, hint: str = "") -> ScenarioError:
    return ScenarioError([Fault(message, Place(origin.label), hint)])


def _nearby(path: Path) -> str:
    """Return a hint at the file that may have been meant."""
    shipped_name = path.name.removesuffix(".yaml")
    if shipped_name in names():
        return f"the shipped scenario is called {shipped_name}"
    beside = [file.name for suffix in _SUFFIXES for file in islice(path.parent.glob(f"*{suffix}"), 1000)]
    return did_you_mean(path.name[:80], beside)


def _assembled(origin: _Origin, text: str) -> AnyScenario:
    layers, faults = _chain(origin, text)
    root = _merged(layers)
    marred = {fault.where for fault in faults}
    arena, wrong = _arena(layers)
    if wrong:
        raise ScenarioError(_ordered([*faults, *wrong], [layer.origin.label for layer in layers]))
    scenario, wrong = _validated(root, arena)
    faults += [fault for fault in wrong if fault.where not in marred]
    faults += [fault for fault in islice(ARENAS[arena].cross_faults(root), MOST_FAULTS + 1) if fault.where not in marred]
    if faults or scenario is None:
        raise ScenarioError(_ordered(faults, [layer.origin.label for layer in layers]))
    scenario._text = layers[0].text + "".join(f"\n# extends {layer.origin.label!r}\n{layer.text}" for layer in layers[1:])
    return scenario


def _arena(layers: list[_Layer]) -> tuple[str, list[Fault]]:
    """Return the arena of a chain, which is that of the file at its end, and what is wrong with how the files name it."""
    eldest = layers[-1].root.items()
    arena = "street" if "arena" not in eldest and "camps" in eldest and "forum" not in eldest else USUAL
    for above, layer in enumerate(reversed(layers)):
        node = layer.root.items().get("arena")
        if node is None:
            continue
        word = node.text()
        if word not in ARENAS:
            hint = did_you_mean(word[:80], ARENAS) if word else f"known: {', '.join(ARENAS)}"
            return arena, [Fault(f"unknown arena: arena must be one of {', '.join(ARENAS)}, found {quoted(node.value)}", node.place, hint)]
        if above and word != arena:
            return arena, [Fault(f"a scenario has the arena of what it extends, {arena}, found {word!r}", node.place, "remove the line")]
        arena = word
    return arena, []


def _validated(root: Node, arena: str) -> tuple[AnyScenario | None, list[Fault]]:
    try:
        return ARENAS[arena].model.model_validate(plain(root)), []
    except ValidationError as error:
        return None, list(islice(faults_of(error, root, json_schema(arena)), MOST_FAULTS + 1))


def _ordered(faults: list[Fault], files: list[str]) -> list[Fault]:
    """Return the faults by file, line and column, each once, and no more than anybody can mend."""

    def rank(fault: Fault) -> tuple[int, int, int]:
        where = fault.where or Place(files[0])
        return files.index(where.file), where.line or 0, where.column or 0

    ordered = sorted(dict.fromkeys(faults), key=rank)
    if len(ordered) <= MOST_FAULTS:
        return ordered
    return [*ordered[:MOST_FAULTS], Fault("there are more faults than these; mend these first", ordered[MOST_FAULTS].where)]


def _chain(origin: _Origin, text: str) -> tuple[list[_Layer], list[Fault]]:
    """Return the file and all it extends, nearest first, and what is wrong with their texts."""
    layers: list[_Layer] = []
    faults: list[Fault] = []
    while True:
        try:
            root, wrong = parse(text, origin.label)
        except ScenarioError as error:
            raise ScenarioError([*faults, *error.faults]) from None
        layers.append(_Layer(origin, text, root))
        faults += wrong
        extends = root.child("extends")
        if extends.value is None:
            return layers, faults
        try:
            origin = _parent(extends, [layer.origin for layer in layers])
            text = _read(origin)
        except ScenarioError as error:
            raise ScenarioError([*faults, *(_at(fault, extends.place) for fault in error.faults)]) from None


def _at(fault: Fault, place: Place) -> Fault:
    """Return a fault of a file that cannot be read with the place that asks for the file."""
    known = fault.where is not None and fault.where.line is not None
    return fault if known else Fault(fault.message, place, fault.hint)


def _parent(extends: Node, chain: list[_Origin]) -> _Origin:
    """Return where the extended scenario lies."""
    wanted, origin = extends.text(), chain[-1]
    if wanted is None:
        raise ScenarioError([Fault("extends must be the name or the path of one scenario", extends.place)])
    if wanted not in names() and origin.folder is None:
        raise ScenarioError([Fault(f"there is no shipped scenario {wanted[:80]!r}", extends.place, did_you_mean(wanted[:80], names()))])
    parent = _origin(wanted, origin.folder)
    if parent is None:
        raise ScenarioError([Fault(f"there is no scenario and no file {wanted[:80]!r}", extends.place, did_you_mean(wanted[:80], names()))])
    if _identity(parent) in map(_identity, chain):
        steps = " → ".join(_short(each) for each in (*chain, parent))
        raise ScenarioError([Fault(f"a scenario may not extend itself: {steps}", extends.place, "remove one extends of the circle")])
    return parent


def _identity(origin: _Origin) -> str:
    return os.path.realpath(origin.label)


def _short(origin: _Origin) -> str:
    return origin.label.replace(os.sep, "/").rsplit("/", 1)[-1]


def _merged(layers: list[_Layer]) -> Node:
    """Return one tree in which every file goes before what it extends; the name of a scenario is never inherited."""
    root = layers[-1].root
    for layer in reversed(layers[:-1]):
        root = _merge(_without(root, "extends", "scenario"), layer.root, ())
    return root


def _without(node: Node, *keys: str) -> Node:
    return node._replace(value={key: child for key, child in node.value.items() if key not in keys})


def _merge(parent: Node, child: Node, path: tuple[str, ...]) -> Node:
    mappings = isinstance(parent.value, dict) and isinstance(child.value, dict)
    if not mappings or any(_fits(path, pattern) for pattern in _ATOMIC):
        return child
    entries = dict(parent.value)
    for key, node in child.value.items():
        if key not in entries:
            entries[key] = node
        elif node.value is None:
            del entries[key]
        else:
            entries[key] = _merge(entries[key], node, (*path, key))
    return Node(entries, child.place, {**parent.keys, **child.keys})


def _fits(path: tuple[str, ...], pattern: tuple[str, ...]) -> bool:
    return len(path) == len(pattern) and all(want in ("*", step) for step, want in zip(path, pattern, strict=True))
