"""How much of a person a text gives away: linear models of word counts, and how well they foretell what people say of themselves.

For single essays words are weighted by how often they stand in a text and how few texts they stand in, tf · (1 + log((1 + n)/(1 + df))),
each text scaled to length 1 (Salton & Buckley 1988), and a ridge regression is fitted on them. Its cross-validated correlation is an upper
bound on what anybody should conclude from a text of this kind: for empathic concern about .4 (Buechel et al. 2018).

For a person, all that the person wrote is one text, and how often each of the commonest words stands in it is what counts. That model is
trained on people of whom each wrote five essays and rated the own concern after each; it ships as a number for each of its words, made by
``benchmarks/text_model.py``, with the correlation found when each person's rating was foretold from the others.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
from scipy import sparse

from virtu.errors import InputError, Place
from virtu.record.statistics import Z

WORD = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)?")
FEWEST_TEXTS = 2
"""Words that stand in fewer texts than this are left out."""

SHIPPED = Path(__file__).with_name("concern.json")
"""The trained model of empathic concern."""

COMMONEST, RIDGE = 200, 1000.0
"""Words that count, and the penalty on their weights. Of 50 to 1,200 words and penalties from 300 to 3,000 hardly any pair does better."""

DIVISIONS = 5
"""Divisions into ten parts over which the cross-validated correlation is averaged."""

FEWEST_WORDS, MOST_BYTES = 300, 10_000_000
"""Shortest text that is read, in words; the people of the training data wrote 272 to 755. And the longest, in bytes."""

FARTHEST = 2.5
"""How far from the mean a text is believed to lie, in standard deviations; of the people of the training data 1 % lie farther out."""


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


class Model(NamedTuple):
    """What words say of empathic concern; k words."""

    words: tuple[str, ...]
    means: np.ndarray  # (k,) of log frequencies among the people of the training data
    spreads: np.ndarray  # (k,) their standard deviations
    weights: np.ndarray  # (k,) of standardised frequencies, rating points
    spread: float  # standard deviation of what is foretold of people who were left out, rating points
    people: int  # of the training data
    r: float  # correlation of ratings with what is foretold of those who were left out
    low: float  # lower end of its 95 % interval
    high: float


class Heard(NamedTuple):
    """What a text says."""

    words: int  # its length
    score: float  # in standard deviations of what is foretold of people, within ±`FARTHEST`
    cut: bool  # whether it would have lain farther out


def frequencies(counts: Sequence[Counter[str]], known: Sequence[str]) -> np.ndarray:
    """Return ln(1 + occurrences in a thousand words) of words in texts, shape (texts, words), from the counts of all words of each."""
    return np.array([[np.log1p(1000.0 * count[word] / max(count.total(), 1)) for word in known] for count in counts])


def trained(texts: Sequence[str], rated: np.ndarray, folds: int = 10) -> Model:
    """Train a model on people, one text each.

    Parameters
    ----------
    texts : sequence of str
        All that each wrote; n people.
    rated : numpy.ndarray
        What is to be foretold of each, shape (n,).
    folds : int
        Parts, each of which is foretold from the others, words and their weights chosen anew.

    Returns
    -------
    Model
        Of all people; its correlation is that of people who were left out.
    """
    counts = [Counter(words(text)) for text in texts]
    said, spread = [], []
    for division in range(DIVISIONS):
        part = np.random.default_rng(division).permutation(len(texts)) % folds
        foretold = np.empty(len(texts))
        for fold in range(folds):
            known = [count for count, one in zip(counts, part, strict=True) if one != fold]
            left_out = [count for count, one in zip(counts, part, strict=True) if one == fold]
            foretold[part == fold] = _foretold(fitted(known, rated[part != fold]), left_out)
        said.append(float(np.corrcoef(foretold, rated)[0, 1]))
        spread.append(float(foretold.std()))
    r = float(np.mean(said))
    low, high = (float(np.tanh(np.arctanh(r) + sign * Z / np.sqrt(len(texts) - 3))) for sign in (-1.0, 1.0))
    return fitted(counts, rated)._replace(spread=float(np.mean(spread)), r=r, low=low, high=high)


def fitted(counts: Sequence[Counter[str]], rated: np.ndarray) -> Model:
    """Return the model of people, given the counts of the words of each; how well it foretells is not known by itself."""
    spread = Counter(word for count in counts for word in count)
    known = tuple(sorted(spread, key=lambda word: (-spread[word], word))[:COMMONEST])
    table = frequencies(counts, known)
    means, spreads = table.mean(axis=0), table.std(axis=0) + 1e-9
    scaled = (table - means) / spreads
    slack = np.linalg.solve(scaled @ scaled.T + RIDGE * np.eye(len(counts)), rated - rated.mean())
    return Model(known, means, spreads, scaled.T @ slack, 0.0, len(counts), 0.0, 0.0, 0.0)


def _foretold(model: Model, counts: Sequence[Counter[str]]) -> np.ndarray:
    """Return what a model foretells, as the distance from the mean rating, shape (texts,)."""
    return ((frequencies(counts, model.words) - model.means) / model.spreads) @ model.weights


def written(model: Model) -> str:
    """Return a model as JSON, with as many digits as matter."""
    rows = {word: [round(float(x), 4) for x in row] for word, *row in zip(*model[:4], strict=True)}
    numbers = {name: round(getattr(model, name), 4) for name in ("spread", "people", "r", "low", "high")}
    return json.dumps({**numbers, "words": rows}, ensure_ascii=False).replace('], "', '],\n"') + "\n"


@cache
def shipped() -> Model:
    """Return the model that comes with virtu."""
    told = json.loads(SHIPPED.read_text(encoding="utf-8"))
    means, spreads, weights = np.array(list(told["words"].values())).T
    return Model(tuple(told["words"]), means, spreads, weights, *(told[name] for name in ("spread", "people", "r", "low", "high")))


def heard(path: Path | str, model: Model | None = None) -> Heard:
    """Return what a text says of its author.

    Parameters
    ----------
    path : Path or str
        Running text in UTF-8, of `FEWEST_WORDS` at least.
    model : Model, optional
        The shipped one by default.

    Raises
    ------
    InputError
        If the file cannot be read or is too short.
    """
    found, where = Path(path), Place(str(path))
    try:
        if found.stat().st_size > MOST_BYTES:
            raise InputError(f"the text has more than {MOST_BYTES:,} bytes", "give a part of it", where)
        text = found.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"the text cannot be read: {getattr(error, 'strerror', None) or 'it is not UTF-8'}", "", where) from None
    said = Counter(words(text))
    count = said.total()
    if count < FEWEST_WORDS:
        hint = "give all that the person wrote in one file; below that, chance decides what a text seems to say"
        raise InputError(f"the text has {count} words, and {FEWEST_WORDS} are needed", hint, where)
    known = model or shipped()
    score = float(_foretold(known, [said])[0]) / known.spread
    return Heard(count, float(np.clip(score, -FARTHEST, FARTHEST)), abs(score) > FARTHEST)
