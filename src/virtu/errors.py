"""Errors a person can act on: what rule was broken, by which value, where, and what to do."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches


@dataclass(frozen=True)
class Place:
    """A place in a file: path, and 1-based line and column where known."""

    file: str
    line: int | None = None
    column: int | None = None

    def __str__(self) -> str:
        """Write the place as ``file:line:column``."""
        return ":".join(str(part) for part in (self.file, self.line, self.column) if part is not None)


@dataclass(frozen=True)
class Fault:
    """One fault of an input: the rule it breaks with the value found, where, and a hint."""

    message: str
    where: Place | None = None
    hint: str = ""

    def __str__(self) -> str:
        """Write the fault as one line, the place first and the hint last."""
        place = f"{self.where}: " if self.where else ""
        hint = f" ({self.hint})" if self.hint else ""
        return f"{place}{self.message}{hint}"


class VirtuError(Exception):
    """Base of all errors virtu raises on purpose.

    Parameters
    ----------
    message : str
        The rule broken and the value that breaks it.
    hint : str, optional
        What to do about it.
    where : Place, optional
        Where it was found.
    """

    exit_code = 3

    def __init__(self, message: str, hint: str = "", where: Place | None = None) -> None:
        self.message, self.hint, self.where = message, hint, where
        super().__init__(str(Fault(message, where, hint)))


class InputError(VirtuError):
    """The user's input is at fault; exit code 2."""

    exit_code = 2


class ScenarioError(InputError):
    """A scenario file is at fault; carries every fault found, not only the first.

    Parameters
    ----------
    faults : sequence of Fault
        At least one.
    """

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = tuple(faults)
        first = self.faults[0]
        super().__init__(first.message, first.hint, first.where)
        self.args = ("\n".join(map(str, self.faults)),)


class RunError(VirtuError):
    """The run itself failed; exit code 3."""


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return a hint that names the nearest of the known words, or lists them when none is near.

    Parameters
    ----------
    word : str
        What was written.
    known : iterable of str
        What could have been written.
    """
    names = sorted(known)
    lower = {name.lower(): name for name in names}
    near = get_close_matches(word.lower(), list(lower), n=1, cutoff=0.6)
    if near:
        return f"did you mean {lower[near[0]]!r}?"
    listed = ", ".join(names[:12]) + (", …" if len(names) > 12 else "")
    return f"known: {listed}" if names else ""
