"""The expected-utility model against plain loops, against its published table, and under maps that must not matter."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from virtu.classics.expected_utility import (
    CHOICES,
    TABULATED,
    WRITTEN,
    Reading,
    every_reading,
    expected_gain,
    offers,
    one_round,
    play,
    prevail,
    risk_exponents,
)
from virtu.classics.expected_utility import _issue as issue_of
from virtu.errors import InputError
from virtu.laboratory.validation.compromise import Stakeholders, stakeholders
from virtu.laboratory.validation.expected_utility import BY_ROUND, rows
from virtu.laboratory.validation.rows import Gap, Row

Table = tuple[list[float], list[float], list[float]]
numbers = st.integers(1, 20).map(lambda value: value / 20.0)
tables = st.integers(2, 5).flatmap(
    lambda size: st.tuples(
        st.lists(st.integers(0, 40).map(float), min_size=size, max_size=size),
        st.lists(numbers, min_size=size, max_size=size),
        st.lists(numbers, min_size=size, max_size=size),
    )
)
readings = st.builds(
    Reading,
    **{name: st.sampled_from(known) for name, known in CHOICES.items()},
    stay=st.sampled_from((1.0, 0.5)),
    better=st.sampled_from(("median", 0.0, 0.3, 1.0)),
)


def _arrays(table: Table) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    x, c, s = table
    return np.array(x), np.array(c), np.array(s)


@pytest.fixture(scope="session")
def example(data: Path) -> Stakeholders:
    return stakeholders(data / "bdm" / "emission-standards.csv")


def _plain_chance(x: list[float], w: list[float], r: list[float], span: float) -> list[list[float]]:
    """Chance to prevail, with all ordered pairs as the divisor."""
    size = range(len(x))

    def vote(k: int, i: int, j: int) -> float:
        return w[k] * ((abs(x[k] - x[j]) / span) ** r[k] - (abs(x[k] - x[i]) / span) ** r[k])

    cast = sum(abs(vote(k, i, j)) for k in size for i in size for j in size)
    return [[sum(max(vote(k, i, j), 0.0) for k in size) / cast if x[i] != x[j] else 0.0 for j in size] for i in size]


def _plain_gain(gap: float, chance: float, salience: float, r: float) -> float:
    """What a challenge promises over the status quo, Q = 1."""
    success, failure = 2 - 4 * (0.5 - 0.5 * gap) ** r, 2 - 4 * (0.5 + 0.5 * gap) ** r
    return salience * (chance * success + (1 - chance) * failure) + (1 - salience) * success - (2 - 4 * 0.5**r)


def _plain_risk(x: list[float], s: list[float], w: list[float], span: float) -> list[float]:
    size = range(len(x))
    chance = _plain_chance(x, w, [1.0] * len(x), span)
    danger = [sum(_plain_gain(abs(x[i] - x[j]) / span, chance[j][i], s[i], 1.0) for j in size if j != i) for i in size]
    low, high = min(danger), max(danger)
    scaled = [(2 * one - low - high) / (high - low) for one in danger]
    return [(1 - one / 3) / (1 + one / 3) for one in scaled]


def _plain_round(x: list[float], s: list[float], w: list[float], span: float) -> list[float]:
    """One round in the reading `TABULATED`, for tables without ties."""
    r = _plain_risk(x, s, w, span)
    chance = _plain_chance(x, w, r, span)
    new = list(x)
    for i in range(len(x)):
        found = []
        for j in (j for j in range(len(x)) if x[j] != x[i]):
            gap = abs(x[i] - x[j]) / span
            a, b = _plain_gain(gap, chance[i][j], s[j], r[i]), _plain_gain(gap, chance[j][i], s[i], r[i])
            if b > a > 0:
                found.append((0, abs(x[j] - x[i]), x[j]))
            elif b > 0 > a and b > -a:
                found.append((1, (-a * x[i] + b * x[j]) / (b - a), x[i] + (x[j] - x[i]) * -a / b))
            elif b > 0 > a:
                found.append((2, abs(x[j] - x[i]), x[j]))
        if found:
            new[i] = min(found)[2]
    return new


@pytest.mark.parametrize("size", [2, 3, 5, 8])
def test_a_round_is_that_of_plain_loops(size: int) -> None:
    """The array code and loops over actors agree on tables drawn at random, where no two offers are equally good."""
    random = np.random.default_rng(size)
    x, c, s = random.uniform(0.0, 10.0, (40, size)), random.uniform(0.05, 1.0, (40, size)), random.uniform(0.05, 1.0, (40, size))
    start, issue = issue_of(x, c, s, 11.0)
    plain = [_plain_round(list(x[d]), list(s[d]), list(c[d] * s[d]), 11.0) for d in range(40)]
    assert np.abs(plain - x).max() > 1.0
    np.testing.assert_allclose(one_round(start, issue, TABULATED), plain, atol=1e-9)


def test_the_published_means_come_out_but_for_three_roundings(data: Path) -> None:
    """Rounds 3 and 5 to 8 are the printed digits; 1, 2 and 4 fail by what a cut-off digit explains."""
    found = [row for row in rows(data) if isinstance(row, Row) and ".round." in row.id]
    passed = [abs(row.ours - row.published) <= row.tolerance for row in found]
    assert passed == [False, False, True, False, True, True, True, True]
    assert max(abs(row.ours - row.published) for row in found) < 0.062
    assert all("cut off" in row.note for row, fine in zip(found, passed, strict=True) if not fine)


def test_without_tables_there_is_a_gap() -> None:
    assert [type(row) for row in rows(None)] == [Gap]


def test_every_choice_of_the_tabulated_reading_is_needed(example: Stakeholders) -> None:
    """No single change of reading comes as near to the table, so the table does tell the readings apart."""
    base = _deviation(example, TABULATED)
    for name, known in CHOICES.items():
        for other in known:
            assert _deviation(example, TABULATED._replace(**{name: other})) >= base - 1e-12, (name, other)
    for name in ("chance", "prefer"):
        assert _deviation(example, TABULATED._replace(**{name: getattr(WRITTEN, name)})) > 2 * base


def _deviation(who: Stakeholders, reading: Reading) -> float:
    mean = play(who.position, who.capability, who.salience, len(BY_ROUND), reading).mean[1:, 0]
    return float(np.abs(mean - BY_ROUND).max())


@pytest.mark.slow
def test_no_reading_reproduces_the_table(example: Stakeholders) -> None:
    """Of all combinations at Q = 1, none comes nearer than the tabulated one; each is dropped once it is further off."""
    best = _deviation(example, TABULATED)
    start, issue = issue_of(example.position, example.capability, example.salience, None)
    for reading in every_reading():
        x = start
        for published in BY_ROUND:
            x = one_round(x, issue, reading)
            if abs((x * issue.weight).sum() / issue.weight.sum() - published) >= best - 1e-12:
                break
        else:
            pytest.fail(f"{reading} is nearer than {best}")


def test_readings_are_all_different() -> None:
    found = list(every_reading())
    assert len(found) == len(set(found)) == np.prod([len(known) for known in CHOICES.values()]) == 13_824


def test_as_written_they_agree_on_seven(example: Stakeholders) -> None:
    course = play(example.position, example.capability, example.salience, 12)
    np.testing.assert_allclose(course.position[-1], 7.0, atol=1e-9)
    assert course.median[0, 0] == 7.0


@given(tables, readings, st.randoms(use_true_random=False))
def test_the_order_of_actors_does_not_matter(table: Table, reading: Reading, random: object) -> None:
    """Relabelling permutes the result."""
    size = len(table[0])
    order = sorted(range(size), key=lambda _: random.random())  # type: ignore[attr-defined]
    x, c, s = _arrays(table)
    straight, mixed = play(x, c, s, 3, reading), play(x[order], c[order], s[order], 3, reading)
    np.testing.assert_allclose(mixed.position[:, 0], straight.position[:, 0][:, order], atol=1e-6)


@given(tables, readings, st.sampled_from((0.25, 4.0)), st.sampled_from((-8.0, 64.0)), st.sampled_from((0.5, 8.0)))
def test_units_do_not_matter(table: Table, reading: Reading, scale: float, shift: float, unit: float) -> None:
    """A longer, shifted scale stretches and shifts the result; a unit of capability changes nothing."""
    x, c, s = _arrays(table)
    plain, mapped = play(x, c, s, 3, reading), play(scale * x + shift, unit * c, s, 3, reading)
    np.testing.assert_allclose(mapped.position, scale * plain.position + shift, atol=1e-5)


@given(tables, readings)
def test_the_mirror_image_is_the_mirror_image(table: Table, reading: Reading) -> None:
    """Turning the scale round turns the result round, unless the reading speaks of the lowest."""
    x, c, s = _arrays(table)
    reading = reading._replace(prefer="nearest" if reading.prefer == "lowest" else reading.prefer, ties="middle")
    np.testing.assert_allclose(play(-x, c, s, 3, reading).position, -play(x, c, s, 3, reading).position, atol=1e-6)


def test_the_slip_is_not_its_own_mirror_image(example: Stakeholders) -> None:
    x, c, s = example.position, example.capability, example.salience
    assert np.abs(play(-x, c, s, 4, TABULATED).position + play(x, c, s, 4, TABULATED).position).max() > 1.0


@given(tables, readings)
def test_nobody_leaves_the_scale(table: Table, reading: Reading) -> None:
    """Positions stay between the outermost ones, and those who agree stay."""
    x, c, s = _arrays(table)
    course = play(x, c, s, 3, reading)
    assert course.position.min() >= x.min() - 1e-9
    assert course.position.max() <= x.max() + 1e-9
    assert (play(np.full_like(x, 3.0), c, s, 2, reading).position == 3.0).all()


@given(st.lists(tables, min_size=2, max_size=3), readings)
def test_draws_do_not_touch_each_other(several: list[Table], reading: Reading) -> None:
    """Many draws at once give what each gives alone."""
    size = min(len(table[0]) for table in several)
    x, c, s = (np.array([table[part][:size] for table in several]) for part in range(3))
    together = play(x, c, s, 2, reading).position
    for draw in range(len(several)):
        alone = play(x[draw], c[draw], s[draw], 2, reading).position
        np.testing.assert_allclose(together[:, draw : draw + 1], alone, atol=1e-9)


@given(tables)
def test_in_a_pair_one_prevails(table: Table) -> None:
    """As written, the two chances of a contest add up to 1; an actor whose support is nil has none."""
    position, c, s = _arrays(table)
    x, issue = issue_of(position, c, s, None)
    chance = prevail(x, issue, np.ones_like(x), WRITTEN)
    apart = x[:, :, None] != x[:, None, :]
    np.testing.assert_allclose((chance + np.swapaxes(chance, 1, 2))[apart], 1.0)
    assert (chance[~apart] == 0.0).all()


def test_two_actors_by_hand() -> None:
    """Weights .8 and .2 at either end of the scale, both fully salient, r = 1: the weaker is compelled."""
    x, issue = issue_of(np.array([0.0, 1.0]), np.array([0.8, 0.2]), np.array([1.0, 1.0]), None)
    reading = WRITTEN._replace(security="none")
    found = offers(x, issue, reading, risk_exponents(x, issue, reading))
    np.testing.assert_allclose(prevail(x, issue, np.ones_like(x), reading)[0], [[0.0, 0.8], [0.2, 0.0]])
    # E of the first about the second is 2(.8 − .2) = 1.2, the other way round −1.2: no less is lost than gained, so no compromise.
    np.testing.assert_allclose(found.strength[0], [[0.0, -1.2], [1.2, 0.0]], atol=1e-12)
    assert found.kind[0, 1, 0] == 2
    np.testing.assert_allclose(one_round(x, issue, reading), [[0.0, 0.0]])


@pytest.mark.parametrize(("better", "moved"), [(1.0, 1.2), (0.0, -1.2), (0.25, -0.6), ("median", -1.2)])
def test_what_may_happen_without_a_challenge(better: float | str, moved: float) -> None:
    """Actors at 0 and 4 of a scale of 10, the median at 8, r = 1: U_b, U_w are ±(8 + 4)/10 to the first; the median is further off."""
    x, issue = issue_of(np.array([0.0, 4.0, 8.0]), np.array([0.1, 0.1, 1.0]), np.ones(3), 10.0)
    chance, one = np.full((1, 3, 3), 0.5), np.ones((1, 1, 1))
    gain = expected_gain(x, issue, chance, one, WRITTEN._replace(stay=0.5, better=better))  # type: ignore[arg-type]
    # Resisted by all at even odds, a challenge is worth 0, and the status quo is 0 as well.
    assert gain[0, 0, 1] == pytest.approx(-0.5 * moved)


def test_risk_spans_its_range(example: Stakeholders) -> None:
    """The actor most in danger has exponent ½, the safest 2."""
    x, issue = issue_of(example.position, example.capability, example.salience, None)
    risk = risk_exponents(x, issue, WRITTEN)
    assert (risk.min(), risk.max()) == pytest.approx((0.5, 2.0))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"capability": [-1.0, 1.0]}, "capability"),
        ({"salience": [0.5, 80.0]}, "salience"),
        ({"capability": [0.0, 0.0]}, "weight"),
        ({"span": 0.5}, "apart"),
        ({"reading": WRITTEN._replace(stay=2.0)}, "stay"),
        ({"reading": WRITTEN._replace(prefer="best")}, "prefer"),  # type: ignore[arg-type]
    ],
)
def test_what_cannot_be_is_refused(change: dict[str, object], message: str) -> None:
    given = {"position": [0.0, 1.0], "capability": [1.0, 1.0], "salience": [0.5, 0.5], **change}
    with pytest.raises(InputError, match=message):
        play(**given)  # type: ignore[arg-type]
