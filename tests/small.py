"""A small organisation, and a compiler in a hurry, for tests that ask many things of few and short histories."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from ruamel.yaml import YAML

from virtu.laboratory import kernel
from virtu.scenario import Scenario, loads, template

from .compiling import sharing

TICKS, CHUNK = 12, 20


def content() -> dict[str, Any]:
    """Return the template as a mapping."""
    return YAML(typ="safe", pure=True).load(template("small"))


def scenario(**changes: Any) -> Scenario:
    """Return the template with parts changed."""
    return loads(json.dumps({**content(), **changes}))


@contextmanager
def quickly() -> Iterator[None]:
    """Compile sooner, for programs that run less than they take to compile, and share them."""
    with sharing(), pytest.MonkeyPatch.context() as patch:
        patch.setattr(kernel, "QUICKER", {**kernel.QUICKER, "xla_backend_optimization_level": 0})
        yield
