"""What notebooks show of scenarios and results.

This floor knows no pictures: what is shown is looked up by name when a notebook asks for it, and nothing is loaded before.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import wraps
from importlib import import_module
from typing import Any, ParamSpec

Arguments = ParamSpec("Arguments")

SHOWN_BY = "virtu.show.notebook"
"""The module whose function `html` returns a thing as HTML."""


class Displayed:
    """Something that a notebook shows as HTML."""

    def _repr_html_(self) -> str:
        """Return it as HTML; all its text is escaped."""
        return import_module(SHOWN_BY).html(self)


class Answer(dict[str, Any], Displayed):
    """A result: a dictionary ready for JSON, which notebooks show as the terminal does.

    Parameters
    ----------
    kind : str
        What it is, such as ``comparison``.
    told : mapping
        Its content.
    """

    def __init__(self, kind: str = "", told: Mapping[str, Any] | None = None) -> None:
        super().__init__(told or {})
        self.kind = kind


def answering(kind: str) -> Callable[[Callable[Arguments, Mapping[str, Any]]], Callable[Arguments, Answer]]:
    """Make the dictionary that a function returns an answer of a kind."""

    def decorate(function: Callable[Arguments, Mapping[str, Any]]) -> Callable[Arguments, Answer]:
        @wraps(function)
        def asked(*arguments: Arguments.args, **named: Arguments.kwargs) -> Answer:
            return Answer(kind, function(*arguments, **named))

        return asked

    return decorate
