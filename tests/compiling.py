"""One compiled program for each shape, shared by all tests of a session: compiling costs more than all their runs."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import jax
import pytest

from virtu.laboratory import kernel
from virtu.laboratory.arena import Arena

_COMPILE = kernel.compiled
_PROGRAMS: dict[Any, Any] = {}


def _shared(arena: Arena, setup: Any, agenda: Any, chunk: int) -> tuple[kernel.Program, float]:
    """Return a program compiled before for the same arena and shapes, else compile it; a program depends on nothing else."""
    shapes = tuple((part.shape, str(part.dtype)) for part in jax.tree.leaves((setup, agenda)))
    if (arena.name, shapes, chunk) not in _PROGRAMS:
        _PROGRAMS[arena.name, shapes, chunk] = _COMPILE(arena, setup, agenda, chunk)
    return _PROGRAMS[arena.name, shapes, chunk]


@contextmanager
def sharing(afresh: bool = False) -> Iterator[None]:
    """Share compiled programs while inside; afresh forgets those that other modules made, and what JAX itself has traced."""
    if afresh:
        _PROGRAMS.clear()
        jax.clear_caches()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(kernel, "compiled", _shared)
        yield
