"""The runs that are kept, as a table in the terminal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Group
from rich.table import Table
from rich.text import Text


def runs(listed: Sequence[Mapping[str, Any]], put_aside: Sequence[str] = ()) -> Group:
    """Return a table of runs.

    Parameters
    ----------
    listed : sequence of mapping
        The runs that ``virtu runs --json`` prints.
    put_aside : sequence of str
        Damaged catalogues.
    """
    lost = [
        Text(f"a damaged catalogue was put aside as {one}; virtu runs --scan FOLDER finds the runs that were in it") for one in put_aside
    ]
    if not listed:
        return Group(Text("no runs are kept; virtu run SCENARIO --out DIR keeps one"), *lost)
    table = Table(box=None, pad_edge=False)
    for heading in ("run", "kind", "scenario", "seed", "histories", "state", "directory"):
        table.add_column(heading, justify="right" if heading in ("seed", "histories") else "left", overflow="fold")
    for one in listed:
        state = f"{one['done']} of {one['shards']} shards" if one["state"] == "unfinished" else one["state"]
        words = [one["id"], *(str(one.get(key, "")) for key in ("kind", "scenario", "seed", "histories")), state, one["place"]]
        table.add_row(*map(Text, words))
    return Group(table, *lost)
