"""Where shards are run changes no result, whoever dies meanwhile."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from virtu.errors import InputError, RunError
from virtu.laboratory import orders, places, recorded
from virtu.record import store

from .kept_runs import content
from .small import TICKS, quickly, scenario

psutil = pytest.importorskip("psutil")
pytest.importorskip("distributed")

ASKED = ("sweep", "editorial-office", "--vary", "Brandt.display = 0:1:10", "-n", "1024", "--ticks", "8", "--measure", "gini", "--seed", "7")
"""Ten shards, each a few chunks long."""

PATIENCE = 900.0


@pytest.mark.parametrize(
    ("on", "told"),
    [("dusk", "did you mean 'dask'"), ("tcp://host", "tcp://HOST:PORT"), ("http://host:80", "tcp://HOST:PORT"), ("", "local")],
)
def test_a_place_that_is_none_is_refused(on: str, told: str) -> None:
    """Before anything is run."""
    with pytest.raises(InputError, match=told):
        places.check(on)


def test_a_scheduler_that_does_not_answer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The run fails with how to start one, and can be gone on with elsewhere."""
    monkeypatch.setattr(places, "PATIENCE", 0.2)
    given = orders.order("run", scenario(), [[]], 10, 0, TICKS)
    with pytest.raises(RunError, match=r"no scheduler answers at tcp://127.0.0.1:9.*dask scheduler"):
        recorded.record(given, tmp_path / "run", on="tcp://127.0.0.1:9")
    with pytest.raises(InputError, match="unfinished: 0 of 1"):
        store.read(tmp_path / "run")


def test_a_worker_writes_to_the_run_it_was_sent_for(tmp_path: Path) -> None:
    """Where it sees the directory of its order it writes there, else it sends what it found; it is given text and numbers alone."""
    with quickly():
        given = orders.order("run", scenario(), [[]], 10, 0, TICKS)
        sent = places.on_worker(tuple(given), 0, None, str(tmp_path / "elsewhere"))
        assert sent[1].sizes["history"] == 10
        recorded.record(given, tmp_path / "mine")
        other = given._replace(seed=1)
        assert places.on_worker(tuple(other), 0, None, str(tmp_path / "mine"))[1] is not None
        assert places.on_worker(tuple(given), 0, None, str(tmp_path / "mine"))[1] is None


def _flat(value: object) -> Iterator[object]:
    if isinstance(value, tuple):
        for part in value:
            yield from _flat(part)
    else:
        yield value


def test_what_is_sent_is_text_and_numbers() -> None:
    """No closures: an order survives being written down."""
    given = orders.order("run", scenario(), [["off work"]], 10, 0, TICKS)
    assert {type(part) for part in _flat(tuple(given))} <= {str, int}
    assert orders.order_of(orders.about(given)) == given


def _start(place: Path, *words: str) -> subprocess.Popen[bytes]:
    script = "from virtu.cli import main\nif __name__ == '__main__': main()"
    return subprocess.Popen(
        [sys.executable, "-c", script, *ASKED, "--out", str(place), *words], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    )


def _end(command: subprocess.Popen[bytes]) -> None:
    _, told = command.communicate(timeout=PATIENCE)
    assert command.returncode == 0, told.decode()


def _until(there: Path, command: subprocess.Popen[bytes]) -> None:
    """Wait until a shard is there; fail if the command is through before."""
    begun = time.monotonic()
    while not there.exists():
        assert command.poll() is None, command.communicate()[1].decode()
        assert time.monotonic() - begun < PATIENCE
        time.sleep(0.005)


def _workers(command: subprocess.Popen[bytes]) -> list[int]:
    """Return the processes that run shards: those with JAX loaded."""
    family = psutil.Process(command.pid).children(recursive=True)
    spawned = (one for one in family if "spawn_main" in " ".join(one.cmdline()))
    return [one.pid for one in spawned if any("jaxlib" in piece.path for piece in one.memory_maps())]


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the directory of the sweep, run in one process."""
    place = tmp_path_factory.mktemp("whole") / "run"
    _end(_start(place))
    return place


def _marked(place: Path) -> list[Path]:
    return [place / "shards" / f"{number:06}.json" for number in range(10)]


def test_a_worker_that_is_killed_changes_nothing(whole: Path, tmp_path: Path) -> None:
    """Two workers, one of them killed without warning while there is work left."""
    place = tmp_path / "run"
    command = _start(place, "--on", "dask", "--workers", "2")
    _until(next(iter(_marked(place))), command)
    workers = _workers(command)
    assert len(workers) >= 2
    os.kill(workers[0], signal.SIGKILL)
    assert not all(mark.exists() for mark in _marked(place))
    _end(command)
    assert content(place) == content(whole)


def test_a_cluster_that_is_killed_is_gone_on_with(whole: Path, tmp_path: Path) -> None:
    """Everything killed at once; another cluster, or none, ends it."""
    place = tmp_path / "run"
    command = _start(place, "--on", "dask", "--workers", "2")
    _until(_marked(place)[1], command)
    family = psutil.Process(command.pid).children(recursive=True)
    command.kill()
    for one in family:
        one.kill()
    command.communicate()
    with pytest.raises(InputError, match="unfinished"):
        store.read(place)
    _end(_start(place))
    assert content(place) == content(whole)
