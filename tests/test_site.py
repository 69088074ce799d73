"""The pages as a site without a warning, and the blocks of code on them run, as printed but for fewer histories."""

from __future__ import annotations

import re
import shlex
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from functools import wraps
from pathlib import Path
from typing import Any

import pytest
from sphinx.application import Sphinx
from typer.testing import CliRunner

import virtu
from virtu.cli import app
from virtu.organisation.measures import MEASURES
from virtu.organisation.moves import REGISTRY

from .compiling import sharing

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
FENCE = re.compile(r"^```(\w+)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
HISTORIES = 16
"""Enough for every command to have something to say."""

COUNTED = ("compare", "run", "when", "why")
LONG = {"validate"}
"""Commands that the tests run elsewhere, family by family."""


def _blocks(page: Path, language: str) -> list[str]:
    return [text for found, text in FENCE.findall(page.read_text(encoding="utf-8")) if found == language]


def _commands(page: Path) -> Iterator[list[str]]:
    """Yield the words behind `virtu` of every command on a page."""
    for block in _blocks(page, "sh"):
        for line in block.splitlines():
            for command in line.split("&&"):
                words = shlex.split(command, comments=True)
                if words and Path(words[0]).name == "virtu" and words[1] not in LONG:
                    yield words[1:]


def _fewer(words: list[str]) -> list[str]:
    """Return a command with the number of histories lowered."""
    if words[0] not in COUNTED:
        return words
    kept = re.sub(r" (--histories|-n) \d+", "", shlex.join(words))
    return [*shlex.split(kept), "--histories", str(64 if words[0] == "why" else HISTORIES)]


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


def test_the_site_builds_without_a_warning(tmp_path: Path) -> None:
    site = Sphinx(ROOT / "docs", ROOT / "docs", tmp_path / "site", tmp_path / "trees", "html", status=None, warningiserror=True)
    site.build()
    assert site.statuscode == 0
    listed = {page.stem for page in (ROOT / "docs").glob("*.md")}
    assert {page.stem for page in (tmp_path / "site").glob("*.html")} >= listed


@pytest.mark.parametrize("page", [page for page in PAGES if _blocks(page, "python")], ids=lambda page: page.stem)
def test_the_python_of_a_page_runs(page: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Block after block, as a reader would type them."""
    for name in ("simulate", "compare", "why", "when"):
        monkeypatch.setattr(virtu, name, _lowered(getattr(virtu, name)), raising=False)
    space: dict[str, Any] = {}
    with sharing(), _registries_put_back():
        for block in _blocks(page, "python"):
            exec(compile(block, page.name, "exec"), space)  # the pages are ours


@pytest.mark.parametrize("page", [page for page in PAGES if list(_commands(page))], ids=lambda page: page.stem)
def test_the_commands_of_a_page_run(page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In an empty folder with the examples beside; what one command writes the next may read."""
    shutil.copytree(ROOT / "examples", tmp_path / "examples")
    for number, block in enumerate(_blocks(page, "yaml")):
        named = re.search(r"^scenario: ([\w-]+)", block, re.MULTILINE)
        (tmp_path / f"{named[1] if named else number}.yaml").write_text(block, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    with sharing():
        for words in _commands(page):
            result = CliRunner().invoke(app, _fewer(words), catch_exceptions=False)
            assert result.exit_code == 0, (words, result.output)
