"""A seat on the page: a process a game, which plays, refuses, advises and is ended, and the page that shows it."""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

pytest.importorskip("nicegui", reason="the page needs the extra: pip install 'virtu[lab]'")

from nicegui import ui
from nicegui.testing import User
from nicegui.testing.user_simulation import user_simulation
from starlette.datastructures import QueryParams

from virtu.cli import lab_seats
from virtu.cli.lab import furnish
from virtu.cli.lab_desk import desk, key_of, whole_number
from virtu.cli.lab_jobs import Bench
from virtu.cli.lab_seats import MOST_GAMES, Seat, Seats
from virtu.errors import InputError
from virtu.show.lab.address import game_address, game_of
from virtu.show.lab.desk import Game

from . import small

ECHO = """
import json, sys
print(json.dumps({"stage": "begun", "told": json.loads(sys.stdin.readline())}), flush=True)
for line in sys.stdin:
    asked = json.loads(line)
    if asked["act"] == "hints":
        print(json.dumps({"done": 1, "total": 4}), flush=True)
        asked = json.loads(sys.stdin.readline())
    print(json.dumps({"refused": ["no"]} if asked["act"] == "make" else {"told": asked}), flush=True)
"""
ENDLESS = "import time\ntime.sleep(600)"
BROKEN = "import sys\nsys.exit('no such thing')"
FAULTY = "import json, sys\nprint(json.dumps({'refused': ['x: wrong (mend it)']}))\nsys.exit(2)"
GARBLED = "print('what?', flush=True)\nimport time\ntime.sleep(600)"
HURRIED = (  # with the settings of the tests, so that it finds what they compiled
    "import jax; jax.config.update('jax_debug_infs', True); from virtu.laboratory import kernel; from virtu.cli.lab_seat import main; "
    "kernel.QUICKER = {**kernel.QUICKER, 'xla_backend_optimization_level': 0}; main()"
)
ORDER = {"seat": "Berg"}


@pytest.fixture
def seats_of(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Seats]:
    def made(script: str) -> Seats:
        monkeypatch.setattr(lab_seats, "COMMAND", (sys.executable, "-c", script))
        return Seats(tmp_path)

    return made


async def until(seen: Callable[[], Any], most: float = 30.0) -> None:
    ends = time.monotonic() + most
    while not seen() and time.monotonic() < ends:
        await asyncio.sleep(0.02)
    assert seen()


async def end(seats: Seats, *more: Seat) -> None:
    tasks = [seat.task for seat in (*seats.games.values(), *more) if seat.task]
    seats.close()
    await asyncio.gather(*tasks)


def run(work: Coroutine[Any, Any, None]) -> None:
    asyncio.run(work)


def test_a_game_answers_line_by_line(seats_of: Callable[[str], Seats]) -> None:
    async def work() -> None:
        seats = seats_of(ECHO)
        seat = seats.sit(ORDER, "me")
        with pytest.raises(InputError, match="still at work"):
            seat.ask(act="leave")
        await until(lambda: seat.state == "ready")
        assert seat.told is not None and seat.told["seat"] == "Berg" and seat.told["out"] and seat.stage == "begun"
        seat.ask(act="make", move="strike", target="Nemo")
        await until(lambda: seat.state == "ready")
        assert seat.faults == ["no"] and seat.told["seat"] == "Berg", "a refusal leaves the game where it was"
        seat.ask(act="hints")
        await until(lambda: seat.total == 4)
        assert seat.state == "working" and seat.elapsed >= 0
        seat.enough()
        await until(lambda: seat.state == "ready")
        assert seat.told == {"act": "enough"} and seat.faults == []
        await end(seats)
        assert seat.state == "gone"
        with pytest.raises(InputError, match="gone"):
            seat.ask(act="leave")

    run(work())


def test_a_game_is_ended_within_a_second_whatever_it_does(seats_of: Callable[[str], Seats]) -> None:
    async def work() -> None:
        seats = seats_of(ENDLESS)
        seat = seats.sit(ORDER, "me")
        await until(lambda: seat.process is not None)
        started = time.monotonic()
        seat.cancel()
        assert seat.over and time.monotonic() - started < 1.0
        assert seat.process is not None and await asyncio.wait_for(seat.process.wait(), 5.0) != 0
        await end(seats)

    run(work())


@pytest.mark.parametrize(
    ("script", "said"), [(BROKEN, "no such thing"), (FAULTY, "x: wrong (mend it)"), (GARBLED, "the game failed: Expecting value")]
)
def test_a_failure_is_told(seats_of: Callable[[str], Seats], script: str, said: str) -> None:
    async def work() -> None:
        seats = seats_of(script)
        seat = seats.sit(ORDER, "me")
        await until(lambda: seat.over)
        assert seat.state == "failed" and said in " ".join(seat.faults)
        await end(seats)

    run(work())


def test_there_are_never_too_many_games(seats_of: Callable[[str], Seats], monkeypatch: pytest.MonkeyPatch) -> None:
    """One for each visitor, a few in all; those left alone make room."""

    async def work() -> None:
        seats = seats_of(ENDLESS)
        first = seats.sit(ORDER, "visitor 0")
        again = seats.sit(ORDER, "visitor 0")
        assert first.state == "gone" and len(seats.games) == 1
        for number in range(1, MOST_GAMES):
            seats.sit(ORDER, f"visitor {number}")
        with pytest.raises(InputError, match="games are under way"):
            seats.sit(ORDER, "one more")
        monkeypatch.setattr(lab_seats, "LONGEST_IDLE", -1.0)
        tasks = [seat.task for seat in seats.games.values() if seat.task]
        seats.sit(ORDER, "one more")
        assert again.state == "gone" and len(seats.games) == 1
        await end(seats, first)
        await asyncio.gather(*tasks)

    run(work())


def test_the_address_of_a_game_is_the_game() -> None:
    card = desk(Bench(Path()), Seats(Path())).find("editorial-office")
    game = Game('O\'Hara "the" Boss', -5, 7, ('move "a&b=c" bide @ t3', "100 % 'ü'"), 9)
    query = QueryParams(game_address(card, game).partition("?")[2])
    assert game_of(query, whole_number) == game and query["hash"] == card.scenario.sha256
    assert game_of(QueryParams("seed=1"), whole_number) is None
    for fault, said in (("seat=x&seed=y", "whole number"), ("seat=x&at=y", "whole number"), (f"seat=x&do={'y' * 3000}", "may hold")):
        with pytest.raises(InputError, match=said):
            game_of(QueryParams(fault), whole_number)


def visit(folder: Path, own: Any, what: Callable[[User, Seats], Coroutine[Any, Any, None]]) -> None:
    """Open the page for one visitor, who does something there."""

    async def work() -> None:
        async with user_simulation() as user:
            bench, seats = Bench(folder), Seats(folder)
            furnish(bench, own, seats)
            await what(user, seats)
            await end(seats)

    asyncio.run(work())


async def ready(seats: Seats, most: float = 400.0) -> Seat:
    """Wait for the game to stand at the next choice."""
    (seat,) = seats.games.values()
    await until(lambda: seat.state != "working", most)
    assert seat.state == "ready", seat.faults
    return seat


def told(user: User) -> str:
    """Return all text and markup that the visitor is sent."""
    assert user.client is not None
    return "\n".join(json.dumps(element._to_dict(), default=str) for element in user.client.elements.values())


@pytest.mark.parametrize(
    ("place", "said"),
    [
        ("/p/nowhere", "there is no scenario"),
        ("/p/two-camps", "no seats in the street"),
        ("/p/two-camps?seat=x", "no seats in the street"),
        ("/p/editorial-office?seat=Nemo", "there is no"),
        ("/p/editorial-office?seat=x&seed=y", "a whole number is wanted"),
        (f"/p/editorial-office?seat={quote('<script>alert(1)</script>')}", "there is no"),
    ],
)
def test_an_address_at_fault_is_told(tmp_path: Path, place: str, said: str) -> None:
    async def what(user: User, seats: Seats) -> None:
        await user.open(place)
        assert said in told(user) and not seats.games
        assert "<script" not in told(user).lower()

    visit(tmp_path, None, what)


def test_a_seat_is_played_from_the_first_page_to_the_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lab_seats, "COMMAND", (sys.executable, "-c", HURRIED))
    own = small.scenario(calendar={"start": "2001-01", "ticks": small.TICKS, "unit": "month"})

    async def what(user: User, seats: Seats) -> None:
        await user.open(f"/s/{key_of(own)}")
        await user.should_see("Take a seat and play")
        await user.open(f"/p/{key_of(own)}")
        user.find(marker="history").clear().type("many")
        user.find(marker="begin").click()
        await user.should_see("a whole number is wanted")
        await user.open(f"/p/{key_of(own)}?seat=Berg&seed=3&history=5")
        await user.should_see("so far")
        seat = await ready(seats)
        await user.should_see("What you have heard", retries=30)
        for kind, value in (("move", "praise"), ("target", seat.told["view"]["others"][0]["name"])):  # type: ignore[index]
            choice: Any = next(iter(user.find(marker=kind).elements))
            choice.set_value(value)
        user.find(marker="make").click()
        seat = await ready(seats)
        assert seat.told is not None and seat.told["made"][0]["move"] == "praise"
        await user.should_see("Undo from here", retries=30)
        user.find(marker="hints").click()
        await until(lambda: seat.total)
        user.find(marker="cancel").click()
        seat = await ready(seats)
        assert seat.told is not None and "hints" in seat.told
        await user.should_see("against waiting", retries=30)
        user.find(marker="undo-0").click()
        seat = await ready(seats)
        assert seat.told is not None and seat.told["do"] == [] and seat.told["tick"] == 0
        await asyncio.sleep(0.5)
        user.find(marker="rest").click()
        seat = await ready(seats)
        await user.should_see("The whole history, with nothing hidden", retries=30)
        assert seat.told is not None and seat.told["over"]
        assert all(one["difference"] == 0.0 for one in seat.told["reckoning"]["scores"])
        await user.should_see("as in the same history without you")
        link = next(one for one in user.find(ui.link).elements if one.text.startswith("Address"))
        assert f"at={small.TICKS}" in link.props["href"]

    visit(tmp_path, own, what)
