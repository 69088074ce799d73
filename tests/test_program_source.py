"""Which files are behind a compiled program: all that its code comes from, and none that only shows results."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import jax
import numpy as np
import pytest

from virtu.inference.probes import likelihood
from virtu.laboratory import closeup, program_source, programs
from virtu.laboratory.arena import Arena
from virtu.laboratory.organisation_arena import ORGANISATION
from virtu.laboratory.street_arena import STREET
from virtu.scenario import AnyScenario

from .small import scenario
from .street_stage import street

SHOWING = ("cli/__init__.py", "show/figures.py", "record/store.py", "laboratory/summary.py", "laboratory/simulate.py")


def names(function: Callable[..., Any]) -> set[str]:
    return {path.relative_to(program_source.ROOT).as_posix() for path in program_source.files(function)}


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a copy of the package's text."""
    place = tmp_path_factory.mktemp("source") / "virtu"
    shutil.copytree(program_source.ROOT, place, ignore=lambda folder, inside: [name for name in inside if name.endswith((".pyc", ".yaml"))])
    return place


def changes(function: Callable[..., Any], root: Path, name: str) -> bool:
    """Say whether another line in a file makes another program."""
    path = root / name
    text, before = path.read_text(encoding="utf-8"), program_source.digest(function, root)
    path.write_text(text + "\nADDED = 1\n", encoding="utf-8")
    after = program_source.digest(function, root)
    path.write_text(text, encoding="utf-8")
    assert program_source.digest(function, root) == before
    return after != before


@pytest.mark.parametrize("name", ["chance.py", "minds/suspicion.py", "organisation/moves.py", "scenario/vocabulary.py", "errors.py"])
def test_what_the_model_is_made_of_makes_another_program(copy: Path, name: str) -> None:
    assert changes(ORGANISATION.run, copy, name)


@pytest.mark.parametrize("name", [*SHOWING, "street/phases.py", "organisation/build.py", "scenario/load.py"])
def test_what_is_around_the_model_does_not(copy: Path, name: str) -> None:
    assert (copy / name).is_file()
    assert not changes(ORGANISATION.run, copy, name)


def test_the_street_hangs_on_its_own_phases(copy: Path) -> None:
    assert changes(STREET.run, copy, "street/incidents.py")
    assert not changes(STREET.run, copy, "organisation/moves.py")


def test_the_line_that_calls_the_model_counts() -> None:
    """Two functions that look into the same modules are told apart by their own text."""
    assert program_source.files(_one) == program_source.files(_other)
    assert program_source.digest(_one) != program_source.digest(_other)


def _one() -> Any:
    return closeup.KEPT


def _other() -> Any:
    return closeup.CloseUp


def test_a_function_made_inside_another_hangs_on_its_floor() -> None:
    """It may hold whatever it was given there; pictures and commands are above."""

    def within() -> None:
        """Nothing."""

    within.__module__ = likelihood.__name__
    found = names(within)
    assert {"inference/probes/likelihood.py", "inference/priors.py", "inference/probes/trust.py"} <= found
    assert not [name for name in found if name.startswith(("cli/", "show/"))]


def test_the_key_follows(copy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The kept program is looked up by the digest."""
    shapes = (np.zeros(1),)
    before = programs._key(ORGANISATION.run, shapes, None)
    assert before == programs._key(ORGANISATION.run, shapes, None)
    monkeypatch.setattr(program_source, "digest", lambda function: "another")
    assert programs._key(ORGANISATION.run, shapes, None) != before


@pytest.mark.parametrize(("arena", "given"), [(ORGANISATION, scenario()), (STREET, street())], ids=["organisation", "street"])
def test_every_line_of_a_program_is_from_a_file_behind_it(arena: Arena, given: AnyScenario) -> None:
    """What was traced says itself where it comes from; the file that holds the function is behind it by the function's text alone."""
    shapes = (arena.setup(given), arena.baseline(given, None), np.zeros(2, np.uint32), np.zeros(2, np.int32))
    traced = jax.make_jaxpr(arena.run)(*shapes)
    sources = {Path(name) for name in _files(traced.jaxpr)}
    inside = {path.relative_to(program_source.ROOT).as_posix() for path in sources if program_source.ROOT in path.parents}
    own = Path(arena.run.__code__.co_filename).relative_to(program_source.ROOT).as_posix()
    assert len(inside) > 8
    assert inside <= names(arena.run) | {own}
    assert not inside <= {own, "chance.py"}


def _files(jaxpr: Any) -> Iterator[str]:
    """Return the files of all frames of all equations, those within branches and loops too."""
    for equation in jaxpr.eqns:
        yield from (frame.file_name for frame in equation.source_info.traceback.frames)
        for value in jax.tree.leaves(list(equation.params.values()), is_leaf=lambda one: hasattr(one, "eqns")):
            inner = getattr(value, "jaxpr", value)
            if hasattr(inner, "eqns"):
                yield from _files(inner)
