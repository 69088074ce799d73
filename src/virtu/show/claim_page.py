"""Claims as a page in Markdown: the counts, a table of the verdicts, and each claim with its contrasts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from virtu.scenario.bibliography import WORKS
from virtu.show import claim_words, wording


def page(result: Mapping[str, Any]) -> str:
    """Return a run of claims as a page of its own.

    Parameters
    ----------
    result : mapping
        What ``virtu claims --json`` prints.
    """
    return f"# Claims put to the test\n\n{claim_words.RULE}\n\n{body([result])}"


def body(results: Sequence[Mapping[str, Any]]) -> str:
    """Return what the page says of runs, without a title; where a claim is in several, the last counts."""
    rows = list({row["id"]: row for result in results for row in result["rows"]}.values())
    rows.sort(key=lambda row: ("MAS".find(row["id"][0]), int(row["id"][1:])))
    head = f"**{claim_words.counted(rows)}.** {claim_words.steady(rows)}".rstrip()
    verdicts = ((f"[{row['id']}](#{row['id'].lower()})", row["claim"], row["verdict"]) for row in rows)
    parts = [head, _table(("", "claim", "verdict"), verdicts)]
    return "\n\n".join([*parts, *map(_claim, rows)]) + "\n"


def _claim(row: Mapping[str, Any]) -> str:
    told = [f"### {row['id']}", f"*{row['claim']}* **{row['verdict'].capitalize()}.**"]
    if row.get("reason"):
        return "\n\n".join([*told, f"It cannot be put to `{row['scenario']}`: {row['reason']}."])
    lines = [(one, claim_words.line(one)) for one in row["contrasts"]]
    cells = [_cells(one, line) for one, line in lines]
    head = ("contrast", "measure", "expected", "effect", "95 % interval", "unchanged", "points", "verdict")
    told += [f"Mechanism: {row['mechanism']}. Varied by: {row['knob']}.", _table(head, cells), _arms(row)]
    told += [row["note"]] if row["note"] else []
    works = "; ".join(_work(key) for key in row["reference"]) or "none; the contrast is this project's own"
    points = f", {wording.counted(row['point_histories'])} at each of {row['points']} points" if row["points"] else ""
    run = f"`{row['scenario']}`, {wording.counted(row['histories'])} histories of each arm{points}, seed {row['seed']}"
    return "\n\n".join([*told, f"Run: {run}. Reference: {works}."])


def _cells(contrast: Mapping[str, Any], line: claim_words.Line) -> tuple[str, ...]:
    unit = f" {line.unit}" if line.unit else ""
    word = line.verdict if line.beside else f"**{line.verdict}**"
    measure = ", ".join(f"`{name}`" for name in contrast["measure"].split(", "))
    return (line.says, measure, line.expected, f"{line.change}{unit}", line.interval, line.unchanged, line.same_sign, word)


def _arms(row: Mapping[str, Any]) -> str:
    told = [f"*{arm}*: {'; '.join(f'`{text}`' for text in _shortened(deed))}" for arm, deed in row["arms"].items() if deed]
    return f"Arms: {', '.join(told)}." if told else "One arm, in which nothing is done."


def _shortened(deed: Sequence[str]) -> list[str]:
    """Return what is done in an arm; of more than four things the first and the last."""
    return list(deed) if len(deed) <= 4 else [deed[0], f"… {len(deed) - 2} more", deed[-1]]


def _work(key: str) -> str:
    work = WORKS[key]
    names = [author.split(",")[0] for author in work.author.split(" and ")]
    said = names[0] if len(names) == 1 else f"{', '.join(names[:-1])} & {names[-1]}"
    return f"{said} ({work.year})"


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = (head, ("---",) * len(head), *rows)
    return "\n".join(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in line)} |" for line in lines)
