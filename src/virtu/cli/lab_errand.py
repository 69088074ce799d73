"""What the page sends a process of its own for: histories, a comparison, or one history seen close.

The process reads one JSON object from stdin, writes one JSON object a line to stdout while it works, and leaves its results as files
(JSON, arrays of numpy, the record of a run, pictures) in the folder it is given. The page reads those and runs nothing itself.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from virtu.errors import InputError, ScenarioError, VirtuError

if TYPE_CHECKING:
    from virtu.scenario import AnyScenario

RESULT, RECORD = "result.json", "record"
NICENESS = 5
"""Histories give way to the page that shows them."""


def main() -> None:
    """Do the errand that stands on stdin, and say on stdout how far it is."""
    if hasattr(os, "nice"):
        os.nice(NICENESS)
    order = json.loads(sys.stdin.readline())
    try:
        done = ERRANDS[order["kind"]](order, _loaded(order))
    except VirtuError as error:
        faults = error.faults if isinstance(error, ScenarioError) else [error]
        say({"faults": [str(fault) for fault in faults]})
        sys.exit(error.exit_code)
    (Path(order["out"]) / RESULT).write_text(json.dumps(done, ensure_ascii=False, allow_nan=False), encoding="utf-8")
    say({"finished": True})


def say(what: Mapping[str, Any]) -> None:
    """Write one line to stdout, at once."""
    print(json.dumps(what, ensure_ascii=False), flush=True)  # noqa: T201 – this is how the page is told


def _loaded(order: Mapping[str, Any]) -> AnyScenario:
    from virtu.scenario import loads

    return loads(order["text"], "the scenario")


def _progress(done: int, total: int) -> None:
    say({"done": done, "total": total})


def _run(order: Mapping[str, Any], scenario: AnyScenario) -> dict[str, Any]:
    """Run histories, keep the record, draw it, and see the typical history close."""
    from virtu.laboratory.events import events
    from virtu.laboratory.simulate import simulate
    from virtu.laboratory.summary import summarise
    from virtu.record import store
    from virtu.show.arenas import shown

    dataset = simulate(scenario, order["histories"], order["seed"], progress=_progress)
    say({"stage": "drawing what was found"})
    summary, log = summarise(dataset, scenario), events(dataset)
    out = Path(order["out"]) / RECORD
    summary |= {"record": str(out), "report": str(out / "report.html")}
    store.write(out, dataset, log, summary, scenario.text if scenario.extends is None else scenario.canonical)
    shown(summary).report(out / "report.html", dataset, log, summary, scenario)
    pictures, said, number = (_street if scenario.arena == "street" else _organisation)(dataset, summary, scenario)
    closer = _history({**order, "history": number}, scenario)
    return {"summary": summary, "figures": pictures, "opening": said, "typical": number, "close": closer}


def _drawn(*draw: Callable[[int], Any]) -> list[dict[str, str]]:
    from virtu.show.report import figure

    return [figure(one)._asdict() for one in draw]


def _organisation(dataset: Any, summary: dict[str, Any], scenario: Any) -> tuple[list[dict[str, str]], list[str], int]:
    from virtu.show import account, figures, series
    from virtu.show.typical import typical

    bands = series.strength_bands(dataset)
    pictures = _drawn(
        lambda width: figures.on_top(summary, width),
        lambda width: figures.strength(bands, width),
        lambda width: figures.falls(dataset, scenario.record, width),
    )
    return pictures, account.opening(dataset, summary, scenario), typical(dataset)


def _street(dataset: Any, summary: dict[str, Any], scenario: Any) -> tuple[list[dict[str, str]], list[str], int]:
    from virtu.show import street_account, street_figures, street_history, street_series

    true, seen = street_series.intensity(dataset)
    shares, clashes = street_series.support(dataset), street_series.incidents(dataset)
    pair = street_series.closest_to_running_away(dataset, scenario)
    pictures = _drawn(
        lambda width: street_figures.intensity(true, seen, width),
        lambda width: street_figures.incidents(clashes, width),
        lambda width: street_figures.support(shares, width),
        lambda width: street_figures.stability(pair, width),
    )
    return pictures, street_account.opening(summary, scenario.title), street_history.typical(dataset)


def _street_history(dataset: Any, history: int) -> list[dict[str, str]]:
    from functools import partial

    from virtu.show import street_history as street

    return _drawn(*(partial(draw, dataset, history) for draw in (street.intensity, street.incidents, street.support, street.answers)))


def _history(order: Mapping[str, Any], scenario: AnyScenario) -> dict[str, Any]:
    """Look at one history of a run that was kept: its log, and what is seen of it close."""
    import numpy as np

    from virtu.record import store
    from virtu.show.typical import told

    number, run = int(order["history"]), store.read(Path(order["record"] if "record" in order else Path(order["out"]) / RECORD))
    if not 0 <= number < run.dataset.sizes["history"]:
        raise InputError(f"there is no history {number}", f"they are numbered 0 to {run.dataset.sizes['history'] - 1}")
    story = told(run.events, number)
    found: dict[str, Any] = {
        "history": number,
        "log": [line._asdict() for line in story.lines],
        "left_out": story.left_out,
        "dates": run.dataset["date"].values.astype(str).tolist(),
    }
    if scenario.arena == "street":
        return found | {"figures": _street_history(run.dataset, number)}
    from virtu.laboratory.closeup import close_up

    say({"stage": "playing the history again, to see it close"})
    close = close_up(scenario, number, order["seed"])
    path = Path(order["out"]) / f"history-{number}.npz"
    np.savez(path, **close._asdict())
    return found | {"arrays": str(path)}


def _compare(order: Mapping[str, Any], scenario: AnyScenario) -> dict[str, Any]:
    """Compare one arm with doing nothing, and draw both."""
    from virtu.laboratory.compare import compare
    from virtu.show import beside_figures, figures
    from virtu.show.arenas import shown

    outcome = order["outcome"] or None
    result = compare(scenario, [order["do"]], order["histories"], order["seed"], outcome=outcome, progress=_progress)
    say({"stage": "drawing what was found"})
    pictures = _drawn(
        lambda width: beside_figures.beside(result, 0, width),
        lambda width: figures.comparison(result, width),
    )
    shown(result).compared(Path(order["out"]) / "report.html", result, scenario, result["versions"])
    return {"comparison": result, "figures": pictures}


ERRANDS: dict[str, Callable[[Mapping[str, Any], Any], dict[str, Any]]] = {"run": _run, "history": _history, "compare": _compare}
"""What can be asked for, by its name."""

if __name__ == "__main__":
    main()
