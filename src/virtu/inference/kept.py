"""Compiled programs of inference: kept while the session lasts and, like the histories, between sessions; and how long they took."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

import jax

from virtu.laboratory import programs
from virtu.laboratory.kernel import QUICKER


class _Seconds:
    """Seconds spent on getting programs since the session began."""

    compiling = 0.0


seconds = _Seconds()
_known: dict[tuple[Any, ...], Callable[..., Any]] = {}
_compiling = threading.Lock()


def program(function: Callable[..., Any], arguments: tuple[Any, ...], result: Any) -> Callable[..., Any]:
    """Return a function compiled for arguments of these shapes.

    Parameters
    ----------
    function : callable
        A pure function; its ``__qualname__`` must say all that it depends on beside its arguments.
    arguments : tuple
        Trees of arrays; only their shapes and types count.
    result : tree
        Any tree with the structure of what the function returns.
    """
    shapes = tuple((part.shape, str(part.dtype)) for part in jax.tree.leaves(arguments))
    key = (function.__qualname__, str(jax.tree.structure(arguments)), shapes)
    with _compiling:
        if key not in _known:
            started = time.perf_counter()
            _known[key] = programs.program(function, arguments, result, QUICKER if jax.default_backend() == "cpu" else None)
            seconds.compiling += time.perf_counter() - started
        return _known[key]
