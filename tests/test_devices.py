"""Histories split over several devices: the same to the last bit as on one, but for the rounding of what is only watched."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import jax
import pytest

from virtu.laboratory import kernel

SCRIPT = """
import numpy as np
import jax
from tests.small import scenario
from virtu.laboratory import kernel, programs
from virtu.laboratory.arenas import arena_of
from virtu.laboratory.interventions import agenda

assert len(jax.devices()) == 2
assert (kernel.devices(20), kernel.devices(7)) == (2, 1)
quick = {**kernel.QUICKER, "xla_backend_optimization_level": 0}
given = scenario()
arena, ticks = arena_of(given), 6
setup, plan = arena.fitted(arena.setup(given), ticks), agenda(given, [], ticks)
shapes = (setup, plan, np.zeros(2, np.uint32), np.zeros(20, np.int32))
for attempt in ("compiled", "kept"):
    found = [programs.program(arena.run, shapes, arena.kept, quick, count) for count in (1, 2)]
    raw = found[1](setup, plan, kernel.seed_words(3), np.arange(20, dtype=np.int32))
    assert all(len(part.sharding.device_set) == 2 for part in jax.tree.leaves(raw)), attempt
    one, two = (kernel.run_chunk(program, setup, plan, 3, 0, 20, 20) for program in found)
    parts = [run.trace._asdict() | run.album._asdict() for run in (one, two)]
    apart = {name for name, here in parts[0].items() if not np.array_equal(here, parts[1][name], equal_nan=here.dtype.kind == "f")}
    assert apart <= {"insight", "satisfaction"}, (attempt, apart)
    assert all(np.abs(getattr(one.trace, name) - getattr(two.trace, name)).max() <= 1e-6 for name in apart)
    assert not np.array_equal(one.trace.strength, kernel.run_chunk(found[1], setup, plan, 4, 0, 20, 20).trace.strength)
print("equal")
"""


def test_two_devices_say_what_one_says(tmp_path: Path) -> None:
    """In the organisation, whose branches ask all histories of a chunk; freshly compiled, and kept from before."""
    flags = f"{os.environ.get('XLA_FLAGS', '')} --xla_force_host_platform_device_count=2"
    around = os.environ | {"XLA_FLAGS": flags, "XDG_CACHE_HOME": str(tmp_path), "JAX_PLATFORMS": "cpu"}
    around["PYTHONPATH"] = os.pathsep.join([str(Path(__file__).parents[1]), *filter(None, [os.environ.get("PYTHONPATH")])])
    done = subprocess.run([sys.executable, "-c", SCRIPT], env=around, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    assert done.stdout.split()[-1] == "equal"
    assert len(list((tmp_path / "virtu" / "programs").iterdir())) == 2


@pytest.mark.parametrize(("there", "chunk", "used"), [(1, 64, 1), (4, 64, 4), (4, 6, 3), (8, 4, 4), (3, 7, 1), (2, 1, 1)])
def test_a_chunk_is_split_evenly(monkeypatch: pytest.MonkeyPatch, there: int, chunk: int, used: int) -> None:
    monkeypatch.setattr(jax, "devices", lambda: [None] * there)
    assert kernel.devices(chunk) == used
