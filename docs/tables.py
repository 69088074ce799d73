"""The tables made from the code: those of `model.md` and `street.md`, from traits to interventions, and the families of `validation.md`.

Run it with ``python docs/tables.py`` after changing one of them; the tests compare.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from importlib import import_module
from pathlib import Path
from typing import get_args, get_type_hints

from virtu.laboratory.intervention_kinds import SLOT, Intervention
from virtu.laboratory.organisation_kinds import KINDS
from virtu.laboratory.validation import FAMILIES
from virtu.organisation.measures import MEASURES
from virtu.scenario.archetypes import ARCHETYPES
from virtu.scenario.street_vocabulary import street_parameters
from virtu.scenario.vocabulary import parameters, traits
from virtu.street import measures as street_measures

TABLE_PATH = re.compile(r"[\w-]+/[\w.-]+\.(?:csv|tsv|txt)")
"""How a family names a published table: the folder of its subject, and the file."""


def of_model() -> dict[str, str]:
    """Return the tables of the model in Markdown by name."""
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


def of_street() -> dict[str, str]:
    """Return the tables of the street in Markdown by name."""
    knobs = [
        (f"`{name}`", _number(knob.default), _range(knob.low, knob.high), knob.unit, knob.doc) for name, knob in street_parameters().items()
    ]
    found = street_measures.MEASURES.values()
    measures = [(f"`{one.name}{f':{one.of.upper()}' if one.of else ''}`", one.unit, one.doc) for one in found]
    return {
        "street_parameters": _table(("parameter", "default", "range", "unit", "meaning"), knobs),
        "street_measures": _table(("measure", "unit", "meaning"), measures),
    }


def of_validation() -> dict[str, str]:
    """Return the tables of validation in Markdown by name: families, and the published tables they read."""
    found = {f"`{name}`": import_module(home) for name, home in FAMILIES.items()}
    reads = {name: _tables_read(vars(module)) for name, module in found.items()}
    about = [(name, (module.__doc__ or "").splitlines()[0], str(len(reads[name]))) for name, module in found.items()]
    paths = sorted(set().union(*reads.values()))
    layout = [(f"`{path}`", ", ".join(name for name in found if path in reads[name])) for path in paths]
    return {
        "families": _table(("family", "what is computed again", "tables it reads"), about),
        "layout": _table(("table", "read by"), layout),
    }


def _tables_read(held: Mapping[str, object]) -> set[str]:
    """Return the published tables named by the constants of a module: texts, and tuples and mappings of them."""
    constants = [value for name, value in held.items() if name.isupper()]
    groups = [value.values() if isinstance(value, Mapping) else value if isinstance(value, tuple) else (value,) for value in constants]
    return {one for group in groups for one in group if isinstance(one, str) and TABLE_PATH.fullmatch(one)}


PAGES: dict[str, Callable[[], dict[str, str]]] = {
    "model.md": of_model,
    "street.md": of_street,
    "validation.md": of_validation,
}
"""Pages beside this file, and what makes their tables."""


def refreshed(page: str, tables: Mapping[str, str]) -> str:
    """Return a page with each table put between its two marks.

    Raises
    ------
    ValueError
        If the marks of a table are not there exactly once.
    """
    for name, table in tables.items():
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
    for name, tables in PAGES.items():
        page = Path(__file__).with_name(name)
        page.write_text(refreshed(page.read_text(encoding="utf-8"), tables()), encoding="utf-8")
