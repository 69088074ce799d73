"""Numbers without rounding: who is stronger than what share of whom must not hang on the last bit of a float."""

from __future__ import annotations

import math
from collections.abc import Iterable
from fractions import Fraction
from numbers import Rational
from typing import TypeAlias

import numpy as np

from virtu.errors import InputError

Number: TypeAlias = int | float | Fraction | str
"""What is read exactly; NumPy's integers and floats are too."""


def as_fraction(value: Number, name: str) -> Fraction:
    """Read a number exactly; a float is read as the decimal number it prints as, so that .6 is three fifths.

    Parameters
    ----------
    value : real number or str
        Finite; a text is read as by `fractions.Fraction`, such as ``"2/3"``.
    name : str
        What it is, for the message.

    Raises
    ------
    InputError
        If it is not a finite number.
    """
    try:
        if isinstance(value, Rational):
            return Fraction(int(value.numerator), int(value.denominator))
        return Fraction(value if isinstance(value, str) else repr(float(value)))
    except (TypeError, ValueError, ZeroDivisionError) as error:
        raise InputError(f"{name} must be a finite number, not {value!r}") from error


def as_integers(values: Iterable[Number], name: str) -> tuple[list[int], Fraction]:
    """Multiply numbers by the least factor that makes them all integers without a common divisor.

    Parameters
    ----------
    values : iterable of real numbers or str
        As `as_fraction`.
    name : str
        What they are, for the message.

    Returns
    -------
    integers : list of int
        In the order given.
    unit : Fraction
        What an integer of 1 stands for; 1 if all are 0.
    """
    exact = [as_fraction(value, name) for value in values]
    scale = math.lcm(*(value.denominator for value in exact))
    whole = [int(value * scale) for value in exact]
    divisor = math.gcd(*whole) or 1
    return [value // divisor for value in whole], Fraction(divisor, scale) if any(whole) else Fraction(1)


def subset_sums(whole: list[int]) -> np.ndarray:
    """Return the sums of all subsets of n integers ≥ 0, (2ⁿ,); bit i of the position is integer i.

    In 64 bits where they all fit with room for their negatives and doubles, else in Python's integers of any length.
    """
    sums = np.zeros(1 << len(whole), np.int64 if sum(whole) < 2**62 else object)
    for place, value in enumerate(whole):
        sums[1 << place : 2 << place] = sums[: 1 << place] + value
    return sums
