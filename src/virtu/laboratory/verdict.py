"""The verdict: whether it helped, hurt, did nothing, or only felt good."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from virtu.scenario.displayed import answering

UNFELT = {"mean": 0.0, "low": 0.0, "high": 0.0}


def sign(effect: Mapping[str, Any]) -> int:
    """Return +1 or −1 where the 95 % interval lies on one side of 0, else 0."""
    low, high = effect["low"], effect["high"]
    if low is None or high is None:
        return 0
    return (low > 0.0) - (high < 0.0)


@answering("verdict")
def verdict(outcome: str, true: Mapping[str, Any], felt: Mapping[str, Any] | None, less_is_better: bool = False) -> dict[str, str]:
    """Return the verdict on a move, in a word and in a sentence.

    Parameters
    ----------
    outcome : str
        The stated outcome; more of it is taken for the good of whoever states it, unless less is better.
    true : mapping
        Paired effect on the outcome at the horizon, so that only what lasts counts.
    felt : mapping or None
        Paired effect on the mover's own satisfaction, over the whole time; None where nobody moves.
    less_is_better : bool
        Whether the outcome is a harm, such as people killed.

    Returns
    -------
    dict
        word: helped, hurt, only felt good, only felt bad, did nothing, or undecided; sentence: the same with
        figures. "Did nothing" is said where
        nothing changed in any history or the interval lies within one hundredth of 0; where the interval holds 0 but is wider, the
        histories do not decide, and more are needed.
    """
    feeling = sign(felt or UNFELT)
    if true["unchanged"] == 1.0 and feeling == 0:
        return {"word": "did nothing", "sentence": f"It did nothing: {outcome} is the same in every history."}
    word = _word(sign(true) * (-1 if less_is_better else 1), true, feeling)
    told = {
        "helped": f"It helped: {outcome} changed by {_figure(true)}",
        "hurt": f"It hurt: {outcome} changed by {_figure(true)}",
        "only felt good": f"It only felt good: {outcome} changed by {_figure(true)}",
        "only felt bad": f"It only felt bad: {outcome} changed by {_figure(true)}",
        "did nothing": f"It did nothing: {outcome} changed by {_figure(true)}",
        "undecided": f"Too few histories to tell: {outcome} changed by {_figure(true)}",
    }[word]
    return {"word": word, "sentence": told + _feeling(felt, feeling)}


def _word(direction: int, true: Mapping[str, Any], feeling: int) -> str:
    """The verdict in a word, for an outcome that got better, +1, or worse, −1, or neither, 0."""
    if direction:
        return "helped" if direction > 0 else "hurt"
    if feeling:
        return "only felt good" if feeling > 0 else "only felt bad"
    narrow = true["low"] is not None and max(abs(true["low"]), abs(true["high"])) <= 0.01
    return "did nothing" if narrow else "undecided"


def _figure(effect: Mapping[str, Any]) -> str:
    if effect["low"] is None:
        return f"{effect['mean']:+.3f} in a single history"
    return f"{effect['mean']:+.3f} ({effect['low']:+.3f} to {effect['high']:+.3f})"


def _feeling(felt: Mapping[str, Any] | None, feeling: int) -> str:
    if felt is None:
        return "."
    name = felt["actor"]
    if feeling == 0:
        return f"; {name} felt no different."
    return f"; to {name} it felt {'better' if feeling > 0 else 'worse'} ({felt['mean']:+.4f} a tick)."
