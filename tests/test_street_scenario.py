"""Scenarios of the street are read by the arena they name, keep what they say, and come back from their canonical form."""

from __future__ import annotations

import pickle
import re
from pathlib import Path
from typing import get_args

import jsonschema
import numpy as np
import pytest
from ruamel.yaml import YAML

from virtu import scenario
from virtu.errors import InputError, ScenarioError
from virtu.scenario import Scenario, StreetScenario
from virtu.scenario.street_checks import spectral_radius
from virtu.scenario.street_schema import MEASURES, SHORT_FORMS, Tactic
from virtu.scenario.street_vocabulary import TACTICS, street_parameters
from virtu.scenario.vocabulary import traits
from virtu.street import build
from virtu.street.measures import MEASURES as COMPUTED

TWO = """\
arena: street
scenario: two
title: Two
calendar: {start: 1929-01-01, ticks: 52}
actors: {Ada: {archetype: suspicious}, Ben: {traits: {nerve: 0.3}}, Cy: {}, Di: {}}
camps:
  reds: {leader: Ada}
  blues: {leader: Ben, promise: 0.6}
public:
  people: 1000000
  cells:
    north: {share: 0.4, core: {reds: 0.1, blues: 0.05}, leaning: {reds: 0.2}}
    south: {share: 0.6, core: {blues: 0.1}, cause: {blues: -0.5}}
outsider: {camp: blues}
elite: {members: {Cy: {containability: {value: {normal: [0.7, 0.1]}, assumption: x}}, Di: {}}}
"""
OFFICE = "scenario: office\ntitle: Office\ncalendar: {ticks: 3}\nforum: {seats: 2}\nactors: {Ada: {entry: forum}, Ben: {}}\n"


def street(text: str = TWO) -> StreetScenario:
    found = scenario.loads(text)
    assert isinstance(found, StreetScenario)
    return found


def test_the_arena_says_what_a_file_is_read_as() -> None:
    assert isinstance(scenario.loads(OFFICE), Scenario)
    named = scenario.loads("arena: organisation\n" + OFFICE)
    assert named.sha256 == scenario.loads(OFFICE).sha256
    assert (named.arena, street().arena) == ("organisation", "street")


@pytest.mark.parametrize("name", ["board-succession", "editorial-office", "politburo-1922"])
def test_organisations_keep_their_hashes(name: str) -> None:
    """The hash names a scenario in every record that was ever written."""
    kept = {
        "board-succession": "4a95bd43666de69c298ca30f0f94dc9bb2fc44615244e48ba744ea383bcb70f5",
        "editorial-office": "d2a8fe10975db07c1c0b45732ea349755a32f3d287c270551ee258dc1e194f94",
        "politburo-1922": "44e7126113ec8a8b8265421fb6f9c9661133d9b85253150fb75f4d022ce993b4",
    }
    assert scenario.load(name).sha256 == kept[name]


def test_a_scenario_of_the_street_comes_back_from_its_canonical_form() -> None:
    two = street()
    again = street(two.canonical)
    assert (again.sha256, again.canonical) == (two.sha256, two.canonical)
    carried = pickle.loads(pickle.dumps(two))
    assert (carried.text, carried.sha256) == (two.text, two.sha256)
    assert street(TWO.replace("0.6, core", "0.6, hardship: 0.51, core")).sha256 != two.sha256


def test_it_offers_what_the_laboratory_asks_of_any_scenario() -> None:
    two = street()
    assert (two.person_names, two.camp_names) == (("Ada", "Ben", "Cy", "Di"), ("reds", "blues"))
    assert (two.ticks, two.date_of(51), two.tick_of("1929-12-30")) == (52, "1929-12-24", 51)
    assert two.trait_prior("Ada", "suspicion") == 0.62
    assert two.trait_prior("Ben", "nerve") == 0.3
    assert two.trait_prior("Ben", "hardness") == traits()["hardness"].prior
    assert two.extends is two.record is None
    assert two.outcome.measure == "order"
    with pytest.raises(InputError, match="lies outside the scenario two"):
        two.tick_of("1930-01-01")


def test_a_tick_is_a_week_unless_the_file_says_otherwise() -> None:
    assert street().calendar.unit == "week"
    assert street(TWO.replace("ticks: 52", "ticks: 52, unit: month")).calendar.unit == "month"
    assert scenario.loads(OFFICE).calendar.unit == "month"


def test_short_forms_are_parameters() -> None:
    assert set(SHORT_FORMS.values()) <= set(street_parameters())
    short = street(TWO + "media: {selection: 0.5}\nincidents: {half_life: 3, severity: {log_sd: 0.5}}\nparameters: {fatigue: 2}\n")
    long = street(TWO + "parameters: {fatigue: 2, media_selection: 0.5, half_life: 3, severity_log_sd: 0.5}\n")
    assert short.parameters == long.parameters
    assert sorted(short.parameters) == ["fatigue", "half_life", "media_selection", "severity_log_sd"]
    assert street(short.canonical).parameters == short.parameters
    assert street().parameters == {}


def test_the_outsider_promises_what_its_camp_does() -> None:
    assert street().outsider_promise == 0.6
    assert street(TWO.replace("outsider: {camp: blues}", "outsider: {promise: 0.9}")).outsider_promise == 0.9
    assert street(TWO.replace("outsider: {camp: blues}", "outsider: {label: A general}")).outsider_promise == 0.8
    assert street(TWO.replace("outsider: {camp: blues}\n", "")).outsider_promise == 0.0


def test_whoever_believes_nothing_in_particular_is_right() -> None:
    two = street()
    assert two.containability_prior("Cy") == {"normal": [0.7, 0.1]}
    assert two.containability_prior("Di") == 0.3
    with pytest.raises(InputError, match="unknown member of the elite 'Ada'"):
        two.containability_prior("Ada")


def test_branching_has_a_default_for_any_number_of_camps() -> None:
    assert street().branching == ((0.4, 0.2), (0.2, 0.4))
    three = street(TWO.replace("public:", "  greens: {leader: Di}\npublic:").replace(", Di: {}}}", "}}"))
    assert len(three.branching) == 3
    assert spectral_radius(three.branching) == pytest.approx(0.6)
    own = street(TWO + "incidents: {branching: [[0.1, 0.2], [0.3, 0.4]]}\n")
    assert own.branching == ((0.1, 0.2), (0.3, 0.4))


@pytest.mark.parametrize("size", [1, 2, 3, 4])
def test_the_spectral_radius_is_the_largest_eigenvalue(size: int) -> None:
    for seed in range(50):
        matrix = np.random.default_rng(seed).random((size, size)) ** 4
        assert spectral_radius(matrix.tolist()) == pytest.approx(abs(np.linalg.eigvals(matrix)).max(), rel=1e-9)
    assert spectral_radius([[0.0, 0.5], [0.5, 0.0]]) == pytest.approx(0.5)
    assert spectral_radius([[0.0, 1.0], [0.0, 0.0]]) == 0.0


def test_a_child_has_the_arena_of_its_parent(tmp_path: Path) -> None:
    (tmp_path / "two.yaml").write_text(TWO, encoding="utf-8")
    (tmp_path / "child.yaml").write_text("extends: two.yaml\nscenario: child\ncamps: {reds: {tactic: none}}\n", encoding="utf-8")
    child = scenario.load(tmp_path / "child.yaml")
    assert isinstance(child, StreetScenario)
    assert (child.camps["reds"].tactic, child.camps["reds"].leader, child.camps["blues"].promise) == ("none", "Ada", 0.6)
    belief = "elite: {members: {Cy: {containability: {uniform: [0.1, 0.2]}}}}\n"
    (tmp_path / "belief.yaml").write_text("extends: two.yaml\nscenario: belief\n" + belief, encoding="utf-8")
    believing = scenario.load(tmp_path / "belief.yaml")
    assert isinstance(believing, StreetScenario)
    assert believing.containability_prior("Cy") == {"uniform": [0.1, 0.2]}
    (tmp_path / "other.yaml").write_text("extends: two.yaml\nscenario: other\narena: organisation\n", encoding="utf-8")
    with pytest.raises(ScenarioError) as raised:
        scenario.load(tmp_path / "other.yaml")
    (fault,) = raised.value.faults
    assert fault.message == "a scenario has the arena of what it extends, street, found 'organisation'"
    assert str(fault.where).endswith("other.yaml:3:8")


def test_the_words_are_those_of_the_vocabulary() -> None:
    assert get_args(Tactic) == TACTICS


def test_the_template_loads_and_is_a_small_street() -> None:
    text = scenario.template("my-street", "street")
    found = street(text)
    assert (found.scenario, found.title, found.text) == ("my-street", "My street", text)
    assert found.elite is not None
    assert found.outsider is not None
    assert found.shocks
    assert text.count("#") > 30
    with pytest.raises(InputError, match="unknown arena 'stret' .did you mean 'street'"):
        scenario.template("my-street", "stret")


def test_the_json_schema_tells_the_template_from_a_broken_one() -> None:
    schema = scenario.json_schema("street")
    checked = jsonschema.Draft202012Validator(schema)
    quoted = re.sub(r"(200\d-\d\d-\d\d)", r'"\1"', re.sub("#.*", "", scenario.template("a", "street")))
    values = YAML(typ="safe", pure=True).load(quoted)
    assert list(checked.iter_errors(values)) == []
    del values["outsider"]
    values["actors"]["Amadi"]["traits"]["nervee"] = 0.5
    values["parameters"] = {"ratchet": 11, "ratchett": 1}
    values["camps"]["league"]["tactic"] = "loud"
    messages = "\n".join(error.message for error in checked.iter_errors(values))
    assert "nervee" in messages
    assert "11 is greater than the maximum of 1" in messages
    assert "'ratchett' was unexpected" in messages
    assert "'loud' is not one of" in messages
    assert set(schema["$defs"]["Figure"]["properties"]["traits"]["properties"]) == set(traits())
    assert set(schema["properties"]["parameters"]["properties"]) == set(street_parameters())
    with pytest.raises(InputError, match="unknown arena"):
        scenario.json_schema("stret")


def test_a_schema_may_be_changed_without_changing_the_next() -> None:
    scenario.json_schema("street")["properties"].clear()
    assert "camps" in scenario.json_schema("street")["properties"]


def test_the_measures_are_those_of_the_street() -> None:
    """Files are checked against names that the arena, a floor above, computes."""
    assert {name: measure.of for name, measure in COMPUTED.items()} == MEASURES


@pytest.mark.parametrize("name", ["two-camps", "street-2017", "weimar-1929", "reform-with-a-flank", "template"])
def test_what_is_written_becomes_a_street(name: str) -> None:
    """Every shipped file and the template are whole enough to be set up, with the promises and shares they state."""
    found = street(scenario.template("a", "street")) if name == "template" else scenario.load(name)
    assert isinstance(found, StreetScenario)
    made = build.setup(found)
    assert made.cell_share.sum() == pytest.approx(1.0, abs=1e-6)
    assert len(made.cell_share) == sum(cell.divided for cell in found.public.cells.values())
    assert np.all(made.group_share >= 0.0)
    assert np.abs(np.linalg.eigvals(made.branching)).max() < 1.0
    assert len(made.member) == len(found.elite.members if found.elite is not None else ())
    assert len(build.baseline(found).shock) == found.ticks
