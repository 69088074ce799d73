"""Shams: effects known to be nought, made from the effects of an arm, to see whether intervals keep what they promise.

Were an arm to do nothing but shuffle luck, each difference it makes would be as likely the other way round. A sham turns every history's
differences round by lot, all measures together (Fisher 1935, The Design of Experiments, §21). Its true effect is nought, the spread is
that of the arm, and 5 % of its 95 % intervals should miss nought. Far more do where an effect rests on so few histories that a mean is not
yet normal; its interval is then too narrow.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from virtu.record.statistics import Z

MOST = 10_000
"""Most shams of an arm."""

FEWEST = 200
"""Fewer shams tell too little of a single measure for it to be named."""

DOUBTFUL = 0.07
"""A measure is named where a greater share of its shams lies outside: its intervals cover less than 93 %."""


class Shams:
    """Sums over histories of differences turned round by lot.

    Parameters
    ----------
    count : int
        Number of shams; 0 for none.
    seed : int
        Of the lots; which way a history is turned depends on the seed and its number alone.
    """

    def __init__(self, count: int, seed: int) -> None:
        self._count, self._seed = count, seed & (2**64 - 1)
        self._histories = 0
        self._sums, self._squares = np.zeros(0), np.zeros(0)

    def enter(self, differences: np.ndarray, histories: np.ndarray) -> None:
        """Enter differences, shape (measures, histories), of histories with these numbers."""
        if not self._count:
            return
        if not self._histories:
            self._sums, self._squares = np.zeros((len(differences), self._count)), np.zeros(len(differences))
        self._sums += differences @ self._ways(histories)
        self._squares += (differences**2).sum(axis=1)
        self._histories += differences.shape[1]

    def told(self, names: list[str]) -> dict[str, Any]:
        """Return shams, effects (how many in all), outside (share whose interval misses nought), and doubtful measures with theirs.

        Parameters
        ----------
        names : list of str
            Of the measures, in their order.
        """
        varied = np.flatnonzero(self._squares > 0.0)
        told: dict[str, Any] = {"shams": self._count, "measures": int(varied.size), "promised": 0.05}
        if not varied.size or self._histories < 2:
            return told | {"outside": None, "doubtful": {}}
        mean = self._sums[varied] / self._histories
        variance = (self._squares[varied, None] - self._histories * mean**2) / (self._histories - 1)
        outside = (np.abs(mean) > Z * np.sqrt(variance / self._histories)).mean(axis=1)
        doubtful = {names[row]: float(found) for row, found in zip(varied, outside, strict=True) if found > DOUBTFUL}
        return told | {"outside": float(outside.mean()), "doubtful": doubtful if self._count >= FEWEST else {}}

    def _ways(self, histories: np.ndarray) -> np.ndarray:
        """Return +1 or −1 for each history and sham, shape (histories, shams)."""
        words = -(-self._count // 64)
        raw = np.stack([np.random.Philox(key=np.array([self._seed, number], np.uint64)).random_raw(words) for number in histories])
        bits = np.unpackbits(raw.view(np.uint8).reshape(len(histories), -1), axis=1)[:, : self._count]
        return 2.0 * bits - 1.0
