"""Results of every kind as tables for the terminal and for notebooks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rich.console import RenderableType

from virtu.show import (
    answer_tables,
    calibration_tables,
    claim_tables,
    fit_tables,
    forecast_tables,
    infer_tables,
    play_tables,
    sweep_tables,
    tables,
)
from virtu.show.arenas import shown


def table(result: Mapping[str, Any], kind: str) -> RenderableType:
    """Return a result of a kind as tables.

    Parameters
    ----------
    result : mapping
        What its command prints with ``--json``.
    kind : str
        run, comparison, validation, fit, calibration, proposals, forecast, inference, why, when, sweep, claims or game.
    """
    if kind in ("run", "comparison"):
        return getattr(shown(result), kind)(result)
    return {
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
        "game": play_tables.game,
    }[kind](result)
