"""What the page may ask for, put together from scenarios, the grammar of interventions, and errands in processes of their own."""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from typing import Any

from virtu.cli.lab_errand import RECORD
from virtu.cli.lab_jobs import Bench, Job
from virtu.cli.lab_seats import Seat, Seats
from virtu.errors import InputError, did_you_mean
from virtu.laboratory import interventions
from virtu.laboratory.arenas import arena_of
from virtu.laboratory.compare import outcome_of
from virtu.laboratory.intervention_kinds import SLOT, Intervention, named
from virtu.laboratory.simulate import check_arguments
from virtu.scenario import AnyScenario, Scenario, load, loads, names
from virtu.scenario.nodes import decode
from virtu.show.lab.desk import Ask, Card, Desk, Form, Game, Slot

MOST_UPLOADS = 32
"""Uploaded scenarios that are kept; of more, the oldest are forgotten."""

NUMBER = "number"
FIRST_QUESTIONS: dict[str, tuple[str, ...]] = {
    "organisation": (
        "off theory_of_mind",
        "off patronage",
        "forbid * strike",
        "order speech random",
        "trait {person}.theory_of_mind_depth = 0",
        "forbid {person} strike",
    ),
    "street": ("elite concede", "elite repress", "correct all = 1", "flank {camp} absent", "oppose {camp} = 1"),
}
"""Questions to begin with, by arena; those that make no sense in a scenario are left out."""


def desk(bench: Bench, seats: Seats, own: AnyScenario | None = None) -> Desk:
    """Return what the page may ask for.

    Parameters
    ----------
    bench : Bench
        Where errands are run.
    seats : Seats
        Where games are played.
    own : Scenario, optional
        A scenario beside the shipped ones, such as a file named on the command line.
    """
    shelf = Shelf([] if own is None else [own])

    def start(order: Mapping[str, Any], card: Card, visitor: str) -> Job:
        return bench.start({**order, "text": card.scenario.canonical}, visitor)

    def compare(card: Card, ask: Ask, visitor: str) -> Job:
        interventions.parse_all(ask.do, card.scenario)
        check_arguments(ask.histories, ask.seed, card.scenario.ticks)
        outcome_of(ask.outcome or None, card.scenario)
        return start({"kind": "compare", **ask._asdict(), "do": list(ask.do)}, card, visitor)

    def run(card: Card, histories: int, seed: int, visitor: str) -> Job:
        check_arguments(histories, seed, card.scenario.ticks)
        return start({"kind": "run", "histories": histories, "seed": seed}, card, visitor)

    def history(job: Any, number: int, visitor: str) -> Job:
        order = {key: job.order[key] for key in ("text", "histories", "seed")}
        return bench.start({**order, "kind": "history", "history": number, "record": str(job.out / RECORD)}, visitor)

    def sit(card: Card, game: Game, visitor: str) -> Seat:
        if not isinstance(card.scenario, Scenario):
            raise InputError("there are no seats in the street", "choose a scenario of the organisation")
        if game.seat not in card.scenario.person_names:
            raise InputError(f"there is no {game.seat[:80]!r} here", did_you_mean(game.seat[:80], card.scenario.person_names))
        return seats.sit({"text": card.scenario.canonical, **game._asdict()}, visitor)

    return Desk(
        cards=shelf.cards,
        find=shelf.find,
        admit=shelf.admit,
        forms=forms,
        written=written,
        told=lambda scenario, do: [interventions.describe(one, scenario) for one in interventions.parse_all(do, scenario)],
        suggested=suggested,
        outcome=lambda scenario, name: outcome_of(name or None, scenario),
        outcomes=outcomes,
        compare=compare,
        run=run,
        history=history,
        whole=whole_number,
        sit=sit,
    )


class Shelf:
    """The scenarios that can be chosen: those that are shipped, one's own, and what was uploaded."""

    def __init__(self, own: Sequence[AnyScenario]) -> None:
        self.given = {card.key: card for card in map(_card, (*own, *map(load, names())))}
        self.uploads: OrderedDict[str, Card] = OrderedDict()

    def cards(self) -> list[Card]:
        """Return what is listed for everybody; an uploaded file is known to those who have its address."""
        return list(self.given.values())

    def find(self, key: str) -> Card:
        """Return the scenario of an address."""
        found = self.given.get(key) or self.uploads.get(key)
        if found is None:
            hint = "upload the file again" if key.startswith("file-") else did_you_mean(key[:80], self.given)
            raise InputError(f"there is no scenario {key[:80]!r} here", hint)
        return found

    def admit(self, data: bytes, name: str) -> Card:
        """Take in a file: read it as a scenario, which reports all its faults, and keep it."""
        label = re.sub(r"[^\w.\- ]", "_", name)[:80] or "the file"
        card = _card(loads(decode(data, label), label))
        self.uploads[card.key] = card
        self.uploads.move_to_end(card.key)
        while len(self.uploads) > MOST_UPLOADS:
            self.uploads.popitem(last=False)
        return card


def key_of(scenario: AnyScenario) -> str:
    """Return by what the addresses of the page name a scenario: its name where it is a shipped one, else its content."""
    shipped = scenario.scenario in names() and load(scenario.scenario).sha256 == scenario.sha256
    return scenario.scenario if shipped else f"file-{scenario.sha256[:12]}"


def _card(scenario: AnyScenario) -> Card:
    key = key_of(scenario)
    return Card(key, scenario, uploaded=key.startswith("file-"))


def forms(scenario: AnyScenario) -> tuple[Form, ...]:
    """Return what can be done in a scenario, as forms to fill in."""
    return tuple(_form(kind, scenario) for kind in arena_of(scenario).repertoire.kinds)


def _form(kind: type[Intervention], scenario: AnyScenario) -> Form:
    repertoire = arena_of(scenario).repertoire
    slots = [
        Slot(
            slot["field"],
            repertoire.nouns.get(slot["field"], NUMBER),
            repertoire.known(slot["field"], scenario) if slot["field"] in repertoire.nouns else (),
            slot["none"],
            bool(slot["optional"]),
            bool(slot["several"]),
        )
        for slot in SLOT.finditer(kind.form)
    ]
    shape = SLOT.sub(lambda slot: repertoire.nouns.get(slot["field"], NUMBER).upper(), kind.form)
    says = (kind.__doc__ or "").strip().splitlines()[0].rstrip(".")
    return Form(kind.__name__, shape, says, tuple(slots), kind.momentary)


def written(scenario: AnyScenario, name: str, words: Mapping[str, Any], since: str, until: str) -> str:
    """Return a filled-in form as the text of an intervention that is without faults.

    Raises
    ------
    InputError
        If something is missing or at fault.
    """
    kinds = {kind.__name__: kind for kind in arena_of(scenario).repertoire.kinds}
    if name not in kinds:
        raise InputError(f"there is no form {name[:80]!r}", did_you_mean(name[:80], kinds))
    form = _form(kinds[name], scenario)
    held = {slot.field: _held(slot, words.get(slot.field)) for slot in form.slots}
    times = f" @ {since}..{until}" if until else f" @ {since}" if since else ""
    return str(interventions.parse(str(kinds[name](**held)) + times, scenario))


def _held(slot: Slot, word: Any) -> Any:
    if word in (None, "", []):
        if slot.optional:
            return None
        raise InputError(f"the {slot.noun} is missing", f"choose {'one' if slot.words else 'a number'}")
    if not slot.words:
        return float(word) if isinstance(word, int | float) else str(word)
    if slot.several:
        return None if slot.none in word else tuple(word)
    return None if word == slot.none else word


def suggested(scenario: AnyScenario) -> list[tuple[str, str]]:
    """Return questions to begin with, in words and as interventions."""
    stated = arena_of(scenario).outcome(scenario).partition(":")[2]
    person = stated if stated in scenario.person_names else scenario.person_names[0]
    camp = next(iter(getattr(scenario, "camps", ())), "")
    found = []
    for text in FIRST_QUESTIONS[scenario.arena]:
        try:
            done = interventions.parse(text.format(person=named(person), camp=named(camp)), scenario)
        except InputError:
            continue
        said = interventions.describe(done, scenario).removesuffix(" throughout")
        found.append((said[0].upper() + said[1:], str(done)))
    return found


def outcomes(scenario: AnyScenario) -> tuple[str, ...]:
    """Return all measures by which a move may be judged, ``name`` or ``name:whose``."""
    arena = arena_of(scenario)
    known = arena.measures().items()
    return tuple(
        name if not one.of else f"{name}:{whose}" for name, one in known for whose in (arena.whose(one.of, scenario) if one.of else ("",))
    )


def whole_number(text: str) -> int:
    """Return a whole number as it was written.

    Raises
    ------
    InputError
        If it is none.
    """
    if not re.fullmatch(r"[-−+]?[0-9]{1,20}", text.strip()):
        raise InputError(f"a whole number is wanted here, found {text.strip()[:40]!r}")
    return int(text.strip().replace("−", "-"))
