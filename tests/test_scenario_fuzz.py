"""Whatever a file holds, it loads or is refused with places, soon, and never with any other exception."""

from __future__ import annotations

import copy
import json
import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML

from virtu import scenario
from virtu.errors import ScenarioError
from virtu.scenario.street_vocabulary import street_parameters
from virtu.scenario.vocabulary import parameters, traits

TEMPLATE = scenario.template("my-office")
TEMPLATES = {arena: scenario.template("my-office", arena) for arena in scenario.ARENAS}
TREES = {arena: YAML(typ="safe", pure=True).load(re.sub("(200[12]-)", r"t\1", text)) for arena, text in TEMPLATES.items()}
SOON = 120.0  # seconds: this is to catch what hangs, on a machine that others use too
EXAMPLES = 250

SNIPPETS = (
    *(
        "[",
        "]",
        "{",
        "}",
        ":",
        "- ",
        "&a ",
        "*a",
        "!x ",
        "!!python/object:os.system ",
        "? ",
        "|",
        "> ",
        '"',
        "'",
        "\t",
        "\n",
        "#",
        "@",
        "`",
    ),
    *(
        "%YAML 1.1\n",
        "%TAG ! x:\n",
        "---\n",
        "...\n",
        "null",
        ".nan",
        "-.inf",
        "1e400",
        "9" * 30,
        "0x1F",
        "0o9",
        "08",
        "yes",
        "~",
        "<<: *a",
    ),
    *("\x00", "\x85", "\u2028", "\ufeff", "é", "😀", "\r", "\\ud800", '"\\x00"', '"\\U00110000"', '"\\UFFFFFFFF"', "!<", "|9", "1922-04"),
    *("title: x\n", "  nerve: 3\n", "extends: my-office\n", "actors: {}\n", "[" * 60, "{a: " * 60),
)
VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=20),
    st.sampled_from(["Berg", "Bergg", "forum", "section-heads", "interviews", "2001-09", "t70", "1e3", "my-office"]),
    st.sampled_from(["Amadi", "harbour", "league", "docks", "state", "violent", "killed", "2001-09-03", "street"]),
    st.lists(st.floats(-2, 2), max_size=4),
    st.dictionaries(
        st.sampled_from(["normal", "types", "value", "source", "Berg", "from", *list(traits())[:3]]), st.floats(-2, 2), max_size=3
    ),
    st.just([[]]),
    st.just({}),
)
KEYS = st.one_of(
    st.text(max_size=85),
    st.sampled_from(["forum", "collective", "nerve", "title", "scale", *list(parameters())[:5]]),
    st.sampled_from(["arena", "harbour", "state", "all", "docks", "camp", "of", "until", "branching", *list(street_parameters())[:5]]),
)


def refused(load: Callable[[], object], lines: bool) -> bool:
    """Return whether loading is refused, having checked that a refusal is fit to be shown."""
    started = time.perf_counter()
    try:
        load()
        faults = ()
    except ScenarioError as error:
        faults = error.faults
        assert faults
    assert time.perf_counter() - started < SOON
    for fault in faults:
        assert fault.message
        assert "\n" not in fault.message
        assert "Input should" not in str(fault)
        assert "as it should be" not in fault.message
        assert fault.where is not None
        assert fault.where.file
        assert not lines or (fault.where.line and fault.where.column), fault
    return bool(faults)


@st.composite
def texts(draw: st.DrawFn, arena: str) -> str:
    """Return the template of an arena with a few pieces put in, cut out or copied elsewhere."""
    text = TEMPLATES[arena]
    for _ in range(draw(st.integers(1, 5))):
        at = draw(st.integers(0, len(text)))
        kind = draw(st.integers(0, 3))
        if kind == 0:
            text = text[:at] + text[at + draw(st.integers(1, 80)) :]
        elif kind == 1:
            start = draw(st.integers(0, len(text)))
            text = text[:at] + text[start : start + draw(st.integers(1, 200))] + text[at:]
        else:
            text = text[:at] + draw(st.sampled_from(SNIPPETS)) + text[at:]
    return text


def containers(tree: Any) -> list[Any]:
    """Return every mapping and list of a tree that has something in it."""
    inner = list(tree.values()) if isinstance(tree, dict) else tree if isinstance(tree, list) else []
    return ([tree] if inner else []) + [found for each in inner for found in containers(each)]


@st.composite
def trees(draw: st.DrawFn, arena: str) -> str:
    """Return the template of an arena with a few values replaced, removed, renamed or added, as YAML."""
    tree = copy.deepcopy(TREES[arena])
    for _ in range(draw(st.integers(1, 4))):
        owner = draw(st.sampled_from(containers(tree)))
        key = draw(st.sampled_from(sorted(owner) if isinstance(owner, dict) else range(len(owner))))
        kind = draw(st.integers(0, 3))
        if kind == 0 and len(owner) > 1:
            del owner[key]
        elif kind == 1 and isinstance(owner, dict):
            owner[draw(KEYS)] = owner.pop(key)
        elif kind == 2 and isinstance(owner, dict):
            owner[draw(KEYS)] = draw(VALUES)
        else:
            owner[key] = draw(VALUES)
    written = json.dumps(tree, ensure_ascii=False).replace("NaN", ".nan").replace("Infinity", ".inf")
    return re.sub("t(200[12]-)", r"\1", written)


@pytest.mark.parametrize("arena", scenario.ARENAS)
@pytest.mark.parametrize("made", [texts, trees], ids=["pieces of text", "values"])
def test_a_broken_template_is_refused_with_places(made: Callable[[str], st.SearchStrategy[str]], arena: str) -> None:
    outcomes: list[bool] = []

    @settings(max_examples=EXAMPLES)
    @given(made(arena))
    def each(text: str) -> None:
        outcomes.append(refused(lambda: scenario.loads(text), lines=True))

    each()
    assert sum(outcomes) >= EXAMPLES // 2


@settings(max_examples=100)
@given(st.one_of(st.binary(max_size=300), st.text(st.characters(codec="utf-8"), max_size=300).map(str.encode)))
def test_random_bytes_are_refused(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    path = tmp_path_factory.getbasetemp() / "random.yaml"
    path.write_bytes(data)
    assert refused(lambda: scenario.load(path), lines=True)


@settings(max_examples=60)
@given(st.lists(st.sampled_from(["a", "b", "c", "d", "none"]), min_size=4, max_size=4), st.data())
def test_files_that_extend_each_other_anyhow_load_or_are_refused(
    tmp_path_factory: pytest.TempPathFactory, parents: list[str], data: st.DataObject
) -> None:
    """Each of four broken files of either arena extends any of them or nothing, so that many go round in circles."""
    folder = tmp_path_factory.mktemp("chain")
    for name, parent in zip("abcd", parents, strict=True):
        change = f"extends: {parent}.yaml\nscenario: {name}\nactors: {{Berg: null}}\n"
        (folder / f"{name}.yaml").write_text(
            data.draw(trees(data.draw(st.sampled_from(list(TREES))))) if parent == "none" else change, encoding="utf-8"
        )
    refused(lambda: scenario.load(folder / "a.yaml"), lines=True)


def _large(path: Path) -> None:
    path.write_bytes(TEMPLATE.encode() + b"# and so on\n" * 900_000)


def _wide(path: Path) -> None:
    path.write_text("a: [" + "1, " * 1_000_000 + "]\n", encoding="utf-8")


def _deep(path: Path) -> None:
    path.write_text("[" * 1_000_000, encoding="utf-8")


def _bomb(path: Path) -> None:
    path.write_text("a: &a [x, x]\n" + "".join(f"{k}: &a [{'*a, ' * 9}*a]\n" for k in "bcdefghij"), encoding="utf-8")


def _many_keys(path: Path) -> None:
    path.write_text(TEMPLATE + "".join(f"key-{k}: {k}\n" for k in range(5_000)), encoding="utf-8")


def _long_words(path: Path) -> None:
    path.write_text(TEMPLATE.replace("holder: Berg", f"holder: {'Berg' * 200_000}"), encoding="utf-8")


@pytest.mark.parametrize("make", [_large, _wide, _deep, _bomb, _many_keys, _long_words], ids=lambda make: make.__name__)
def test_a_file_made_to_exhaust_is_refused_soon(tmp_path: Path, make: Callable[[Path], None]) -> None:
    path = tmp_path / "hostile.yaml"
    make(path)
    assert refused(lambda: scenario.load(path), lines=make is not _large)
