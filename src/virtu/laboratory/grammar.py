"""Read interventions from text.

A text is read by the forms the kinds of intervention state: first with the words the scenario knows, the longest names first, so that
names with spaces need no quotes; where that fails, with any words, to say which of them is wrong.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any, NamedTuple

from virtu.errors import InputError, Place, did_you_mean
from virtu.laboratory.arena import Arena, Repertoire
from virtu.laboratory.arenas import ARENAS, arena_of
from virtu.laboratory.intervention_checks import CLASH_HINT, LONGEST_WORD, clash, clash_message, flaws, unknown_word
from virtu.laboratory.intervention_kinds import NAMES, SLOT, UNQUOTABLE, Flaw, Intervention, Moment
from virtu.scenario import AnyScenario

OPTION = "--do"
"""Where messages place interventions: the option by which the command line takes them."""

_ELEMENT = re.compile(rf"{SLOT.pattern}|(?P<literal>->|[.=]|\w+)")
_QUOTED = r'"(?:[^"\\]|\\.)*+"'
_ANY_WORD = r'(?:(?!->)[^\s.=@;"])++'
_NUMBER = r"[-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?"
_ANY_AMOUNT = r'[^\s=@;"]++'
_AFTER_WORD = r"(?=[\s.=@]|->|\Z)"
_MOMENT = r"(?:(?!\.\.)[^\s@])++"
_TIMES = rf"(?:@\s*+(?=\S)(?P<since>{_MOMENT})?(?:\s*+(?P<range>\.\.)\s*+(?P<until>{_MOMENT})?)?)?"
_END = r"\Z"
_SEPARATOR = re.compile(rf"{_QUOTED}|(?P<here>;)")
_VERB = re.compile(rf"{_ANY_WORD}|\S")
_STRETCH = re.compile(rf"{_QUOTED}|\S+")
MOST_SPELT_OUT = 5
"""Most words of a field that hints give all of."""


def forms(repertoire: Repertoire) -> tuple[tuple[type[Intervention], str], ...]:
    """Return the forms of an arena that are read. What can be written in two ways is written in the first."""
    return (*((kind, kind.form) for kind in repertoire.kinds), *repertoire.other_forms)


class _Statement(NamedTuple):
    """A stretch of text that should be one intervention, and the run it is meant for."""

    text: str
    first: int
    end: int
    scenario: AnyScenario
    ticks: int | None

    @property
    def repertoire(self) -> Repertoire:
        """What can be done in the scenario."""
        return arena_of(self.scenario).repertoire


class _Reading(NamedTuple):
    """One way to read a statement."""

    done: Intervention | None  # None where the statement does not follow the form to its end
    flaws: list[tuple[int, Flaw]]  # with the positions at which they lie
    reach: int  # position up to which it follows the form


def parse(text: str, scenario: AnyScenario, ticks: int | None = None) -> Intervention:
    """Read one intervention.

    Parameters
    ----------
    text : str
        Such as ``trait Kamenev.nerve = 0.9 @ 1924-01``; the forms are listed in `virtu.laboratory.interventions`.
    scenario : Scenario
        Whose persons, posts and dates it names.
    ticks : int, optional
        Length of the run; the scenario's own by default.

    Returns
    -------
    Intervention
        With its moments as the dates on which their ticks begin.

    Raises
    ------
    InputError
        If it is at fault; with the column of the word that is.
    """
    first, *more = _statements(text, scenario, ticks)
    if more:
        raise _fault(more[0].first, Flaw("", "one intervention is wanted here, found several"))
    return _read(first)


def parse_all(texts: Iterable[str], scenario: AnyScenario, ticks: int | None = None) -> list[Intervention]:
    """Read all interventions of an arm.

    Parameters
    ----------
    texts : iterable of str
        Each an intervention, or several with semicolons between them.
    scenario, ticks
        As in `parse`.

    Raises
    ------
    InputError
        If one is at fault, or two set the same at the same tick.
    """
    statements = [statement for text in texts for statement in _statements(text, scenario, ticks)]
    done = [_read(statement) for statement in statements]
    pair = clash(done, scenario, ticks)
    if pair is not None:
        earlier, later = pair
        raise _fault(statements[later].first, Flaw("", clash_message(done[earlier], done[later]), CLASH_HINT))
    return done


def _statements(text: str, scenario: AnyScenario, ticks: int | None) -> Iterator[_Statement]:
    """Yield what stands between semicolons outside quotes; at least one statement, which may be empty."""
    ends = [found.start() for found in _SEPARATOR.finditer(text) if found["here"]]
    for begin, end in zip([0, *(end + 1 for end in ends)], [*ends, len(text)], strict=True):
        blanks = len(text[begin:end]) - len(text[begin:end].lstrip())
        yield _Statement(text, begin + blanks, end, scenario, ticks)


def _fault(position: int, flaw: Flaw) -> InputError:
    return InputError(flaw.message, flaw.hint, Place(OPTION, column=position + 1))


def _read(statement: _Statement) -> Intervention:
    readings: list[_Reading] = []
    fitting = _forms(statement)
    for strict in (True, False):
        for kind, form in fitting:
            reading = _reading(statement, kind, form, strict)
            if reading.done is not None and not reading.flaws:
                return _dated(reading.done, statement.scenario)
            readings.append(reading)
    best = min(readings, key=lambda one: (one.done is None, -one.reach, len(one.flaws)))
    raise _fault(*min(best.flaws, key=lambda placed: placed[0]))


def _forms(statement: _Statement) -> list[tuple[type[Intervention], str]]:
    """Return the forms that begin as a statement does."""
    found = _VERB.match(statement.text, statement.first, statement.end)
    if found is None:
        raise _fault(statement.first, Flaw("", "an intervention is missing here", "the sham is written 'nothing'"))
    verb, repertoire = found[0], statement.repertoire
    fitting = [(kind, form) for kind, form in forms(repertoire) if verb in _verbs(form, repertoire)]
    if not fitting:
        raise _fault(statement.first, _unknown(verb, arena_of(statement.scenario)))
    return fitting


def _unknown(verb: str, arena: Arena) -> Flaw:
    """Return what is wrong with a first word that begins no form of an arena: it is one of another arena, or of none."""
    shown, known = verb[:LONGEST_WORD], _all_verbs(arena.repertoire)
    homes = [other.name for other in ARENAS.values() if verb in _all_verbs(other.repertoire)]
    if homes:
        return Flaw("", f"{shown!r} is done in the {homes[0]}; this scenario is of the {arena.name}", f"known: {', '.join(sorted(known))}")
    return Flaw("", f"unknown intervention {shown!r}", did_you_mean(shown, known))


def _all_verbs(repertoire: Repertoire) -> set[str]:
    return {word for _, form in forms(repertoire) for word in _verbs(form, repertoire)}


def _verbs(form: str, repertoire: Repertoire) -> tuple[str, ...]:
    """Return the words with which a form begins."""
    first = next(_ELEMENT.finditer(form))
    return (first["literal"],) if first["literal"] else repertoire.words[first["field"]]


def _dated(done: Intervention, scenario: AnyScenario) -> Intervention:
    """Return an intervention with its moments as the dates on which their ticks begin."""
    moments = {name: getattr(done, name) for name in ("since", "until")}
    return replace(
        done, **{name: scenario.date_of(scenario.tick_of(when, within=False)) for name, when in moments.items() if when is not None}
    )


def _reading(statement: _Statement, kind: type[Intervention], form: str, strict: bool) -> _Reading:
    """Read a statement by a form: with known words only, or with any."""
    elements = list(_ELEMENT.finditer(form))
    parts = [*(_pattern(element, statement.scenario, strict) for element in elements), _TIMES, _END]
    for count in range(len(parts), 0, -1):
        found = re.compile(r"\s*+".join(parts[:count])).match(statement.text, statement.first, statement.end)
        if found and count == len(parts):
            return _whole(statement, kind, found)
        if found:
            return _broken(statement, kind, form, found, elements[count:])
    return _Reading(None, [_missing(statement, form, statement.first, elements)], statement.first)


def _pattern(element: re.Match[str], scenario: AnyScenario, strict: bool) -> str:
    """Return the pattern of an element of a form."""
    literal, field, none = element["literal"], element["field"], element["none"]
    if literal:
        return re.escape(literal) + (_AFTER_WORD if literal.isidentifier() else "")
    if element["several"]:
        one = _word(field, scenario, strict)
        return f"(?P<{field}>(?>{re.escape(none)}{_AFTER_WORD}|{one}(?:\\s++{one})*+))"
    amount = rf"(?:{_NUMBER if strict else _ANY_AMOUNT}){_AFTER_WORD}"
    pattern = f"(?P<{field}>{amount if field == 'value' else _word(field, scenario, strict, none)})"
    return f"(?:{pattern})?" if element["optional"] else pattern


def _word(field: str, scenario: AnyScenario, strict: bool, none: str | None = None) -> str:
    """Return the pattern of one word of a field, or the word for None."""
    words = [word for word in (*arena_of(scenario).repertoire.known(field, scenario), *filter(None, [none])) if not UNQUOTABLE.search(word)]
    choices = [_QUOTED] if field in NAMES else []
    choices += [re.escape(word) for word in sorted(words, key=len, reverse=True)]
    choices += [] if strict else [_ANY_WORD]
    return f"(?:{'|'.join(choices)}){_AFTER_WORD}"


def _listed(words: str, field: str, scenario: AnyScenario) -> list[re.Match[str]]:
    """Return the words of a field that holds several, as its pattern divides them."""
    return list(re.finditer(_word(field, scenario, strict=False), words))


def _whole(statement: _Statement, kind: type[Intervention], found: re.Match[str]) -> _Reading:
    words = found.groupdict()
    since, until, several = _moment(words.pop("since")), _moment(words.pop("until")), words.pop("range")
    if kind.momentary and not several:
        until = since
    done = kind(**_values(kind, words, statement.scenario), since=since, until=until)
    wrong = [(_position(found, flaw, statement.scenario), flaw) for flaw in flaws(done, statement.scenario, statement.ticks)]
    return _Reading(done, wrong, statement.end)


def _position(found: re.Match[str], flaw: Flaw, scenario: AnyScenario) -> int:
    """Where a flaw lies: where its field or its word stands; the end of a single moment where that does, the whole where it begins."""
    field = flaw.field
    places = [found.start(name) for name in ((field, "since") if field == "until" else (field,)) if name]
    if flaw.number:
        places = [found.start(field) + _listed(found[field], field, scenario)[flaw.number].start()]
    return next((place for place in places if place >= 0), found.start())


def _moment(text: str | None) -> Moment | None:
    return int(text) if text is not None and re.fullmatch("[0-9]{1,9}", text) else text


def _values(kind: type[Intervention], words: dict[str, str | None], scenario: AnyScenario) -> dict[str, Any]:
    """Return what the words of a statement stand for."""
    slots = {slot["field"]: slot for slot in SLOT.finditer(kind.form)}
    held: dict[str, Any] = {}
    for field, word in words.items():
        if word is None or word == slots[field]["none"]:
            held[field] = None
        elif slots[field]["several"]:
            held[field] = tuple(_value(field, one[0]) for one in _listed(word, field, scenario))
        else:
            held[field] = _value(field, word)
    return held


def _value(field: str, word: str) -> str | float:
    if field == "value":
        return float(word) if re.fullmatch(_NUMBER, word) else word
    return re.sub(r"\\(.)", r"\1", word[1:-1]) if field in NAMES and word.startswith('"') else word


def _broken(statement: _Statement, kind: type[Intervention], form: str, found: re.Match[str], rest: list[re.Match[str]]) -> _Reading:
    """Return the reading of a statement that follows a form only so far: words unknown by then, and what is missing."""
    nouns = statement.repertoire.nouns
    words = {field: word for field, word in found.groupdict().items() if field in nouns and word is not None}
    values = _values(kind, words, statement.scenario).items()
    unknown = [unknown_word(kind, field, value, statement.scenario) for field, value in values]
    wrong = [(_position(found, flaw, statement.scenario), flaw) for flaw in unknown if flaw is not None]
    return _Reading(None, [*wrong, _missing(statement, form, found.end(), rest)], found.start() + len(found[0].rstrip()))


def _missing(statement: _Statement, form: str, reach: int, rest: list[re.Match[str]]) -> tuple[int, Flaw]:
    """Return what should stand at a position, and the position."""
    text, end = statement.text, statement.end
    at = reach + len(text[reach:end]) - len(text[reach:end].lstrip())
    found = _STRETCH.match(text, at, end)
    instead = f"found {found[0][:LONGEST_WORD]!r}" if found else "but the text ends"
    hint = "close the quotes" if found and re.match(r'"[^"]*\Z', found[0]) else f"write {_shape(form, statement.repertoire)}"
    return at, Flaw("", f"expected {_wanted(rest, statement.repertoire.nouns)}, {instead}", hint)


def _wanted(rest: list[re.Match[str]], nouns: Mapping[str, str]) -> str:
    if not rest:
        return "@ DATE or the end"
    if rest[0]["literal"]:
        return repr(rest[0]["literal"])
    noun = nouns.get(rest[0]["field"], "number")
    return f"{'an' if noun[0] in 'aeiou' else 'a'} {noun}"


def _shape(form: str, repertoire: Repertoire) -> str:
    """Return a form as hints show it: ``trait PERSON.TRAIT = NUMBER [@ DATE]``."""

    def slot(found: re.Match[str]) -> str:
        field = found["field"]
        noun, words = repertoire.nouns.get(field, "number").upper(), repertoire.words.get(field, ())
        if not 0 < len(words) <= MOST_SPELT_OUT:
            words = (f"{noun} {noun} …" if found["several"] else noun,)
        shown = "|".join([*words, *filter(None, [found["none"]])])
        return f"[{shown}]" if found["optional"] else shown

    return f"{SLOT.sub(slot, form)} [@ DATE]"
