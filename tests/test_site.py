"""The pages as a site without a warning, and the blocks of code on them run, as printed but for fewer histories."""

from __future__ import annotations

import re
import shlex
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from functools import wraps
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sphinx.application import Sphinx
from typer.testing import CliRunner

import virtu
from virtu.cli import app
from virtu.organisation.measures import MEASURES
from virtu.organisation.moves import REGISTRY

from . import small

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
FENCE = re.compile(r"^```(\w+)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
HISTORIES = 16
"""Enough for every command to have something to say."""

COUNTED = ("compare", "run", "when", "why")
TABLE = "actor,capability,position,salience\nAnn,40,2,80\nBob,30,7,50\nCleo,30,9,60\n"
SHORT = ("cite", "compare", "fit", "forecast", "new", "odd", "run", "scenarios", "when", "why")
"""Commands that are run here as printed; the others take long, stay up or ask for another machine, and have tests of their own."""

LARGE = "politburo-1922"
"""A scenario that compiles anew for a minute for each kind of question; the Python of the README runs it, commands are run on others."""


def _blocks(page: Path, language: str) -> list[str]:
    return [text for found, text in FENCE.findall(page.read_text(encoding="utf-8")) if found == language]


def _commands(page: Path) -> Iterator[list[str]]:
    """Yield the words behind `virtu` of every command on a page."""
    for block in _blocks(page, "sh"):
        for line in block.splitlines():
            for command in line.split("&&"):
                words = shlex.split(command, comments=True)
                if words and Path(words[0]).name == "virtu" and words[1] in SHORT and not {"--on", "--targets", LARGE} & set(words):
                    yield words[1:]


def _fewer(words: list[str]) -> list[str]:
    """Return a command with the number of histories lowered."""
    if words[0] not in COUNTED:
        return words
    kept = re.sub(r" (--histories|-n) \d+", "", shlex.join(words))
    return [*shlex.split(kept), "--histories", str(64 if words[0] == "why" else HISTORIES)]


@pytest.fixture(autouse=True)
def at_hand(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Work in a folder that holds what a reader has: the examples, tables of their own, a catalogue of their own."""
    shutil.copytree(ROOT / "examples", tmp_path / "examples")
    (tmp_path / "tables").mkdir()
    (tmp_path / "table.csv").write_text(TABLE, encoding="utf-8")
    (tmp_path / "events.csv").write_text(_events(), encoding="utf-8")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "share"))
    monkeypatch.chdir(tmp_path)


def _events() -> str:
    """Two kinds of incidents, one set off by the other in half of the cases, and a few of a kind left out."""
    random = np.random.default_rng(1)
    lines = ["started,type,deaths"]
    for _ in range(60):
        day = int(random.integers(0, 18_000))
        lines.append(f"{date(1900, 1, 1) + timedelta(day)},{random.choice(['riot', 'strike', 'war'])},{random.integers(1, 9)}")
        lines.append(f"{date(1900, 1, 1) + timedelta(day + 2)},riot,{random.integers(1, 9)}")
    return "\n".join(lines) + "\n"


@contextmanager
def _registries_put_back() -> Iterator[None]:
    """Forget what a page registers."""
    kept = dict(MEASURES), dict(REGISTRY)
    try:
        yield
    finally:
        for registry, before in zip((MEASURES, REGISTRY), kept, strict=True):
            registry.clear()
            registry.update(before)  # type: ignore[arg-type]


def _lowered(function: Any) -> Any:
    @wraps(function)
    def called(*arguments: Any, **named: Any) -> Any:
        if "histories" in named:
            named["histories"] = min(named["histories"], 64)
        return function(*arguments, **named)

    return called


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of Sphinx, about its own extensions
@pytest.mark.filterwarnings("ignore::PendingDeprecationWarning")
def test_the_site_builds_without_a_warning(tmp_path: Path) -> None:
    site = Sphinx(ROOT / "docs", ROOT / "docs", tmp_path / "site", tmp_path / "trees", "html", status=None, warningiserror=True)
    site.build()
    assert site.statuscode == 0
    listed = {page.stem for page in (ROOT / "docs").glob("*.md")}
    assert {page.stem for page in (tmp_path / "site").glob("*.html")} >= listed


@pytest.mark.parametrize("page", [page for page in PAGES if _blocks(page, "python")], ids=lambda page: page.stem)
def test_the_python_of_a_page_runs(page: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Block after block, as a reader would type them."""
    for name in ("run", "simulate", "compare", "why", "when"):
        monkeypatch.setattr(virtu, name, _lowered(getattr(virtu, name)), raising=False)
    space: dict[str, Any] = {}
    with small.quickly(), _registries_put_back():
        for block in _blocks(page, "python"):
            exec(compile(block, page.name, "exec"), space)  # the pages are ours


@pytest.mark.parametrize("page", [page for page in PAGES if list(_commands(page))], ids=lambda page: page.stem)
def test_the_commands_of_a_page_run(page: Path, tmp_path: Path) -> None:
    """What one command writes the next may read."""
    for number, block in enumerate(_blocks(page, "yaml")):
        named = re.search(r"^scenario: ([\w-]+)", block, re.MULTILINE)
        (tmp_path / f"{named[1] if named else number}.yaml").write_text(block, encoding="utf-8")
    with small.quickly():
        for words in _commands(page):
            result = CliRunner().invoke(app, _fewer(words), catch_exceptions=False)
            assert result.exit_code == 0, (words, result.output)
