"""The command ``virtu fit``: the incident process to a table of dated events, or inputs of a scenario to facts."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from virtu.cli.terminal import AsJson, Chunk, On, Ticks, Workers, check_free, check_out, json_text, loaded, progress_bar, show, waiting
from virtu.errors import InputError

app = typer.Typer()


@app.command()
def fit(
    events: Annotated[Path, typer.Argument(metavar="EVENTS|SCENARIO", help="Table of incidents: date, side, severity; or a scenario.")],
    date: Annotated[str | None, typer.Option(help="Column of dates; found by itself where it is called date, day, year, …")] = None,
    side: Annotated[str | None, typer.Option(help="Column of sides; 'none' reads all as one.")] = None,
    severity: Annotated[str | None, typer.Option(help="Column of severities, such as deaths; 'none' reads none.")] = None,
    dates: Annotated[
        str | None, typer.Option(help="How to read dates that can be read in two ways: dmy, mdy, year.month, decimal.")
    ] = None,
    where: Annotated[list[str] | None, typer.Option(help="Lines to read, as 'type=riot|lynching' or 'type!=war'. May be repeated.")] = None,
    sides: Annotated[int | None, typer.Option(help="How many sides, those of most incidents; all by default.")] = None,
    start: Annotated[str | None, typer.Option("--from", help="First date of the watch; that of the table by default.")] = None,
    end: Annotated[str | None, typer.Option("--to", help="Last date of the watch; that of the table by default.")] = None,
    unit: Annotated[str | None, typer.Option(help="Unit of time of the results: day, week, month, year.")] = None,
    pieces: Annotated[str | None, typer.Option(help="Pieces of background: a number, or auto (default), aic, bic.")] = None,
    threshold: Annotated[float | None, typer.Option(help="Severity above which shares are given.")] = None,
    redraws: Annotated[int | None, typer.Option(help="Tables drawn from a fit for each test of it; 20 by default, 0 for none.")] = None,
    targets: Annotated[str | None, typer.Option(help="Scenario: table of facts with measure, value, low, high; or a shipped set.")] = None,
    free: Annotated[list[str] | None, typer.Option(help="Scenario: what is free, as 'parameter bandwagon = 0:2'. May be repeated.")] = None,
    do: Annotated[list[str] | None, typer.Option("--do", help="Scenario: what is done at all points. May be repeated.")] = None,
    points: Annotated[int | None, typer.Option(help="Scenario: points of the first round, a power of two; 64 by default.")] = None,
    rounds: Annotated[int | None, typer.Option(help="Scenario: rounds of points; 3 by default.")] = None,
    histories: Annotated[int | None, typer.Option("--histories", "-n", help="Scenario: histories at each point; 100 by default.")] = None,
    ticks: Ticks = None,
    seed: Annotated[int, typer.Option(help="Seed; the same seed gives the same result.")] = 0,
    as_json: AsJson = False,
    out: Annotated[
        Path | None, typer.Option(help="Directory for the result and report.html; of a scenario, the command goes on there.")
    ] = None,
    on: On = "local",
    chunk: Chunk = None,
    workers: Workers = None,
) -> None:
    """Fit the incident process to dated events (EVENTS.csv), or inputs of a scenario to facts (SCENARIO --targets FACTS.csv)."""
    check_out(out)
    columns = {"date": date, "side": side, "severity": severity, "dates": dates}
    lines = {"where": where, "sides": sides, "start": start, "end": end}
    of_events = {**columns, **lines, "unit": unit, "pieces": pieces, "threshold": threshold, "redraws": redraws}
    sizes = {"points": points, "rounds": rounds, "histories": histories, "ticks": ticks}
    of_facts = {"free": free, "do": do, **sizes, "on": None if on == "local" else on, "chunk": chunk, "workers": workers}
    if targets is not None:
        _refuse(of_events, "is about a table of events, and --targets fits a scenario")
        _calibrate(str(events), targets, _said(of_facts), seed, as_json, out)
        return
    _refuse(of_facts, "is about a scenario, which is fitted to facts with --targets")
    _fit_events(events, _said(of_events), seed, as_json, out)


def _said(options: Mapping[str, Any]) -> dict[str, Any]:
    """Return the options that were given."""
    return {name: value for name, value in options.items() if value not in (None, [])}


def _refuse(options: Mapping[str, Any], why: str) -> None:
    """Refuse options of the other kind of fit."""
    names = {"start": "from", "end": "to"}
    for name in _said(options):
        raise InputError(f"--{names.get(name, name)} {why}", "see virtu fit --help")


def _fit_events(events: Path, how: dict[str, Any], seed: int, as_json: bool, out: Path | None) -> None:
    from virtu.scenario import names

    if events.suffix.lower() in (".yaml", ".yml") or str(events) in names():
        hint = "give a CSV or Excel file with a column of dates, or facts to fit the scenario to, with --targets"
        raise InputError(f"{events} is a scenario, not a table of events", hint)
    from virtu.laboratory.incident_fit import fit as compute

    with waiting("fitting"):
        result = compute(events, seed=seed, **how)
    if out is not None:
        from virtu.show import fit_report

        out.mkdir(parents=True, exist_ok=True)
        (out / "fit.json").write_text(json_text(result) + "\n", encoding="utf-8")
        result |= {"report": str(fit_report.write(out / "report.html", result))}
    show(result, "fit", as_json)


def _calibrate(named: str, targets: str, how: dict[str, Any], seed: int, as_json: bool, out: Path | None) -> None:
    found = loaded(named)
    check_free(out, "calibration.json")
    from virtu.inference import calibrate as calibrating

    running = {name: how.pop(name) for name in ("on", "chunk", "workers") if name in how}
    asked = calibrating.ask(found, targets, seed=seed, **{"free": (), **how})
    place = None if out is None else out / "rounds"
    with progress_bar(sum(asked.sizes) * asked.histories, found.title, place) as progress:
        answer = calibrating.calibration(asked, place=place, progress=progress, **running)
    result = answer.result
    if out is not None:
        from virtu.show import calibration_report

        (out / "calibration.json").write_text(json_text(result) + "\n", encoding="utf-8")
        draws = calibrating.write_draws(out / "draws.csv", asked, answer.draws)
        result |= {"report": str(calibration_report.write(out / "report.html", result, found)), "draws": str(draws)}
    show(result, "calibration", as_json)
