"""``virtu play``: a seat in one history, where it stands after the moves that were chosen, and what can be done next."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from virtu.cli.terminal import AsJson, Doing, OutFile, ScenarioName, Seed, Ticks, json_text, loaded, show, waiting
from virtu.errors import InputError

app = typer.Typer()


@app.command()
def play(
    scenario: ScenarioName,
    seat: Annotated[str, typer.Option(help="Whose moves are chosen.")],
    do: Doing = None,
    at: Annotated[int | None, typer.Option(help="Tick at which the game stands; the first after the last move by default.")] = None,
    seed: Seed = 0,
    history: Annotated[int, typer.Option(help="Number of the history in a run of that seed.")] = 0,
    ticks: Ticks = None,
    hints: Annotated[float | None, typer.Option(help="Seconds in which to work out what each move may lead to.")] = None,
    outcome: Annotated[str | None, typer.Option(help="Measure of the hints, as on_top:Stalin; the share of strength by default.")] = None,
    to_end: Annotated[bool, typer.Option("--to-end", help="Leave all further choices to the model, and tell how it ended.")] = False,
    as_json: AsJson = False,
    out: OutFile = None,
) -> None:
    """Take one seat in one history and choose its moves, such as --do 'move Kamenev praise Stalin @ t3'.

    Printed are where the game stands, what the seat knows then and what it can do. The same options give the same game; one more --do is
    one move further. On a page with buttons: virtu lab.
    """
    found = loaded(scenario)
    if hints is not None and to_end:
        raise InputError("--hints are for a choice that is open, and --to-end leaves none", "leave one of them out")
    from virtu.laboratory.play import play as begin

    with waiting("compiling, then playing"):
        game = begin(found, seat, seed, history, do or (), ticks, at=at)
        if to_end:
            game.leave(game.ticks)
        result = game.told()
        if hints is not None:
            from virtu.laboratory.hints import hints as advise

            result["hints"] = advise(game, outcome, seconds=hints)
        if game.past:
            from virtu.laboratory.reckoning import log, reckoning

            result |= {"reckoning": reckoning(game), "log": log(game)}
    _keep(json_text(result), out)
    show(result, "game", as_json)


def _keep(text: str, out: Path | None) -> None:
    if out is None:
        return
    try:
        out.write_text(text + "\n", encoding="utf-8")
    except OSError as error:
        raise InputError(f"{out} cannot be written: {error.strerror}", "name a file in a folder that exists") from None
