"""The benchmarks' own reckoning: profiles that name their parts, devices compared, a table that can be read."""

from __future__ import annotations

import json
from typing import Any

import jax
import jax.numpy as jnp
import pytest
from benchmarks import all as everything
from benchmarks import devices, time_spent

from virtu import chance
from virtu.minds import suspicion


def _two_parts(key: chance.Key, belief: jax.Array) -> jax.Array:
    """Draw a great deal, and shift beliefs a little."""
    slots = jnp.arange(2000, dtype=jnp.uint32)[:, None]
    lots = chance.draw(key, "vote", 3, slots)
    return lots.sum(axis=0) + suspicion.shift(belief, jnp.ones(belief.shape[1:])).sum(axis=(0, 1))


def test_a_profile_names_the_parts() -> None:
    """Shares add up, nearly all the time goes where nearly all the work is, and traffic is at least what the result takes."""
    given = chance.history_keys(1, jnp.arange(64)), jnp.full((5, 4, 64), 0.2)
    spent = time_spent.time_spent(_two_parts, given, None)
    assert sum(spent.share.values()) == pytest.approx(1.0)
    assert spent.share["chance"] > 0.5
    assert set(spent.share) <= {"all else", *time_spent.PARTS}
    assert spent.bytes >= 2000 * 64 * 4
    assert spent.operations_s > 0.0
    assert spent.operations >= 2


def test_a_program_without_sources_is_refused() -> None:
    with pytest.raises(RuntimeError, match="does not name its sources"):
        time_spent.Listing("HloModule bare\n\nENTRY %main (a: f32[]) -> f32[] {\n}\n")


def test_a_device_is_not_apart_from_itself_and_from_a_wrong_one_it_is() -> None:
    """The comparison would see a device that computes something else."""
    function, given = devices._matches(64)
    found = devices._both(function, given, jax.devices("cpu")[0])
    assert found["apart"] == 0.0
    assert found["ratio"] > 0.0
    played = function(*given)
    wrong = jax.tree.map(lambda part: 1 - part if part.dtype.kind == "i" else part + 1.0, played)
    assert devices._apart(played, wrong) > 3.0


def test_without_a_gpu_it_is_said(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(devices, "gpu", lambda: None)
    assert devices.compared(8, 2) == []
    assert "no GPU" in capsys.readouterr().err


def test_the_table_and_the_facts() -> None:
    rows = [everything.Row("one", 300.0, "runs/s", "plain Python", 2.0), everything.Row("other", 1.0, "runs/s", "a peer", 4.0, "a note")]
    lines = everything.table(rows).splitlines()
    assert lines[1].split()[:4] == ["one", "300", "2", "150.0"]
    assert lines[2].endswith("runs/s, a peer; a note")
    facts: dict[str, Any] = json.loads(json.dumps(everything.facts()))
    assert facts["memory_bytes"] is None or facts["memory_bytes"] > 2**20
    assert set(facts) >= {"processor", "processors", "load_average", "versions", "devices", "peers", "python"}
