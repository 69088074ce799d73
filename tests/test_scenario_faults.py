"""Every kind of fault a scenario can have is reported once, at its line and column, in plain words."""

from __future__ import annotations

import re

import pytest

from virtu import scenario
from virtu.errors import Fault, ScenarioError
from virtu.scenario.checks import CHECKS
from virtu.scenario.load import MOST_FAULTS
from virtu.scenario.nodes import DEEPEST, MOST_ALIASES, MOST_NODES

BASE = """\
scenario: small
title: Small
calendar: {start: 1922-04, ticks: 24}
forum: {seats: 2, candidates: 1}
actors:
  Ada: {entry: forum}
  Ben: {entry: forum}
  Cy: {}
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
    found = []
    while "¦" in marked:
        before = marked[: marked.index("¦")]
        found.append((before.count("\n") + 1, len(before) - before.rfind("\n")))
        marked = marked.replace("¦", "", 1)
    return marked, found


def changed(old: str, new: str) -> str:
    """Return the base with one part replaced, or with something appended where the part is empty."""
    assert not old or BASE.count(old) == 1
    return BASE.replace(old, new) if old else BASE + new


CASES: dict[str, tuple[str, str, str, str]] = {
    # what: (part of the base, its replacement with ¦ where the fault is, part of the message, part of the hint)
    "missing field": ("scenario: small\ntitle: Small\n", "¦scenario: small\n", "needs title", "one line"),
    "missing in a part": ("{seats: 2, candidates: 1}", "¦{candidates: 1}", "forum needs seats", "voting seats"),
    "unknown field": ("title: Small", "title: Small\n¦tilte: x", "unknown field 'tilte' in the scenario", "did you mean 'title'?"),
    "unknown field in a part": ("{seats: 2,", "{seats: 2, ¦seat_wieght: 1,", "unknown field 'seat_wieght' in forum", "'seat_weight'"),
    "text wanted": ("title: Small", "title: ¦12", "title must be text, found the number 12", "quotes"),
    "text wanted, truth found": ("title: Small", "title: ¦true", "title must be text, found the truth value true", "quotes"),
    "empty text": ("title: Small", "title: ¦''", "title must not be empty", ""),
    "nothing": ("title: Small", "¦title:", "title must be text, found nothing", ""),
    "explicit null": ("title: Small", "title: ¦null", "title must be text, found nothing", ""),
    "number wanted": ("seats: 2,", "seats: 2, seat_weight: ¦heavy,", "forum.seat_weight must be a number, found the text 'heavy'", ""),
    "quoted number": ("seats: 2,", "seats: 2, seat_weight: ¦'1.5',", "must be a number, found the text '1.5'", "remove the quotes"),
    "truth for number": ("seats: 2,", "seats: 2, seat_weight: ¦true,", "must be a number, found the truth value true", ""),
    "not a number": ("seats: 2,", "seats: 2, seat_weight: ¦.nan,", "must be a finite number, found the number nan", ""),
    "infinite": ("seats: 2,", "seats: 2, seat_weight: ¦-.inf,", "must be a finite number, found the number -inf", ""),
    "overflow": ("seats: 2,", "seats: 2, seat_weight: ¦1e999,", "must be a finite number", ""),
    "whole number wanted": ("seats: 2,", "seats: ¦2.5,", "forum.seats must be a whole number, found the number 2.5", ""),
    "float for int": ("seats: 2,", "seats: ¦2.0,", "forum.seats must be a whole number", ""),
    "too small": ("seats: 2,", "seats: 2, seat_weight: ¦-1,", "forum.seat_weight must be at least 0, found the number -1", ""),
    "too large": ("", "norms: {modesty: ¦1.5}\n", "norms.modesty must be at most 1, found the number 1.5", ""),
    "truth wanted": ("", "posts: {p: {records: ¦yes}}\n", "posts.p.records must be true or false, found the text 'yes'", "YAML 1.2"),
    "mapping wanted": ("", "norms: ¦[1]\n", "norms must be a mapping, found a list", ""),
    "mapping wanted, nothing found": ("Cy: {}", "¦Cy:", "actors.Cy must be a mapping, found nothing", "write {}"),
    "list wanted": ("", "ties: ¦{from: Ada, to: Ben}\n", "ties must be a list, found a mapping", ""),
    "one of a few words": ("Cy: {}", "Cy: {entry: ¦pol}", "actors.Cy.entry must be 'forum', 'candidate', 'pool' or 'none'", "'pool'?"),
    "order of speech": ("", "order_of_speech: ¦last\n", "order_of_speech must be 'emergent' or 'random'", ""),
    "unit": ("ticks: 24", "ticks: 24, unit: ¦day", "calendar.unit must be 'week', 'month', 'quarter' or 'year'", ""),
    "form of the name": ("scenario: small", "scenario: ¦Small_one", "scenario must be small letters, digits and single hyphens", ""),
    "one actor": (
        "  Ada: {entry: forum}\n  Ben: {entry: forum}\n  Cy: {}\n",
        "  ¦Ada: {entry: forum}\n",
        "actors needs at least 2 entries, found 1",
        "",
    ),
    "no issues": ("", "issues: ¦{}\n", "issues needs at least 1 entries, found 0", ""),
    "name too long": ("Cy: {}", f"¦{'x' * 81}: {{}}", "must have 1 to 80 characters, found 81", ""),
    "name without letters": ("Cy: {}", "¦'--': {}", "the name '--' must contain a letter or a digit", ""),
    "name with a line break": ("Cy: {}", '¦"C\\ny": {}', "must hold no line breaks", ""),
    "reserved person": ("Cy: {}", "¦collective: {}", "no person may be called 'collective'", ""),
    "reserved post": ("", "posts: {¦forum: {}}\n", "no post or group may be called 'forum'", ""),
    "post and group": ("", "posts: {p: {}}\ngroups: {¦p: {count: 1}}\n", "'p' is both a post and a group", "line 9"),
    "unknown trait": ("Cy: {}", "Cy: {traits: {¦nervee: 0.3}}", "unknown trait 'nervee'", "did you mean 'nerve'?"),
    "unknown trait of all": ("", "population: {¦nervee: 0.3}\n", "unknown trait 'nervee'", "did you mean 'nerve'?"),
    "unknown parameter": ("", "parameters: {¦bandwaggon: 1}\n", "unknown parameter 'bandwaggon'", "did you mean 'bandwagon'?"),
    "parameter out of range": ("", "parameters: {bandwagon: ¦11}\n", "parameters.bandwagon must lie between 0 and 10, found 11", "pull"),
    "unknown archetype": ("Cy: {}", "Cy: {archetype: ¦strong}", "unknown archetype 'strong'", "known: behindness_averse"),
    "unknown distribution": ("Cy: {}", "Cy: {traits: {nerve: ¦{nromal: [0.5, 0.1]}}}", "unknown distribution 'nromal'", "'normal'?"),
    "two distributions": ("Cy: {}", "Cy: {traits: {nerve: ¦{normal: [0, 1], beta: [1, 1]}}}", "exactly one distribution", "known:"),
    "no distribution": ("Cy: {}", "Cy: {traits: {nerve: ¦{}}}", "exactly one distribution, found none", "known:"),
    "arguments": ("Cy: {}", "Cy: {traits: {nerve: ¦{normal: [0.5]}}}", "normal needs 2 numbers, found 1", "{normal: [mean, sd]}"),
    "argument not a number": ("Cy: {}", "Cy: {traits: {nerve: {normal: [0.5, ¦x]}}}", "traits.nerve.normal[1] must be a number", ""),
    "argument not finite": ("Cy: {}", "Cy: {traits: {nerve: {normal: [0.5, ¦.inf]}}}", "must be a finite number", ""),
    "sd": ("Cy: {}", "Cy: {traits: {nerve: {normal: [0.5, ¦0]}}}", "sd must be above 0", "bare number"),
    "mean": ("Cy: {}", "Cy: {traits: {nerve: {normal: [¦1.5, 0.1]}}}", "the mean must lie between 0 and 1, found 1.5", ""),
    "bounds in order": ("Cy: {}", "Cy: {traits: {nerve: ¦{uniform: [0.7, 0.2]}}}", "the bounds must ascend, found 0.7, 0.2", ""),
    "bounds in range": ("Cy: {}", "Cy: {traits: {nerve: {uniform: [0.7, ¦1.2]}}}", "every bound must lie between 0 and 1", ""),
    "shares of types": ("Cy: {}", "Cy: {traits: {nerve: ¦{types: [0.5, 0.1, 0.4, 0.2]}}}", "the shares must sum to 1, found 0.9", ""),
    "values of types": ("Cy: {}", "Cy: {traits: {nerve: ¦{types: [0.5, 0.2, 0.5, 0.1]}}}", "the values must ascend", ""),
    "trait out of range": (
        "Cy: {}",
        "Cy: {traits: {nerve: ¦1.5}}",
        "actors.Cy.traits.nerve: the value must lie between 0 and 1",
        "steadiness",
    ),
    "stated out of range": ("Cy: {}", "Cy: {traits: {nerve: {value: ¦-1, note: x}}}", "must lie between 0 and 1, found -1", ""),
    "trait as text": ("Cy: {}", "Cy: {traits: {nerve: ¦high}}", "actors.Cy.traits.nerve must be a number, found the text 'high'", ""),
    "stated without value": ("Cy: {}", "Cy: {traits: {nerve: ¦{note: x}}}", "actors.Cy.traits.nerve needs value", ""),
    "unknown field of a trait": (
        "Cy: {}",
        "Cy: {traits: {nerve: {value: 0.1, ¦note_: x}}}",
        "unknown field 'note_'",
        "did you mean 'note'?",
    ),
    "unknown holder": ("", "posts: {p: {holder: ¦Aba}}\n", "unknown person 'Aba'", "did you mean 'Ada'?"),
    "holder without a place": ("", "posts: {p: {holder: ¦Cy}}\n", "the holder of a post needs a place, but Cy has entry none", "entry"),
    "unknown office": (
        "",
        "posts: {p: {appoints: [forum, ¦clerk]}}\ngroups: {clerks: {count: 2}}\n",
        "unknown post or group 'clerk'",
        "'clerks'?",
    ),
    "records twice": ("", "posts: {p: {records: true}, q: {records: ¦true}}\n", "only one post may keep the records", "'p' does"),
    "access twice": ("", "posts: {p: {access: true}, q: {access: ¦true}}\n", "only one post may be in charge of access", "'p' does"),
    "too many to look ahead": (
        "{seats: 2, candidates: 1}\nactors:\n",
        "{seats: 2, candidates: 11}\nparameters: {farsightedness: ¦0.5}\nactors:\n"
        + "".join(f"  P{k}: {{entry: candidate}}\n" for k in range(11)),
        "parameters.farsightedness above 0 needs all coalitions to be gone through, which is done for up to 12 places, not 13",
        "fewer persons",
    ),
    "too few seats": ("seats: 2", "seats: ¦1", "forum.seats is 1, but 2 persons have entry forum", "raise"),
    "too few candidates": (
        "1}\nactors:",
        "¦0}\nactors:\n  Di: {entry: candidate}",
        "forum.candidates is 0, but 1 persons have entry candidate",
        "raise",
    ),
    "too many places": ("{seats: 2, candidates: 1}", "¦{seats: 30, candidates: 3}", "may be 32 together, found 33", ""),
    "seats": ("seats: 2", "seats: ¦33", "forum.seats must be at most 32", ""),
    "patrons": ("", "groups: {g: {count: 2, ¦patrons: {Ada: 2, Ben: 1}}}\n", "groups.g.patrons may sum to the count 2, found 3", ""),
    "unknown patron": ("", "groups: {g: {count: 2, patrons: {¦Adda: 2}}}\n", "unknown person 'Adda'", "did you mean 'Ada'?"),
    "group without seats": ("", "groups: {g: {count: ¦0}}\n", "groups.g.count must be at least 1, found the number 0", ""),
    "unknown end of a tie": ("", "ties: [{from: Ada, to: ¦Bn}]\n", "unknown person 'Bn'", "did you mean 'Ben'?"),
    "tie with oneself": ("", "ties: [{from: Ada, to: ¦Ada}]\n", "a tie needs two persons, found Ada twice", ""),
    "tie twice": (
        "",
        "ties:\n- {from: Ada, to: Ben, mutual: true}\n- ¦{from: Ben, to: Ada}\n",
        "the tie from Ben to Ada stands twice",
        "line 10",
    ),
    "trust": ("", "ties: [{from: Ada, to: Ben, trust: ¦-1.1}]\n", "ties[0].trust must be at least -1, found the number -1.1", ""),
    "owed too much": (
        "",
        "ties:\n- {from: Ada, to: Ben, dependence: 0.7, mutual: true}\n- {from: Ben, to: Cy, dependence: ¦0.5}\n",
        "the dependence of Ben on others may sum to 1, found 1.2",
        "mutual",
    ),
    "scale": ("", "issues: {i: {scale: ¦[3, 1]}}\n", "issues.i.scale must ascend, found 3 to 1", ""),
    "scale of one": ("", "issues: {i: {scale: ¦[3]}}\n", "issues.i.scale needs 2 or more values, found 1", ""),
    "scale of three": ("", "issues: {i: {scale: ¦[3, 4, 5]}}\n", "issues.i.scale may have at most 2 entries, found 3", ""),
    "status quo": ("", "issues: {i: {status_quo: ¦101}}\n", "issues.i.status_quo must lie between 0 and 100, found 101", ""),
    "no issue comes up": ("", "¦issues: {i: {weight: 0}}\n", "some issue needs a weight above 0", ""),
    "unknown issue": ("Cy: {}", "Cy: {positions: {¦polcy: 3}}", "unknown issue 'polcy'", "did you mean 'policy'?"),
    "unknown issue of salience": ("Cy: {}", "Cy: {salience: {¦polcy: 1}}", "unknown issue 'polcy'", "did you mean 'policy'?"),
    "position": ("Cy: {}", "Cy: {positions: {policy: ¦-3}}", "actors.Cy.positions.policy must lie between 0 and 100, found -3", ""),
    "salience": ("Cy: {}", "Cy: {salience: {policy: ¦2}}", "actors.Cy.salience.policy must be at most 1", ""),
    "unknown founder": ("", "founder: {actor: ¦Eva}\n", "unknown person 'Eva'", ""),
    "founder without a place": ("", "founder: {actor: ¦Cy}\n", "the founder needs a place, but Cy has entry none", ""),
    "access": ("", "founder: {actor: Ada, ¦access: {Ben: 0.7, Cy: 0.4}}\n", "founder.access may sum to 1, found 1.1", ""),
    "access of the founder": ("", "founder: {actor: Ada, access: {¦Ada: 0.7}}\n", "the founder needs no access", ""),
    "testament order": (
        "",
        "founder: {actor: Ada, testament: {dictated: 1923-01, read: ¦1923-01}}\n",
        "the testament must be read after it is dictated",
        "",
    ),
    "testament after death": (
        "",
        "founder: {actor: Ada, death: 1922-06, testament: {dictated: ¦1923-01, read: 1923-02}}\n",
        "the testament must be dictated before the founder dies",
        "",
    ),
    "testament against nobody": (
        "",
        "founder: {actor: Ada, testament: {dictated: 1, read: 2, against: {¦Eva: 1}}}\n",
        "unknown person 'Eva'",
        "",
    ),
    "strokes in order": (
        "",
        "founder: {actor: Ada, strokes: [{at: 1923-01, severity: 0.1}, {at: ¦1922-05, severity: 0.1}]}\n",
        "strokes must be in order of time",
        "",
    ),
    "stroke after death": (
        "",
        "founder: {actor: Ada, death: 1922-06, strokes: [{at: ¦1922-07, severity: 0.1}]}\n",
        "a stroke must come before the founder dies",
        "",
    ),
    "outside the horizon": ("", "founder: {actor: Ada, death: ¦1924-04}\n", "1924-04 lies outside the horizon of 24 ticks", "0 to 23"),
    "before the horizon": ("", "facts: [{at: ¦1922-03-31, text: x}]\n", "1922-03-31 lies outside the horizon", ""),
    "tick outside": ("", "facts: [{at: ¦24, text: x}]\n", "24 lies outside the horizon", "a date is written"),
    "negative tick": ("", "facts: [{at: ¦-1, text: x}]\n", "-1 lies outside the horizon", ""),
    "not a date": ("", "facts: [{at: ¦April 1922, text: x}]\n", "facts[0].at must be a date, but 'April 1922' is not a date", "YYYY-MM"),
    "no such day": ("", "facts: [{at: ¦1923-02-29, text: x}]\n", "'1923-02-29' is not a day of the calendar", ""),
    "truth for a date": ("", "facts: [{at: ¦true, text: x}]\n", "must be a date or a tick, found the truth value true", ""),
    "year for a start": ("start: 1922-04", "start: ¦1922", "calendar.start must be a date, found the number 1922", "1922-04"),
    "date without a start": ("{start: 1922-04, ticks: 24}", "{ticks: 24}\nfacts: [{at: ¦1922-04, text: x}]", "no start", "give a tick"),
    "neither ticks nor end": ("{start: 1922-04, ticks: 24}", "¦{start: 1922-04}", "calendar needs ticks or end", "ticks: 60"),
    "end without a start": ("{start: 1922-04, ticks: 24}", "{end: ¦1924-03}", "calendar has the end 1924-03 but no start", ""),
    "ticks and end at odds": ("ticks: 24", "ticks: 24, end: ¦1924-04", "calendar says 24 ticks, but there are 25", "null"),
    "end before the start": ("ticks: 24", "end: ¦1922-03", "calendar must span 1 to 10,000 ticks, found 0", ""),
    "too many ticks": ("ticks: 24", "ticks: ¦10001", "calendar.ticks must be at most 10000", ""),
    "beyond the calendar": ("{start: 1922-04, ticks: 24}", "¦{start: 1922-04, ticks: 9000, unit: year}", "before the year 9999", ""),
    "weeks need days": (
        "ticks: 24",
        "ticks: 24, unit: week, end: ¦1922-08",
        "a scenario in weeks needs the day, found 1922-08",
        "1922-08-01",
    ),
    "fact in weeks": ("ticks: 24}", "ticks: 24, unit: week}\nfacts: [{at: ¦1922-05, text: x}]", "a scenario in weeks needs the day", ""),
    "unknown source": ("Cy: {}", "Cy: {source: [a, ¦b]}\nsources: {a: Book}", "unknown source 'b'", "known: a"),
    "no sources at all": ("Cy: {}", "Cy: {source: ¦b}", "unknown source 'b'", "defines no source"),
    "source of a trait": ("Cy: {}", "Cy: {traits: {nerve: {value: 1, source: ¦b}}}", "unknown source 'b'", ""),
    "source of a number": ("Cy: {}", "Cy: {source: ¦3}", "actors.Cy.source must be a name or a list of names, found the number 3", ""),
    "source without text": ("", "sources: {a: ¦{url: x}}\n", "sources.a needs text", "the reference"),
    "source neither text nor mapping": ("", "sources: {a: ¦[x]}\n", "sources.a must be text or a mapping, found a list", ""),
    "unknown outcome": ("", "outcome: {actor: ¦Eva}\n", "unknown person 'Eva'", ""),
    "unknown exit": ("", "record: {exits: [{actor: ¦Eva, at: 1950-01}]}\n", "unknown person 'Eva'", ""),
    "grade of an exit": ("", "record: {exits: [{actor: Ada, at: 1950-01, grade: ¦gone}]}\n", "grade must be 'demoted', 'out_of_forum'", ""),
    "recorded winner": ("", "record: {on_top: ¦Eva}\n", "unknown person 'Eva'", ""),
    # the text itself
    "key twice": ("title: Small", "title: Small\n¦title: Large", "the key 'title' stands twice", "line 2"),
    "key not text": ("Cy: {}", "¦1917: {}", "a key must be text, found the number 1917", "quotes"),
    "key a list": ("Cy: {}", "Cy: {}\n  ? ¦[a]\n  : {}", "a key must be text, found a list", ""),
    "tag": ("title: Small", "title: ¦!!python/object:os.system x", "tags (words with '!') are not allowed", "quotes"),
    "standard tag": ("title: Small", "title: ¦!!str x", "tags (words with '!') are not allowed", "quotes"),
    "control character escaped": ("title: Small", 'title: ¦"a\\0b"', "text may hold no control characters, found U+0000", ""),
    "half a surrogate pair": ("title: Small", 'title: ¦"\\ud800"', "text may hold no control characters, found U+D800", ""),
    "control character": ("title: Small", "title: Sm¦\u0007all", "control characters, found U+0007", ""),
    "unknown alias": ("title: Small", "title: ¦*small", "the alias *small is not defined before", ""),
    "alias in itself": ("", "population: &a {nerve: ¦*a}\n", "the alias *a stands inside itself", ""),
    "second document": ("", "¦---\ntitle: x\n", "a file may hold one document only", "---"),
    "tab": ("  Cy: {}", "¦\tCy: {}", "not valid YAML", "spaces"),
    "colon": ("title: Small", "title: Small¦: large", "there is a ': ' too many", "quotes"),
    "open bracket": ("", "ties: [\n¦", "not valid YAML", ""),
    "beyond unicode": ("title: Small", 'title: "¦\\UFFFFFFFF"', "beyond U+10FFFF", ""),
    "too deep": ("", "founder: " + "[" * (DEEPEST - 1) + "¦[" + "]" * DEEPEST + "\n", f"nested at most {DEEPEST} deep", ""),
}


@pytest.mark.parametrize("case", CASES)
def test_a_fault_is_reported_once_at_its_place(case: str) -> None:
    old, new, message, hint = CASES[case]
    text, (place,) = places(changed(old, new))
    (fault,) = faults_of(text)
    assert message in fault.message
    assert hint in fault.hint
    assert fault.where is not None
    assert (fault.where.file, fault.where.line, fault.where.column) == ("small.yaml", *place)
    assert not JARGON.search(str(fault))


def test_the_base_of_all_cases_loads() -> None:
    assert faults_of(BASE) == ()


def test_every_check_has_a_case() -> None:
    """A check that no case needs would go unnoticed when it breaks."""
    import virtu.scenario.checks as module

    for check in CHECKS:
        others = tuple(each for each in CHECKS if each is not check)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(module, "CHECKS", others)
            texts = [places(changed(old, new))[0] for old, new, *_ in CASES.values()]
            assert any(faults_of(text) == () for text in texts), check.__name__


def test_all_faults_of_a_file_come_at_once() -> None:
    """Fields that fail on their own hide neither each other nor what does not fit together."""
    text, expected = places("""\
scenario: ¦Many Faults
title: ¦3
¦titel: x
calendar: {start: 1922-04, ticks: 24}
forum: {seats: ¦two}
actors:
  Ada: {entry: forum, traits: {¦nervee: 0.5, nerve: ¦2, display: ¦x}}
  Ben: {entry: ¦from, positions: {policy: ¦300}}
posts:
  p: {holder: ¦Cy, weight: ¦-1}
founder: {actor: Ada, death: ¦1950-01}
""")
    found = [(fault.where.line, fault.where.column) for fault in faults_of(text) if fault.where]
    assert found == expected


def test_faults_do_not_cascade() -> None:
    """One unreadable section is one fault, whatever refers into it."""
    text = changed("actors:\n  Ada: {entry: forum}\n  Ben: {entry: forum}\n  Cy: {}\n", "actors: none\n")
    text += "posts: {p: {holder: Ada}}\nties: [{from: Ada, to: Ben}]\nfounder: {actor: Ada, death: 1922-05}\n"
    assert [fault.message for fault in faults_of(text)] == ["actors must be a mapping, found the text 'none'"]
    unreadable = changed("{start: 1922-04, ticks: 24}", "{start: soon, ticks: 24}") + "facts: [{at: 1950-01, text: x}]\n"
    assert len(faults_of(unreadable)) == 1
    entry = changed("Ben: {entry: forum}", "Ben: {entry: frum}") + "posts: {p: {holder: Ben}}\n"
    assert len(faults_of(entry)) == 1


def test_scalars_are_read_by_yaml_1_2() -> None:
    """Words, dates and numbers that YAML 1.1 would turn into something else stay what they are."""
    text = changed("Cy: {}", "no: {role: 12:30:45, source: [1922-04-05, 1_000]}\nsources: {1922-04-05: on, 1_000: '08'}")
    read = scenario.loads(text.replace("seats: 2", "seats: 02").replace("ticks: 24", "ticks: 0x18"))
    assert read.person_names == ("Ada", "Ben", "no")
    assert read.actors["no"].role == "12:30:45"
    assert [source.text for source in read.sources.values()] == ["on", "08"]
    assert (read.forum.seats, read.ticks) == (2, 24)
    assert scenario.loads(changed("seats: 2", "seats: 2, seat_weight: 1e1")).forum.seat_weight == 10.0


def test_aliases_are_counted_and_never_expanded() -> None:
    (fault,) = faults_of("x: &x a\ny: [" + "*x, " * MOST_ALIASES + "*x]\n")
    assert f"at most {MOST_ALIASES} aliases" in fault.message
    bomb = "".join(f"x{k}: &x{k} [{', '.join([f'*x{k - 1}'] * 9)}]\n" for k in range(1, 40))
    (fault,) = faults_of("x0: &x0 [a, a]\n" + bomb)
    assert f"at most {MOST_NODES:,} values" in fault.message
    chain = "".join(f"x{k}: &x{k} [*x{k - 1}]\n" for k in range(1, 45))
    (fault,) = faults_of("x0: &x0 [a]\n" + chain)
    assert "nested" in fault.message


def test_an_alias_within_bounds_is_what_it_stands_for() -> None:
    text = changed("Ada: {entry: forum}", "Ada: &seated {entry: forum}").replace("Ben: {entry: forum}", "Ben: *seated")
    assert scenario.loads(text).sha256 == scenario.loads(BASE).sha256


def test_no_more_faults_are_reported_than_anybody_can_mend() -> None:
    unknown = ", ".join(f"nerve{k}: 0.5" for k in range(20_000))
    found = faults_of(changed("Cy: {}", f"Cy: {{traits: {{{unknown}}}}}"))
    assert len(found) == MOST_FAULTS + 1
    assert "more faults" in found[-1].message


@pytest.mark.parametrize("text", ["", "   \n", "# only a comment\n"])
def test_an_empty_file_is_a_fault(text: str) -> None:
    (fault,) = faults_of(text)
    assert fault.message == "the file is empty"
    assert str(fault.where) == "small.yaml:1:1"


@pytest.mark.parametrize(
    ("text", "found"), [("- a\n", "a list"), ("word\n", "the text 'word'"), ("3\n", "the number 3"), ("--- ~\n", "nothing")]
)
def test_a_scenario_is_a_mapping(text: str, found: str) -> None:
    (fault,) = faults_of(text)
    assert fault.message == f"a scenario must be a mapping of fields, found {found}"


def test_text_with_half_a_surrogate_pair_is_a_fault() -> None:
    (fault,) = faults_of(BASE + "summary: \ud800\n")
    assert "surrogate" in fault.message
    assert fault.where is not None
    assert fault.where.line == 9


def test_nobody_has_a_place() -> None:
    text = BASE.replace("{entry: forum}", "{}")
    (fault,) = faults_of(text)
    assert "nobody has a place" in fault.message
    assert str(fault.where) == "small.yaml:5:1"


def test_people_look_ahead_in_a_forum_of_twelve() -> None:
    """Places kept free for the pool count; at 0 nobody looks ahead, and any forum will do."""
    text = BASE.replace("seats: 2, candidates: 1", "seats: 2, candidates: 20")
    text += "".join(f"  P{k}: {{entry: candidate}}\n" for k in range(9)) + "  Q: {entry: pool}\n"
    assert faults_of(text + "parameters: {farsightedness: 1}\n") == ()
    text += "  R: {entry: pool}\n"
    assert faults_of(text + "parameters: {farsightedness: 0}\n") == ()
    assert len(faults_of(text + "parameters: {farsightedness: 0.5}\n")) == 1


def test_the_forum_holds_thirty_two() -> None:
    many = "".join(f"  P{k}: {{entry: candidate}}\n" for k in range(33))
    messages = [fault.message for fault in faults_of(BASE + many)]
    assert "at most 32 persons may have entry forum or candidate, found 35" in messages
