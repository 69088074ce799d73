"""The tables of `model.md` that are made from the code: traits, parameters, measures.

Run it with ``python docs/tables.py`` after changing one of them; the tests compare.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path

from virtu.organisation.measures import MEASURES
from virtu.scenario.vocabulary import parameters, traits

PAGE = Path(__file__).with_name("model.md")


def tables() -> dict[str, str]:
    """Return the tables in Markdown by name."""
    known = [(f"`{name}`", _prior(trait.prior), _range(trait.low, trait.high), trait.unit, trait.doc) for name, trait in traits().items()]
    knobs = [(f"`{name}`", f"{knob.default:g}", _range(knob.low, knob.high), knob.unit, knob.doc) for name, knob in parameters().items()]
    measures = [(f"`{one.name}:PERSON`" if one.personal else f"`{one.name}`", one.unit, one.doc) for one in MEASURES.values()]
    return {
        "traits": _table(("trait", "prior", "range", "unit", "meaning"), known),
        "parameters": _table(("parameter", "default", "range", "unit", "meaning"), knobs),
        "measures": _table(("measure", "unit", "meaning"), measures),
    }


def refreshed(page: str) -> str:
    """Return a page with each table put between its two marks.

    Raises
    ------
    ValueError
        If the marks of a table are not there exactly once.
    """
    for name, table in tables().items():
        first, last = f"<!-- {name}: begin -->\n", f"<!-- {name}: end -->"
        page, count = re.subn(f"{re.escape(first)}.*?{re.escape(last)}", lambda _, new=f"{first}{table}{last}": new, page, flags=re.DOTALL)
        if count != 1:
            raise ValueError(f"the page must hold {first.strip()} … {last} once, found {count}")
    return page


def _prior(prior: float | Mapping[str, list[float]]) -> str:
    if not isinstance(prior, Mapping):
        return f"{prior:g}"
    ((kind, arguments),) = prior.items()
    if kind == "types":
        return ", ".join(f"{value:g} in {share:.1%}" for share, value in zip(arguments[::2], arguments[1::2], strict=True))
    return f"{kind}({', '.join(f'{value:g}' for value in arguments)})"


def _range(low: float, high: float) -> str:
    return f"{low:g} … {high:g}".replace("-", "−")


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = (head, ("---",) * len(head), *rows)
    return "".join(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in line)} |\n" for line in lines)


if __name__ == "__main__":
    PAGE.write_text(refreshed(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
