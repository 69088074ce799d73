"""Synthetic control: published weights and effects, known mixtures, another solver, and placebos."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize

from virtu.classics.synthetic_control import placebos, simplex_least_squares, synthetic_control
from virtu.errors import InputError
from virtu.laboratory.validation import street
from virtu.laboratory.validation.rows import Row, table


def _basque(data: Path) -> Path:
    found = table(data, street.BASQUE)
    assert isinstance(found, Path)
    return found


def _failures(path: Path) -> set[str]:
    return {row.id for row in street._basque(path) if not abs(row.ours - row.published) <= row.tolerance}


def test_the_basque_country_has_its_published_twin(data: Path) -> None:
    """Weights and effect come out."""
    assert _failures(_basque(data)) == set()


def test_a_wrong_twin_fails_the_rows(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Equal weights, or least squares without the sum, are seen."""
    path = _basque(data)
    monkeypatch.setattr(street, "synthetic_control", lambda y, x, before: synthetic_control(y, x, np.ones_like(before)))
    assert len(_failures(path)) >= 4


def test_the_basque_effect_is_not_singular(data: Path) -> None:
    """By output alone, five of sixteen donors moved away from their own twins by more, relative to how well these had matched."""
    years, output = street.regions(_basque(data))
    donors = np.stack([values for name, values in output.items() if name not in {street.TREATED, street.WHOLE}], axis=1)
    found = placebos(output[street.TREATED], donors, (years >= 1960) & (years <= 1969), years >= 1975)
    assert found.ratio.shape == (17,)
    assert found.p_value == pytest.approx(6 / 17)


@settings(max_examples=60)
@given(st.integers(0, 2**32 - 1), st.integers(2, 6), st.integers(1, 12))
def test_no_weights_of_the_simplex_are_nearer(seed: int, donors: int, rows: int) -> None:
    """Weights are a mixture, no other solver finds a nearer one, and neither order nor units of the rows matter."""
    rng = np.random.default_rng(seed)
    y, x, v = rng.normal(5, 2, rows), rng.normal(5, 2, (rows, donors)), rng.uniform(0.1, 2.0, rows)
    weights = simplex_least_squares(y, x, v)
    assert (weights >= 0).all()
    assert weights.sum() == pytest.approx(1)

    def misfit(w: np.ndarray) -> float:
        return float((v * (y - x @ w) ** 2).sum())

    other = minimize(
        misfit, np.full(donors, 1 / donors), bounds=[(0, 1)] * donors, constraints={"type": "eq", "fun": lambda w: w.sum() - 1}
    )
    assert misfit(weights) <= misfit(other.x) + 1e-6 * (1 + misfit(other.x))
    order = rng.permutation(donors)
    assert misfit(weights) == pytest.approx(misfit(_back(simplex_least_squares(1000 * y, 1000 * x[:, order], v), order)), abs=1e-6)


def _back(weights: np.ndarray, order: np.ndarray) -> np.ndarray:
    found = np.empty_like(weights)
    found[order] = weights
    return found


def test_a_known_mixture_is_found_and_its_effect_measured() -> None:
    """A place made of two donors until an event that takes 3 from it is seen as that."""
    rng = np.random.default_rng(1)
    donors = rng.normal(0, 1, (30, 6)).cumsum(axis=0) + 20
    before = np.arange(30) < 15
    treated = donors @ [0.3, 0, 0.7, 0, 0, 0] - 3.0 * ~before
    found = synthetic_control(treated, donors, before)
    np.testing.assert_allclose(found.weights, [0.3, 0, 0.7, 0, 0, 0], atol=1e-6)
    np.testing.assert_allclose(found.gap, -3.0 * ~before, atol=1e-4)
    noisy = placebos(treated + rng.normal(0, 0.1, 30), donors, before, ~before)
    assert noisy.p_value == pytest.approx(1 / 7)
    assert noisy.ratio.argmax() == 0


def test_importance_decides_what_is_matched() -> None:
    """A row of no importance is not matched."""
    columns = np.array([[0.0, 1.0], [1.0, 0.0]])
    assert simplex_least_squares([0.0, 0.0], columns, [1.0, 0.0]).tolist() == pytest.approx([1.0, 0.0])
    assert simplex_least_squares([0.0, 0.0], columns).tolist() == pytest.approx([0.5, 0.5])


def test_without_tables_there_are_gaps() -> None:
    """The three tables are named, beside the subjects for which there is none."""
    paths = {street.INCIDENTS, street.PROTESTS, street.BASQUE}
    assert {gap.id for path in paths if not isinstance(gap := table(None, path), Path)} == paths
    assert all(reason for reason in street.GAPS.values())


def test_protests_come_out(data: Path) -> None:
    """Shares of accommodation and of violence after violence are those published, and differ if countries are not told apart."""
    found = table(data, street.PROTESTS)
    assert isinstance(found, Path)
    assert [row.id for row in street._protests(found) if isinstance(row, Row) and abs(row.ours - row.published) > row.tolerance] == []
    lines = [{**line, "country": "one"} for line in street._read(found)]
    assert street.violence_after(lines)[0] < 0.4


def test_protests_by_hand() -> None:
    """Pairs stay inside a country and follow the days; shares are told apart by violence."""
    lines = [
        {"country": country, "start_date": day, "protesterviolence": violent, "accomodation": given}
        for country, day, violent, given in (
            ("a", "2000-01-02", "0.0", "1"),
            ("a", "2000-01-01", "1.0", "0"),
            ("b", "1999-01-01", "1.0", "1"),
        )
    ]
    lines.append({"country": "a", "start_date": "2000-02-01", "protesterviolence": "1.0", "accomodation": "0"})
    assert street.violence_after(lines) == (0.0, 1.0)
    assert street.accommodation(lines) == (1.0, pytest.approx(1 / 3))


REFUSED: list[tuple[Callable[[], object], str]] = [
    (lambda: simplex_least_squares([1.0], [[1.0], [2.0]]), "targets"),
    (lambda: simplex_least_squares([np.nan], [[1.0]]), "missing"),
    (lambda: simplex_least_squares([1.0], [[1.0]], [-1.0]), "importance"),
    (lambda: synthetic_control([1.0, 2.0], [[1.0], [2.0]], [False, False]), "times to match"),
    (lambda: placebos([1.0, 2.0], [[1.0], [2.0]], [True, False], [False, True]), "two donors"),
    (lambda: placebos([1.0, 2.0], [[1.0, 1.0], [2.0, 3.0]], [True, False], [False, True]), "without error"),
]


@pytest.mark.parametrize(("call", "message"), REFUSED)
def test_what_cannot_be_answered_is_refused(call: Callable[[], object], message: str) -> None:
    """Each fault is named."""
    with pytest.raises(InputError, match=message):
        call()
