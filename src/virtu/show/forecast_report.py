"""The report of a forecast: one HTML file with the answer, the figures, all tables, and how to get it again."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from virtu.show import forecast_figures as figures
from virtu.show import forecast_words as words
from virtu.show import wording
from virtu.show.report import Draw, figure, write_page


def write(path: Path | str, result: Mapping[str, Any]) -> Path:
    """Write the report of a forecast.

    Parameters
    ----------
    path : Path or str
        The HTML file; replaced when it exists.
    result : mapping
        What ``virtu forecast --json`` prints.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    RunError
        If the disk refuses.
    """
    page = {
        "title": Path(result["table"]).name,
        "design": words.design(result),
        "about_models": words.ABOUT_MODELS,
        "issues": [_issue(result, name, issue) for name, issue in result["issues"].items()],
        "drawn": bool(result["draws"]),
        "notes": result["notes"],
        "about": result["about"],
        "command": words.command(result),
        "seed": result["seed"],
        "versions": result["versions"],
    }
    return write_page(Path(path), "forecast.html.j2", page)


def drawings(result: Mapping[str, Any], name: str) -> dict[str, Draw]:
    """Return the figures of one issue of a forecast by name: models, coalition, tornado and arms, those that there are."""
    issue = result["issues"][name]
    found: dict[str, Draw] = {
        "models": lambda width: figures.models(issue, name if len(result["issues"]) > 1 else "", width),
        "coalition": lambda width: figures.coalition(issue, width),
    }
    if issue["tornado"]:
        found["tornado"] = lambda width: figures.tornado(result, issue, width)
    if result["arms"]:
        found["arms"] = lambda width: figures.arms(result, name, width)
    return found


def _issue(result: Mapping[str, Any], name: str, issue: Mapping[str, Any]) -> dict[str, Any]:
    """Return everything the page says about one issue."""
    scale, drawn = issue["scale"], drawings(result, name)
    return {
        "name": name,
        "answer": words.answer(issue),
        "rows": _models(issue),
        "scored": bool(issue["scores"]),
        "remarks": [line for line in (words.disagreement(issue), words.turns(issue), words.outside(issue)) if line],
        "rounds": [{kind: words.place(one[kind]["point"], scale) for kind in ("median", "mean")} for one in issue["rounds"]],
        "deciding": _deciding(issue),
        "last_word": words.last_word(issue),
        **{kind: figure(drawn[kind]) if kind in drawn else None for kind in ("models", "coalition", "tornado", "arms")},
        "changes": [_arm(arm, name, scale) for arm in result["arms"]],
    }


def _models(issue: Mapping[str, Any]) -> list[dict[str, str]]:
    scale, scores = issue["scale"], issue["scores"]
    rows = []
    for model, label in words.MODELS.items():
        one = issue["models"][model]
        row = {"label": label, "point": words.place(one["point"], scale), "range": words.span(one, scale)}
        row |= {"mean": words.place(one["mean"], scale), "sd": words.place(one["sd"], scale)}
        if scores:
            row |= {key: words.place(score, scale) for key, score in scores["models"][model].items()}
        rows.append(row)
    return rows


def _deciding(issue: Mapping[str, Any]) -> list[dict[str, str]]:
    """Return a row for each actor that counts, those of most weight first."""
    scale, pivotal, coalition = issue["scale"], issue["pivotal"], issue["coalition"]
    rows = []
    for name, one in sorted(pivotal["actors"].items(), key=lambda item: -item[1]["share"]):
        word = issue["last_word"]["actors"][name]
        holds = "yes" if name in pivotal["median_holders"] else "–"
        if one["holds_median"] is not None:
            share = wording.share(one["holds_median"], 0)
            holds = f"yes, {share}" if name in pivotal["median_holders"] else share
        member = "in" if name in coalition["members"] else "out"
        if coalition["inside"]:
            member = f"{member}, {wording.share(coalition['inside'][name]['mean'], 0)}"
        rows.append(
            {
                "name": name,
                "position": words.place(issue["positions"][name]["position"]["value"], scale),
                "weight": wording.share(one["share"]),
                "banzhaf": wording.share(one["banzhaf"]["point"]),
                "shapley_shubik": wording.share(one["shapley_shubik"]["point"]),
                "median": holds,
                "coalition": member,
                "shift": words.place(word["shift"]["point"], scale, plus=True),
            }
        )
    return rows


def _arm(arm: Mapping[str, Any], name: str, scale: Mapping[str, Any]) -> dict[str, Any]:
    """Return the changes of one arm, a row a model."""
    rows = []
    for model, label in words.MODELS.items():
        one = arm["issues"][name][model]
        change = "exactly 0" if words.exact(one) else words.place(one["point"], scale, plus=True)
        row = {"label": label, "change": change, "mean": words.place(one["mean"], scale, plus=True), "range": words.span(one, scale)}
        rows.append(row | {key: wording.share(one[key], 0) for key in ("up", "down", "same")})
    return {"doing": wording.doing(arm["do"]), "rows": rows}
