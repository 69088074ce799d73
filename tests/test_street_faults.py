"""Every kind of fault a scenario of the street can have is reported once, at its line and column, in plain words."""

from __future__ import annotations

import re

import pytest

from virtu import scenario
from virtu.errors import Fault, ScenarioError
from virtu.scenario.street_checks import CHECKS

BASE = """\
arena: street
scenario: small
title: Small
calendar: {start: 1929-01-01, ticks: 52}
actors: {Ada: {}, Ben: {}, Cy: {}, Di: {}}
camps:
  reds: {leader: Ada}
  blues: {leader: Ben}
public:
  people: 1000000
  cells:
    north: {share: 0.5, core: {reds: 0.1}}
    south: {share: 0.5}
"""
JARGON = re.compile(r"\b(?:pydantic|validation|Input should|as it should be|tuple|dict|NoneType|\w+_type|PydanticUndefined)\b")


def faults_of(text: str) -> tuple[Fault, ...]:
    """Return the faults of a text, none if it loads."""
    try:
        scenario.loads(text, "small.yaml")
    except ScenarioError as error:
        return error.faults
    return ()


def places(marked: str) -> tuple[str, list[tuple[int, int]]]:
    """Return a text without its marks ``¦`` and the lines and columns the marks stood at."""
    pieces = marked.split("¦")
    before = ["".join(pieces[:count]) for count in range(1, len(pieces))]
    return "".join(pieces), [(text.count("\n") + 1, len(text) - text.rfind("\n")) for text in before]


def changed(old: str, new: str) -> str:
    """Return the base with one part replaced, or with something appended where the part is empty."""
    assert not old or BASE.count(old) == 1
    return BASE.replace(old, new) if old else BASE + new


SQUARE = "[[0.4, 0.2], [0.2, 0.4]]"
ELITE = "elite: {members: {Cy: {}}"
CASES: dict[str, tuple[str, str, str, str]] = {
    # what: (part of the base, its replacement with ¦ where the fault is, part of the message, part of the hint)
    # the arena
    "unknown arena": ("arena: street", "arena: ¦stret", "arena must be one of organisation, street, found the text 'stret'", "'street'?"),
    "arena a number": (
        "arena: street",
        "arena: ¦3",
        "arena must be one of organisation, street, found the number 3",
        "known: organisation",
    ),
    "arena empty": ("arena: street", "¦arena:", "arena must be one of organisation, street, found nothing", "known: organisation"),
    "arena left out": ("arena: street\n", "¦", "the scenario needs arena", "what kind of scenario it is"),
    # fields
    "missing title": (
        "arena: street\nscenario: small\ntitle: Small\n",
        "¦arena: street\nscenario: small\n",
        "the scenario needs title",
        "",
    ),
    "missing leader": ("reds: {leader: Ada}", "reds: ¦{}", "camps.reds needs leader", "who leads it"),
    "leader nobody": ("reds: {leader: Ada}", "reds: {leader: ¦null}", "camps.reds.leader must be text, found nothing", ""),
    "unknown leader": ("reds: {leader: Ada}", "reds: {leader: ¦Adda}", "unknown person 'Adda'", "did you mean 'Ada'?"),
    "leader of two": ("blues: {leader: Ben}", "blues: {leader: ¦Ada}", "Ada cannot lead two camps, reds and blues", "another"),
    "unknown field of a camp": ("{leader: Ada}", "{leader: Ada, ¦tactics: none}", "unknown field 'tactics' in camps.reds", "'tactic'?"),
    "unknown tactic": ("{leader: Ada}", "{leader: Ada, tactic: ¦violnt}", "tactic must be 'none', 'nonviolent'", "did you mean 'violent'?"),
    "negative intensity": ("{leader: Ada}", "{leader: Ada, intensity: ¦-1}", "camps.reds.intensity must be at least 0, found", ""),
    "intensity too large": ("{leader: Ada}", "{leader: Ada, intensity: ¦1e300}", "camps.reds.intensity must be at most 10000, found", ""),
    "intensity not finite": ("{leader: Ada}", "{leader: Ada, intensity: ¦.inf}", "camps.reds.intensity must be a finite number", ""),
    "promise over 1": ("{leader: Ada}", "{leader: Ada, promise: ¦1.2}", "camps.reds.promise must be at most 1, found", ""),
    "radical share": ("{leader: Ada}", "{leader: Ada, radical: {share: ¦1.5}}", "camps.reds.radical.share must be at most 1", ""),
    "unknown rival": ("{leader: Ada}", "{leader: Ada, reach: {¦bleus: 1}}", "unknown camp 'bleus'", "did you mean 'blues'?"),
    "own reach": ("{leader: Ada}", "{leader: Ada, reach: {¦reds: 1}}", "the camp reds has no reach to itself", "remove"),
    "one camp": (
        "  reds: {leader: Ada}\n  blues: {leader: Ben}\n",
        "  ¦reds: {leader: Ada}\n",
        "camps needs at least 2 entries, found 1",
        "",
    ),
    "five camps": (
        ", Di: {}}\ncamps:\n  reds: {leader: Ada}\n",
        ", Di: {}, Eve: {}}\ncamps:\n  ¦reds: {leader: Ada}\n  c: {leader: Cy}\n  d: {leader: Di}\n  e: {leader: Eve}\n",
        "camps may have at most 4 entries, found 5",
        "",
    ),
    "camp called as an option": (
        "  blues: {leader: Ben}",
        "  blues: {leader: Ben}\n  ¦abstain: {leader: Cy}",
        "no camp may be called",
        "support",
    ),
    "camp called as a ruler": (
        "  blues: {leader: Ben}",
        "  blues: {leader: Ben}\n  ¦coalition: {leader: Cy}",
        "no camp may be called",
        "rules",
    ),
    "camp called all": (
        "  blues: {leader: Ben}",
        "  blues: {leader: Ben}\n  ¦all: {leader: Cy}",
        "no camp may be called 'all'",
        "every camp",
    ),
    "camp twice": ("  blues: {leader: Ben}", "  blues: {leader: Ben}\n  ¦reds: {leader: Cy}", "the key 'reds' stands twice", "line 7"),
    # the public
    "nobody": ("people: 1000000", "people: ¦0", "public.people must be at least 1, found the number 0", ""),
    "negative people": ("people: 1000000", "people: ¦-5", "public.people must be at least 1, found the number -5", ""),
    "half a person": ("people: 1000000", "people: ¦0.5", "public.people must be a whole number, found the number 0.5", ""),
    "no cells": (
        "\n    north: {share: 0.5, core: {reds: 0.1}}\n    south: {share: 0.5}",
        " ¦{}",
        "public.cells needs at least 1 entries, found 0",
        "",
    ),
    "negative cell": ("south: {share: 0.5}", "south: {share: ¦-0.5}", "public.cells.south.share must be at least 0", ""),
    "cells not the whole": ("  cells:\n", "  ¦cells:\n    east: {share: 0.1}\n", "the shares of the cells must sum to 1, found 1.1", ""),
    "cells less than the whole": (
        "  cells:\n    north: {share: 0.5,",
        "  ¦cells:\n    north: {share: 0.2,",
        "must sum to 1, found 0.7",
        "",
    ),
    "cell without a share": (
        "  cells:\n",
        "  ¦cells:\n    east: {}\n",
        "the shares of the cells must sum to 1, found 2",
        "without a share",
    ),
    "core over 1": ("core: {reds: 0.1}", "core: {reds: ¦1.1}", "public.cells.north.core.reds must be at most 1", ""),
    "core and leaning": (
        "north: {share: 0.5, core: {reds: 0.1}}",
        "north: ¦{share: 0.5, core: {reds: 0.3, blues: 0.4}, leaning: {reds: 0.4}}",
        "core and leaning of public.cells.north may sum to 1, found 1.1",
        "undecided",
    ),
    "unknown camp of a core": ("{reds: 0.1}", "{¦red: 0.1}", "unknown camp 'red'", "did you mean 'reds'?"),
    "unknown camp of the leaning": ("core: {reds: 0.1}", "leaning: {¦red: 0.1}", "unknown camp 'red'", "did you mean 'reds'?"),
    "unknown camp of a cause": ("core: {reds: 0.1}", "cause: {¦red: 0.1}", "unknown camp 'red'", "did you mean 'reds'?"),
    "sympathy": ("core: {reds: 0.1}", "cause: {reds: ¦-1.5}", "public.cells.north.cause.reds must be at least -1", ""),
    "hardship": ("south: {share: 0.5}", "south: {share: 0.5, hardship: ¦2}", "public.cells.south.hardship must be at most 1", ""),
    "cells undivided": ("south: {share: 0.5}", "south: {share: 0.5, divided: ¦0}", "public.cells.south.divided must be at least 1", ""),
    "too many cells": (
        "  cells:\n    north: {share: 0.5,",
        "  ¦cells:\n    north: {divided: 2000, share: 0.5,",
        "the public may have 2,000 cells when all are divided, found 2,001",
        "",
    ),
    # state, outsider, elite
    "police": ("", "state: {police: ¦-0.1}\n", "state.police must be at least 0, found the number -0.1", ""),
    "legitimacy": ("", "state: {legitimacy: ¦1.01}\n", "state.legitimacy must be at most 1, found the number 1.01", ""),
    "unknown outsider": ("", "outsider: {camp: ¦blus}\n", "unknown camp 'blus'", "did you mean 'blues'?"),
    "outsider named twice": (
        "",
        "outsider: {camp: blues, ¦label: A general}\n",
        "named twice: as a camp and by its own label",
        "remove one",
    ),
    "outsider promising twice": ("", "outsider: {camp: blues, ¦promise: 1}\n", "named twice: as a camp and by its own promise", "remove"),
    "containability": ("", "outsider: {camp: blues, containability: ¦1.5}\n", "outsider.containability must be at most 1", ""),
    "nobody decides": ("", "elite: ¦{}\n", "elite needs members", "persons by name"),
    "no members": ("", "elite: {members: ¦{}}\n", "elite.members needs at least 1 entries, found 0", ""),
    "unknown member": ("", "elite: {members: {¦Cyy: {}}}\n", "unknown person 'Cyy'", "did you mean 'Cy'?"),
    "member who leads": ("", "elite: {members: {¦Ada: {}}}\n", "Ada leads reds and cannot decide for the elite too", "remove one"),
    "no weight": ("", "elite: {¦members: {Cy: {weight: 0}}}\n", "some member of the elite needs a weight above 0", ""),
    "negative weight": ("", "elite: {members: {Cy: {weight: ¦-1}, Di: {}}}\n", "elite.members.Cy.weight must be at least 0", ""),
    "believed over 1": ("", "elite: {members: {Cy: {containability: ¦1.5}}}\n", "must lie between 0 and 1, found 1.5", "believed chance"),
    "believed mean": (
        "",
        "elite: {members: {Cy: {containability: {normal: [¦2, 1]}}}}\n",
        "the mean must lie between 0 and 1, found 2",
        "",
    ),
    "believed stated": ("", "elite: {members: {Cy: {containability: {value: ¦-1, note: x}}}}\n", "must lie between 0 and 1, found -1", ""),
    "believed unknown": ("", "elite: {members: {Cy: {containability: ¦{nromal: [1, 1]}}}}\n", "unknown distribution 'nromal'", "'normal'?"),
    "half the people": ("", ELITE + ", share: ¦0.5}\n", "elite.share must be below 0.5, found the number 0.5", ""),
    "no elite": ("", ELITE + ", share: ¦0}\n", "elite.share must be above 0, found the number 0", ""),
    "equal": (
        "",
        ELITE + ", inequality: ¦0.05}\n",
        "elite.inequality must be above elite.share, found 0.05 and 0.05",
        "more of the income",
    ),
    "elite larger than rich": ("", ELITE + ", share: ¦0.45}\n", "elite.inequality must be above elite.share, found 0.4 and 0.45", ""),
    "owns everything": ("", ELITE + ", inequality: ¦1}\n", "elite.inequality must be below 1", ""),
    "destruction": ("", ELITE + ", destruction: ¦2}\n", "elite.destruction must be at most 1", ""),
    # media, incidents, shocks
    "selection": ("", "media: {selection: ¦-1}\n", "media.selection must be at least 0, found the number -1", ""),
    "selection too strong": ("", "media: {selection: ¦7}\n", "media.selection must lie between 0 and 2, found 7", "media_selection: power"),
    "selection twice": (
        "",
        "media: {selection: ¦1}\nparameters: {media_selection: 1}\n",
        "media.selection is the parameter media_selection, which stands twice",
        "it stands on line 15 of small.yaml too",
    ),
    "half-life": ("", "incidents: {half_life: ¦0}\n", "incidents.half_life must lie between 0.01 and 1000, found 0", "half_life: time"),
    "half-life with its unit": ("", "incidents: {half_life: ¦2.3 days}\n", "incidents.half_life must be a number, found the text", ""),
    "severity": ("", "incidents: {severity: {log_sd: ¦9}}\n", "incidents.severity.log_sd must lie between 0 and 2.5, found 9", "deviation"),
    "rows": ("", "incidents: {branching: ¦[[0.4, 0.2]]}\n", "incidents.branching needs 2 rows, one for each camp, found 1", "row:"),
    "columns": ("", "incidents: {branching: [[0.4, 0.2], ¦[0.2]]}\n", "a row of incidents.branching needs 2 numbers", "column:"),
    "no rows": ("", "incidents: {branching: ¦[]}\n", "incidents.branching needs 2 rows, one for each camp, found 0", ""),
    "row a number": ("", "incidents: {branching: [¦0.4, [0.2, 0.4]]}\n", "incidents.branching[0] must be a list, found the number 0.4", ""),
    "negative offspring": ("", "incidents: {branching: [[0.4, ¦-0.2], [0.2, 0.4]]}\n", "branching[0][1] must be at least 0", ""),
    "offspring as text": (
        "",
        "incidents: {branching: [[0.4, ¦few], [0.2, 0.4]]}\n",
        "branching[0][1] must be a number, found the text",
        "",
    ),
    "running away": ("", "incidents: {branching: ¦[[0.4, 0.6], [0.6, 0.4]]}\n", "must be below 1, found 1", "would run away"),
    "running far away": (
        "",
        "incidents: {branching: ¦[[2, 0.6], [0.6, 2]]}\n",
        "spectral radius of incidents.branching must be below 1, found 2.6",
        "",
    ),
    "shock without a moment": ("", "shocks: [¦{hardship: 0.1}]\n", "shocks[0] needs at", "its first tick"),
    "shock before the start": ("", "shocks: [{at: ¦1928-10-24, hardship: 0.1}]\n", "1928-10-24 lies outside the horizon", "ticks 0 to 51"),
    "shock after the end": (
        "",
        "shocks: [{at: 1929-10-24, until: ¦1931-01-01, hardship: 0.1}]\n",
        "1931-01-01 lies outside the horizon",
        "",
    ),
    "shock backwards": ("", "shocks: [{at: 20, until: ¦19, hardship: 0.1}]\n", "a shock must not end before it begins", ""),
    "shock of nothing": ("", "shocks: [¦{at: 20}]\n", "a shock must bring something", ""),
    "shock too large": ("", "shocks: [{at: 20, hardship: ¦-1.5}]\n", "shocks[0].hardship must be at least -1", ""),
    "shock in weeks": ("", "shocks: [{at: ¦1929-10, hardship: 0.1}]\n", "a scenario in weeks needs the day, found 1929-10", "1929-10-01"),
    # words and numbers of the vocabularies
    "unknown parameter": ("", "parameters: {¦ratchett: 1}\n", "unknown parameter 'ratchett'", "did you mean 'ratchet'?"),
    "parameter of the other arena": ("", "parameters: {¦bandwagon: 1}\n", "unknown parameter 'bandwagon'", "known:"),
    "parameter out of range": ("", "parameters: {ratchet: ¦2}\n", "parameters.ratchet must lie between 0 and 1, found 2", "ratchet: share"),
    "parameters of one whole": (
        "",
        "parameters: {undecided_state: 0.5, undecided_abstain: ¦0.5}\n",
        "undecided_state, undecided_abstain, undecided_outsider may sum to 1, found 1.05",
        "one whole",
    ),
    "victims of one whole": ("", "parameters: {victims_rivals: ¦0.95}\n", "victims_rivals, victims_state may sum to 1, found 1.05", ""),
    "unknown trait": ("Cy: {}", "Cy: {traits: {¦nervee: 0.3}}", "unknown trait 'nervee'", "did you mean 'nerve'?"),
    "trait out of range": (
        "Cy: {}",
        "Cy: {traits: {nerve: ¦1.5}}",
        "actors.Cy.traits.nerve: the value must lie between 0 and 1",
        "steadiness",
    ),
    "trait of all": ("", "population: {nerve: {normal: [0.5, ¦0]}}\n", "population.nerve: sd must be above 0", ""),
    "unknown archetype": ("Cy: {}", "Cy: {archetype: ¦strong}", "unknown archetype 'strong'", "known: behindness_averse"),
    "field of the other arena": ("Cy: {}", "Cy: {¦entry: forum}", "unknown field 'entry' in actors.Cy", ""),
    "section of the other arena": ("", "¦forum: {seats: 2}\n", "unknown field 'forum' in the scenario", ""),
    "unknown source": ("", "state: {source: ¦b}\nsources: {a: Book}\n", "unknown source 'b'", "known: a"),
    # what it is about, and what happened
    "unknown measure": ("", "outcome: {measure: ¦kiled}\n", "unknown measure 'kiled'", "did you mean 'killed'?"),
    "measure of nobody": ("", "outcome: {measure: ¦support}\n", "the measure support is of one option, found none", "add 'of'"),
    "measure of somebody": ("", "outcome: {measure: killed, of: ¦reds}\n", "the measure killed is of nothing in particular", "remove"),
    "usual measure of somebody": ("", "outcome: {of: ¦reds}\n", "the measure order is of nothing in particular", "remove"),
    "unknown option": ("", "outcome: {measure: support, of: ¦stat}\n", "unknown option 'stat'", "did you mean 'state'?"),
    "camp measure of an option": ("", "outcome: {measure: felt, of: ¦state}\n", "unknown camp 'state'", "known: blues, reds"),
    "unknown ruler": ("", "record: {on_top: ¦colition}\n", "unknown ruler 'colition'", "did you mean 'coalition'?"),
    "unknown finding": ("", "record: {findings: [{measure: ¦kiled, at: 3, value: 4}]}\n", "unknown measure 'kiled'", ""),
    "finding of nobody": ("", "record: {findings: [{measure: ¦support, at: 3, value: 4}]}\n", "is of one option, found none", ""),
    "finding without a number": ("", "record: {findings: [¦{measure: killed, at: 3}]}\n", "record.findings[0] needs value", ""),
    "finding backwards": ("", "record: {findings: [{measure: killed, since: 9, at: ¦3, value: 4}]}\n", "must not end before it begins", ""),
    "fact outside": ("", "facts: [{at: ¦1950-01-01, text: x}]\n", "1950-01-01 lies outside the horizon of 52 ticks", ""),
}


@pytest.mark.parametrize("case", CASES)
def test_a_fault_is_reported_once_at_its_place(case: str) -> None:
    old, new, message, hint = CASES[case]
    text, marked = places(changed(old, new))
    (fault,) = faults_of(text)
    assert message in fault.message
    assert hint in fault.hint
    assert fault.where is not None
    assert (fault.where.file, fault.where.line, fault.where.column) == ("small.yaml", *marked[0])
    assert not JARGON.search(str(fault))


def test_the_base_of_all_cases_loads() -> None:
    assert faults_of(BASE) == ()


def test_every_check_has_a_case() -> None:
    """A check that no case needs would go unnoticed when it breaks."""
    import virtu.scenario.street_checks as module

    for check in CHECKS:
        others = tuple(each for each in CHECKS if each is not check)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(module, "CHECKS", others)
            texts = [places(changed(old, new))[0] for old, new, *_ in CASES.values()]
            assert any(faults_of(text) == () for text in texts), check.__name__


def test_all_faults_of_a_file_come_at_once() -> None:
    """Fields that fail on their own hide neither each other nor what does not fit together."""
    text, expected = places("""\
arena: street
scenario: ¦Many Faults
title: ¦3
calendar: {start: 1929-01-01, ticks: 52}
actors: {Ada: {traits: {¦nervee: 0.5, nerve: ¦2}}, Ben: {}}
camps:
  reds: {leader: Ada, intensity: ¦-1, tactic: ¦loud}
  blues: {leader: ¦Ada, reach: {¦greens: 1}}
public:
  people: ¦none
  ¦cells:
    north: ¦{share: 0.5, core: {reds: 0.8}, leaning: {reds: 0.3}}
    south: {share: 0.6, ¦hardshp: 0.3}
outsider: {camp: ¦greens}
incidents: {branching: [¦[0.1], [0.1, 0.1]]}
shocks: [{at: ¦1950-01-01, hardship: ¦x}]
parameters: {¦bandwagon: 1, fatigue: ¦99}
outcome: {measure: ¦winning}
""")
    found = [(fault.where.line, fault.where.column) for fault in faults_of(text) if fault.where]
    assert found == expected


def test_faults_do_not_cascade() -> None:
    """One unreadable section is one fault, whatever refers into it."""
    camps = BASE.replace("camps:\n  reds: {leader: Ada}\n  blues: {leader: Ben}\n", "camps: none\n") + "outsider: {camp: blues}\n"
    camps += f"incidents: {{branching: {SQUARE}}}\noutcome: {{measure: felt, of: reds}}\nrecord: {{on_top: reds}}\n"
    assert [fault.message for fault in faults_of(camps)] == ["camps must be a mapping, found the text 'none'"]
    persons = BASE.replace("actors: {Ada: {}, Ben: {}, Cy: {}, Di: {}}", "actors: none") + "elite: {members: {Cy: {}}}\n"
    assert [fault.message for fault in faults_of(persons)] == ["actors must be a mapping, found the text 'none'"]
    cell = BASE.replace("south: {share: 0.5}", "south: half")
    assert [fault.message for fault in faults_of(cell)] == ["public.cells.south must be a mapping, found the text 'half'"]
    share = BASE.replace("south: {share: 0.5}", "south: {share: half}")
    assert [fault.message for fault in faults_of(share)] == ["public.cells.south.share must be a number, found the text 'half'"]


def test_what_is_almost_the_whole_is_the_whole() -> None:
    """Shares written with a few digits sum to 1 within a millionth."""
    thirds = "    a: {share: 0.3333333}\n    b: {share: 0.3333333}\n    c: {share: 0.3333333}\n"
    cells = "    north: {share: 0.5, core: {reds: 0.1}}\n    south: {share: 0.5}\n"
    assert faults_of(BASE.replace(cells, thirds)) == ()
    (fault,) = faults_of(BASE.replace(cells, thirds.replace("0.3333333", "0.333333")))
    assert "must sum to 1, found 0.999999" in fault.message


def test_the_sum_of_a_single_cell_needs_no_words() -> None:
    cells = "\n    north: {share: 0.5, core: {reds: 0.1}}\n    south: {share: 0.5}\n"
    assert faults_of(BASE.replace(cells, " {everybody: {}}\n")) == ()
