"""The documentation says what is so: names, tables, links, and every snippet that can be tried without a long run."""

from __future__ import annotations

import ast
import inspect
import re
import runpy
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import typer
import xarray as xr

import virtu
from virtu.cli import app
from virtu.laboratory.forecast_changes import changed
from virtu.laboratory.interventions import parse, parse_all
from virtu.laboratory.organisation_table import OrganisationTable
from virtu.organisation import build
from virtu.organisation.phases import PHASES
from virtu.organisation.state import OUTCOMES
from virtu.scenario import bibliography, loads, names
from virtu.scenario.stakeholders import read
from virtu.scenario.street_vocabulary import STREET_MECHANISMS
from virtu.scenario.vocabulary import CAUSES, MECHANISMS, MOVES, Status, parameters, traits
from virtu.street import phases as street_phases

ROOT = Path(__file__).parents[1]
README, MODEL, STREET = ROOT / "README.md", ROOT / "docs" / "model.md", ROOT / "docs" / "street.md"
PAGES = [README, ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").glob("*.md"))]
REFRESH = "a table of this page is out of date; refresh it with: python docs/tables.py"

FENCE = re.compile(r"^```([\w{}-]*)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
GENERATED = re.compile(r"<!-- (\w+): begin -->.*?<!-- \1: end -->", re.DOTALL)
FORMS = "Other things to do"


class Snippet(NamedTuple):
    """A fenced block of a page."""

    page: str
    language: str
    text: str


def _read(page: Path) -> str:
    return page.read_text(encoding="utf-8")


def _snippets(language: str) -> list[Snippet]:
    found = [Snippet(page.name, *block) for page in PAGES for block in FENCE.findall(_read(page))]
    return [one for one in found if one.language == language]


def _section(title: str, page: Path = MODEL) -> str:
    """Return a section of a page, without its heading."""
    return re.split(r"^## ", _read(page).split(f"\n## {title}\n", 1)[1], maxsplit=1, flags=re.MULTILINE)[0]


def _anchors(page: Path) -> set[str]:
    """Return the anchors that GitHub gives to the headings of a page."""
    headings = re.findall(r"^#+ (.+)$", FENCE.sub("", _read(page)), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def _commands() -> Iterator[list[str]]:
    """Yield the words of every command of the shell blocks."""
    for one in _snippets("sh"):
        for line in one.text.splitlines():
            for command in line.split("&&"):
                yield shlex.split(command, comments=True)


def _calls(tree: ast.AST) -> Iterator[tuple[str, ast.Call]]:
    """Yield the calls of functions of the package, with their names."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and ast.unparse(node.func.value) == "virtu":
            yield node.func.attr, node


@pytest.fixture(scope="module")
def dataset() -> xr.Dataset:
    """Return the dataset of a run before any history is entered: all its variables, at no cost."""
    scenario = virtu.load("editorial-office")
    return OrganisationTable(scenario, 1, 1, build.baseline(scenario, 1)).dataset()


@pytest.fixture(scope="module")
def made() -> dict[str, Any]:
    """Return what the script that makes the tables defines."""
    return runpy.run_path(str(ROOT / "docs" / "tables.py"))


@pytest.mark.parametrize("page", ["model.md", "street.md", "validation.md"])
def test_the_tables_are_those_of_the_code(made: dict[str, Any], page: str) -> None:
    text = _read(ROOT / "docs" / page)
    assert made["refreshed"](text, made["PAGES"][page]()) == text, REFRESH


def test_a_page_without_its_marks_is_refused(made: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="found 0"):
        made["refreshed"]("no marks", {"traits": ""})


@pytest.mark.parametrize(("page", "phases"), [(MODEL, PHASES), (STREET, street_phases.PHASES)])
def test_every_phase_has_its_section_in_order(page: Path, phases: tuple[tuple[int, str, Any], ...]) -> None:
    found = re.findall(r"^### (\d+) (.+)$", _read(page), re.MULTILINE)
    assert found == [(str(number), name) for number, name, _ in phases]


@pytest.mark.parametrize(
    ("page", "title", "words"),
    [
        (MODEL, "The ten moves", MOVES),
        (MODEL, "Mechanisms that can be switched off", MECHANISMS),
        (STREET, "Mechanisms", STREET_MECHANISMS),
    ],
)
def test_every_move_and_mechanism_has_its_row(page: Path, title: str, words: tuple[str, ...]) -> None:
    assert re.findall(r"^\| `(\w+)` \|", _section(title, page), re.MULTILINE) == list(words)


@pytest.mark.parametrize("key", bibliography.WORKS)
def test_every_work_that_is_cited_is_in_a_list_of_references(key: str) -> None:
    """By its first author, who begins the entry, and its year."""
    work = bibliography.WORKS[key]
    entry = re.compile(rf"^- {re.escape(work.author.split(',')[0])}, [^\n]*?(?:\n  [^\n]*?)?\({work.year}\)", re.MULTILINE)
    assert any(entry.search(_read(page)) for page in (MODEL, STREET))


def test_every_trait_and_parameter_is_explained_outside_its_table() -> None:
    text = GENERATED.sub("", _read(MODEL))
    unexplained = [name for name in (*traits(), *parameters()) if not re.search(rf"(?<!\w){name}(_[a-zF]+)?(?!\w)", text)]
    assert unexplained == []


@pytest.mark.parametrize("words", [CAUSES, OUTCOMES[1:], tuple(one.name.lower() for one in Status)], ids=["causes", "outcomes", "statuses"])
def test_codes_are_given_as_they_are(words: tuple[str, ...]) -> None:
    first = 1 if words == OUTCOMES[1:] else 0
    listed = ", ".join(f"{code} {word.replace('_', ' ')}" for code, word in enumerate(words, first))
    assert listed in re.sub(r"\s+", " ", _section("What a run returns"))


def test_every_variable_of_a_run_is_described(dataset: xr.Dataset) -> None:
    rows = dict(re.findall(r"^\| (`.+?`) \| ([\w, ]+) \|", _section("What a run returns"), re.MULTILINE))
    described = {name: tuple(dimensions.split(", ")) for cell, dimensions in rows.items() for name in re.findall(r"`(\w+)`", cell)}
    assert described == {str(name): variable.dims for name, variable in dataset.data_vars.items()}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_inside_the_project_leads_somewhere(page: Path) -> None:
    astray = []
    for link in LINK.findall(FENCE.sub("", _read(page))):
        path, _, anchor = link.partition("#")
        there = page.parent / path if path else page
        if "://" not in link and not (there.exists() and (not anchor or anchor in _anchors(there))):
            astray.append(link)
    assert astray == []


def test_every_scenario_shown_loads() -> None:
    shown = _snippets("yaml")
    assert shown
    for one in shown:
        assert loads(one.text, one.page).actors


def test_every_command_shown_exists() -> None:
    group: Any = typer.main.get_command(app)
    shown = [words for words in _commands() if words and words[0].endswith("virtu")]
    assert {words[1] for words in shown} == set(group.commands) - {"scenarios"}
    for _, command, *arguments in shown:
        given = group.commands[command].make_context(command, list(arguments)).params
        if command == "forecast":
            _check_forecast(given)
            continue
        scenario = given.get("scenario")
        assert scenario is None or scenario in names() or scenario.endswith(".yaml")
        for text in given.get("do") or ():
            assert scenario is not None
            assert parse_all([text], virtu.load(scenario))


def _check_forecast(given: dict[str, Any]) -> None:
    """The table of a forecast shown is there or is the reader's own; what is done to one that is there is understood."""
    path = ROOT / given["table"]
    assert path.exists() or given["table"].stem == "table"
    for text in given["do"] or () if path.exists() else ():
        assert changed(read(path), [text]).actors


def test_every_make_target_shown_exists() -> None:
    shown = {target for words in _commands() if words[:1] == ["make"] for target in words[1:]}
    assert shown
    assert shown <= set(re.findall(r"^(\w+):", _read(ROOT / "Makefile"), re.MULTILINE))


def test_every_intervention_of_the_readme_is_understood() -> None:
    scenario = virtu.load("politburo-1922")
    lines = FENCE.findall(_read(README).split(FORMS, 1)[1])[0][1].splitlines()
    kinds = {type(parse(re.split(r" {2,}", line)[0], scenario)) for line in lines}
    assert len(kinds) == len(lines)


def test_all_shipped_scenarios_are_listed_in_the_readme() -> None:
    listed = re.search(r"`virtu scenarios` lists what is shipped: (.+?)\.\n", _read(README), re.DOTALL)
    assert listed is not None
    assert set(re.findall(r"`([\w-]+)`", listed[1])) == set(names())


def test_python_snippets_name_what_exists(dataset: xr.Dataset) -> None:
    shown = [ast.parse(one.text) for one in _snippets("python")]
    called = set()
    for tree in shown:
        for name, call in _calls(tree):
            assert name in virtu.__all__
            inspect.signature(getattr(virtu, name)).bind(*call.args, **{str(one.arg): one.value for one in call.keywords})
            called.add(name)
        parts = [node for node in ast.walk(tree) if isinstance(node, ast.Subscript) and ast.unparse(node.value) == "ds"]
        assert {ast.literal_eval(node.slice) for node in parts} <= set(dataset)
    assert called >= {"simulate", "compare", "events", "summarise", "load"}
