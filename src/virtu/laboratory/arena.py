"""What the laboratory knows of an arena, and all it knows of one.

Runs, comparisons, interventions, summaries and logs are written once, against `Arena`. What is peculiar to an arena stands in the files
named after it and reaches the others through its one value; `arenas` holds the values, and says which a scenario belongs to.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, TypeAlias

import numpy as np
import xarray as xr

from virtu.laboratory.factor_kinds import Factor
from virtu.laboratory.intervention_kinds import Bounds, Cell, Flaw, Intervention
from virtu.laboratory.rates import Rates
from virtu.scenario.vocabulary import Knob

if TYPE_CHECKING:
    import jax
    import pyarrow as pa

Deed: TypeAlias = Callable[[Any, Any], str]
"""What an intervention does in a scenario, in plain words."""

Run: TypeAlias = Callable[[Any, Any, "jax.Array", "jax.Array"], tuple[Any, Any]]
"""Histories, given setup, agenda, the two words of a seed and the numbers of the histories: what is kept tick by tick, with histories along
the last axis, and what else is kept."""


class Chunk(NamedTuple):
    """What one chunk of histories left, as numpy arrays with histories along the last axis."""

    first: int  # number of its first history
    size: int  # histories that were asked for
    trace: Any  # what is kept tick by tick; its arrays have ticks along the first axis
    album: Any  # what else is kept


class Table(Protocol):
    """Histories of a run, entered chunk by chunk as they come."""

    @property
    def entered(self) -> int:
        """Number of histories entered."""
        ...

    def enter(self, chunk: Chunk) -> None:
        """Enter a chunk."""
        ...

    def dataset(self) -> xr.Dataset:
        """Return what was entered as a dataset."""
        ...

    def part(self) -> xr.Dataset:
        """Return what was entered as a part of a longer run: with sums over its histories, which add up, in place of means."""
        ...


class Measured(NamedTuple):
    """What is known of a measure."""

    unit: str
    doc: str
    of: str  # whose it is, one number each, such as "person"; "" for one number of the whole
    less_is_better: bool = False  # whether less of it is taken for the good; else more is


class Repertoire(NamedTuple):
    """What can be done in an arena: how it is written, what can be wrong with it, how it enters the agenda, and how it is told.

    What both arenas know is seen to by `intervention_checks` and `interventions`.
    """

    kinds: tuple[type[Intervention], ...]
    other_forms: tuple[tuple[type[Intervention], str], ...]  # further ways to write some; they are read, and written in the first
    nouns: Mapping[str, str]  # what each field that holds a word is called
    words: Mapping[str, tuple[str, ...]]  # words of the fields whose words are the same in all scenarios
    names: Callable[[str, Any], tuple[str, ...]]  # words of another field, in a scenario
    parameters: Callable[[], Mapping[str, Knob]]
    bounds: Callable[[Any], Bounds | None]  # of the value of an intervention of the arena's own, None for those without
    rules: Callable[[Any, Any, int], Iterator[Flaw]]  # what is wrong with an intervention in a scenario, for a number of ticks
    cells: Callable[[Any, Any], Iterable[Cell]]  # what an intervention of the arena's own sets, in a scenario
    added: Callable[[Any, Sequence[Intervention], Any, int, int], Any]  # the agenda with what is no cell: of scenario, ticks and room
    room: Callable[[Sequence[Intervention], Any, int], int]  # least number of entries of the lists of the agenda
    mover: Callable[[Intervention, Any], str | None]  # whose feelings count as those of the one who acts
    deeds: Mapping[type[Intervention], Deed]
    always: Mapping[type[Intervention], str]  # what "throughout" is called where it is called otherwise

    def known(self, field: str, scenario: Any) -> tuple[str, ...]:
        """Return the words that one of the fields of `nouns` may hold in a scenario."""
        return self.words.get(field) or self.names(field, scenario)


class Factoring(NamedTuple):
    """What an attribution knows of an arena: whose outcome is attributed, and the factors that are of this arena alone."""

    noun: str  # what those are whose outcome is attributed
    whose: Callable[[Any], tuple[str, ...]]  # their names, in a scenario
    usual: Callable[[Any, str, int | None], list[Factor]]  # those that are looked at for one of them where none are chosen, for a run
    filled: Mapping[str, str]  # how a factor without a value is completed so that the grammar reads it, by its first word
    meanings: Mapping[type[Intervention], str]  # what is neutral about it, in a few words, by what was read
    group: Callable[[str, Any, int | None], Factor | None]  # what is no single intervention, where a text names it, for a run


class Arena(NamedTuple):
    """All that the laboratory knows of an arena; `Any` stands for its own kinds of scenario, setup and agenda."""

    name: str
    stated: Mapping[str, str]  # what results say of the arena
    setup: Callable[[Any], Any]  # a scenario as arrays
    fitted: Callable[[Any, int], Any]  # the setup for a number of ticks
    baseline: Callable[[Any, int | None], Any]  # the agenda of a scenario in which nothing is done
    run: Run
    by_person: Run | None  # the same with persons where `run` has counts, not compiled as a whole; None where there are no counts
    kept: tuple[Any, Any]  # trees with the structure of what a run returns
    traits: Callable[[Any, jax.Array], jax.Array]  # everybody's, from setup and keys, shape (traits, P, H)
    chunk: Callable[[Any], int]  # histories to run at once, for a scenario
    table: Callable[[Any, int, int, Any], Table]  # for a scenario, numbers of histories and of ticks, and an agenda
    means: Callable[[xr.Dataset], xr.Dataset]  # over all histories, from the sums in the parts of a run
    mean_names: tuple[str, ...]  # what these are called
    measures: Callable[[], Mapping[str, Measured]]
    measured: Callable[[xr.Dataset], dict[str, tuple[np.ndarray, str]]]  # all measures with their units, ``name:whose`` where of somebody
    rates: Rates  # how often what ends
    whose: Callable[[str, Any], tuple[str, ...]]  # what a measure can be of, such as all persons, in a scenario
    subject: str  # what most measures are of, with its article
    outcome: Callable[[Any], str]  # the measure by which a scenario wants moves judged
    felt: str  # the measure of what those who move feel
    repertoire: Repertoire
    factoring: Factoring
    summary: Callable[[xr.Dataset, Any], dict[str, Any]]  # what a summary says that is peculiar to the arena
    events: Callable[[xr.Dataset, bool], pa.Table]  # the log, with or without routine
    description: Any  # what describes its model, a module with entities, state, schedule and concepts
