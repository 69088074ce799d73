"""The house rules, read off the source itself: sizes, documentation, imports and the one door to chance."""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from collections.abc import Callable, Iterator
from importlib.metadata import packages_distributions
from pathlib import Path
from statistics import median
from typing import NamedTuple, TypeAlias

import pytest
from importlinter.cli import lint_imports

ROOT = Path(__file__).parents[1]
LONGEST_FILE, LONGEST_FUNCTION, MEDIAN_FUNCTION = 500, 60, 10
EMPTY_NAMES = {"utils", "util", "helpers", "helper", "core", "manager", "common", "misc"}
GENERATORS = ("jax.random.", "jax.extend.random.")
UNFINISHED = re.compile(r"\b([T]ODO|[F]IXME|[X]XX|[N]otImplementedError)\b")

Function: TypeAlias = ast.FunctionDef | ast.AsyncFunctionDef


class Source(NamedTuple):
    """One Python file: its path inside the project, its text, and its syntax tree."""

    path: str
    text: str
    tree: ast.Module

    @property
    def shipped(self) -> bool:
        """Whether the file is part of the installed package."""
        return self.path.startswith("src/")


def _source(path: str, text: str) -> Source:
    return Source(path, text, ast.parse(text))


def _sources() -> list[Source]:
    files = (file for folder in ("src", "tests", "benchmarks", "examples") for file in sorted((ROOT / folder).rglob("*.py")))
    return [_source(file.relative_to(ROOT).as_posix(), file.read_text(encoding="utf-8")) for file in files]


def _functions(tree: ast.AST) -> Iterator[Function]:
    return (node for node in ast.walk(tree) if isinstance(node, Function))


def _public_functions(body: list[ast.stmt]) -> Iterator[Function]:
    for node in body:
        if isinstance(node, Function | ast.ClassDef) and not node.name.startswith("_"):
            yield from [node] if isinstance(node, Function) else _public_functions(node.body)


def _length(function: Function) -> int:
    """Count the lines of the body, the docstring left out."""
    body = function.body[1:] if ast.get_docstring(function) else function.body
    return (body[-1].end_lineno or 0) - body[0].lineno + 1 if body else 0


def _imports(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Yield line and full dotted name of everything imported."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield from ((node.lineno, f"{node.module}.{alias.name}") for alias in node.names)


def _distribution(name: str) -> str:
    """Write the name of a distribution the one way in which all its spellings agree."""
    return re.sub(r"[-_.]+", "-", name).lower()


def _long_file(source: Source) -> Iterator[str]:
    lines = len(source.text.splitlines())
    if lines > LONGEST_FILE:
        yield f"{source.path}: {lines} lines"


def _long_function(source: Source) -> Iterator[str]:
    for function in _functions(source.tree):
        if _length(function) > LONGEST_FUNCTION:
            yield f"{source.path}:{function.lineno}: {function.name} has {_length(function)} lines"


def _undocumented(source: Source) -> Iterator[str]:
    for function in _public_functions(source.tree.body) if source.shipped else ():
        if not ast.get_docstring(function):
            yield f"{source.path}:{function.lineno}: {function.name} has no docstring"


def _unannotated(source: Source) -> Iterator[str]:
    for function in _functions(source.tree):
        given = function.args
        named = [*given.posonlyargs, *given.args, *given.kwonlyargs, *filter(None, (given.vararg, given.kwarg))]
        bare = [argument.arg for argument in named if argument.annotation is None and argument.arg not in {"self", "cls"}]
        if bare or function.returns is None:
            yield f"{source.path}:{function.lineno}: {function.name} lacks annotations of {bare or 'what it returns'}"


def _private_chance(source: Source) -> Iterator[str]:
    if not source.shipped or source.path == "src/virtu/chance.py":
        return
    lines = [line for line, name in _imports(source.tree) if f"{name}.".startswith(GENERATORS)]
    lines += [node.lineno for node in ast.walk(source.tree) if isinstance(node, ast.Attribute) and f"{ast.unparse(node)}." in GENERATORS]
    yield from (f"{source.path}:{line}: draws from jax.random" for line in lines)


def _empty_name(source: Source) -> Iterator[str]:
    for part in EMPTY_NAMES & set(source.path.removesuffix(".py").split("/")):
        yield f"{source.path}: {part!r} says nothing about what is in it"


def _unfinished(source: Source) -> Iterator[str]:
    for number, line in enumerate(source.text.splitlines(), 1):
        if UNFINISHED.search(line):
            yield f"{source.path}:{number}: {line.strip()}"
    for function in _functions(source.tree):
        if all(isinstance(statement, ast.Pass) for statement in function.body):
            yield f"{source.path}:{function.lineno}: {function.name} does nothing"


Rule: TypeAlias = Callable[[Source], Iterator[str]]
BROKEN: dict[Rule, Source] = {
    _long_file: _source("src/virtu/a.py", "\n" * (LONGEST_FILE + 1)),
    _long_function: _source("src/virtu/a.py", "def f() -> None:\n" + "    1\n" * (LONGEST_FUNCTION + 1)),
    _undocumented: _source("src/virtu/a.py", "class A:\n    def f(self) -> None:\n        return None"),
    _unannotated: _source("src/virtu/a.py", "def f(x) -> None: ..."),
    _private_chance: _source("src/virtu/a.py", "import jax\njax.random.key(0)"),
    _empty_name: _source("src/virtu/utils/a.py", ""),
    _unfinished: _source("src/virtu/a.py", "def f() -> None:\n    pass"),
}


@pytest.mark.parametrize("rule", BROKEN)
def test_every_file_keeps_the_rule(rule: Rule) -> None:
    """No file of the project breaks a rule."""
    assert [fault for source in _sources() for fault in rule(source)] == []


@pytest.mark.parametrize("rule", BROKEN)
def test_the_rule_sees_a_fault(rule: Rule) -> None:
    """A file that breaks the rule is found, so that the scan is not vacuous."""
    assert list(rule(BROKEN[rule]))


@pytest.mark.parametrize(
    "text", ["import jax.random", "from jax import random", "from jax.random import normal", "import jax.random as jr"]
)
def test_no_way_of_importing_chance_escapes(text: str) -> None:
    """Each spelling of the import is seen, and the one file that may draw is let through."""
    assert list(_private_chance(_source("src/virtu/minds/a.py", text)))
    assert not list(_private_chance(_source("src/virtu/chance.py", text)))


def test_functions_are_short() -> None:
    """The median function of the package stays on half a screen."""
    assert median(_length(function) for source in _sources() if source.shipped for function in _functions(source.tree)) < MEDIAN_FUNCTION


def test_imports_go_downwards(capsys: pytest.CaptureFixture[str]) -> None:
    """The import contracts of pyproject.toml hold."""
    outcome = lint_imports(config_filename=str(ROOT / "pyproject.toml"), no_cache=True)
    assert outcome == 0, capsys.readouterr().out


def test_what_is_imported_is_declared() -> None:
    """Every library the package imports stands in pyproject.toml."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = [line for extra in ("lab", "cluster", "excel", "crate", "discovery") for line in project["optional-dependencies"][extra]]
    stated = [*project["dependencies"], *extras]
    declared = {_distribution(re.split(r"[^\w.-]", line)[0]) for line in stated}
    roots = {name.split(".")[0] for source in _sources() if source.shipped for _, name in _imports(source.tree)}
    providers = {root: packages_distributions().get(root, []) for root in roots - set(sys.stdlib_module_names) - {"virtu"}}
    assert {root for root, names in providers.items() if not declared & set(map(_distribution, names))} == set()
