"""The tables of `model.md` that are made from the code: traits, archetypes, parameters, measures, interventions.

Run it with ``python docs/tables.py`` after changing one of them; the tests compare.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import get_args, get_type_hints

from virtu.laboratory.intervention_kinds import KINDS, SLOT, Intervention
from virtu.organisation.measures import MEASURES
from virtu.scenario.archetypes import ARCHETYPES
from virtu.scenario.vocabulary import parameters, traits

PAGE = Path(__file__).with_name("model.md")


def tables() -> dict[str, str]:
    """Return the tables in Markdown by name."""
    known = [(f"`{name}`", _prior(trait.prior), _range(trait.low, trait.high), trait.unit, trait.doc) for name, trait in traits().items()]
    knobs = [(f"`{name}`", _number(knob.default), _range(knob.low, knob.high), knob.unit, knob.doc) for name, knob in parameters().items()]
    types = [(f"`{name}`", _values(one.traits), one.note, one.source) for name, one in ARCHETYPES.items()]
    measures = [(f"`{one.name}:PERSON`" if one.personal else f"`{one.name}`", one.unit, one.doc) for one in MEASURES.values()]
    kinds = [(f"`{_form(kind)}`", (kind.__doc__ or "").splitlines()[0]) for kind in KINDS]
    return {
        "traits": _table(("trait", "prior", "range", "unit", "meaning"), known),
        "archetypes": _table(("archetype", "traits", "published or read", "source"), types),
        "parameters": _table(("parameter", "default", "range", "unit", "meaning"), knobs),
        "measures": _table(("measure", "unit", "meaning"), measures),
        "interventions": _table(("form", "what is done"), kinds),
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


def _form(kind: type[Intervention]) -> str:
    """Return how an intervention is written, with capitals for what is to be filled in."""
    hints = get_type_hints(kind)

    def slot(found: re.Match[str]) -> str:
        words = [word for word in get_args(hints[found["field"]]) if isinstance(word, str)] or [found["field"].upper()]
        shown = "|".join([*words, *([found["none"]] if found["none"] else [])])
        return f"[{shown}]" if found["optional"] else shown

    return SLOT.sub(slot, kind.form)


def _prior(prior: float | Mapping[str, list[float]]) -> str:
    if not isinstance(prior, Mapping):
        return _number(prior)
    ((kind, arguments),) = prior.items()
    if kind == "types":
        return ", ".join(f"{_number(value)} in {100 * share:g} %" for share, value in zip(arguments[::2], arguments[1::2], strict=True))
    return f"{kind}({', '.join(map(_number, arguments))})"


def _values(values: Mapping[str, float]) -> str:
    return ", ".join(f"`{name}` {_number(value)}" for name, value in values.items())


def _range(low: float, high: float) -> str:
    return f"{_number(low)} … {_number(high)}"


def _number(value: float) -> str:
    return f"{value:g}".replace("-", "−")


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = (head, ("---",) * len(head), *rows)
    return "".join(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in line)} |\n" for line in lines)


if __name__ == "__main__":
    PAGE.write_text(refreshed(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
