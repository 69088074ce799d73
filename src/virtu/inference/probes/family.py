"""What a family of probes is: games of one kind, in which what people choose depends on some of their traits.

A family says which traits it asks about, how likely an answer is for a person with such traits, and how to play: what somebody would
answer. The first two are what is needed to learn from answers, the last to find out whether that works, and which probe to try next.
Its likelihood is the actors' own rule of choice, from `virtu.minds`; a family adds the rules of the game and nothing about people.

Letters in shapes: N persons, T choices of a person (filled up to the longest series, `known` says which were made), P points in the space
of traits at which a likelihood is worked out, L levels of reasoning of which a person has one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, TypeAlias

import jax
import numpy as np

from virtu.scenario.vocabulary import Trait

Values: TypeAlias = Mapping[str, Any]
"""Values of traits by name: of shape (N, P) where a likelihood is asked for, (N,) where somebody plays."""

Array: TypeAlias = Any
"""Of NumPy outside a compiled program, of JAX inside one."""

Answers: TypeAlias = Any
"""Choices and what they were made between: a named tuple of arrays with a leading axis of N persons, each family's own."""


class Probe(NamedTuple):
    """Something one person may be asked next."""

    answers: Answers  # of one person, not yet given
    play: Callable[[Values, Answers, int, np.ndarray], Answers]  # as that of the family


class Session(NamedTuple):
    """Answers as they were read, with what a reader of results wants to know."""

    persons: tuple[str, ...]
    answers: Answers
    choices: tuple[int, ...]  # how many choices each made
    notes: tuple[str, ...] = ()  # what was assumed or left out


class Family(NamedTuple):
    """A family of probes."""

    name: str
    about: str  # what is played, for the user
    asked: Callable[[Answers], dict[str, Trait]]  # what these answers depend on: traits, and what else is to be known of a person
    log_likelihood: Callable[[Values, Answers, tuple[int, ...]], jax.Array]  # (traits (N, P), answers, levels) → (N, P, L), given the level
    practice: Callable[[int], Answers]  # the standard set of probes, given to N persons, not yet answered
    play: Callable[[Values, Answers, int, np.ndarray], Answers]  # (traits, probes, seed, levels) → answered by persons who are like that
    candidates: Callable[[], dict[str, Probe]]  # what may be asked next
    outcomes: Callable[[Answers], list[Answers]]  # all answers there are to probes of one choice; none where there are too many
    room: Callable[[Answers], int]  # numbers held at once for one person and one point, which bounds how many are done together
    levels: tuple[str, ...] = ("",)  # what the L alternatives are called; one empty name where there is but one
    log_shares: Callable[[Values], jax.Array] | None = None  # (…) → (…, L), log of the chance of each level


def chosen(chances: np.ndarray, luck: np.ndarray) -> np.ndarray:
    """Return which option is taken, shape (…), from chances of shape (…, n) and uniform numbers of shape (…)."""
    below = np.cumsum(chances, axis=-1)
    return np.minimum((luck[..., None] > below / below[..., -1:]).sum(axis=-1), chances.shape[-1] - 1)
