"""The commands that ask: ``virtu why`` and ``when`` about a scenario, ``virtu claims`` about the texts the model was made from."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from virtu.cli.terminal import (
    AsJson,
    Chunk,
    Out,
    ScenarioName,
    Seed,
    Ticks,
    Workers,
    check_free,
    json_text,
    loaded,
    progress_bar,
    show,
)
from virtu.errors import InputError

if TYPE_CHECKING:
    from virtu.scenario import Scenario

app = typer.Typer()

Until = Annotated[str | None, typer.Option(help="Stop sooner: 'half-width 0.01'. --histories are then the most that are run.")]
Writer = Callable[[Path, Mapping[str, Any], "Scenario"], Path]


@app.command()
def why(
    scenario: ScenarioName,
    who: Annotated[str, typer.Option(help="The person, or the camp of the street.")],
    measure: Annotated[str | None, typer.Option(help="What is explained, e.g. share:Stalin; the scenario's outcome by default.")] = None,
    factor: Annotated[
        list[str] | None,
        typer.Option(
            "--factor",
            "--factors",
            help="E.g. 'trait Stalin.nerve', 'post chair', 'ties to Stalin', patronage, 'tactic reds'. May be repeated.",
        ),
    ] = None,
    method: Annotated[str | None, typer.Option(help="exact or sampled; exact for six factors at most by default.")] = None,
    histories: Annotated[int, typer.Option("--histories", "-n", help="Number of histories, each run many times.")] = 1024,
    until: Until = None,
    seed: Seed = 0,
    ticks: Ticks = None,
    as_json: AsJson = False,
    out: Out = None,
    workers: Workers = None,
) -> None:
    """Ask why: what each trait, post, tie, tactic or mechanism contributes to what a person or a camp attains (Shapley values)."""
    found = loaded(scenario)
    check_free(out, "why.json")
    if method not in (None, "exact", "sampled"):
        raise InputError(f"unknown method {method!r}", "write exact or sampled")
    from virtu.laboratory.why import why as attribute

    with progress_bar(histories, found.title) as progress:
        result = attribute(
            found, who, measure, factor or (), histories, seed, ticks, method=method, until=until, workers=workers, progress=progress
        )
    from virtu.show.answer_report import write_why

    _finish(result, "why", found, out, as_json, write_why)


@app.command()
def when(
    scenario: ScenarioName,
    move: Annotated[str, typer.Option(help="What is done, without a time: 'move Zinoviev strike Stalin'.")],
    step: Annotated[int | None, typer.Option(help="Ticks between the moments tried; 20 moments at most by default.")] = None,
    outcome: Annotated[str | None, typer.Option(help="What it is to change, e.g. on_top:Stalin; the scenario's own by default.")] = None,
    histories: Annotated[int, typer.Option("--histories", "-n", help="Number of histories, each run once for every moment.")] = 500,
    seed: Seed = 0,
    ticks: Ticks = None,
    as_json: AsJson = False,
    out: Out = None,
    chunk: Chunk = None,
    workers: Workers = None,
) -> None:
    """Ask when: the effect of a move by the moment at which it is made, and the last moment at which it matters."""
    found = loaded(scenario)
    check_free(out, "when.json")
    from virtu.laboratory.when import when as find

    with progress_bar(histories, found.title) as progress:
        result = find(found, move, step, outcome, histories, seed, ticks, chunk=chunk, workers=workers, progress=progress)
    from virtu.show.answer_report import write_when

    _finish(result, "when", found, out, as_json, write_when)


@app.command()
def claims(
    scenario: Annotated[
        str | None, typer.Argument(metavar="[SCENARIO]", help="Put the claims to this scenario; by default each is put to its own.")
    ] = None,
    only: Annotated[str | None, typer.Option(help="Claims, as M1,A2; all by default.")] = None,
    histories: Annotated[int, typer.Option("--histories", "-n", help="Number of histories of each arm.")] = 1000,
    points: Annotated[int, typer.Option(help="Points within ±25 % of the constants at which all is repeated; 0 for none.")] = 32,
    point_histories: Annotated[int, typer.Option(help="Number of histories of each arm at a point.")] = 128,
    seed: Seed = 0,
    as_json: AsJson = False,
    out: Annotated[Path | None, typer.Option(help="Directory for claims.json and claims.md; a run that broke off goes on there.")] = None,
    chunk: Chunk = None,
    workers: Workers = None,
) -> None:
    """Put claims to the test: what each foretells of a contrast of arms, and what comes of it."""
    check_free(out, "claims.json")
    from virtu.laboratory import claims as laboratory

    chosen = [name.strip() for name in only.split(",")] if only is not None else []
    total = laboratory.histories_in_all(scenario, chosen, histories, points, point_histories)
    kept = None if out is None else out / "parts"
    with progress_bar(total, "claims", kept) as progress:
        result = laboratory.claims(
            scenario, chosen, histories, points, point_histories, seed, parts=kept, chunk=chunk, workers=workers, progress=progress
        )
    if out is not None:
        from virtu.show import claim_page

        (out / "claims.json").write_text(json_text(result) + "\n", encoding="utf-8")
        (out / "claims.md").write_text(claim_page.page(result), encoding="utf-8")
        result |= {"page": str(out / "claims.md")}
    show(result, "claims", as_json)


def _finish(result: dict[str, Any], kind: str, scenario: Scenario, out: Path | None, as_json: bool, write: Writer) -> None:
    """Write the result and its report where a folder is named, and print it."""
    if out is not None:
        out.mkdir(parents=True, exist_ok=True)
        (out / f"{kind}.json").write_text(json_text(result) + "\n", encoding="utf-8")
        result |= {"report": str(write(out / "report.html", result, scenario))}
    show(result, kind, as_json)
