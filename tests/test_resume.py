"""A run that is killed at any instant and gone on with is the run that was never interrupted, bit for bit."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import xarray as xr

from virtu.errors import InputError, RunError
from virtu.laboratory import compare as comparing
from virtu.laboratory import orders, places, recorded
from virtu.laboratory.orders import Order
from virtu.laboratory.simulate import simulate
from virtu.record import directory, shards, store

from .hot_street import hot
from .kept_runs import content
from .small import TICKS, quickly, scenario

HISTORIES = 200  # four shards


class Killed(BaseException):
    """Stands for a kill: nothing in virtu may catch it."""


@pytest.fixture(scope="module", autouse=True)
def _compiled_once() -> Iterator[None]:
    with quickly():
        yield


@pytest.fixture(scope="module", params=["run", "comparison"])
def given(request: pytest.FixtureRequest) -> Order:
    """Return an order of each kind."""
    if request.param == "run":
        return orders.order("run", scenario(), [["off work"]], HISTORIES, 5, TICKS)
    return comparing.order(scenario(), ["off work", "trait Berg.nerve = 0.9 @ 3"], HISTORIES, 5, TICKS, "gini")


@pytest.fixture(scope="module")
def whole(given: Order, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the directory of a run that was never interrupted."""
    place = tmp_path_factory.mktemp("whole") / given.kind
    recorded.record(given, place, workers=1)
    return place


def _die_at(instant: int, patch: pytest.MonkeyPatch) -> None:
    """Die when a file takes its place for so many times, before or after it does."""
    left = [instant]

    def dying(name: str) -> Callable[[Path, Any], Path]:
        does = getattr(Path, name)

        def put(path: Path, target: Any) -> Path:
            left[0] -= 1
            if left[0] == 0:
                raise Killed
            put_there = does(path, target)
            left[0] -= 1
            if left[0] == 0:
                raise Killed
            return put_there

        return put

    for name in ("rename", "replace"):
        patch.setattr(Path, name, dying(name))


@pytest.mark.parametrize("step", [1, 5])
def test_killed_at_any_instant_it_ends_the_same(given: Order, whole: Path, tmp_path: Path, step: int) -> None:
    """Killed again and again, each time a little later, until it is through."""
    place, kills = tmp_path / "run", 0
    for instant in range(1, 400, step):
        with pytest.MonkeyPatch.context() as patch:
            _die_at(instant, patch)
            try:
                recorded.record(given, place, workers=1)
                break
            except Killed:
                kills += 1
    assert kills >= 3
    assert content(place) == content(whole)
    assert store.read(place).dataset.load().drop_attrs().identical(store.read(whole).dataset.load().drop_attrs())


def test_a_run_that_forgot_a_shard_is_seen(given: Order, whole: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The test above would fail on a program that takes a shard without a mark for done."""

    def stop(done: int, _: int) -> None:
        if done >= 128:
            raise Killed

    with pytest.raises(Killed):
        recorded.record(given, tmp_path / "run", workers=1, progress=stop)
    monkeypatch.setattr(shards, "is_done", lambda *_: True)
    recorded.record(given, tmp_path / "run", workers=1)
    assert content(tmp_path / "run") != content(whole)


@pytest.mark.parametrize("how", [{"workers": 2}, {"chunk": 20}])
def test_workers_and_chunks_change_no_file(given: Order, whole: Path, tmp_path: Path, how: dict[str, Any]) -> None:
    """Shards are those of the order, whoever runs them."""
    recorded.record(given, tmp_path / "run", **how)
    assert content(tmp_path / "run") == content(whole)


def test_the_record_is_the_run(whole: Path, given: Order) -> None:
    """What is recorded shard by shard is what is simulated, or compared, at once."""
    back = store.read(whole)
    if given.kind == "run":
        at_once = simulate(scenario(), HISTORIES, 5, TICKS, do=["off work"])
        xr.testing.assert_identical(back.dataset.load().drop_attrs(), at_once.drop_attrs())
        assert back.dataset.attrs["do"] == ["off work"]
    else:
        at_once = comparing.compare(scenario(), ["off work", "trait Berg.nerve = 0.9 @ 3"], HISTORIES, 5, TICKS, outcome="gini")
        assert json.loads(json.dumps(at_once["arms"])) == back.summary["arms"]


def test_the_street_is_recorded(tmp_path: Path) -> None:
    """The other arena, through the same door."""
    given = orders.order("run", hot(), [[]], 70, 0, TICKS)
    told = recorded.record(given, tmp_path / "run")
    back = store.read(tmp_path / "run")
    xr.testing.assert_identical(back.dataset.load().drop_attrs(), simulate(hot(), 70, 0, TICKS).drop_attrs())
    assert (told["histories"], len(back.events) > 0) == (70, True)


def test_the_same_command_again_runs_nothing(given: Order, whole: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A finished run says again what it found, and its files stay as they are."""
    before = content(whole), (whole / "run.json").read_bytes()
    monkeypatch.setattr(places, "each", lambda *_: pytest.fail("ran again"))
    assert directory.plain(recorded.record(given, whole)) == store.read(whole).summary
    assert (content(whole), (whole / "run.json").read_bytes()) == before


@pytest.mark.parametrize("lost", ["dataset.zarr/zarr.json", "shards/000001.json", "shards/frame.json", "dataset.zarr/history/c/0"])
def test_damage_is_repaired(given: Order, whole: Path, tmp_path: Path, lost: str) -> None:
    """A file lost or altered is named, and resume brings it back as it was, running no more than it must."""
    place = tmp_path / "run"
    shutil.copytree(whole, place)
    for harm in (Path.unlink, lambda path: path.write_bytes(b"x" + path.read_bytes()[1:])):
        harm(place / lost)
        with pytest.raises(InputError, match=lost):
            store.read(place)
        recorded.resume(place)
        assert content(place) == content(whole)


def test_a_damaged_shard_is_run_again_alone(given: Order, whole: Path, tmp_path: Path) -> None:
    """The others are kept."""
    place = tmp_path / "run"
    shutil.copytree(whole, place)
    data = next(
        path for path in sorted((place / "dataset.zarr").rglob("*")) if path.is_file() and "/c/" in path.as_posix() and "2" in path.parts
    )
    data.write_bytes(data.read_bytes()[:-1])
    again: list[int] = []
    with pytest.MonkeyPatch.context() as patch:
        run = orders.run_shard
        patch.setattr(orders, "run_shard", lambda ready, shard: again.append(shard.number) or run(ready, shard))
        recorded.resume(place)
    assert len(again) == 1
    assert content(place) == content(whole)


def test_an_interrupted_run_tells_of_what_is_done(given: Order, whole: Path, tmp_path: Path) -> None:
    """Ctrl-C keeps the shards that are done; a run tells of them, a comparison says how to go on."""

    def stop(done: int, _: int) -> None:
        if done >= 128:
            raise KeyboardInterrupt

    place = tmp_path / "run"
    if given.kind == "run":
        told = recorded.record(given, place, workers=1, progress=stop)
        assert told["interrupted"]
        assert told["histories"] in (128, 192)  # what was running when it was interrupted is kept too
    else:
        with pytest.raises(RunError, match=r"interrupted; [23] of 4 shards are kept .*virtu resume"):
            recorded.record(given, place, workers=1, progress=stop)
    with pytest.raises(InputError, match=r"unfinished: [23] of 4 .*virtu resume"):
        store.read(place)
    recorded.resume(place)
    assert content(place) == content(whole)


def test_another_order_is_refused(given: Order, whole: Path) -> None:
    """A directory belongs to one order; nothing in it changes."""
    before = content(whole)
    for other in (given._replace(seed=6), given._replace(histories=100), given._replace(arms=((), ("off patronage",)))):
        with pytest.raises(InputError, match="holds another run"):
            recorded.record(other, whole)
    assert content(whole) == before


def test_a_run_of_another_program_is_not_gone_on_with(given: Order, tmp_path: Path) -> None:
    """Histories of two programs are not mixed."""
    about = orders.about(given)
    directory.begin(tmp_path / "run", {**about, "versions": {**about["versions"], "jax": "0.1"}})
    with pytest.raises(InputError, match="begun by another program.*jax 0.1"):
        recorded.resume(tmp_path / "run")
    directory.write_json(tmp_path / "run" / "run.json", {**about, "design": {**about["design"], "code": "0"}})
    with pytest.raises(InputError, match=r"another program \(code\)"):
        recorded.resume(tmp_path / "run")


def test_two_do_not_write_to_one_run(given: Order, tmp_path: Path) -> None:
    """Whoever comes second is told so."""
    directory.begin(tmp_path / "run", orders.about(given))
    with directory.at_work(tmp_path / "run"), pytest.raises(InputError, match="another virtu is at work"):
        recorded.resume(tmp_path / "run")


def test_a_foreign_variable_is_not_taken_in(given: Order, whole: Path, tmp_path: Path) -> None:
    """A file that no shard wrote is named, and not made a part of the run by finishing it."""
    place = tmp_path / "run"
    shutil.copytree(whole, place)
    (place / "dataset.zarr" / "luck").mkdir()
    (place / "dataset.zarr" / "luck" / "zarr.json").write_text("{}")
    for does in (store.read, recorded.resume):
        with pytest.raises(InputError, match="not of the run: dataset.zarr/luck/zarr.json"):
            does(place)


def test_a_process_that_is_killed(tmp_path: Path) -> None:
    """The command, killed without warning when a shard is there, and the same command again."""
    words = [
        sys.executable,
        "-c",
        "from virtu.cli import main; main()",
        "run",
        "editorial-office",
        "-n",
        "320",
        "--ticks",
        "6",
        "--workers",
        "1",
        "--out",
    ]
    killed = subprocess.Popen([*words, str(tmp_path / "killed")], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    while not (tmp_path / "killed" / "shards" / "000001.json").exists():
        time.sleep(0.01)
        assert killed.poll() is None
    killed.send_signal(signal.SIGKILL)
    assert killed.wait() == -signal.SIGKILL
    with pytest.raises(InputError, match="unfinished"):
        store.read(tmp_path / "killed")
    for name in ("killed", "whole"):
        subprocess.run([*words, str(tmp_path / name)], check=True, stdout=subprocess.DEVNULL)
    assert content(tmp_path / "killed") == content(tmp_path / "whole")
