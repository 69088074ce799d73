"""The command ``virtu sweep``."""

from __future__ import annotations

from typing import Annotated

import typer

from virtu.cli.runs import recorded_result
from virtu.cli.terminal import AsJson, Chunk, On, Out, ScenarioName, Seed, Ticks, Workers, check_out, loaded, progress_bar, show

app = typer.Typer()


@app.command()
def sweep(
    scenario: ScenarioName,
    vary: Annotated[
        list[str] | None, typer.Option(help="What is varied: 'Stalin.display = 0:1:11', 'parameter bandwagon = 0:1'. May be repeated.")
    ] = None,
    design: Annotated[str, typer.Option(help="grid, lhs, sobol or morris.")] = "grid",
    points: Annotated[
        int | None, typer.Option(help="Points: of each input of a grid, all of lhs, base points of sobol, trajectories of morris.")
    ] = None,
    measure: Annotated[list[str] | None, typer.Option(help="What is measured; the scenario's outcome by default. May be repeated.")] = None,
    do: Annotated[list[str] | None, typer.Option("--do", help="What is done at all points. May be repeated.")] = None,
    discover: Annotated[
        list[str] | None,
        typer.Option(help="Which part of the space an outcome comes from (PRIM): 'on_top:Stalin > 0.5'. May be repeated."),
    ] = None,
    histories: Annotated[int, typer.Option("--histories", "-n", help="Number of histories at each point.")] = 200,
    seed: Seed = 0,
    ticks: Ticks = None,
    as_json: AsJson = False,
    out: Out = None,
    on: On = "local",
    chunk: Chunk = None,
    workers: Workers = None,
) -> None:
    """Ask how it varies: a scenario at many points, what goes back to which input, and what to chance.

    With --out the same command goes on where it was killed.
    """
    found = loaded(scenario)
    from virtu.laboratory import sweep as sweeping

    check_out(out)
    given = sweeping.order(found, vary or [], design, points, histories, seed, ticks, measure or (), do or (), discover or ())
    if out is not None:
        show(recorded_result(given, found.title, out, on, chunk, workers), "sweep", as_json)
        return
    with progress_bar(len(given.arms) * histories, found.title) as progress:
        result = sweeping.run(given, found, on=on, chunk=chunk, workers=workers, progress=progress)
    show(result, "sweep", as_json)
