"""The commands that run histories, ``virtu run`` and ``compare``, and those for runs that are kept, from ``runs`` to ``rm``."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from virtu.cli.terminal import (
    AsJson,
    Chunk,
    Doing,
    Histories,
    On,
    Out,
    ScenarioName,
    Seed,
    Ticks,
    Until,
    Workers,
    check_out,
    console,
    json_text,
    loaded,
    progress_bar,
    show,
)

if TYPE_CHECKING:
    from virtu.laboratory.orders import Order

app = typer.Typer()

RunName = Annotated[str, typer.Argument(metavar="RUN", help="Directory of a run, or its short name in virtu runs.")]


@app.command()
def run(
    scenario: ScenarioName,
    histories: Histories = 1000,
    seed: Seed = 0,
    ticks: Ticks = None,
    do: Doing = None,
    as_json: AsJson = False,
    out: Out = None,
    on: On = "local",
    chunk: Chunk = None,
    workers: Workers = None,
    until: Until = None,
    individuals: Annotated[bool, typer.Option("--individuals", help="Street: persons, not counts; 10 million at most.")] = False,
) -> None:
    """Run a scenario: who ends on top, and how it compares with the record.

    With --out the same command goes on where it was killed.
    """
    found = loaded(scenario)
    check_out(out)
    from virtu.laboratory import run as running

    if out is None:
        with progress_bar(histories, found.title) as progress:
            how: dict[str, Any] = {"do": do or (), "until": until, "individuals": individuals}
            place: dict[str, Any] = {"chunk": chunk, "workers": workers, "on": on, "progress": progress}
            result = running.run(found, histories, seed, ticks, **how, **place)
    else:
        given = running.order(found, do or [], histories, seed, ticks, until, individuals)
        result = recorded_result(given, found.title, out, on, chunk, workers)
    show(result, "run", as_json)


@app.command()
def compare(
    scenario: ScenarioName,
    do: Doing = None,
    outcome: Annotated[str | None, typer.Option(help="Measure of the verdict, e.g. on_top:Stalin; the scenario's own by default.")] = None,
    histories: Histories = 1000,
    seed: Seed = 0,
    ticks: Ticks = None,
    as_json: AsJson = False,
    out: Out = None,
    on: On = "local",
    chunk: Chunk = None,
    workers: Workers = None,
    until: Until = None,
    sham: Annotated[int, typer.Option(help="Check the intervals with so many shams of each arm, effects known to be nought.")] = 0,
) -> None:
    """Ask what if: each --do is an arm, compared with doing nothing, history by history.

    Several things done together in one arm are separated by ';'. With --out the same command goes on where it was killed.
    """
    found = loaded(scenario)
    from virtu.laboratory import compare as comparing

    check_out(out)
    if out is None:
        how: dict[str, Any] = {"outcome": outcome, "until": until, "sham": sham, "chunk": chunk, "workers": workers, "on": on}
        with progress_bar(histories, found.title) as progress:
            result = comparing.compare(found, do or [], histories, seed, ticks, progress=progress, **how)
    else:
        given = comparing.order(found, do or [], histories, seed, ticks, outcome, until, sham)
        result = recorded_result(given, found.title, out, on, chunk, workers)
    show(result, "comparison", as_json)


@app.command("runs")
def list_runs(
    scan: Annotated[list[Path] | None, typer.Option(help="Folder to look for runs in first. May be repeated.")] = None,
    as_json: AsJson = False,
) -> None:
    """List the runs that are kept, finished or not."""
    from virtu.record import catalogue

    for folder in scan or []:
        catalogue.scan(folder)
    listed = catalogue.listed()
    if as_json:
        typer.echo(json_text({"runs": listed, "put_aside": catalogue.put_aside()}))
        return
    from virtu.show import run_tables

    console().print(run_tables.runs(listed, catalogue.put_aside()))


@app.command("show")
def show_run(named: RunName, as_json: AsJson = False) -> None:
    """Show what a run found, after checking every file of it."""
    from virtu.laboratory.recorded import placed
    from virtu.record import catalogue, store

    place = catalogue.found(named)
    about = store.checked(place)
    show(placed(about["summary"], place), about["kind"], as_json)


@app.command()
def figure(
    named: Annotated[str, typer.Argument(metavar="RUN", help="Folder of any result, or the short name of a run in virtu runs.")],
    only: Annotated[list[str] | None, typer.Option("--figure", help="Which figure, as on_top; all by default. May be repeated.")] = None,
    form: Annotated[str, typer.Option("--format", help="png, svg or pdf.")] = "png",
    width: Annotated[int, typer.Option(help="Width in pixels; a png has twice as many.")] = 732,
    out: Annotated[Path, typer.Option(help="Folder for the files.")] = Path("figures"),
    as_json: AsJson = False,
) -> None:
    """Write the figures of a result that is kept as files: PNG, SVG or PDF, each named after its figure."""
    check_out(out)
    from virtu.record import catalogue
    from virtu.show import drawings

    place = Path(named).resolve() if Path(named).is_dir() else catalogue.found(named)
    files = drawings.write(drawings.of(place), only or [], form, out, width)
    typer.echo(json_text({"files": [str(file) for file in files]}) if as_json else "\n".join(f"wrote {file}" for file in files))


@app.command()
def resume(named: RunName, as_json: AsJson = False, on: On = "local", chunk: Chunk = None, workers: Workers = None) -> None:
    """Go on with a run that was killed, or repair one that is damaged; the result is that of a run never interrupted."""
    from virtu.laboratory import recorded
    from virtu.record import catalogue

    place = catalogue.found(named)
    given = recorded.order_in(place)
    show(recorded_result(given, place.name, place, on, chunk, workers), given.kind, as_json)


@app.command()
def export(
    named: RunName,
    to: Annotated[str, typer.Option(help="netcdf, csv, stata or ro-crate.")],
    out: Annotated[Path | None, typer.Option(help="File or folder to write, which must not exist; beside the run by default.")] = None,
    licence: Annotated[str | None, typer.Option(help="Licence of the results, for an RO-Crate: an address or SPDX identifier.")] = None,
    as_json: AsJson = False,
) -> None:
    """Write a run for other tools, after checking every file of it: netCDF, CSV tables, Stata, or an RO-Crate."""
    from virtu.laboratory.exports import export_run
    from virtu.record import catalogue

    place = catalogue.found(named)
    written = export_run(place, to, out, licence=licence, draw=_drawn)
    told = {"run": str(place), "form": to, "written": str(written)}
    typer.echo(json_text(told) if as_json else f"wrote {written}")


@app.command()
def rm(
    named: RunName,
    as_json: AsJson = False,
) -> None:
    """Delete a run, and nothing that is not one."""
    from virtu.record import catalogue, directory

    place = catalogue.found(named)
    there = place.exists()
    if there:
        directory.remove(place)
    catalogue.leave(place)
    told = {"removed": str(place), "was_there": there}
    typer.echo(json_text(told) if as_json else f"removed {place}" if there else f"{place} was gone already; taken off the list")


def recorded_result(given: Order, title: str, out: Path, on: str, chunk: int | None, workers: int | None) -> dict[str, Any]:
    """Run an order into its directory, and return what is told of it."""
    from virtu.laboratory import orders, recorded
    from virtu.laboratory.places import check

    check(on)
    total = sum(shard.size() for shard in orders.shards_of(given))
    with progress_bar(total, title) as progress:
        result = recorded.record(given, out, publish=_publish, on=on, chunk=chunk, workers=workers, progress=progress)
    if result.get("interrupted"):
        typer.echo(f"interrupted; go on with: virtu resume {out}", err=True)
    return result


def _drawn(folder: Path, told: Mapping[str, Any]) -> dict[Path, str]:
    """Draw the figures of a run or a comparison that stand on its numbers alone; return their files and what they show."""
    from virtu.show import figures, survival_figure

    if "arms" in told:
        drawn = {"effects.svg": figures.comparison(told)}
    elif "design" in told:
        drawn = {}
    else:
        drawn = {"on-top.svg": figures.on_top(told)}
        drawn |= {"how-long.svg": survival_figure.survival(told)} if survival_figure.curves(told) else {}
    return {figures.save(chart, folder / name): " ".join(chart.to_dict(validate=False)["title"]["text"]) for name, chart in drawn.items()}


def _publish(place: Path, dataset: Any, events: Any, told: dict[str, Any], scenario: Any) -> dict[str, Any]:
    """Put the report of a run, a comparison or a sweep beside its parts, with tables for other tools; return where they are."""
    from virtu.record import sweep_table
    from virtu.record.directory import write_text
    from virtu.show import sweep_report
    from virtu.show.arenas import shown

    page, where = place / "report.html", {"report": "report.html"}
    if "arms" in told:
        write_text(place / "comparison.json", json_text(told) + "\n")
        shown(told).compared(page, told, scenario, told["versions"])
    elif "design" in told:
        where |= sweep_table.write(place, told)
        sweep_report.write(page, told, scenario)
    else:
        where |= {"record": "."}
        shown(told).report(page, dataset, events, told, scenario)
    return where
