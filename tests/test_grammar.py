"""The text of interventions: every form is read, written and told, every fault refused at its place, and any name survives."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from virtu import scenario
from virtu.errors import InputError, Place
from virtu.laboratory.arenas import arena_of
from virtu.laboratory.grammar import forms, parse, parse_all
from virtu.laboratory.intervention_kinds import Intervention, Nothing, SetParameter, SetTrait, Switch
from virtu.laboratory.interventions import agenda, describe, room_needed
from virtu.laboratory.organisation_kinds import (
    KINDS,
    TIES,
    Appoint,
    CutAccess,
    ForbidMove,
    ForceMove,
    OrderSpeech,
    SetHealth,
    SetTestament,
    SetTie,
    ShareExperience,
    Speak,
    Train,
)
from virtu.scenario.vocabulary import MECHANISMS, MOVES, SELF_MOVES, SPEECH_ORDERS, parameters, traits

POLITBURO = scenario.load("politburo-1922")
TRAITS, PARAMETERS = list(traits()), list(parameters())


def organisation(names: list[str], **changes: Any) -> scenario.Scenario:
    """Return a small scenario without founder: the persons named, of whom the first two have seats."""
    actors = {name: {"entry": "forum" if number < 2 else "candidate"} for number, name in enumerate(names)}
    forum = {"seats": 2, "candidates": 30}
    content = {"scenario": "small", "title": "Small", "calendar": {"ticks": 9}, "forum": forum, "actors": actors}
    return scenario.loads(json.dumps(content | changes))


SMALL = organisation(["Ann", "Bob"], posts={"chair": {"holder": "Ann"}, "Ann": {}})

# text, object, canonical text where it is another, in plain words
FORMED: list[tuple[str, Intervention, str, str]] = [
    (
        "trait Kamenev.nerve = 0.9 @ 1924-01",
        SetTrait("Kamenev", "nerve", 0.9, since="1924-01"),
        "",
        "Kamenev's nerve is set to 0.9 from 1924-01 on",
    ),
    (
        ' trait "Kamenev" . theory_of_mind_depth=+2.50@t21..24 ',
        SetTrait("Kamenev", "theory_of_mind_depth", 2.5, since="1924-01", until="1924-04"),
        "trait Kamenev.theory_of_mind_depth = 2.5 @ 1924-01..1924-04",
        "Kamenev's theory of mind depth is set to 2.5 from 1924-01 to 1924-04",
    ),
    (
        "parameter bandwagon = 0 @ ..1922-12-31",
        SetParameter("bandwagon", 0.0, until="1922-12"),
        "parameter bandwagon = 0 @ ..1922-12",
        "the parameter bandwagon is set to 0 until 1922-12",
    ),
    ("off patronage", Switch("patronage"), "", "the mechanism patronage is switched off throughout"),
    (
        "on theory_of_mind @ 1923-05..1923-05",
        Switch("theory_of_mind", "on", since="1923-05", until="1923-05"),
        "",
        "the mechanism theory of mind is switched on in 1923-05",
    ),
    (
        "post general-secretary = Trotsky",
        Appoint("general-secretary", "Trotsky"),
        "",
        "Trotsky holds the post General Secretary throughout",
    ),
    (
        "post Trotsky = general-secretary @ 1924-01",
        Appoint("general-secretary", "Trotsky", since="1924-01"),
        "post general-secretary = Trotsky @ 1924-01",
        "Trotsky holds the post General Secretary from 1924-01 on",
    ),
    ("post general-secretary = nobody", Appoint("general-secretary", None), "", "the post General Secretary is kept vacant throughout"),
    (
        "move Zinoviev strike Stalin @ 1925-12",
        ForceMove("Zinoviev", "strike", "Stalin", since="1925-12", until="1925-12"),
        "",
        "Zinoviev is made to strike Stalin in 1925-12",
    ),
    (
        "move Stalin threaten_to_resign @ 1924-08..",
        ForceMove("Stalin", "threaten_to_resign", since="1924-08"),
        "",
        "Stalin is made to threaten to resign from 1924-08 on",
    ),
    ("move Stalin bide", ForceMove("Stalin", "bide"), "", "Stalin is made to bide at every tick"),
    (
        "forbid Stalin threaten_to_resign",
        ForbidMove("Stalin", "threaten_to_resign"),
        "",
        "Stalin may not threaten to resign at any time",
    ),
    ("forbid Zinoviev strike Stalin", ForbidMove("Zinoviev", "strike", "Stalin"), "", "Zinoviev may not strike Stalin at any time"),
    ("forbid * strike", ForbidMove(None, "strike"), "", "nobody may strike at any time"),
    (
        "forbid * strike Stalin @ 1924-01",
        ForbidMove(None, "strike", "Stalin", since="1924-01"),
        "",
        "nobody may strike Stalin from 1924-01 on",
    ),
    ("order speech random", OrderSpeech("random"), "", "the order of speech is drawn by lot throughout"),
    ("order speech emergent", OrderSpeech("emergent"), "", "the order of speech comes about by itself throughout"),
    ("order Stalin last", Speak("Stalin", "last"), "", "Stalin speaks last throughout"),
    ("order Stalin first", Speak("Stalin", "first"), "", "Stalin speaks first throughout"),
    ("cut Stalin access @ 1922-06", CutAccess("Stalin", since="1922-06"), "", "Stalin is kept from Lenin from 1922-06 on"),
    ("health = 1 @ 1922-05", SetHealth(1.0, since="1922-05"), "", "Lenin's health is set to 1 from 1922-05 on"),
    ("testament read", SetTestament("read"), "", "the testament is read out"),
    ("testament suppress @ 1924-05", SetTestament("suppress", since="1924-05"), "", "the testament is suppressed from 1924-05 on"),
    (
        "tie Bukharin -> Stalin trust = 0.4 @ 1925-01",
        SetTie("Bukharin", "Stalin", "trust", 0.4, since="1925-01", until="1925-01"),
        "",
        "Bukharin's trust in Stalin is set to 0.4 in 1925-01",
    ),
    (
        "tie Bukharin->Stalin kindness=1e-1",
        SetTie("Bukharin", "Stalin", "kindness", 0.1),
        "tie Bukharin -> Stalin kindness = 0.1",
        "Bukharin's memory of kindness by Stalin is set to 0.1 at every tick",
    ),
    ("train Kamenev @ 1924-01", Train("Kamenev", since="1924-01"), "", "Kamenev is trained to read others from 1924-01 on"),
    ("train all", Train(None), "", "everybody is trained to read others throughout"),
    (
        "share_experience Rykov Tomsky @ 1924-01",
        ShareExperience(("Rykov", "Tomsky"), since="1924-01"),
        "",
        "Rykov and Tomsky share an experience from 1924-01 on",
    ),
    (
        ' share_experience "Rykov"  Tomsky Bukharin@..1924-02',
        ShareExperience(("Rykov", "Tomsky", "Bukharin"), until="1924-02"),
        "share_experience Rykov Tomsky Bukharin @ ..1924-02",
        "Rykov, Tomsky and Bukharin share an experience until 1924-02",
    ),
    ("share_experience all", ShareExperience(None), "", "all share an experience throughout"),
    ("nothing", Nothing(), "", "nothing is done"),
]


def shown(case: tuple[Any, ...]) -> str:
    return str(case[0])


@pytest.mark.parametrize("case", FORMED, ids=shown)
def test_every_form_is_read_written_and_told(case: tuple[str, Intervention, str, str]) -> None:
    text, done, canonical, words = case
    assert parse(text, POLITBURO) == done
    assert str(done) == (canonical or text)
    assert parse(str(done), POLITBURO) == done
    assert describe(done, POLITBURO) == words


def test_every_form_is_among_them() -> None:
    assert {type(done) for _, done, _, _ in FORMED} == set(KINDS)
    assert {kind for kind, _ in forms(arena_of(POLITBURO).repertoire)} == set(KINDS)


@pytest.mark.parametrize(
    ("start", "unit", "words"),
    [
        (None, "month", "at t3"),
        ("2001-01", "quarter", "in the quarter from 2001-10"),
        ("2001-01", "year", "in the year from 2004-01"),
        ("2001-01-01", "week", "in the week of 2001-01-22"),
    ],
)
def test_moments_are_told_in_the_unit_of_the_scenario(start: str | None, unit: str, words: str) -> None:
    calendar = {"ticks": 9, "unit": unit} | ({"start": start} if start else {})
    done = parse("move Ann bide @ t3", organisation(["Ann", "Bob"], calendar=calendar))
    assert describe(done, organisation(["Ann", "Bob"], calendar=calendar)) == f"Ann is made to bide {words}"


REFUSED: list[tuple[str, int, str, str]] = [
    # text, column, message, hint
    ("", 1, "an intervention is missing here", "'nothing'"),
    ("off purge; ; on work", 12, "an intervention is missing here", "'nothing'"),
    ("off purge;", 11, "an intervention is missing here", "'nothing'"),
    ("Trait Kamenev.nerve = 1", 1, "unknown intervention 'Trait'", "did you mean 'trait'?"),
    ("= 3", 1, "unknown intervention '='", "known: cut, forbid"),
    ("trait", 6, "expected a person, but the text ends", "write trait PERSON.TRAIT = NUMBER"),
    ("trait Kamenv.nerve = 0.9", 7, "unknown person 'Kamenv'", "did you mean 'Kamenev'?"),
    ("trait Kamenv.nerve", 7, "unknown person 'Kamenv'", "did you mean 'Kamenev'?"),
    ("trait kamenev.nerve = 0.9", 7, "unknown person 'kamenev'", "did you mean 'Kamenev'?"),
    ('trait "Kamenv".nerve = 0.9', 7, "unknown person 'Kamenv'", "did you mean 'Kamenev'?"),
    ('move "Zinoviev strike Stalin', 6, "expected a person", "close the quotes"),
    ("trait Kamenev.nerv = 0.9", 15, "unknown trait 'nerv'", "did you mean 'nerve'?"),
    ("trait Kamenev nerve = 0.9", 15, "expected '.', found 'nerve'", "write trait PERSON.TRAIT = NUMBER"),
    ("trait Kamenev.nerve += 0.9", 21, "expected '=', found '+='", "write trait"),
    ("trait Kamenev.nerve = 1.1", 23, "nerve must lie between 0 and 1, found 1.1", "nerve: steadiness"),
    ("trait Kamenev.nerve = 1e999", 23, "nerve must lie between 0 and 1, found inf", "nerve: steadiness"),
    ("trait Kamenev.nerve = nan", 23, "nerve must be a number, found 'nan'", "nerve: steadiness"),
    ("trait Kamenev.nerve = high", 23, "nerve must be a number, found 'high'", "nerve: steadiness"),
    ("trait Kamenev.nerve = ", 23, "expected a number, but the text ends", "write trait"),
    ("parameter bandwagn = 1", 11, "unknown parameter 'bandwagn'", "did you mean 'bandwagon'?"),
    ("parameter bandwagon = -1", 23, "bandwagon must lie between 0 and 10, found -1", "bandwagon: pull"),
    ("off patronge", 5, "unknown mechanism 'patronge'", "did you mean 'patronage'?"),
    ("off patronage now", 15, "expected @ DATE or the end, found 'now'", "write off|on MECHANISM [@ DATE]"),
    ("post general-secretry = Trotsky", 6, "unknown post 'general-secretry'", "did you mean 'general-secretary'?"),
    ("post general-secretary = Trotzky", 26, "unknown person 'Trotzky'", "did you mean 'Trotsky'?"),
    ("post Trotzky = general-secretary", 6, "unknown person 'Trotzky'", "did you mean 'Trotsky'?"),
    ("post general-secretary = Nobody", 26, "unknown person 'Nobody'", "did you mean 'nobody'?"),
    ("post Trotsky", 13, "expected '=', but the text ends", "write post PERSON = POST"),
    ("move Zinoviev strikes Stalin", 15, "unknown move 'strikes'", "did you mean 'strike'?"),
    ("move Zinoviev strike", 15, "strike needs a target", "whom Zinoviev is to strike"),
    ("move Zinoviev strike Stalim", 22, "unknown person 'Stalim'", "did you mean 'Stalin'?"),
    ("move Zinoviev strike Zinoviev", 22, "Zinoviev cannot strike Zinoviev", "somebody else"),
    ("move Zinoviev bide Stalin", 20, "bide takes no target, found Stalin", ""),
    ("move * strike Stalin", 6, "unknown person '*'", "known: Andreev"),
    ("forbid Stalin threaten_to_resign Lenin", 34, "threaten_to_resign takes no target, found Lenin", ""),
    ("forbid Stalin strike Stalin", 22, "Stalin cannot strike Stalin", "somebody else"),
    ("forbid * bide", 10, "bide cannot be forbidden", "no other move"),
    ("order speech last", 14, "unknown order of speech 'last'", "known: emergent, random"),
    ("order Stalin lst", 14, "unknown turn to speak 'lst'", "did you mean 'last'?"),
    ("cut Stalin accessible", 12, "expected 'access', found 'accessible'", "write cut PERSON access"),
    ("cut Stalin acess", 12, "expected 'access', found 'acess'", "write cut PERSON access"),
    ("cut Lenin access", 5, "Lenin is the founder", ""),
    ("health = 2", 10, "health must lie between 0 and 1, found 2", ""),
    ("testament burn", 11, "unknown fate of the testament 'burn'", "known: read, suppress"),
    ("testament read @ 1924-06", 18, "the testament is read in 1924-05, which is not among these ticks", ""),
    ("tie Bukharin Stalin trust = 1", 14, "expected '->', found 'Stalin'", "trust|dependence|grievance|kindness"),
    ("tie Bukharin -> Bukharin trust = 1", 17, "a tie needs two different persons", ""),
    ("tie Bukharin -> Stalin trst = 1", 24, "unknown kind of tie 'trst'", "did you mean 'trust'?"),
    ("tie Bukharin -> Stalin trust = -1.5", 32, "trust must lie between -1 and 1, found -1.5", ""),
    ("tie Bukharin -> Stalin grievance = -0.5", 36, "grievance must lie between 0 and 1, found -0.5", ""),
    ("train", 6, "expected a person, but the text ends", "write train PERSON|all [@ DATE]"),
    ("train Kamenv", 7, "unknown person 'Kamenv'", "did you mean 'Kamenev'?"),
    ("train al", 7, "unknown person 'al'", "did you mean 'all'?"),
    ("train Kamenev Zinoviev", 15, "expected @ DATE or the end, found 'Zinoviev'", "write train PERSON|all [@ DATE]"),
    ("train Lenin; train Lenin @ t3", 14, "set the same at the same time", ""),
    ("share_experience", 17, "expected a person, but the text ends", "write share_experience PERSON PERSON …|all [@ DATE]"),
    ("share_experience Rykov", 18, "an experience is shared by two persons or more, found Rykov alone", "or write all"),
    ("share_experience Rykov Tomski", 24, "unknown person 'Tomski'", "did you mean 'Tomsky'?"),
    ("share_experience Rykov Tomski Stalim", 24, "unknown person 'Tomski'", "did you mean 'Tomsky'?"),
    ("share_experience Rykov Tomski = 1", 24, "unknown person 'Tomski'", "did you mean 'Tomsky'?"),
    ("share_experience al", 18, "unknown person 'al'", "did you mean 'all'?"),
    ("share_experience Rykov all", 24, "unknown person 'all'", "known: Andreev"),
    ("share_experience all Rykov", 22, "expected @ DATE or the end, found 'Rykov'", "PERSON PERSON …|all"),
    ("share_experience Rykov Tomsky Rykov", 31, "Rykov is named twice", ""),
    ("share_experience Rykov, Tomsky", 18, "unknown person 'Rykov,'", "did you mean 'Rykov'?"),
    ("share_experience Rykov Tomsky = 1", 31, "expected @ DATE or the end, found '='", "PERSON PERSON …|all"),
    ("off purge @", 11, "expected @ DATE or the end, found '@'", "[@ DATE]"),
    ("off purge @ soon", 13, "'soon' is not a date", "YYYY-MM"),
    ("off purge @ 1924-13", 13, "'1924-13' is not a day of the calendar", "YYYY-MM"),
    ("off purge @ -3", 13, "'-3' is not a date", "YYYY-MM"),
    ("off purge @ 1922-03", 13, "1922-03 lies outside the run", "it runs from 1922-04 to 1940-12"),
    ("off purge @ 225", 13, "225 lies outside the run", "it runs from 1922-04 to 1940-12"),
    ("off purge @ 1924-01..1941-01", 22, "1941-01 lies outside the run", "it runs from 1922-04 to 1940-12"),
    ("off purge @ 1924-01..1923-12", 22, "1923-12 lies before 1924-01", "the earlier moment first"),
    ("off purge @ 1924-01 1925-01", 21, "expected @ DATE or the end, found '1925-01'", ""),
    ("off work; move Zinoviev strike Stalin @ 1941-01", 41, "1941-01 lies outside the run", ""),
    ("off purge @ t3; on purge @ ..t3", 17, "'off purge @ 1922-07' and 'on purge @ ..1922-07' set the same", "do not overlap"),
    ("trait Lenin.nerve = 1; trait Lenin.nerve = 1", 24, "'trait Lenin.nerve = 1' and 'trait Lenin.nerve = 1' set the same", ""),
    ("move Lenin praise Stalin; move Lenin bide @ t3", 27, "set the same at the same time", ""),
    ("order Lenin first; order Lenin last", 20, "set the same at the same time", ""),
    ("post Lenin = pravda; post pravda = nobody", 22, "set the same at the same time", ""),
    ("tie Lenin -> Stalin trust = 1; tie Lenin -> Stalin trust = 0 @ t9", 32, "set the same at the same time", ""),
]


@pytest.mark.parametrize("case", REFUSED, ids=shown)
def test_faults_are_refused_with_their_place(case: tuple[str, int, str, str]) -> None:
    text, column, message, hint = case
    with pytest.raises(InputError) as caught:
        parse_all([text], POLITBURO)
    assert caught.value.where == Place("--do", column=column)
    assert message in caught.value.message
    assert hint in caught.value.hint
    assert str(caught.value).startswith(f"--do:{column}: ")


@pytest.mark.parametrize(
    ("text", "column", "message"),
    [
        ("cut Ann access", 1, "the scenario small has no founder"),
        ("health = 1", 1, "the scenario small has no founder"),
        ("testament read", 1, "the scenario small has no founder"),
        ("off purge @ 1924-01", 13, "the date 1924-01 means nothing"),
    ],
)
def test_a_scenario_without_founder_or_dates_refuses_what_needs_them(text: str, column: int, message: str) -> None:
    with pytest.raises(InputError, match=message) as caught:
        parse(text, SMALL)
    assert caught.value.where == Place("--do", column=column)


def test_a_founder_without_testament_leaves_none_to_read() -> None:
    with pytest.raises(InputError, match="the founder of small leaves no testament"):
        parse("testament read", organisation(["Ann", "Bob"], founder={"actor": "Ann"}))


def test_one_intervention_is_one() -> None:
    with pytest.raises(InputError, match="one intervention is wanted here, found several") as caught:
        parse("off purge;  off work", POLITBURO)
    assert caught.value.where == Place("--do", column=13)


APART = [
    "trait Lenin.nerve = 1 @ ..t3; trait Lenin.nerve = 0 @ t4",
    "trait Lenin.nerve = 1; trait Lenin.loyalty = 1; trait Stalin.nerve = 1",
    "forbid Lenin strike; forbid * strike; forbid Lenin strike Stalin",
    "forbid * strike; move Zinoviev strike Stalin @ 1925-12",
    "tie Lenin -> Stalin trust = 1; tie Stalin -> Lenin trust = 1; tie Lenin -> Stalin kindness = 1",
    "order speech random; order Lenin first; order Stalin first",
    "off purge; off work",
    "train Lenin @ ..t3; train Lenin @ t4; train Stalin; train all",
    "share_experience Lenin Stalin; share_experience Lenin Stalin; share_experience all",
]


@pytest.mark.parametrize("text", APART)
def test_what_sets_different_things_goes_together(text: str) -> None:
    done = parse_all([text], POLITBURO)
    assert parse_all(text.split(";"), POLITBURO) == done
    assert len(done) == text.count(";") + 1
    agenda(POLITBURO, done)


ODD = ["Ann", "Ann strike", "Ann.nerve", "Ann access", "Ann last", "nobody", "strike", "bide", "speech", "random", "* praise", "first"]
ODD += [
    "Ann @ 2001-01-08",
    "a;b",
    'say "x"',
    '"Ann"',
    "back\\slash",
    "x = Ann",
    "Ann -> Bob",
    "Bob",
    "Bob trust",
    "Jo-Ann",
    "O'Neil",
    "5",
    "t5",
    "é x",
    "B.",
    "all",
]
ODDLY = organisation(
    ODD, posts={name: {} for name in (*ODD[:12], "Ann = nobody")}, calendar={"start": "2001-01-01", "ticks": 30, "unit": "week"}
)


def test_names_are_read_the_longest_first_and_quotes_settle_it() -> None:
    assert parse("move Ann strike bide", ODDLY) == ForceMove("Ann strike", "bide")
    assert parse('move Ann strike "bide"', ODDLY) == ForceMove("Ann", "strike", "bide")
    assert parse("move Ann strike Jo-Ann", ODDLY) == ForceMove("Ann", "strike", "Jo-Ann")
    assert parse("move Ann strike strike strike", ODDLY) == ForceMove("Ann strike", "strike", "strike")
    assert parse("order speech last", ODDLY) == Speak("speech", "last")
    assert parse("tie Ann -> Bob -> x = Ann trust = 1", ODDLY) == SetTie("Ann -> Bob", "x = Ann", "trust", 1.0)
    assert parse("order Ann last last", ODDLY) == Speak("Ann last", "last")
    assert parse("post Ann = nobody", ODDLY) == Appoint("Ann", None)
    assert parse('post Ann = "nobody"', ODDLY) == Appoint("Ann", "nobody")
    assert parse('trait "\\"Ann\\"".nerve = 1', ODDLY) == SetTrait('"Ann"', "nerve", 1.0)
    assert parse("share_experience Ann strike Bob trust", ODDLY) == ShareExperience(("Ann strike", "Bob trust"))
    assert parse('share_experience "Ann" strike Bob trust', ODDLY) == ShareExperience(("Ann", "strike", "Bob trust"))
    assert parse("share_experience all", ODDLY) == ShareExperience(None)
    assert parse('train "all"', ODDLY) == Train("all")
    assert parse_all(['order "a;b" first; off purge'], ODDLY) == [Speak("a;b", "first"), Switch("purge")]


DOUBTFUL = [
    (ForceMove("Ann", "strike", "bide"), 'move Ann strike "bide"'),
    (ForceMove("Ann strike", "bide"), 'move "Ann strike" bide'),
    (ForbidMove(None, "praise", "bide"), 'forbid * praise "bide"'),
    (ForbidMove("* praise", "strike"), 'forbid "* praise" strike'),
    (Appoint("Ann", "nobody"), 'post Ann = "nobody"'),
    (Appoint("nobody", None), 'post "nobody" = nobody'),
    (Appoint("Ann", "Ann", since="2001-01-08"), "post Ann = Ann @ 2001-01-08"),
    (Appoint("Ann", "Ann @ 2001-01-08"), 'post Ann = "Ann @ 2001-01-08"'),
    (SetTrait("Ann", "nerve", 1.0), "trait Ann.nerve = 1"),
    (SetTrait("Ann.nerve", "nerve", 1.0), 'trait "Ann.nerve".nerve = 1'),
    (SetTie("Ann", "Bob", "trust", 0.5), "tie Ann -> Bob trust = 0.5"),
    (SetTie("Ann -> Bob", "Bob trust", "trust", 0.5), 'tie "Ann -> Bob" -> "Bob trust" trust = 0.5'),
    (Speak("Ann last", "last"), 'order "Ann last" last'),
    (Speak('say "x"', "first"), r'order "say \"x\"" first'),
    (Speak("back\\slash", "first"), r'order "back\\slash" first'),
    (Train("all"), 'train "all"'),
    (ShareExperience(("Ann", "strike", "B.")), 'share_experience Ann "strike" "B."'),
    (ShareExperience(("all", "Ann")), 'share_experience "all" Ann'),
]


@pytest.mark.parametrize("case", DOUBTFUL, ids=lambda case: case[1])
def test_names_are_quoted_where_they_could_be_read_as_something_else(case: tuple[Intervention, str]) -> None:
    assert str(case[0]) == case[1]
    assert parse(case[1], ODDLY) == case[0]


def test_the_post_stands_first_where_both_sides_could_be_either() -> None:
    assert parse("post Ann = Bob", SMALL) == parse("post Bob = Ann", SMALL) == Appoint("Ann", "Bob")
    assert parse("post Ann = Ann", SMALL) == Appoint("Ann", "Ann")
    assert parse("post Ann = chair", SMALL) == parse("post chair = Ann", SMALL) == Appoint("chair", "Ann")


def moments(where: scenario.Scenario) -> st.SearchStrategy[dict[str, Any]]:
    dates = st.integers(0, where.ticks - 1).map(where.date_of)
    ordered = st.lists(dates, min_size=2, max_size=2).map(sorted).map(lambda pair: {"since": pair[0], "until": pair[1]})
    return st.one_of(st.just({}), dates.map(lambda date: {"since": date}), dates.map(lambda date: {"until": date}), ordered)


@st.composite
def interventions(draw: Callable[..., Any], where: scenario.Scenario) -> Intervention:
    """Draw an intervention that is possible in a scenario, its moments as the parser gives them."""
    one, other = draw(st.permutations(where.person_names))[:2]
    move, target = draw(st.sampled_from(MOVES[1:])), draw(st.sampled_from([None, other]))
    trait, knob, kind = draw(st.sampled_from(TRAITS)), draw(st.sampled_from(PARAMETERS)), draw(st.sampled_from(TIES))
    made: list[Callable[..., Intervention]] = [
        lambda **times: SetTrait(one, trait, draw(st.floats(traits()[trait].low, traits()[trait].high)), **times),
        lambda **times: SetParameter(knob, draw(st.floats(parameters()[knob].low, parameters()[knob].high)), **times),
        lambda **times: Switch(draw(st.sampled_from(MECHANISMS)), draw(st.sampled_from(["on", "off"])), **times),
        lambda **times: Appoint(draw(st.sampled_from(list(where.posts))), draw(st.sampled_from([None, one])), **times),
        lambda **times: ForceMove(one, move, None if move in SELF_MOVES else other, **times),
        lambda **times: ForbidMove(draw(st.sampled_from([None, one])), move, None if move in SELF_MOVES else target, **times),
        lambda **times: OrderSpeech(draw(st.sampled_from(SPEECH_ORDERS)), **times),
        lambda **times: Speak(one, draw(st.sampled_from(["first", "last"])), **times),
        lambda **times: SetTie(one, other, kind, draw(st.floats(-1.0 if kind == "trust" else 0.0, 1.0)), **times),
        lambda **times: Train(draw(st.sampled_from([None, one])), **times),
        lambda **times: ShareExperience(draw(st.sampled_from([None, tuple(draw(st.permutations(where.person_names))[:3])])), **times),
        Nothing,
    ]
    if where.founder is not None:
        visitor = one if one != where.founder.actor else other
        made += [lambda **times: CutAccess(visitor, **times), lambda **times: SetHealth(draw(st.floats(0.0, 1.0)), **times)]
    return draw(st.sampled_from(made))(**draw(moments(where)))


@settings(max_examples=400)
@given(st.one_of(interventions(ODDLY).map(lambda done: (done, ODDLY)), interventions(POLITBURO).map(lambda done: (done, POLITBURO))))
def test_what_is_written_reads_back_the_same(case: tuple[Intervention, scenario.Scenario]) -> None:
    done, where = case
    assert parse(str(done), where) == done
    assert parse_all([f"{done} ;nothing"], where) == [done, Nothing()]
    assert describe(done, where)
    agenda(where, [done], room=room_needed(where, [done]))


PIECES = [*'*=.@;"\\\n', "->", "..", "1924-01", "t5", "0.5", "nerve", "general-secretary", "nobody", "speech", "last", "off"]
WORDS = [*POLITBURO.person_names[:5], *MOVES, *TIES, *PIECES, *(kind.form.split()[0] for kind in KINDS)]
TEXTS = st.text(max_size=40) | st.lists(st.sampled_from(WORDS), max_size=9).map(" ".join) | st.lists(st.sampled_from(WORDS)).map("".join)


@settings(max_examples=400)
@given(TEXTS)
@example("trait" + " " * 20_000)
@example('"' * 2_000)
@example("share_experience " + "Lenin " * 2_000)
@example("share_experience" + " B" * 2_000 + " =")
@example("move Lenin praise Stalin @ " + "9" * 20_000)
def test_any_text_is_read_or_refused_with_a_place_in_it(text: str) -> None:
    try:
        done = parse_all([text], POLITBURO)
    except InputError as error:
        assert error.where is not None
        assert error.where.file == "--do"
        assert 1 <= (error.where.column or 0) <= len(text) + 1
    else:
        assert parse_all(map(str, done), POLITBURO) == done
