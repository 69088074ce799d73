"""How much an observation would tell: expected information gain (Lindley 1956).

The gain of a probe is the mutual information between its answer and the person, E[log p(answer | person) − log p(answer)], expected over
what is believed now; in bits. With a few possible answers it is exact but for the finite number of draws of the person. With too many,
answers are drawn too, one for each draw of the person, and the gain cannot come out larger than the logarithm of the number of draws.
"""

from __future__ import annotations

import numpy as np
from scipy.special import logsumexp

BIT = float(np.log(2.0))


def of_answers(chances: np.ndarray) -> np.ndarray:
    """Return the gain of probes with a few possible answers, bits, shape (…).

    Parameters
    ----------
    chances : numpy.ndarray
        Chance of each answer for each draw of the person, shape (…, draws, answers).
    """
    mean = chances.mean(axis=-2)
    return (_entropy(mean) - _entropy(chances).mean(axis=-1)) / BIT


def of_play(log_likelihood: np.ndarray) -> float:
    """Return the gain of a probe with many possible answers, bits.

    Parameters
    ----------
    log_likelihood : numpy.ndarray
        Of each drawn answer (row) for each draw of the person (column), shape (S, S): the answer of row s was drawn from person s.
    """
    count = len(log_likelihood)
    return float(np.mean(np.diag(log_likelihood) - logsumexp(log_likelihood, axis=1) + np.log(count)) / BIT)


def _entropy(chances: np.ndarray) -> np.ndarray:
    return -np.sum(chances * np.log(np.maximum(chances, 1e-300)), axis=-1)
