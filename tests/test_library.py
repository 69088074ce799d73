"""The shipped scenarios load, name their sources, agree with the record and keep a neutral tone."""

from __future__ import annotations

import csv
import re
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from virtu import scenario
from virtu.scenario.street_vocabulary import street_parameters
from virtu.scenario.vocabulary import traits

LIBRARY = Path(scenario.__file__).parent / "library"
ORGANISATIONS = {"politburo-1922", "editorial-office", "board-succession", "ruling-group"}
STREETS = {"two-camps", "street-2017", "weimar-1929", "reform-with-a-flank"}
SHIPPED = ORGANISATIONS | STREETS
HISTORICAL = {"politburo-1922", "weimar-1929"}
SOURCED = [*HISTORICAL, "street-2017", "reform-with-a-flank"]
MONTHS_APART = 2
SPELLS = Path(__file__).parents[2] / "shared/data/politburo/politburo-1919-1939.csv"
SPELLED = {"Trotsky": "Trotskii", "Zinoviev": "Zinovev", "Tomsky": "Tomskii"}
EPITHETS = re.compile(
    r"\b(?:bloodthirsty|brilliant|brutal|butcher|criminal|cruel|crony|cunning|cynical|demagogue|despot|dictator|evil|fanatic|genius"
    r"|glorious|great|heroic|mediocre|mediocrity|monster|monstrous|notorious|paranoid|puppet|ruthless|sinister|sociopath|traitor"
    r"|treacherous|tyrant|vain|wicked|wise)\b",
    re.IGNORECASE,
)


def raw(name: str) -> dict[str, Any]:
    """Return the file of a shipped scenario as written, before the schema fills in defaults."""
    return YAML(typ="safe").load((LIBRARY / f"{name}.yaml").read_text(encoding="utf-8"))


def provenance(value: Any) -> list[str]:
    """Return the keys of sources a mapping names."""
    named = value.get("source", []) if isinstance(value, dict) else []
    return [named] if isinstance(named, str) else list(named)


def named_sources(tree: Any) -> set[str]:
    """Return the keys of sources named anywhere under a node."""
    children = tree.values() if isinstance(tree, dict) else tree if isinstance(tree, list) else []
    return set(provenance(tree)).union(*map(named_sources, children))


def month(date: str) -> int:
    """Return months since year 0 of a date written YYYY-MM."""
    year, number = date.split("-")[:2]
    return int(year) * 12 + int(number) - 1


def seat_lost() -> dict[str, int]:
    """Return the month in which each person's last spell as a full member ended, by the spelling of the data set."""
    with SPELLS.open(encoding="utf-8", newline="") as lines:
        full = [row for row in csv.DictReader(lines) if row["status"] == "full"]
    return {row["name"]: int(float(row["end"]) * 12) for row in full}


def test_the_shipped_scenarios_are_there() -> None:
    assert set(scenario.names()) == SHIPPED


@pytest.mark.parametrize("name", sorted(SHIPPED))
def test_a_shipped_scenario_loads_under_its_own_name(name: str) -> None:
    assert scenario.load(name).scenario == name


@pytest.mark.parametrize("name", sorted(SHIPPED))
def test_a_shipped_scenario_is_readable(name: str) -> None:
    lines = (LIBRARY / f"{name}.yaml").read_text(encoding="utf-8").splitlines()
    assert len(lines) < 450
    assert max(map(len, lines)) <= 150


@pytest.mark.parametrize("name", sorted(SHIPPED))
def test_the_words_are_neutral(name: str) -> None:
    ours, _, _ = (LIBRARY / f"{name}.yaml").read_text(encoding="utf-8").partition("\nsources:")  # titles of works are not ours
    assert EPITHETS.findall(ours) == []


@pytest.mark.parametrize("name", sorted(SHIPPED - HISTORICAL))
def test_invented_cases_say_so(name: str) -> None:
    assert scenario.load(name).summary.startswith("Invented")


@pytest.mark.parametrize("name", sorted(SHIPPED))
def test_a_shipped_scenario_is_of_its_arena(name: str) -> None:
    assert scenario.load(name).arena == ("street" if name in STREETS else "organisation")


def test_the_politburo_starts_as_elected_and_runs_to_the_end_of_1940() -> None:
    written = raw("politburo-1922")
    entries = {status: {name for name, actor in written["actors"].items() if actor["entry"] == status} for status in ("forum", "candidate")}
    assert entries["forum"] == {"Lenin", "Trotsky", "Zinoviev", "Kamenev", "Stalin", "Rykov", "Tomsky"}
    assert entries["candidate"] == {"Bukharin", "Kalinin", "Molotov"}
    assert month(written["calendar"]["end"]) - month(written["calendar"]["start"]) + 1 == 225
    assert sum(group["count"] for group in written["groups"].values()) == 25


def test_every_number_about_a_person_names_its_source_or_says_it_is_assumed() -> None:
    written = raw("politburo-1922")
    traits = {(actor, trait): value for actor, person in written["actors"].items() for trait, value in person.get("traits", {}).items()}
    positions = {actor: person for actor, person in written["actors"].items() if "positions" in person or "salience" in person}
    tables = {(table, key): value for table in ("posts", "groups", "issues") for key, value in written[table].items()}
    ties = {(tie["from"], tie["to"]): tie for tie in written["ties"]}
    founder = written["founder"]
    strokes = {("stroke", stroke["at"]): stroke for stroke in founder["strokes"]}
    stated = {**positions, **tables, **ties, **strokes, "testament": founder["testament"]}
    assert [key for key, value in traits.items() if not isinstance(value, dict) or not (provenance(value) or value.get("assumption"))] == []
    assert [key for key, value in stated.items() if not provenance(value)] == []


@pytest.mark.parametrize("name", sorted(SOURCED))
def test_all_sources_are_used_and_all_used_are_there(name: str) -> None:
    written = raw(name)
    assert named_sources(written) == set(written["sources"])


@pytest.mark.parametrize("name", sorted(SOURCED))
def test_a_fact_is_confirmed_only_by_a_source_that_was_opened(name: str) -> None:
    written = raw(name)
    unopened = {key for key, source in written["sources"].items() if isinstance(source, dict) and source.get("unconfirmed")}
    told = [*written.get("facts", []), *written["record"].get("findings", [])]
    assert [each for each in told if not each.get("unconfirmed") and unopened.intersection(provenance(each))] == []


@pytest.mark.parametrize("name", ["weimar-1929", "street-2017"])
def test_every_number_about_the_street_names_its_source_or_says_it_is_assumed(name: str) -> None:
    written = raw(name)
    traits = [value for actor in written["actors"].values() for value in actor.get("traits", {}).values()]
    members = list(written.get("elite", {}).get("members", {}).values())
    beliefs = [member["containability"] for member in members]
    assert [value for value in traits + beliefs if not (provenance(value) or value.get("assumption"))] == []
    parts = [*written["camps"].values(), *written["public"]["cells"].values(), written["public"], written["state"], written["record"]]
    parts += [*members, *written.get("shocks", []), *written["record"]["findings"]]
    parts += [written[part] for part in ("outsider", "elite") if part in written]
    assert [part for part in parts if not provenance(part)] == []


def test_recorded_shares_are_the_votes_they_are_said_to_be() -> None:
    """Each is written as votes of voters, and as a share."""
    counted = [row for row in raw("weimar-1929")["record"]["findings"] if " of " in row.get("note", "") and row["measure"] == "support"]
    assert len(counted) == 8
    for row in counted:
        votes, voters = (int(number.replace(",", "")) for number in row["note"].split(" of "))
        assert row["value"] == pytest.approx(votes / voters, abs=5e-5)


@pytest.mark.parametrize("name", ["weimar-1929", "street-2017"])
def test_support_at_the_start_is_what_was_counted(name: str) -> None:
    """Of the votes of 1928, or of those asked in August 2017, within half a percentage point."""
    found = scenario.load(name)
    assert isinstance(found, scenario.StreetScenario)
    assert found.record is not None
    first = {row.of: row.value for row in reversed(found.record.findings) if row.measure == "support" and row.of in found.camps}
    assert first
    assert {camp: start_support(found, camp) for camp in first} == pytest.approx(first, abs=0.005)


def start_support(found: scenario.StreetScenario, camp: str) -> float:
    """Return the share of the people that supports a camp at the start, to the accuracy of what the undecided give it."""
    known = {name: found.parameters.get(name, knob.default) for name, knob in street_parameters().items()}
    rest = 1.0 - sum(known[f"undecided_{where}"] for where in ("state", "abstain", "outsider"))
    total = 0.0
    for cell in found.public.cells.values():
        core, leaning = cell.core.get(camp, 0.0), cell.leaning.get(camp, 0.0)
        taken = sum(cell.core.values()) + sum(cell.leaning.values())
        loyal = core * known["core_loyalty"] + leaning * known["leaning_loyalty"]
        total += cell.share * (loyal + (1.0 - taken) * rest / len(found.camps))
    return total


@pytest.mark.parametrize("name", ["two-camps", "reform-with-a-flank"])
def test_average_minds_are_the_means_of_the_priors(name: str) -> None:
    for trait, value in raw(name)["population"].items():
        prior = traits()[trait].prior
        assert isinstance(prior, dict)
        assert value == prior["normal"][0]


def test_the_two_camps_differ_in_nothing_but_place() -> None:
    """Camps have the same numbers, and the cells of one are the mirror image of the cells of the other."""
    written = raw("two-camps")
    reds, blues = ({key: value for key, value in camp.items() if key not in ("label", "leader")} for camp in written["camps"].values())
    assert reds == blues
    mirrored = {"reds": "blues", "blues": "reds"}

    def mirror(cell: dict[str, Any]) -> dict[str, Any]:
        return {
            key: {mirrored[camp]: share for camp, share in part.items()} if isinstance(part, dict) else part for key, part in cell.items()
        }

    cells = written["public"]["cells"]
    assert mirror(cells["red-towns"]) == cells["blue-towns"]
    assert mirror(cells["countryside"]) == cells["countryside"]


def test_weimar_runs_from_the_winter_before_the_crisis_to_the_end_of_the_parties() -> None:
    found = scenario.load("weimar-1929")
    assert (found.calendar.start, found.ticks, found.calendar.unit) == ("1929-01-01", 235, "week")
    assert found.date_of(found.tick_of("1933-01-30")) == "1933-01-24"
    assert isinstance(found, scenario.StreetScenario)
    assert found.record is not None
    assert found.outsider is not None
    assert (found.record.on_top, found.outsider.camp) == ("outsider", "nsdap")


def test_recorded_exits_agree_with_the_data_set() -> None:
    if not SPELLS.exists():
        pytest.skip(f"needs the reference data {SPELLS.name}, which is not part of the project")
    lost = seat_lost()
    exits: dict[str, int] = {row["actor"]: month(row["at"]) for row in raw("politburo-1922")["record"]["exits"]}
    assert set(exits) == {"Kamenev", "Zinoviev", "Trotsky", "Bukharin", "Tomsky", "Rykov"}
    apart = {name: at - lost[SPELLED.get(name, name)] for name, at in exits.items()}
    assert {name: months for name, months in apart.items() if abs(months) > MONTHS_APART} == {}
