"""Validation: published numbers, computed again by this package and set beside their source.

One file a family. A family is a function that yields rows and gaps; it is registered in `FAMILIES` by an explicit import. Rows that
need published tables, which are not part of this package, are computed from a folder the user names, and are a `Gap` without it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

from virtu.errors import InputError, did_you_mean
from virtu.laboratory.validation.rows import Gap, Row
from virtu.scenario.displayed import answering

Family = Callable[[Path | None], Iterator[Row | Gap]]

FAMILIES: dict[str, str] = {
    "compromise": "virtu.laboratory.validation.compromise",
    "expected_utility": "virtu.laboratory.validation.expected_utility",
    "leaders": "virtu.laboratory.validation.leaders",
    "social_preferences": "virtu.laboratory.validation.social_preferences",
    "suspicion": "virtu.laboratory.validation.suspicion",
    "coalitions": "virtu.laboratory.validation.coalitions",
    "power_indices": "virtu.laboratory.validation.power_indices",
    "thresholds": "virtu.laboratory.validation.thresholds",
    "games": "virtu.laboratory.validation.games",
    "spatial_bargaining": "virtu.laboratory.validation.spatial_bargaining",
    "k_tom": "virtu.laboratory.validation.k_tom",
    "effect_sizes": "virtu.laboratory.validation.effect_sizes",
    "street": "virtu.laboratory.validation.street",
    "street_model": "virtu.laboratory.validation.street_model",
}
"""Families by name, and the module that computes each; imported when asked for, as some are slow to load."""


@answering("validation")
def validate(families: str | Iterable[str] = (), data: str | Path | None = None) -> dict[str, Any]:
    """Compute published numbers again.

    Parameters
    ----------
    families : str or iterable of str
        Names from `FAMILIES`, each computed once; all by default.
    data : str or Path, optional
        Folder of published tables, with a folder inside for each subject; see `docs/validation.md`.

    Returns
    -------
    dict
        Ready for JSON: `rows`, each with family, id, ours, published, difference, tolerance, pass, source, note, None standing for what is
        not finite; `gaps`, each with family, id and reason; `passed` and `failed`, numbers of rows.

    Raises
    ------
    InputError
        If a family is unknown or the folder is not there.
    """
    wanted = list(dict.fromkeys([families] if isinstance(families, str) else families)) or list(FAMILIES)
    folder = None if data is None else Path(data)
    for name in wanted:
        if name not in FAMILIES:
            raise InputError(f"unknown family {name!r}", did_you_mean(name, FAMILIES))
    if folder is not None and not folder.is_dir():
        raise InputError(f"{folder} is not a folder", "name the folder that holds the published tables")
    found = [(name, one) for name in wanted for one in _family(name)(folder)]
    rows = [{"family": name, **_as_dict(one)} for name, one in found if isinstance(one, Row)]
    gaps = [{"family": name, **one._asdict()} for name, one in found if isinstance(one, Gap)]
    passed = sum(row["pass"] for row in rows)
    return {"rows": rows, "gaps": gaps, "passed": passed, "failed": len(rows) - passed}


def _family(name: str) -> Family:
    return import_module(FAMILIES[name]).rows


def _as_dict(row: Row) -> dict[str, Any]:
    difference = float(row.ours) - float(row.published)
    return {
        "id": row.id,
        "ours": _finite(row.ours),
        "published": float(row.published),
        "difference": _finite(difference),
        "tolerance": float(row.tolerance),
        "pass": math.isfinite(difference) and abs(difference) <= row.tolerance,
        "source": row.source,
        "note": row.note,
    }


def _finite(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None
