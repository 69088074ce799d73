"""The description of a model in the order of the ODD protocol, as Markdown (Grimm et al. 2020)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from virtu.scenario import bibliography


def markdown(model: Mapping[str, Any], version: str) -> str:
    """Return the description of a model.

    Parameters
    ----------
    model : mapping
        From `virtu.laboratory.description.describe`.
    version : str
        Of virtu.
    """
    from jinja2 import Environment, PackageLoader, StrictUndefined

    shelf = Environment(
        loader=PackageLoader("virtu.show"), undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True, autoescape=False
    )
    shelf.filters.update(num=_number, cell=_cell, one_line=_one_line, first_sentence=_first_sentence)
    keys = sorted({key for use in model["works"] for key in use["works"]})
    text = shelf.get_template("odd.md.j2").render(
        model=_escaped(model), version=version, references=list(map(bibliography.reference, keys))
    )
    return re.sub(r"\n{3,}", "\n\n", text).strip() + "\n"


def _escaped(value: Any) -> Any:
    """The texts of a user's file may hold what Markdown or a browser takes for markup; here they stay text."""
    if isinstance(value, str):
        return value.replace("<", "&lt;")
    if isinstance(value, Mapping):
        return {key: _escaped(one) for key, one in value.items()}
    return [_escaped(one) for one in value] if isinstance(value, list | tuple) else value


def _number(value: float) -> str:
    return f"{value:g}".replace("-", "−")


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _first_sentence(text: str) -> str:
    """The summary of a documentation: its first paragraph, without the number of the phase."""
    return re.sub(r"^Phase \d+\.\s*", "", _one_line(text.split("\n\n", 1)[0]))
