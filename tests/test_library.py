"""The shipped scenarios load, name their sources, agree with the record and keep a neutral tone."""

from __future__ import annotations

import csv
import re
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from virtu import scenario

LIBRARY = Path(scenario.__file__).parent / "library"
SHIPPED = {"politburo-1922", "editorial-office", "board-succession"}
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


@pytest.mark.parametrize("name", sorted(SHIPPED - {"politburo-1922"}))
def test_invented_cases_say_so(name: str) -> None:
    assert scenario.load(name).summary.startswith("Invented.")


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


def test_all_sources_are_used_and_all_used_are_there() -> None:
    written = raw("politburo-1922")
    assert named_sources(written) == set(written["sources"])


def test_a_fact_is_confirmed_only_by_a_source_that_was_opened() -> None:
    written = raw("politburo-1922")
    unopened = {key for key, source in written["sources"].items() if isinstance(source, dict) and source.get("unconfirmed")}
    assert [fact for fact in written["facts"] if not fact.get("unconfirmed") and unopened.intersection(provenance(fact))] == []


def test_recorded_exits_agree_with_the_data_set() -> None:
    if not SPELLS.exists():
        pytest.skip(f"needs the reference data {SPELLS.name}, which is not part of the project")
    lost = seat_lost()
    exits: dict[str, int] = {row["actor"]: month(row["at"]) for row in raw("politburo-1922")["record"]["exits"]}
    assert set(exits) == {"Kamenev", "Zinoviev", "Trotsky", "Bukharin", "Tomsky", "Rykov"}
    apart = {name: at - lost[SPELLED.get(name, name)] for name, at in exits.items()}
    assert {name: months for name, months in apart.items() if abs(months) > MONTHS_APART} == {}
