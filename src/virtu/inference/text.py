"""How much of a person a text gives away: a linear model of word counts, and how well it foretells what people say of themselves.

Words are weighted by how often they stand in a text and how few texts they stand in, tf · (1 + log((1 + n)/(1 + df))), each text scaled to
length 1 (Salton & Buckley 1988), and a ridge regression is fitted on them. Its cross-validated correlation is an upper bound on what
anybody should conclude from a text of this kind: for empathic concern about .4 (Buechel et al. 2018).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

import numpy as np
from scipy import sparse

from virtu.errors import InputError

WORD = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)?")
FEWEST_TEXTS = 2
"""Words that stand in fewer texts than this are left out."""


def words(text: str) -> list[str]:
    """Return the words of a text in small letters."""
    return WORD.findall(text.lower())


def weighted_words(texts: Sequence[str]) -> sparse.csr_matrix:
    """Return the weights of words in texts, each row of length 1, or 0 where no word is known; shape (texts, vocabulary)."""
    counts = [Counter(words(text)) for text in texts]
    spread = Counter(word for count in counts for word in count)
    column = {word: number for number, word in enumerate(sorted(word for word, found in spread.items() if found >= FEWEST_TEXTS))}
    rarity = {word: 1.0 + np.log((1.0 + len(texts)) / (1.0 + spread[word])) for word in column}
    known = ((row, word, found) for row, count in enumerate(counts) for word, found in count.items() if word in column)
    cells = [(row, column[word], found * rarity[word]) for row, word, found in known]
    rows, columns, values = np.array(cells, np.float64).reshape(-1, 3).T
    table = sparse.csr_matrix((values, (rows.astype(int), columns.astype(int))), (len(texts), len(column)))
    length = np.sqrt(np.asarray(table.multiply(table).sum(axis=1))).ravel()
    return sparse.csr_matrix(sparse.diags(1.0 / np.where(length > 0.0, length, 1.0)) @ table)


def cross_validated(features: sparse.csr_matrix, target: np.ndarray, penalty: float, folds: int = 10, seed: int = 0) -> np.ndarray:
    """Predict each text by a ridge regression on the others.

    Parameters
    ----------
    features : scipy.sparse.csr_matrix
        Shape (texts, features).
    target : numpy.ndarray
        What is to be foretold, shape (texts,).
    penalty : float
        λ > 0 of Σ (y − ȳ − x b)² + λ |b|².
    folds : int
        Parts, 2 to the number of texts, each of which is foretold from the others.
    seed : int
        Of the division into parts.

    Returns
    -------
    numpy.ndarray
        Predictions, shape (texts,).

    Raises
    ------
    InputError
        If the shapes do not fit, the penalty is not positive or the number of parts is out of range.
    """
    count = len(target)
    alike = (features @ features.T).toarray()
    if len(alike) != count:
        raise InputError(f"{len(alike)} texts, but {count} numbers to foretell")
    if not penalty > 0.0 or not 2 <= folds <= count:
        raise InputError(f"penalty {penalty} and {folds} parts of {count} texts", "the penalty is positive, and there are 2 parts at least")
    part = np.random.default_rng(seed).permutation(count) % folds
    found = np.empty(count)
    for fold in range(folds):
        known, held = part != fold, part == fold
        middle = target[known].mean()
        weight = np.linalg.solve(alike[np.ix_(known, known)] + penalty * np.eye(known.sum()), target[known] - middle)
        found[held] = middle + alike[np.ix_(held, known)] @ weight
    return found
