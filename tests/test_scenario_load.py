"""Scenarios are found, extended, loaded and hashed; whatever is no scenario file is refused without harm."""

from __future__ import annotations

import json
import os
import pickle
import subprocess
import sys
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from ruamel.yaml import YAML

from virtu import scenario
from virtu.errors import Fault, InputError, ScenarioError
from virtu.scenario.nodes import LARGEST_FILE
from virtu.scenario.vocabulary import SPEECH_ORDERS, parameters, traits

PARENT = """\
scenario: parent
title: Parent
calendar: {start: 1922-04, ticks: 24}
forum: {seats: 2}
population:
  hardness: {uniform: [0.2, 0.4]}
actors:
  Ada: {entry: forum, archetype: behindness_averse, traits: {nerve: {value: 0.5, source: book}, display: 0.4, empathy_ahead: 0.1}}
  Ben: {entry: forum}
  Cy: {}
ties:
  - {from: Ada, to: Ben}
sources: {book: A book}
"""
CHILD = """\
extends: parent.yaml
scenario: child
actors:
  Ada: {traits: {nerve: {normal: [0.6, 0.1]}, display: null}}
  Cy: null
  Di: {entry: pool}
ties: []
"""


def write(folder: Path, **texts: str) -> Path:
    """Write texts to files of the same names and return the path of the first."""
    for name, text in texts.items():
        (folder / f"{name}.yaml").write_text(text, encoding="utf-8")
    return folder / f"{next(iter(texts))}.yaml"


def faults_of(path: Path | str) -> tuple[Fault, ...]:
    """Return the faults that loading a path raises."""
    with pytest.raises(ScenarioError) as raised:
        scenario.load(path)
    return raised.value.faults


def only_fault(path: Path | str) -> Fault:
    (fault,) = faults_of(path)
    return fault


def test_the_template_loads_and_is_a_small_organisation() -> None:
    text = scenario.template("my-office")
    office = scenario.loads(text)
    assert (office.scenario, office.title) == ("my-office", "My office")
    assert len(office.person_names) in (5, 6)
    assert office.founder is not None
    assert office.groups
    assert office.text == text
    assert text.count("#") > 20


@pytest.mark.parametrize("name", ["", "My Office", "a--b", "-a", "x" * 81, "a\n"])
def test_the_template_wants_a_proper_name(name: str) -> None:
    with pytest.raises(InputError, match="small letters"):
        scenario.template(name)


@pytest.mark.parametrize("name", scenario.names())
def test_a_shipped_scenario_loads_and_comes_back_from_its_canonical_form(name: str) -> None:
    loaded = scenario.load(name)
    assert loaded.scenario == name
    again = scenario.loads(loaded.canonical)
    assert (again.sha256, again.canonical) == (loaded.sha256, loaded.canonical)
    assert loaded.date_of(loaded.ticks - 1) == loaded.date_of(loaded.tick_of(loaded.date_of(loaded.ticks - 1)))


def test_the_hash_is_of_the_content_and_of_all_of_it() -> None:
    text = scenario.template("a")
    plain = scenario.loads(text)
    respelt = YAML(typ="safe", pure=True).load(text.replace("2001-01", "'2001-01'").replace("2001-09", "'2001-09'"))
    assert scenario.loads(json.dumps(respelt)).sha256 == plain.sha256
    assert scenario.loads(text.replace("status_quo: 40", "status_quo: 41")).sha256 != plain.sha256
    assert scenario.loads(text.replace("hardness: {value: {", "hardness: {note: n, value: {")).sha256 != plain.sha256


def test_a_scenario_survives_pickling_and_cannot_be_changed() -> None:
    office = scenario.loads(scenario.template("a"))
    again = pickle.loads(pickle.dumps(office))
    assert (again.text, again.sha256) == (office.text, office.sha256)
    with pytest.raises(ValueError, match="frozen"):
        office.title = "Other"


def test_the_canonical_form_reads_back_for_any_text() -> None:
    notes = 'tab\tquote" backslash\\ next\x85line separators\u2028\u2029 emoji 😀 ﷺ # : - {}[]&*!|>%@`'
    text = scenario.template("a") + f"record: {{notes: {json.dumps(notes, ensure_ascii=False)}}}\n"
    office = scenario.loads(text.replace("quote\\t", "quote"))
    assert office.record is not None
    assert scenario.loads(office.canonical).record == office.record


def test_a_child_goes_before_its_parent(tmp_path: Path) -> None:
    child = scenario.load(write(tmp_path, child=CHILD, parent=PARENT))
    assert (child.scenario, child.title, child.ticks) == ("child", "Parent", 24)
    assert child.person_names == ("Ada", "Ben", "Di")
    assert child.ties == ()
    assert child.trait_prior("Ada", "nerve") == {"normal": [0.6, 0.1]}
    assert child.actors["Ada"].traits["nerve"].source == ()
    assert "display" not in child.actors["Ada"].traits
    assert child.actors["Ada"].entry == "forum"
    assert child.text.startswith(CHILD)
    assert child.text.endswith(PARENT)


def test_a_chain_goes_through_folders_and_ends_in_the_library(tmp_path: Path) -> None:
    shipped = scenario.names()[0]
    (tmp_path / "deep").mkdir()
    write(tmp_path, base=f"extends: {shipped}\nscenario: base\ntitle: Base\n")
    write(tmp_path / "deep", middle="extends: ../base.yaml\nscenario: middle\n")
    top = scenario.load(write(tmp_path, top="extends: deep/middle.yaml\nscenario: top\nsummary: x\n"))
    assert (top.scenario, top.title, top.summary) == ("top", "Base", "x")
    assert top.person_names == scenario.load(shipped).person_names


def test_faults_of_a_chain_name_their_own_file(tmp_path: Path) -> None:
    child = write(tmp_path, child=CHILD + "titel: x\n", parent=PARENT.replace("to: Ben", "to: Bem").replace("seats: 2", "seats: 0"))
    child.write_text(child.read_text().replace("ties: []\n", ""), encoding="utf-8")
    found = [(Path(fault.where.file).name, fault.where.line, fault.where.column) for fault in faults_of(child) if fault.where]
    assert found == [("child.yaml", 7, 1), ("parent.yaml", 4, 16), ("parent.yaml", 12, 21)]


def test_the_name_is_not_inherited(tmp_path: Path) -> None:
    fault = only_fault(write(tmp_path, child=CHILD.replace("scenario: child\n", ""), parent=PARENT))
    assert "needs scenario" in fault.message


def test_what_is_removed_twice_is_a_fault(tmp_path: Path) -> None:
    fault = only_fault(write(tmp_path, child=CHILD.replace("Cy: null", "Cyy: null"), parent=PARENT))
    assert fault.message == "actors.Cyy must be a mapping, found nothing"


def test_a_circle_names_its_chain(tmp_path: Path) -> None:
    first = write(tmp_path, a="scenario: a\nextends: b.yaml\n", b="extends: ./c.yaml\n", c=f"extends: ../{tmp_path.name}/a.yaml\n")
    fault = only_fault(first)
    assert fault.message == "a scenario may not extend itself: a.yaml → b.yaml → c.yaml → a.yaml"
    assert fault.where is not None
    assert (Path(fault.where.file).name, fault.where.line, fault.where.column) == ("c.yaml", 1, 10)
    assert "extend itself: d.yaml → d.yaml" in only_fault(write(tmp_path, d="extends: d.yaml\n")).message


@pytest.mark.parametrize(
    ("extends", "message", "hint"),
    [
        ("nowhere.yaml", "there is no file", ""),
        ("childd.yaml", "there is no file", "did you mean 'child.yaml'?"),
        ("politburo-1923", "there is no scenario and no file 'politburo-1923'", "politburo-1922"),
        (".", "is a folder", ""),
        ("[a, b]", "extends must be the name or the path of one scenario", ""),
        ("3", "extends must be the name or the path of one scenario", ""),
    ],
)
def test_what_cannot_be_extended_is_a_fault_where_it_is_asked_for(tmp_path: Path, extends: str, message: str, hint: str) -> None:
    fault = only_fault(write(tmp_path, child=f"scenario: child\nextends: {extends}\n"))
    assert message in fault.message
    assert hint in fault.hint
    assert fault.where is not None
    assert (fault.where.line, fault.where.column) == (2, 10)


def test_a_parent_that_cannot_be_read_is_a_fault_of_the_parent(tmp_path: Path) -> None:
    fault = only_fault(write(tmp_path, child="scenario: child\nextends: parent.yaml\n", parent="a: [\n"))
    assert fault.where is not None
    assert Path(fault.where.file).name == "parent.yaml"


def test_a_text_extends_shipped_scenarios_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shipped = scenario.names()[0]
    assert scenario.loads(f"extends: {shipped}\nscenario: mine\n").person_names == scenario.load(shipped).person_names
    write(tmp_path, parent=PARENT)
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ScenarioError, match="there is no shipped scenario 'parent.yaml'"):
        scenario.loads(CHILD)


def test_an_unknown_name_is_answered_with_the_nearest() -> None:
    with pytest.raises(InputError, match="there is no scenario and no file 'politburo-1923' .did you mean 'politburo-1922'"):
        scenario.load("politburo-1923")


def test_a_shipped_name_goes_before_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    shipped = scenario.names()[0]
    (tmp_path / shipped).write_text(PARENT, encoding="utf-8")
    (tmp_path / "other").write_text(PARENT, encoding="utf-8")
    assert scenario.load(shipped).scenario == shipped
    assert scenario.load(f"./{shipped}").scenario == scenario.load(Path(shipped)).scenario == "parent"
    assert scenario.load("other").scenario == "parent"


def test_what_is_no_file_is_refused_without_opening_it(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.yaml")
    assert "is a folder" in only_fault(tmp_path).message
    assert "is a pipe" in only_fault(tmp_path / "pipe.yaml").message
    assert "a device" in only_fault("/dev/zero").message
    (tmp_path / "loop.yaml").symlink_to(tmp_path / "loop.yaml")
    assert "cannot be read" in only_fault(tmp_path / "loop.yaml").message
    assert "there is no file" in only_fault(tmp_path / "none.yaml").message
    assert "is not a path" in only_fault("a\0.yaml").message
    assert "cannot be read" in only_fault("a" * 5000 + ".yaml").message
    assert "cannot be read" in only_fault(write(tmp_path, a="") / "b.yaml").message


def test_a_large_file_is_refused_before_it_is_read(tmp_path: Path) -> None:
    large = tmp_path / "large.yaml"
    with large.open("wb") as stream:
        stream.truncate(10_000_000)
    fault = only_fault(large)
    assert f"at most {LARGEST_FILE:,} bytes" in fault.message
    assert "10,000,000" in fault.message
    with pytest.raises(ScenarioError, match="at most 5,000,000 bytes"):
        scenario.loads("#" * (LARGEST_FILE + 1))


def test_a_file_that_is_not_utf_8_says_where(tmp_path: Path) -> None:
    latin = tmp_path / "latin.yaml"
    latin.write_bytes("scenario: a\ntitle: ü Café\n".encode()[:-3] + b"\xe9\n")
    fault = only_fault(latin)
    assert "found the byte 0xe9 at offset 25" in fault.message
    assert fault.where is not None
    assert (fault.where.line, fault.where.column) == (2, 13)
    latin.write_bytes(PARENT.encode("utf-16"))
    assert "UTF-8" in only_fault(latin).message
    latin.write_bytes(PARENT.encode("utf-8-sig").replace(b"\n", b"\r\n"))
    assert scenario.load(latin).sha256 == scenario.loads(PARENT).sha256


def test_a_trait_is_what_is_nearest_to_the_person() -> None:
    parent = scenario.loads(PARENT)
    assert parent.trait_prior("Ada", "nerve") == 0.5
    assert parent.trait_prior("Ada", "empathy_ahead") == 0.1
    assert parent.trait_prior("Ada", "empathy_behind") == -0.435
    assert parent.trait_prior("Ada", "hardness") == {"uniform": [0.2, 0.4]}
    assert parent.trait_prior("Ben", "empathy_behind") == traits()["empathy_behind"].prior
    assert parent.trait_prior("Ben", "reciprocity") == traits()["reciprocity"].prior
    with pytest.raises(InputError, match="unknown person 'Adda'"):
        parent.trait_prior("Adda", "nerve")
    with pytest.raises(InputError, match="did you mean 'nerve'"):
        parent.trait_prior("Ada", "nervee")


def test_a_prior_may_be_changed_without_changing_the_scenario() -> None:
    parent = scenario.loads(PARENT)
    prior = parent.trait_prior("Ben", "nerve")
    assert isinstance(prior, dict)
    prior["normal"][0] = 9.0
    assert parent.trait_prior("Ben", "nerve") == traits()["nerve"].prior != prior


def test_defaults_are_sensible() -> None:
    small = scenario.loads(PARENT)
    assert list(small.issues) == ["policy"]
    assert small.issues["policy"].status_quo == 50
    assert small.outcome.measure == "on_top"
    scaled = scenario.loads(PARENT + "issues: {i: {scale: [-1, 3]}}\n")
    assert scaled.issues["i"].status_quo == 1


def test_the_json_schema_tells_the_template_from_a_broken_one() -> None:
    schema = scenario.json_schema()
    checked = jsonschema.Draft202012Validator(schema)
    values = json.loads(scenario.loads(scenario.template("a")).canonical)
    del values["record"]
    assert list(checked.iter_errors(_without_nulls(values))) == []
    values["actors"]["Berg"]["traits"]["nervee"] = 0.5
    values["parameters"] = {"bandwagon": 11, "ban": 1}
    messages = "\n".join(error.message for error in checked.iter_errors(_without_nulls(values)))
    assert "nervee" in messages
    assert "11 is greater than the maximum of 10" in messages
    assert "'ban' was unexpected" in messages
    assert set(schema["$defs"]["Actor"]["properties"]["traits"]["properties"]) == set(traits())
    assert set(schema["properties"]["parameters"]["properties"]) == set(parameters())
    assert tuple(schema["properties"]["order_of_speech"]["enum"]) == SPEECH_ORDERS


def _without_nulls(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_nulls(inner) for key, inner in value.items() if inner is not None}
    return [_without_nulls(inner) for inner in value] if isinstance(value, list) else value


def test_reading_a_scenario_imports_nothing_heavy() -> None:
    """A fixed number needs neither SciPy nor JAX, and names, templates and scenarios not even NumPy."""
    code = """
import sys
from virtu import scenario
scenario.names(), scenario.loads(scenario.template('a')), scenario.load(scenario.names()[0])
assert not {'numpy', 'scipy', 'jax', 'pandas'} & set(sys.modules), set(sys.modules)
from virtu.scenario.distributions import quantiles
quantiles(0.5, 0, 1), quantiles({'uniform': [0, 1]}, 0, 1), quantiles({'types': [1, 0.3]}, 0, 1)
assert not {'scipy', 'jax'} & set(sys.modules)
"""
    path = os.pathsep.join(filter(None, sys.path))
    subprocess.run([sys.executable, "-c", code], check=True, env={**os.environ, "PYTHONPATH": path}, timeout=60)
