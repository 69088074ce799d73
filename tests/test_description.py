"""Descriptions and citations say what the code and the scenario are, and nothing that is not used."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from virtu import cli
from virtu.laboratory.description import describe, works
from virtu.laboratory.interventions import parse_all
from virtu.organisation.phases import PHASES
from virtu.organisation.state import State
from virtu.scenario import bibliography, load, loads, template
from virtu.scenario.street_vocabulary import street_parameters
from virtu.scenario.vocabulary import MOVES, parameters
from virtu.show import citations, odd
from virtu.street import phases as street_phases

SECTIONS = ("Purpose and patterns", "Entities", "Process overview", "Design concepts", "Initialization", "Input data", "Submodels")
CONCEPTS = (
    "Basic principles",
    "Emergence",
    "Adaptation",
    "Objectives",
    "Learning",
    "Prediction",
    "Sensing",
    "Interaction",
    "Stochasticity",
)


def small(**changes: Any) -> Any:
    """Return the template with parts changed."""
    return loads(json.dumps({**YAML(typ="safe", pure=True).load(template("small")), **changes}))


@pytest.fixture(scope="module")
def page() -> str:
    return odd.markdown(describe(load("politburo-1922")), "1.2.3")


def test_the_protocol_is_followed_in_its_order(page: str) -> None:
    found = [title for _, title in re.findall(r"^## (\d) (.+)$", page, re.MULTILINE)]
    assert [name for name, title in zip(SECTIONS, found, strict=True) if title.startswith(name)] == list(SECTIONS)
    assert all(f"**{name}.**" in page or f"**{name}" in page for name in CONCEPTS)


def test_everything_that_runs_is_described(page: str) -> None:
    """Phases in their order, every variable of the state, every move and every constant with its value."""
    schedule = page[page.index("\n## 3 ") : page.index("\n## 4 ")]
    assert re.findall(r"^(\d)\. \*\*(\w+)\*\*", schedule, re.MULTILINE) == [(str(number), name) for number, name, _ in PHASES]
    states = page[page.index("State variables") : page.index("What all histories share")]
    assert re.findall(r"^\| `(\w+)` \|", states, re.MULTILINE) == list(State._fields)
    assert [name for name in parameters() if page.count(f"| `{name}` |") != 1] == []
    assert all(f"- **{name}**: " in page for name in MOVES)


@pytest.mark.parametrize("name", ["two-camps", "weimar-1929"])
def test_the_street_is_described_too(name: str) -> None:
    found: Any = load(name)
    page = odd.markdown(describe(found), "1")
    schedule = page[page.index("\n## 3 ") : page.index("\n## 4 ")]
    assert re.findall(r"^(\d)\. \*\*(\w+)\*\*", schedule, re.MULTILINE) == [(str(one), name) for one, name, _ in street_phases.PHASES]
    assert [name for name in street_parameters() if page.count(f"| `{name}` |") != 1] == []
    assert all(camp.leader in page for camp in found.camps.values())
    assert "### Moves" not in page
    keys = {key for use in works(found, []) for key in use["works"]}
    assert {"richardson1960", "hawkes1971", "epstein2002"} <= keys
    assert "achen2006" not in keys
    assert citations.bibtex(citations.listed(found, works(found, []), "1")).count("@") > 15


def test_constants_of_the_scenario_show() -> None:
    told = odd.markdown(describe(small(parameters={"bandwagon": 0.25})), "1")
    assert "| `bandwagon` | 0.25 | 1 |" in told


def test_what_a_file_says_stays_text() -> None:
    told = odd.markdown(describe(small(title="<script>alert(1)</script>")), "1")
    assert "<script" not in told
    assert "&lt;script>alert(1)" in told


def cited(scenario: Any, *do: str) -> set[str]:
    """Return the keys of the works that are cited."""
    return {key for use in works(scenario, parse_all(do, scenario)) for key in use["works"]}


def test_only_what_is_used_is_cited() -> None:
    """A mechanism that is off throughout is not; off for a time it is; training brings its own works."""
    found = small()
    assert "gregory2011" in cited(found)
    assert "gregory2011" not in cited(found, "off purge")
    assert "gregory2011" in cited(found, "off purge @ 3")
    assert cited(found, "train all") - cited(found) == {"dodellfeder2018", "wimmer2024", "samur2018"}
    assert "kendall1938" not in cited(found)
    assert "kendall1938" in cited(load("politburo-1922"))


def test_every_use_names_works_and_every_work_is_used() -> None:
    named = {key for use in (*bibliography.ORGANISATION, *bibliography.STREET, *bibliography.DEEDS.values()) for key in use.works}
    assert named == set(bibliography.WORKS)


def test_bibtex_is_well_formed() -> None:
    """Every entry has a key of its own, balanced braces and the fields its kind requires."""
    found = load("politburo-1922")
    text = citations.bibtex(citations.listed(found, works(found, []), "1"))
    keys = re.findall(r"^@\w+\{([^,]+),$", text, re.MULTILINE)
    assert len(keys) == len(set(keys)) > 20
    assert text.count("{") == text.count("}")
    assert all(re.fullmatch(r"[A-Za-z0-9-]+", key) for key in keys)
    needed = {"article": {"journal", "volume", "pages"}, "book": {"publisher"}, "incollection": {"booktitle"}}
    for work in bibliography.WORKS.values():
        assert needed.get(work.kind, set()) <= set(work.where)


def test_braces_in_free_text_do_no_harm() -> None:
    before = YAML(typ="safe", pure=True).load(template("small"))["sources"]
    found = small(sources={**before, "odd one": {"text": "A {curly} title}"}})
    text = citations.bibtex(citations.listed(found, [], "1"))
    assert text.count("{") == text.count("}")
    assert "note = {A (curly) title)}" in text


def test_references_read_as_in_the_list_of_the_model() -> None:
    assert bibliography.reference("dodellfeder2018").startswith("Dodell-Feder, D. & Tamir, D. I. (2018). Fiction reading")
    assert bibliography.reference("kendall1938").endswith("*Biometrika* 30(1–2), 81–93.")


@pytest.mark.parametrize(("verb", "begins"), [("odd", "# The Politburo"), ("cite", "@software{virtu")])
def test_from_the_command_line(verb: str, begins: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    def call(*words: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["virtu", verb, *words])
        with pytest.raises(SystemExit) as left:
            cli.main()
        said = capsys.readouterr()
        return int(left.value.code or 0), said.out, said.err

    assert call("politburo-1922")[1].startswith(begins)
    assert json.loads(call("politburo-1922", "--json")[1])["scenario"] == "politburo-1922"
    assert call("politburo-1922", "--out", str(tmp_path / "it"))[1] == ""
    assert (tmp_path / "it").read_text(encoding="utf-8").startswith(begins)
    code, out, err = call("politburo-1922", "--out", str(tmp_path / "no" / "it"))
    assert (code, out) == (2, "")
    assert "cannot be written" in err
    assert call("politburo-1922", "--do", "off nonsense")[0] == 2
