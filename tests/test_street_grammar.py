"""What can be done in the street: every form is read, written and told, every fault refused at its place, and cells are those meant."""

from __future__ import annotations

import json
from dataclasses import fields
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from virtu import scenario
from virtu.errors import InputError, Place
from virtu.laboratory.arenas import ARENAS, arena_of
from virtu.laboratory.grammar import forms, parse, parse_all
from virtu.laboratory.intervention_kinds import Intervention, Nothing, SetParameter, SetTrait, Switch
from virtu.laboratory.interventions import agenda, describe, mover, room_needed
from virtu.laboratory.organisation_kinds import ForceMove
from virtu.laboratory.street_interventions import AT_THE_START
from virtu.laboratory.street_kinds import KINDS, QUANTITIES, AddShock, Answer, Correct, Oppose, Repress, SetFlank, SetTactic
from virtu.scenario.street_vocabulary import ANSWERS, FLANKS, STREET_MECHANISMS, TACTICS, street_parameters
from virtu.scenario.vocabulary import traits
from virtu.street import build
from virtu.street.state import Agenda

from .street_stage import CONTENT, street

SHOCK = {"at": 3, "until": 5, "hardship": 0.1, "legitimacy": -0.2}
FULL = street(
    calendar={"start": "1929-01-07", "ticks": 40},
    camps={"reds": {"leader": "Adler", "label": "The Reds"}, "blues": {"leader": "Braun"}, "New Guard": {"leader": "Curtius"}},
    elite={"members": {"Dorn": {}}},
    shocks=[SHOCK],
)
"""Three camps, one with a label and one with a space in its name, weeks with dates, an elite, an outsider, and a shock of its own."""

BARE = street(elite=None, outsider=None)
"""Neither elite nor outsider, and no dates."""

END = FULL.ticks - 1

# text, object, canonical text where it is another, in plain words
FORMED: list[tuple[str, Intervention, str, str]] = [
    (
        "trait Adler.nerve = 0.9 @ 1929-02-04",
        SetTrait("Adler", "nerve", 0.9, since="1929-02-04"),
        "",
        "Adler's nerve is set to 0.9 from 1929-02-04 on",
    ),
    (
        "parameter reaction = 0 @ ..t2",
        SetParameter("reaction", 0.0, until="1929-01-21"),
        "parameter reaction = 0 @ ..1929-01-21",
        "the parameter reaction is set to 0 until 1929-01-21",
    ),
    ("off media_selection", Switch("media_selection"), "", "the mechanism media selection is switched off throughout"),
    (
        "on order @ t1",
        Switch("order", "on", since="1929-01-14"),
        "on order @ 1929-01-14",
        "the mechanism order is switched on from 1929-01-14 on",
    ),
    ("tactic reds = violent", SetTactic("reds", "violent"), "", "the tactic of The Reds is violent throughout"),
    (
        "tactic New Guard=none@t1..t2",
        SetTactic("New Guard", "none", since="1929-01-14", until="1929-01-21"),
        'tactic "New Guard" = none @ 1929-01-14..1929-01-21',
        "the tactic of New Guard is none from 1929-01-14 to 1929-01-21",
    ),
    ("oppose reds = 0.5", Oppose("reds", 0.5), "", "the radical wing of The Reds is opposed in the street, to 50 % throughout"),
    (
        "oppose blues @ t9",
        Oppose("blues", since="1929-03-11"),
        "oppose blues = 1 @ 1929-03-11",
        "the radical wing of blues is opposed in the street, fully from 1929-03-11 on",
    ),
    (
        "correct reds = 0.25",
        Correct("reds", 0.25),
        "",
        "what the leader of The Reds sees of the other camps is corrected to 25 % throughout",
    ),
    ("correct all", Correct(None), "correct all = 1", "what all leaders see of the other camps is corrected fully throughout"),
    ("flank reds absent", SetFlank("reds", "absent"), "", "the radical wing of The Reds stays away throughout"),
    ("flank blues distinct", SetFlank("blues", "distinct"), "", "the radical wing of blues is told from the rest of the camp throughout"),
    (
        'flank "New Guard" merged',
        SetFlank("New Guard", "merged"),
        "",
        "the radical wing of New Guard is taken for the whole camp throughout",
    ),
    ("repress reds = 0.5", Repress("reds", 0.5), "", "The Reds: repression is set to 0.5 throughout"),
    ("elite concede", Answer("concede"), "", "the elite is made to concede at every council"),
    (
        "elite bargain @ t4",
        Answer("bargain", since="1929-02-04"),
        "elite bargain @ 1929-02-04",
        "the elite is made to bargain with the outsider from 1929-02-04 on",
    ),
    (
        "shock hardship = 0.2 @ t3",
        AddShock("hardship", 0.2, since="1929-01-28", until="1929-01-28"),
        "shock hardship = 0.2 @ 1929-01-28",
        "hardship is higher by 0.2 in the week of 1929-01-28",
    ),
    (
        "shock legitimacy = -0.1 @ t3..",
        AddShock("legitimacy", -0.1, since="1929-01-28"),
        "shock legitimacy = -0.1 @ 1929-01-28..",
        "legitimacy is lower by 0.1 from 1929-01-28 on",
    ),
    ("shock disorder = 1", AddShock("disorder", 1.0), "", "disorder is higher by 1 throughout"),
    ("nothing", Nothing(), "", "nothing is done"),
]


def shown(case: tuple[Any, ...]) -> str:
    return str(case[0])


@pytest.mark.parametrize("case", FORMED, ids=shown)
def test_every_form_is_read_written_and_told(case: tuple[str, Intervention, str, str]) -> None:
    text, done, canonical, words = case
    assert parse(text, FULL) == done
    assert str(done) == (canonical or text)
    assert parse(str(done), FULL) == done
    assert describe(done, FULL) == words


def test_every_form_is_among_them() -> None:
    repertoire = arena_of(FULL).repertoire
    assert {type(done) for _, done, _, _ in FORMED} == set(KINDS)
    assert {kind for kind, _ in forms(repertoire)} == set(KINDS)
    assert {field.name for kind in KINDS for field in fields(kind)} - {"since", "until", "value"} == set(repertoire.nouns)


REFUSED: list[tuple[str, int, str, str]] = [
    # text, column, message, hint
    ("tactics reds = violent", 1, "unknown intervention 'tactics'", "did you mean 'tactic'?"),
    ("cut Stalin access", 1, "'cut' is done in the organisation; this scenario is of the street", "known: correct, elite, flank"),
    ("off jail; move Adler bide", 11, "'move' is done in the organisation; this scenario is of the street", "known: correct"),
    ("tactic red = violent", 8, "unknown camp 'red'", "did you mean 'reds'?"),
    ("tactic Adler = violent", 8, "unknown camp 'Adler'", "known: New Guard, blues, reds"),
    ("tactic all = violent", 8, "unknown camp 'all'", "known: New Guard, blues, reds"),
    ("tactic reds violent", 13, "expected '=', found 'violent'", "write tactic CAMP = none|nonviolent|confrontational|violent [@ DATE]"),
    ("tactic reds = violnt", 15, "unknown tactic 'violnt'", "did you mean 'violent'?"),
    ("oppose", 7, "expected a camp, but the text ends", "write oppose CAMP = NUMBER [@ DATE]"),
    ("oppose reds 0.5", 13, "expected '=', found '0.5'", "write oppose CAMP = NUMBER [@ DATE]"),
    ("oppose reds = 1.5", 15, "opposition must lie between 0 and 1, found 1.5", ""),
    ("oppose reds = much", 15, "opposition must be a number, found 'much'", ""),
    ("correct", 8, "expected a camp, but the text ends", "write correct CAMP|all = NUMBER [@ DATE]"),
    ("correct al", 9, "unknown camp 'al'", "did you mean 'all'?"),
    ("correct reds = -1", 16, "the share corrected must lie between 0 and 1, found -1", ""),
    ("flank reds as_is", 12, "unknown change of the radical flank 'as_is'", "known: absent, distinct, merged"),
    ("flank reds", 11, "expected a change of the radical flank, but the text ends", "write flank CAMP absent|distinct|merged [@ DATE]"),
    ("repress reds", 13, "expected '=', but the text ends", "write repress CAMP = NUMBER [@ DATE]"),
    ("repress reds = 2", 16, "repression must lie between 0 and 1, found 2", ""),
    ("elite conced", 7, "unknown answer of the elite 'conced'", "did you mean 'concede'?"),
    ("elite concede @ t1..t3", 17, "the elite holds no council at that time", "every 4 ticks, for instance in 1929-01-07"),
    ("shock police = 1", 7, "unknown quantity 'police'", "known: disorder, hardship, legitimacy"),
    ("shock hardship = 1.5", 18, "a shock must lie between -1 and 1, found 1.5", ""),
    ("parameter bandwagon = 1", 11, "unknown parameter 'bandwagon'", "it is one of the organisation; this scenario is of the street"),
    ("parameter core_loyalty = 1", 11, "core_loyalty counts only before the first tick", "in the scenario file"),
    ("off patronage", 5, "unknown mechanism 'patronage'", "it is one of the organisation"),
    ("off recruitement", 5, "unknown mechanism 'recruitement'", "did you mean 'recruitment'?"),
    ("trait reds.nerve = 1", 7, "unknown person 'reds'", "known: Adler, Braun, Curtius, Dorn"),
    ("trait Adler.nerve = 2", 21, "nerve must lie between 0 and 1, found 2", "nerve: "),
    ("oppose reds; oppose reds = 0.5 @ t3", 14, "set the same at the same time", "do not overlap"),
    ("correct all; correct reds = 0.5", 14, "set the same at the same time", "do not overlap"),
    ("correct reds; correct all @ t3", 15, "set the same at the same time", "do not overlap"),
    ("elite concede; elite ignore", 16, "set the same at the same time", "do not overlap"),
    ("shock hardship = 0.1 @ t3; shock hardship = 0.2 @ t2..t4", 28, "set the same at the same time", "do not overlap"),
    ("oppose reds @ t40", 15, "t40 lies outside the run", "it runs from 1929-01-07 to 1929-10-07"),
]


@pytest.mark.parametrize("case", REFUSED, ids=shown)
def test_what_is_wrong_is_said_at_its_place(case: tuple[str, int, str, str]) -> None:
    text, column, message, hint = case
    with pytest.raises(InputError) as caught:
        parse_all([text], FULL)
    assert caught.value.where == Place("--do", column=column)
    assert message in caught.value.message
    assert hint in caught.value.hint


@pytest.mark.parametrize(
    "text",
    ["oppose reds @ t1..t3; oppose reds @ t4", "correct reds; correct blues", "shock hardship = 0.1 @ t3; shock hardship = 0.1 @ t4",
     "shock hardship = 0.1; shock disorder = 0.1", "oppose reds; flank reds absent; tactic reds = none; repress reds = 1; correct reds"],
)  # fmt: skip
def test_what_does_not_clash_is_accepted(text: str) -> None:
    assert len(parse_all([text], FULL)) == text.count(";") + 1


def test_an_elite_and_an_outsider_are_needed_for_their_answers() -> None:
    """Where one of them is missing it is said; the other answers need no outsider."""
    for text, told in (("elite concede", "the scenario stage has no elite"), ("elite bargain", "the scenario stage has no elite")):
        with pytest.raises(InputError, match=told):
            parse(text, BARE)
    alone = street(outsider=None)
    with pytest.raises(InputError, match="the scenario stage has no outsider to bargain with"):
        parse("elite bargain", alone)
    assert parse("elite repress", alone) == Answer("repress")


def test_a_council_is_held_as_often_as_the_scenario_says() -> None:
    """Where it meets at every tick, an answer can be forced at any."""
    text = "elite concede @ t1..t1"
    with pytest.raises(InputError, match="no council"):
        parse(text, street())
    assert parse(text, street(parameters={"elite_interval": 1}))


def test_what_counts_only_at_the_start_counts_there() -> None:
    """Each of the constants refused changes the arrays a history starts from."""
    base = build.setup(street())
    for name in AT_THE_START:
        other = build.setup(street(parameters={name: 0.123}))
        assert any(not np.array_equal(one, two) for one, two in zip(base, other, strict=True)), name


# any name survives

NAMES = st.text(st.characters(exclude_categories=("Cs", "Cc", "Zl", "Zp")), min_size=1, max_size=12).map(str.strip).filter(bool)


@given(name=NAMES)
@example(name="absent")
@example(name="reds = violent")
@example(name='a "b"; c @ d')
@example(name="= 1")
@example(name="all.")
@settings(max_examples=60)
def test_a_camp_may_be_called_anything_its_file_allows(name: str) -> None:
    """Whatever the file lets pass as a name is written so that it is read again."""
    try:
        found = street(camps={name: {"leader": "Adler"}, "zz": {"leader": "Braun"}}, public={"people": 1000, "cells": {"all": {}}})
    except InputError:
        return
    for done in (SetTactic(name, "violent"), Oppose(name, 0.5, since="t3"), Correct(name), SetFlank(name, "absent"), Repress(name, 1.0)):
        assert parse(str(done), found) == done


def test_arenas_share_no_verb_but_those_of_both() -> None:
    """The verbs of the two arenas are told apart, and common ones mean the same kinds."""
    verbs = {arena.name: {kind for kind in arena.repertoire.kinds} for arena in ARENAS.values()}
    assert verbs["organisation"] & verbs["street"] == {SetTrait, SetParameter, Switch, Nothing}


# agendas


def changed(plan: Agenda, ticks: int | None = None) -> dict[str, dict[tuple[int, ...], float]]:
    """Return what differs from the baseline, by field and place."""
    found = {}
    for name, one, other in zip(plan._fields, build.baseline(FULL, ticks), plan, strict=True):
        apart = (one != other) & ~(np.isnan(one) & np.isnan(other))
        if apart.any():
            found[name] = {tuple(map(int, at)): float(other[tuple(at)]) for at in np.argwhere(apart)}
    return found


def rows(first: int, last: int, *place: int, value: float) -> dict[tuple[int, ...], float]:
    return {(tick, *place): float(np.float32(value)) for tick in range(first, last + 1)}


REDS, BLUES, GUARD = range(3)
HARDSHIP, LEGITIMACY = QUANTITIES.index("hardship"), QUANTITIES.index("legitimacy")
WRITTEN: list[tuple[str, dict[str, dict[tuple[int, ...], float]]]] = [
    ("trait Braun.nerve = 0.9 @ t3..t5", {"trait": rows(3, 5, list(traits()).index("nerve"), 1, value=0.9)}),
    ("parameter reaction = 0 @ ..t2", {"parameter": rows(0, 2, list(street_parameters()).index("reaction"), value=0.0)}),
    ("off jail @ t9", {"mechanism": rows(9, END, STREET_MECHANISMS.index("jail"), value=0.0)}),
    ("on jail", {}),
    ("tactic blues = violent @ t30", {"tactic": rows(30, END, BLUES, value=TACTICS.index("violent"))}),
    ("tactic blues = none @ ..t1", {"tactic": rows(0, 1, BLUES, value=0)}),
    ("oppose New Guard @ t38", {"oppose": rows(38, END, GUARD, value=1.0)}),
    ("oppose reds = 0.25 @ t3..t3", {"oppose": rows(3, 3, REDS, value=0.25)}),
    ("correct all = 0.5 @ t39", {"correct": {at: 0.5 for camp in range(3) for at in rows(39, END, camp, value=0.5)}}),
    ("correct blues", {"correct": rows(0, END, BLUES, value=1.0)}),
    ("flank reds absent", {"flank": rows(0, END, REDS, value=FLANKS.index("absent"))}),
    ("flank blues merged @ t2..t4", {"flank": rows(2, 4, BLUES, value=FLANKS.index("merged"))}),
    ("repress blues = 0 @ t5", {"repress": rows(5, END, BLUES, value=0.0)}),
    ("elite ignore @ t4..t8", {"answer": rows(4, 8, value=ANSWERS.index("ignore"))}),
    ("elite bargain", {"answer": rows(0, END, value=ANSWERS.index("bargain"))}),
    ("shock disorder = 0.3 @ t7", {"shock": rows(7, 7, QUANTITIES.index("disorder"), value=0.3)}),
    ("nothing", {}),
]  # fmt: skip


@pytest.mark.parametrize("case", WRITTEN, ids=shown)
def test_an_intervention_writes_its_cells_and_no_others(case: tuple[str, dict[str, Any]]) -> None:
    assert changed(agenda(FULL, [parse(case[0], FULL)])) == case[1]


def test_interventions_of_an_arm_add_up_in_any_order() -> None:
    texts = ["tactic blues = violent @ t30", "oppose reds = 0.25 @ t3..t3", "correct blues", "flank reds absent", "off jail @ t9"]
    texts += ["repress blues = 0 @ t5", "elite ignore @ t4..t8", "shock disorder = 0.3 @ t7"]
    expected = {field: cells for text in texts for field, cells in dict(WRITTEN)[text].items()}
    assert len(expected) == len(texts)
    done = parse_all(["; ".join(texts)], FULL)
    assert changed(agenda(FULL, done)) == changed(agenda(FULL, reversed(done))) == expected


def test_shocks_are_added_to_those_of_the_scenario() -> None:
    """Hardship is already 0.1 higher from tick 3 to 5; a shock on top gives the sum, and leaves the other quantities as they are."""
    plan = agenda(FULL, parse_all(["shock hardship = 0.2 @ t5..t6"], FULL))
    np.testing.assert_allclose(plan.shock[2:8, HARDSHIP], [0.0, 0.1, 0.1, 0.3, 0.2, 0.0], atol=1e-6)
    np.testing.assert_allclose(plan.shock[2:8, LEGITIMACY], [0.0, -0.2, -0.2, -0.2, 0.0, 0.0], atol=1e-6)


def test_nothing_is_the_baseline_bit_for_bit_and_agendas_share_nothing() -> None:
    plan, base = agenda(FULL, parse_all(["nothing"], FULL), 30), build.baseline(FULL, 30)
    assert all(one.tobytes() == other.tobytes() for one, other in zip(plan, base, strict=True))
    assert not any(np.shares_memory(one, other) for one, other in zip(plan, agenda(FULL, [], 30), strict=True))
    assert room_needed(FULL, parse_all(["oppose reds"], FULL)) == 0


def test_the_mover_is_the_first_camp_named_or_led() -> None:
    """A leader's traits are his camp's; a member of the elite leads none."""
    for text, moved in {
        "off jail; oppose blues; tactic reds = none": "blues",
        "trait Adler.nerve = 1": "reds",
        "trait Dorn.nerve = 1": None,
        "trait Dorn.nerve = 1; correct all; flank New Guard merged": "New Guard",
        "elite concede; shock disorder = 1; nothing; parameter reaction = 0; correct all": None,
    }.items():
        assert mover(parse_all([text], FULL), FULL) == moved


FAULTY: list[tuple[Intervention, str]] = [
    (SetTactic("reds", "brutal"), "unknown tactic 'brutal', in 'tactic reds = brutal'"),
    (SetTactic(None, "violent"), "unknown camp 'None'"),  # pyright: ignore[reportArgumentType]
    (Oppose("reds", float("nan")), "opposition must lie between 0 and 1, found nan"),
    (Correct("red"), "unknown camp 'red'"),
    (SetFlank("reds", "as_is"), "unknown change of the radical flank 'as_is'"),  # pyright: ignore[reportArgumentType]
    (Repress("reds", True), "repression must be a number"),
    (AddShock("hardship", -2.0), "a shock must lie between -1 and 1, found -2"),
    (Answer("concede", since=1, until=3), "the elite holds no council at that time"),
    (ForceMove("Adler", "bide"), "this cannot be done in the street, in 'move Adler bide'"),
]


@pytest.mark.parametrize("case", FAULTY, ids=lambda case: case[1])
def test_objects_made_in_python_are_checked_too(case: tuple[Intervention, str]) -> None:
    for use in (agenda, room_needed):
        with pytest.raises(InputError) as caught:
            use(FULL, [case[0]])
        assert case[1] in caught.value.message


def test_what_is_done_in_the_street_cannot_be_done_in_an_organisation() -> None:
    """As text and as an object."""
    office = scenario.load("editorial-office")
    with pytest.raises(InputError, match="'tactic' is done in the street; this scenario is of the organisation"):
        parse("tactic reds = violent", office)
    with pytest.raises(InputError, match="unknown parameter 'reaction' .it is one of the street"):
        parse("parameter reaction = 1", office)
    with pytest.raises(InputError, match="this cannot be done in the organisation, in 'oppose reds = 1'"):
        agenda(office, [Oppose("reds")])


def test_the_stage_is_as_it_was() -> None:
    """The scenarios above differ from the stage only where they say so."""
    assert json.loads(FULL.canonical)["public"] == json.loads(street().canonical)["public"]
    assert CONTENT["calendar"] == {"ticks": BARE.ticks}
