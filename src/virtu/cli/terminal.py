"""What all commands share: their options, reading a scenario, progress on stderr, and how results are printed."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from virtu.errors import InputError, RunError

if TYPE_CHECKING:
    from virtu.laboratory.simulate import Progress

ScenarioName = Annotated[str, typer.Argument(metavar="SCENARIO", help="Name of a shipped scenario, or a YAML file.")]
Histories = Annotated[int, typer.Option("--histories", "-n", help="Number of histories.")]
Seed = Annotated[int, typer.Option(help="Seed; the same seed gives the same histories.")]
Ticks = Annotated[int | None, typer.Option(help="Number of ticks; the scenario's own by default.")]
Doing = Annotated[list[str] | None, typer.Option("--do", help="What is done, e.g. 'trait Kamenev.nerve = 0.9 @ 1924-01'. May be repeated.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]
Out = Annotated[Path | None, typer.Option(help="Directory for the record and report.html.")]
OutFile = Annotated[Path | None, typer.Option(help="File to write to, instead of the terminal.")]
Chunk = Annotated[int | None, typer.Option(help="Histories run at once; changes no result.")]
On = Annotated[str, typer.Option(help="Where to run: local, dask (processes here), or tcp://HOST:PORT of a scheduler. Changes no result.")]
Workers = Annotated[int | None, typer.Option(help="Chunks run at once; all processors by default. Changes no result.")]


def loaded(scenario: str) -> Any:
    """Return a shipped scenario by name, or one from a file."""
    from virtu.scenario import load

    return load(scenario)


def check_out(out: Path | None) -> None:
    """Refuse a place that cannot be written to before the run, not after it."""
    if out is not None and out.exists() and not out.is_dir():
        raise InputError(f"--out must name a directory, {out} is a file")


def check_free(out: Path | None, own: str) -> None:
    """Refuse a folder that holds results of another kind, before the run."""
    check_out(out)
    if out is not None and out.is_dir():
        others = {"run.json", "comparison.json", "forecast.json", "why.json", "when.json", "claims.json", "calibration.json"} - {own}
        there = sorted(name for name in others if (out / name).exists())
        if there:
            raise InputError(f"{out} holds {there[0]}", "choose another directory")


@contextmanager
def progress_bar(total: int, title: str, kept: Path | None = None) -> Iterator[Progress]:
    """Show progress on stderr, with rate and time left; nothing where stderr is no terminal.

    Parameters
    ----------
    total : int
        Histories asked for.
    title : str
        What is run.
    kept : Path, optional
        Folder in which finished parts are kept, so that an interrupted run can go on.
    """
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeRemainingColumn

    console = Console(stderr=True)
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[rate]}"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task(f"{title}: compiling, then histories", total=total, rate="")

        def advance(done: int, _: int) -> None:
            speed = bar.tasks[0].speed
            bar.update(task, completed=done, description=title, rate=f"{speed:,.0f} a second" if speed else "")

        try:
            yield advance
        except KeyboardInterrupt:
            if kept is not None:
                raise RunError(f"interrupted; what was finished is kept in {kept}", "the same command goes on from there") from None
            raise RunError("interrupted before anything was finished") from None


@contextmanager
def waiting(what: str) -> Iterator[None]:
    """Show on stderr that something is being done; nothing where stderr is no terminal."""
    from rich.console import Console

    console = Console(stderr=True)
    try:
        if not console.is_terminal:
            yield
            return
        with console.status(what):
            yield
    except KeyboardInterrupt:
        raise RunError("interrupted before anything was finished") from None


def show(result: Mapping[str, Any], kind: str, as_json: bool) -> None:
    """Print a result of a kind as one JSON object, or as tables for a person."""
    if as_json:
        typer.echo(json_text(result))
        return
    from virtu.show import answer_tables, calibration_tables, claim_tables, fit_tables, forecast_tables, infer_tables, sweep_tables, tables
    from virtu.show.arenas import shown as of_arena

    shown = {
        "run": of_arena(result).run,
        "comparison": of_arena(result).comparison,
        "validation": tables.validation,
        "fit": fit_tables.fit,
        "calibration": calibration_tables.calibration,
        "proposals": calibration_tables.proposals,
        "forecast": forecast_tables.forecast,
        "inference": infer_tables.inference,
        "why": answer_tables.why,
        "when": answer_tables.when,
        "sweep": sweep_tables.sweep,
        "claims": claim_tables.claims,
    }
    console().print(shown[kind](result))


def console() -> Any:
    """Return the terminal, or 100 columns where the output is none."""
    from rich.console import Console

    found = Console()
    return found if found.is_terminal else Console(width=100)


def json_text(value: Any) -> str:
    """Return a result as JSON, without NaN, which is no JSON."""
    return json.dumps(value, ensure_ascii=False, indent=2, allow_nan=False)
