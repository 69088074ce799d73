"""The command that asks what kind of minds did something: ``virtu infer``, from choices in games or from a log of moves."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from virtu.cli.terminal import AsJson, Doing, check_out, json_text, loaded, show, waiting, way
from virtu.errors import InputError

if TYPE_CHECKING:
    from virtu.inference.outside_in import Inference

app = typer.Typer()


@app.command()
def infer(
    table: Annotated[Path, typer.Argument(metavar="TABLE", help="CSV or Excel, one line a choice, a round of a game, or a move.")],
    game: Annotated[str | None, typer.Option(help="What was played: dictator, matching-pennies, matrix or trust.")] = None,
    scenario: Annotated[str | None, typer.Option(help="Instead of a game, the organisation in which the moves of a log were made.")] = None,
    who: Annotated[str | None, typer.Option(help="The one person to be told of; all by default.")] = None,
    sampler: Annotated[str | None, typer.Option(help="Games: laplace for the quick answer, nuts for the no-U-turn sampler.")] = None,
    prior: Annotated[
        list[str] | None, typer.Option(help="Prior of one's own: 'vengefulness = {uniform: [0, 1]}', 'Ada.nerve = 0.3'. May be repeated.")
    ] = None,
    suggest: Annotated[bool, typer.Option("--next", help="Games: work out which probes would tell most about these people.")] = False,
    history: Annotated[int | None, typer.Option(help="Logs: the one history of a log of several.")] = None,
    do: Doing = None,
    histories: Annotated[
        int | None, typer.Option("--histories", "-n", help="Logs: histories replayed side by side; 256 by default.")
    ] = None,
    text: Annotated[
        Path | None, typer.Option(help="Games: what one of them wrote, 300 words or more; counts as one noisy measurement of empathy.")
    ] = None,
    actor: Annotated[str | None, typer.Option(help="Who wrote it.")] = None,
    readings: Annotated[
        Path | None, typer.Option(help="Games: table of reading lists, person and title; what they share is told, no trait is touched.")
    ] = None,
    seed: Annotated[int, typer.Option(help="Seed; the same seed gives the same draws.")] = 0,
    as_json: AsJson = False,
    out: Annotated[Path | None, typer.Option(help="Directory for inference.json, report.html and draws.nc.")] = None,
) -> None:
    """Infer what kind of minds did something, from the outside in: a posterior for each trait, beside its prior.

    From choices in a game (--game), or from a log of moves in an organisation (--scenario). With --out, a log that was interrupted is gone
    on with by the same command.
    """
    check_out(out)
    if (game is None) == (scenario is None):
        raise InputError("name either a game or a scenario", "--game trust for choices in a game, --scenario NAME for a log of moves")
    own = _priors(prior or ())
    wrote: dict[str, Any] = {"text": text, "actor": actor, "readings": readings}
    if scenario is None:
        _only("--scenario", {"--history": history, "--do": do, "--histories": histories})
        found = _of_game(table, str(game), who, sampler or "laplace", own, suggest, seed, wrote)
    else:
        _only("--game", {"--sampler": sampler, "--next": suggest or None, **{f"--{name}": one for name, one in wrote.items()}})
        given = {"history": history, "do": do or (), **({} if histories is None else {"histories": histories})}
        found = _of_log(table, scenario, who, own, seed, out, given)
    result = found.result
    if out is not None:
        from virtu.inference import export
        from virtu.show import infer_report

        out.mkdir(parents=True, exist_ok=True)
        (out / "inference.json").write_text(json_text(result) + "\n", encoding="utf-8")
        draws = export.write(out / "draws.nc", found)
        result |= {"report": str(infer_report.write(out / "report.html", result)), "draws": str(draws)}
    show(result, "inference", as_json)


def _only(where: str, given: dict[str, Any]) -> None:
    """Refuse options that only count elsewhere."""
    for name, value in given.items():
        if value is not None:
            raise InputError(f"{name} goes with {where}", "leave it out")


def _of_game(
    table: Path, game: str, who: str | None, sampler: str, own: dict[str, Any], suggest: bool, seed: int, wrote: dict[str, Any]
) -> Inference:
    from virtu.scenario.choices import GAMES, read

    if game in GAMES:
        read(table, GAMES[game], "table of choices")  # what is wrong with the table is said before the slow libraries are loaded
    from virtu.inference.outside_in import inference

    with waiting("compiling, then inferring"):
        return inference(table, game, who=who, sampler=sampler, prior=own, suggest=suggest, seed=seed, **wrote)


def _of_log(
    table: Path, scenario: str, who: str | None, own: dict[str, Any], seed: int, out: Path | None, given: dict[str, Any]
) -> Inference:
    from virtu.scenario import Scenario
    from virtu.scenario.choices.log import read_log

    organisation = loaded(scenario)
    if isinstance(organisation, Scenario):
        read_log(table, organisation, given["history"])  # as with games, faults come first
    from virtu.inference.logs.answer import inference

    if out is not None:
        out.mkdir(parents=True, exist_ok=True)
    with way("compiling, then replaying histories", out) as progress:
        return inference(table, scenario, who=who, prior=own, seed=seed, progress=progress, folder=out, **given)


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
            raise InputError(f"--prior {text!r} cannot be read", "write it as in 'vengefulness = {uniform: [0, 1]}' or 'Ada.nerve = 0.3'")
    return found
