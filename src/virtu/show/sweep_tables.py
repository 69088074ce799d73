"""What the terminal shows of a sweep."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rich.console import Group
from rich.text import Text

from virtu.show import discovery_words, wording
from virtu.show import sweep_words as words
from virtu.show.tables import Column, Row, tabulated


def sweep(result: Mapping[str, Any]) -> Group:
    """Return a sweep: for each measure a sentence, what is chance, and one row an input.

    Parameters
    ----------
    result : mapping
        What ``virtu sweep --json`` prints.
    """
    head = Text.assemble((str(result["scenario"]), "bold"), (f" · {words.title(result)} · {words.design(result)}", "dim"))
    parts: list[Any] = [head]
    for one in result["measures"]:
        found, names = words.lines(result, one), words.index_names(one)
        columns: list[Column] = [("input", "label"), ("lower end", "number"), ("upper end", "number"), ("range", "number")]
        rows = [Row((*line[:4], *line.indices)) for line in found]
        parts += [
            Text(f"\n{words.answer(result, one)}", "bold"),
            tabulated(wording.measure(one["measure"]), [*columns, *((name, "number") for name in names)], rows),
            Text(words.variance(one), "dim"),
            Text(words.about_indices(one), "dim"),
        ]
    for one in result.get("discovery", ()):
        parts.append(Text(f"\n{discovery_words.answer(one)}", "bold"))
        if one["boxes"]:
            columns = [("box", "label"), ("where", "label"), ("coverage", "number"), ("density", "number"), ("mass", "number")]
            parts += [tabulated(one["rule"], columns, [Row(box) for box in discovery_words.rows(one)]), Text(discovery_words.ABOUT, "dim")]
    parts += [Text(f"{name}:\u00a0{result[name]}", overflow="fold") for name in ("csv", "report") if result.get(name)]
    return Group(*parts)
