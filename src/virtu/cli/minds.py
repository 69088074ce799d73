"""The command that asks what kind of minds did something: ``virtu infer``."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from virtu.cli.terminal import AsJson, check_out, json_text, show, waiting
from virtu.errors import InputError

app = typer.Typer()


@app.command()
def infer(
    table: Annotated[Path, typer.Argument(metavar="TABLE", help="CSV or Excel, one line a choice or a round of a game.")],
    game: Annotated[str, typer.Option(help="What was played: dictator, matching-pennies, matrix or trust.")],
    who: Annotated[str | None, typer.Option(help="The one person to be inferred; all by default.")] = None,
    sampler: Annotated[str, typer.Option(help="laplace for the quick answer, nuts for the no-U-turn sampler.")] = "laplace",
    prior: Annotated[
        list[str] | None, typer.Option(help="Prior of one's own: 'vengefulness = {uniform: [0, 1]}', 'rigidity = 0.3'. May be repeated.")
    ] = None,
    suggest: Annotated[bool, typer.Option("--next", help="Work out which probes would tell most about these people.")] = False,
    text: Annotated[
        Path | None, typer.Option(help="What one of them wrote, 300 words or more; counts as one noisy measurement of empathy.")
    ] = None,
    actor: Annotated[str | None, typer.Option(help="Who wrote it.")] = None,
    readings: Annotated[
        Path | None, typer.Option(help="Table of reading lists, person and title; what they share is described, no trait is touched.")
    ] = None,
    seed: Annotated[int, typer.Option(help="Seed; the same seed gives the same draws.")] = 0,
    as_json: AsJson = False,
    out: Annotated[Path | None, typer.Option(help="Directory for inference.json, report.html and draws.nc.")] = None,
) -> None:
    """Infer what kind of minds did something, from the outside in: a posterior for each trait, beside its prior."""
    check_out(out)
    from virtu.scenario.choices import GAMES, read

    if game in GAMES:
        read(table, GAMES[game], "table of choices")  # what is wrong with the table is said before the slow libraries are loaded
    from virtu.inference import export
    from virtu.inference.outside_in import inference

    with waiting("compiling, then inferring"):
        how: dict[str, Any] = {"text": text, "actor": actor, "readings": readings}
        found = inference(table, game, who=who, sampler=sampler, prior=_priors(prior or ()), suggest=suggest, seed=seed, **how)
    result = found.result
    if out is not None:
        from virtu.show import infer_report

        out.mkdir(parents=True, exist_ok=True)
        (out / "inference.json").write_text(json_text(result) + "\n", encoding="utf-8")
        draws = export.write(out / "draws.nc", found)
        result |= {"report": str(infer_report.write(out / "report.html", result)), "draws": str(draws)}
    show(result, "inference", as_json)


def _priors(given: Sequence[str]) -> dict[str, Any]:
    """Return distributions by trait."""
    from ruamel.yaml import YAML, YAMLError

    found: dict[str, Any] = {}
    for text in given:
        name, sign, level = text.partition("=")
        try:
            found[name.strip()] = YAML(typ="safe").load(level)
        except YAMLError:
            sign = ""
        if not sign or not isinstance(found[name.strip()], int | float | dict):
            raise InputError(f"--prior {text!r} cannot be read", "write it as in 'vengefulness = {uniform: [0, 1]}' or 'rigidity = 0.3'")
    return found
