"""Scenarios that come with the package."""

from __future__ import annotations

from importlib.resources import files
from importlib.resources.abc import Traversable

_SUFFIX = ".yaml"


def _folder() -> Traversable:
    return files("virtu.scenario").joinpath("library")


def names() -> list[str]:
    """Return the names of the shipped scenarios, in alphabetical order."""
    folder = _folder()
    if not folder.is_dir():
        return []
    return sorted(entry.name.removesuffix(_SUFFIX) for entry in folder.iterdir() if entry.name.endswith(_SUFFIX))


def shipped(name: str) -> Traversable:
    """Return the file of a shipped scenario, one of `names`."""
    return _folder().joinpath(name + _SUFFIX)
