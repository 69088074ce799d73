"""What the page sends a process of its own for while a seat is played: one process a game, which is told what to do line by line.

The first line on stdin says which game; every further line is one thing to do. For each the process writes JSON objects to stdout, one a
line: how far it is, and in the end where the game stands. A line that comes while hints are worked out ends them with what is there.
"""

from __future__ import annotations

import json
import os
import queue
import sys
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from virtu.cli.lab_errand import NICENESS, say
from virtu.errors import ScenarioError, VirtuError

if TYPE_CHECKING:
    from virtu.laboratory.play import Playthrough


def main() -> None:
    """Play what stands on stdin, until it ends."""
    if hasattr(os, "nice"):
        os.nice(NICENESS)
    order = json.loads(sys.stdin.readline())
    try:
        say({"stage": "preparing; a program that is new is compiled first"})
        game = _begun(order)
    except VirtuError as error:
        _refuse(error)
        sys.exit(error.exit_code)
    out = Path(order["out"])
    say({"told": _stands(game, out)})
    waiting: queue.Queue[str] = queue.Queue()
    threading.Thread(target=_listen, args=(waiting,), daemon=True).start()
    while line := waiting.get():
        asked = json.loads(line)
        if asked["act"] == "enough":  # it ended the hints by being there
            continue
        try:
            told = _do(game, asked, lambda: not waiting.empty())
            say({"told": {**_stands(game, out), **told}})
        except VirtuError as error:
            _refuse(error)


def _listen(waiting: queue.Queue[str]) -> None:
    for line in sys.stdin:
        waiting.put(line)
    waiting.put("")


def _refuse(error: VirtuError) -> None:
    faults = error.faults if isinstance(error, ScenarioError) else [error]
    say({"refused": [str(fault) for fault in faults]})


def _begun(order: Mapping[str, Any]) -> Playthrough:
    from virtu.laboratory.play import play
    from virtu.scenario import loads

    return play(loads(order["text"], "the scenario"), order["seat"], order["seed"], order["history"], order["do"], at=order["at"])


def _do(game: Playthrough, asked: Mapping[str, Any], stop: Callable[[], bool]) -> dict[str, Any]:
    """Do one thing, and return what there is to tell beside where the game stands."""
    from virtu.laboratory.hints import hints

    act = asked["act"]
    if act == "make":
        game.make(asked["move"], asked["target"])
    elif act == "leave":
        game.leave(game.ticks if asked["all"] else None)
    elif act == "undo":
        game.undo(asked["tick"])
    elif act == "hints":
        say({"stage": "playing futures", "done": 0, "total": 1})
        found = hints(game, asked["outcome"], asked["ticks"], progress=lambda done, total: say({"done": done, "total": total}), stop=stop)
        return {"hints": found}
    return {}


def _stands(game: Playthrough, out: Path) -> dict[str, Any]:
    """Return where the game stands, and all that is to be seen of it once it is over."""
    told = game.told()
    if not game.over or not game.past:
        return told
    import numpy as np

    from virtu.laboratory.reckoning import log, reckoning

    out.mkdir(parents=True, exist_ok=True)
    path = out / "close.npz"
    np.savez(path, **game.close_up()._asdict())
    dates = [game.scenario.date_of(tick) for tick in range(game.tick)]
    return {**told, "reckoning": reckoning(game), "log": log(game), "arrays": str(path), "dates": dates}


if __name__ == "__main__":
    main()
