"""What the page knows and may ask for. Whoever starts the page fills this in; the page itself reaches no arena and runs nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple, Protocol

from virtu.scenario.arenas import AnyScenario


class Card(NamedTuple):
    """A scenario that can be chosen."""

    key: str  # by which addresses name it
    scenario: AnyScenario
    uploaded: bool


class Slot(NamedTuple):
    """A word or number to be filled in."""

    field: str
    noun: str
    words: tuple[str, ...]  # what may stand there; none where a number does
    none: str | None = None  # the word that stands for nobody, everybody or all
    optional: bool = False
    several: bool = False


class Form(NamedTuple):
    """Something that can be done, with what is to be filled in."""

    name: str
    shape: str  # how it is written, such as ``trait PERSON.TRAIT = NUMBER``
    says: str
    slots: tuple[Slot, ...]
    momentary: bool  # whether one date means that moment alone


class Ask(NamedTuple):
    """What is asked of a scenario: what is done, judged by which measure, in how many histories of which seed."""

    do: tuple[str, ...]
    outcome: str
    histories: int
    seed: int


class Errand(Protocol):
    """Something under way, such as a run."""

    @property
    def state(self) -> str:
        """One of waiting, running, done, failed, cancelled."""
        ...

    @property
    def stage(self) -> str:
        """What is being done, in words."""
        ...

    @property
    def done(self) -> int:
        """Histories played."""
        ...

    @property
    def total(self) -> int:
        """Histories asked for."""
        ...

    @property
    def elapsed(self) -> float:
        """Seconds since it began."""
        ...

    @property
    def rate(self) -> float | None:
        """Histories a second."""
        ...

    @property
    def left(self) -> float | None:
        """Seconds until all are played."""
        ...

    @property
    def over(self) -> bool:
        """Whether nothing more will come."""
        ...

    @property
    def faults(self) -> Sequence[str]:
        """What went wrong."""
        ...

    @property
    def result(self) -> Mapping[str, Any] | None:
        """What was found, once it is done."""
        ...

    def cancel(self) -> None:
        """Stop it."""
        ...


class Game(NamedTuple):
    """Which game: whose seat, in which history of which seed, what was done, and at which tick it is to stand, None for the next."""

    seat: str
    seed: int
    history: int
    do: tuple[str, ...]
    at: int | None


class Seat(Protocol):
    """A seat that is played, in a process of its own."""

    @property
    def state(self) -> str:
        """One of working, ready, failed, gone."""
        ...

    @property
    def stage(self) -> str:
        """What is being done, in words."""
        ...

    @property
    def done(self) -> int:
        """How much of it is done."""
        ...

    @property
    def total(self) -> int:
        """Out of how much; 0 where that is not known."""
        ...

    @property
    def elapsed(self) -> float:
        """Seconds since it was last asked something."""
        ...

    @property
    def over(self) -> bool:
        """Whether nothing more will come."""
        ...

    @property
    def faults(self) -> Sequence[str]:
        """Why what was asked last cannot be done."""
        ...

    @property
    def told(self) -> Mapping[str, Any] | None:
        """Where the game stands, as ``virtu play --json`` prints it."""
        ...

    def ask(self, **act: Any) -> None:
        """Have something done."""
        ...

    def enough(self) -> None:
        """End what hints are worked out, and take those that are there."""
        ...

    def cancel(self) -> None:
        """End it."""
        ...


class Desk(NamedTuple):
    """What the page may ask for. Whatever cannot be raises an InputError that says why."""

    cards: Callable[[], list[Card]]
    find: Callable[[str], Card]
    admit: Callable[[bytes, str], Card]  # takes in an uploaded file: its bytes and its name
    forms: Callable[[AnyScenario], tuple[Form, ...]]
    written: Callable[[AnyScenario, str, Mapping[str, Any], str, str], str]  # an intervention as text: form, words, since, until
    told: Callable[[AnyScenario, Sequence[str]], list[str]]  # interventions in plain words
    suggested: Callable[[AnyScenario], list[tuple[str, str]]]  # questions to begin with: in words, and as interventions
    outcome: Callable[[AnyScenario, str], str]  # the measure asked for, or the scenario's own
    outcomes: Callable[[AnyScenario], tuple[str, ...]]
    compare: Callable[[Card, Ask, str], Errand]  # for a visitor
    run: Callable[[Card, int, int, str], Errand]  # histories, seed, visitor
    history: Callable[[Errand, int, str], Errand]  # one history of a run
    whole: Callable[[str], int]  # a whole number as written
    sit: Callable[[Card, Game, str], Seat]  # take a seat, for a visitor; in the place of the last
