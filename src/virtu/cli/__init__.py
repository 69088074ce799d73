"""The command line, from ``run`` to ``scenarios``; each command says what it is for.

Results go to stdout, progress to stderr. Exit code 2 is the user's input, 3 the run. Heavy libraries are imported by the commands that
need them, so that help is quick.
"""

from __future__ import annotations

import io
import sys
from pathlib import Path
from typing import Annotated

import typer

from virtu import __version__
from virtu.cli import fits, lab, minds, questions, runs, sweeps
from virtu.cli.terminal import (
    AsJson,
    Doing,
    OutFile,
    ScenarioName,
    check_out,
    console,
    json_text,
    loaded,
    show,
    waiting,
)
from virtu.errors import InputError, ScenarioError, VirtuError

app = typer.Typer(no_args_is_help=True, add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)

app.add_typer(runs.app)
app.add_typer(questions.app)
app.add_typer(sweeps.app)
app.add_typer(fits.app)
app.add_typer(minds.app)
app.add_typer(lab.app)


def main() -> None:
    """Run the command line; errors a person can act on are printed without a traceback."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
    try:
        app()
    except VirtuError as error:
        for fault in error.faults if isinstance(error, ScenarioError) else [error]:
            typer.echo(f"virtu: {fault}", err=True)
        sys.exit(error.exit_code)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(__version__)
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")] = False,
) -> None:
    """Run possible histories of an organisation on the same chance, and see whether a move helped."""


@app.command()
def forecast(
    table: Annotated[Path, typer.Argument(metavar="TABLE", help="CSV or Excel: actor, capability, position, salience.")],
    do: Annotated[list[str] | None, typer.Option("--do", help="What if: 'salience UK = 0.2', 'drop Belgium'. May be repeated.")] = None,
    scale: Annotated[list[str] | None, typer.Option(help="Ends of the issue, as 0:10, or tax=0:10; the positions' by default.")] = None,
    uncertainty: Annotated[str | None, typer.Option(help="Range of numbers for which the table states none, as 10%.")] = None,
    assume_salience: Annotated[float | None, typer.Option(help="Salience 0 to 1 of actors for whom none is given.")] = None,
    full_salience: Annotated[float | None, typer.Option(help="What stands for a salience of 1; 1 or 100 by default.")] = None,
    actual: Annotated[list[str] | None, typer.Option(help="What came about, as 8.8, or tax=8.8; every model is scored.")] = None,
    draws: Annotated[int, typer.Option(help="Draws of uncertain numbers.")] = 1000,
    seed: Annotated[int, typer.Option(help="Seed; the same seed gives the same draws.")] = 0,
    as_json: AsJson = False,
    out: Annotated[Path | None, typer.Option(help="Directory for forecast.json and report.html.")] = None,
) -> None:
    """Forecast the outcome of a stakeholder table, by several models, and see who decides.

    Each --do is an arm, compared with the table as it is; several changes made together are separated by ';'.
    """
    from virtu.scenario import stakeholders

    check_out(out)
    ranges = {"scale": scale or (), "assume_salience": assume_salience, "full_salience": full_salience}
    stakeholders.read(table, **ranges)  # what is wrong with the table is said before the slow libraries are loaded
    from virtu.laboratory.forecast import forecast as compute
    from virtu.laboratory.forecast import read_actuals

    with waiting("compiling, then forecasting"):
        result = compute(table, do or (), draws, seed, uncertainty=uncertainty, actual=read_actuals(actual or ()), **ranges)
    if out is not None:
        from virtu.show import forecast_report

        out.mkdir(parents=True, exist_ok=True)
        (out / "forecast.json").write_text(json_text(result) + "\n", encoding="utf-8")
        result |= {"report": str(forecast_report.write(out / "report.html", result))}
    show(result, "forecast", as_json)


@app.command()
def validate(
    families: Annotated[list[str] | None, typer.Argument(metavar="[FAMILY]...", help="Families of numbers; all by default.")] = None,
    data: Annotated[Path | None, typer.Option(envvar="VIRTU_DATA", help="Folder of published tables.")] = None,
    as_json: AsJson = False,
) -> None:
    """Compute published numbers again, and set ours beside them.

    A number out of tolerance is a result, so that the exit code is 0 all the same.
    """
    from virtu.laboratory.validation import validate as compute

    show(compute(families or (), data), "validation", as_json)


@app.command()
def new(
    name: Annotated[str | None, typer.Argument(help="Name of the scenario: small letters, digits and hyphens.")] = None,
    arena: Annotated[str, typer.Option(help="What kind of scenario: organisation or street.")] = "organisation",
    schema: Annotated[bool, typer.Option("--schema", help="Print the JSON schema of scenario files of the arena, for editors.")] = False,
    force: Annotated[bool, typer.Option("--force", help="Overwrite the file if it exists.")] = False,
) -> None:
    """Write a commented scenario that runs, as NAME.yaml in the current directory."""
    from virtu import scenario

    if schema:
        typer.echo(json_text(scenario.json_schema(arena)))
        return
    if name is None:
        raise InputError("a new scenario needs a name", "for instance: virtu new my-office")
    text = scenario.template(name, arena)
    path = Path(f"{name}.yaml")
    if path.exists() and not force:
        raise InputError(f"{path} exists already", "choose another name, or add --force to overwrite it")
    path.write_text(text, encoding="utf-8")
    typer.echo(f"wrote {path}; run it with: virtu run {path}")


@app.command()
def odd(scenario: ScenarioName, do: Doing = None, as_json: AsJson = False, out: OutFile = None) -> None:
    """Describe the model of a scenario in the order of the ODD protocol, as Markdown."""
    found = loaded(scenario)
    from virtu.laboratory.description import describe
    from virtu.show.odd import markdown

    model = describe(found, do or ())
    _deliver(json_text(model) if as_json else markdown(model, __version__), out)


@app.command()
def cite(scenario: ScenarioName, do: Doing = None, as_json: AsJson = False, out: OutFile = None) -> None:
    """Print what to cite, as BibTeX: virtu, and the works behind the mechanisms that a scenario uses."""
    found = loaded(scenario)
    from virtu.laboratory import description, interventions
    from virtu.show import citations

    used = description.works(found, interventions.parse_all(do or (), found))
    listed = citations.listed(found, used, __version__)
    _deliver(json_text(listed) if as_json else citations.bibtex(listed), out)


@app.command()
def scenarios(as_json: AsJson = False) -> None:
    """List the scenarios that come with virtu."""
    from virtu import scenario

    found = [scenario.load(name) for name in scenario.names()]
    if as_json:
        told = ("scenario", "arena", "title", "ticks")
        listed = [{field: getattr(one, field) for field in told} | {"actors": len(one.actors)} for one in found]
        typer.echo(json_text({"scenarios": listed}))
        return
    from virtu.show import tables

    console().print(tables.scenarios(found))


def _deliver(text: str, out: Path | None) -> None:
    """Print a text, or write it to a file."""
    if out is None:
        typer.echo(text.rstrip("\n"))
        return
    try:
        out.write_text(text.rstrip("\n") + "\n", encoding="utf-8")
    except OSError as error:
        raise InputError(f"{out} cannot be written: {error.strerror}", "name a file in a folder that exists") from None
    typer.echo(f"wrote {out}", err=True)
