"""What to cite: virtu, the scenario, and the works behind the mechanisms that it uses."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from virtu.scenario import AnyScenario, bibliography


def listed(scenario: AnyScenario, used: Sequence[Mapping[str, Any]], version: str) -> dict[str, Any]:
    """Return what to cite, ready for JSON.

    Parameters
    ----------
    scenario : Scenario or StreetScenario
        Gives the sources of its facts and of the archetypes it uses.
    used : sequence of mapping
        From `virtu.laboratory.description.works`.
    version : str
        Of virtu.

    Returns
    -------
    dict
        scenario, software (BibTeX), works (key, parts, bibtex), archetypes and sources (texts by key).
    """
    parts: dict[str, list[str]] = {}
    for use in used:
        for key in use["works"]:
            parts.setdefault(key, []).append(use["part"])
    return {
        "scenario": scenario.scenario,
        "software": _software(version),
        "works": [{"key": key, "parts": told, "bibtex": bibliography.bibtex(key, ", ".join(told))} for key, told in sorted(parts.items())],
        "archetypes": bibliography.archetypes_used(scenario),
        "sources": {key: source.text for key, source in scenario.sources.items()},
    }


def bibtex(found: Mapping[str, Any]) -> str:
    """Return what to cite as a file of BibTeX; sources of a scenario, which are free text, are entries of the kind misc."""
    free = {f"{found['scenario']}-{key}": text for key, text in found["sources"].items()}
    free |= {f"archetype-{key}": text for key, text in found["archetypes"].items()}
    entries = [found["software"], *(one["bibtex"] for one in found["works"])]
    entries += [f"@misc{{{_key(key)},\n  note = {{{_braced(text)}}},\n}}\n" for key, text in free.items()]
    return "\n".join(entries)


def _software(version: str) -> str:
    title = "{virtu: a counterfactual laboratory for power}"
    return f"@software{{virtu,\n  author = {{{{The virtu contributors}}}},\n  title = {{{title}}},\n  version = {{{version}}},\n}}\n"


def _key(text: str) -> str:
    """A key that BibTeX takes: letters, digits, hyphens."""
    return "".join(character if character.isascii() and character.isalnum() else "-" for character in text)


def _braced(text: str) -> str:
    """Free text inside braces: braces of its own would end or open fields, so they go."""
    return " ".join(text.replace("{", "(").replace("}", ")").split())
