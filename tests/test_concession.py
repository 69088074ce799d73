"""Concession under threat: the condition against values summed period by period, the elite's choice against brute force, and limits."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from virtu.classics import concession as model
from virtu.classics.concession import (
    ANSWERS,
    Conflict,
    best_rate,
    binds,
    choice,
    conflict,
    critical_frequency,
    gain,
    least_rate,
    loss,
    power_sharing_suffices,
    repression_limit,
    temporary_concession_suffices,
)
from virtu.errors import InputError
from virtu.laboratory.validation import street

Share = st.floats(0.0, 1.0)


@st.composite
def conflicts(draw: st.DrawFn) -> Conflict:
    """Draw a society."""
    elite = draw(st.floats(0.01, 0.45))
    inequality = elite + (0.98 - elite) * draw(st.floats(0.01, 1.0))
    return conflict(inequality, elite, draw(Share), draw(st.floats(0.0, 0.99)), draw(st.floats(0.2, 3.0)), draw(st.floats(1.2, 4.0)))


def _over_periods(patience: float, frequency: float, in_threat: float, otherwise: float) -> float:
    """Return the value from a period of threat on, as a share of a constant income for ever, summed period by period."""
    total, weight = in_threat, 1.0
    for _ in range(20_000):
        weight *= patience
        total += weight * (frequency * in_threat + (1 - frequency) * otherwise)
        if weight < 1e-16:
            break
    return total * (1 - patience)


def test_the_published_condition_holds() -> None:
    """At q* the citizens' value of concessions, found by another way, is that of a revolution."""
    (row,) = street._concession()
    assert abs(row.ours - row.published) <= row.tolerance


def test_a_wrong_frequency_fails_the_row(monkeypatch: pytest.MonkeyPatch) -> None:
    """A condition that forgets the chance of a threat in the next period is seen."""
    monkeypatch.setattr(model, "critical_frequency", lambda society: 1.1 * critical_frequency(society))
    (row,) = street._concession()
    assert abs(row.ours - row.published) > 100 * row.tolerance


@given(conflicts(), Share)
def test_citizens_are_content_where_concession_suffices(society: Conflict, frequency: float) -> None:
    """Summed period by period, the best concession in times of threat is worth a revolution iff q ≥ q*; θ ≤ μ needs none."""
    given_up, income = float(gain(society, best_rate(society))), 1 - float(society.inequality)
    value = _over_periods(float(society.patience), frequency, income + given_up, income)
    margin = value - (1 - float(society.destruction))
    assume(abs(margin) > 1e-9)
    assert bool(temporary_concession_suffices(society, frequency)) == (margin > 0)
    assert bool(power_sharing_suffices(society)) >= (margin > 0)
    assert (critical_frequency(society) == 0) or binds(society)


@given(conflicts(), Share, Share)
def test_the_elite_takes_what_leaves_it_most(society: Conflict, frequency: float, repression: float) -> None:
    """Each value is its income summed period by period, the concession is the cheapest that suffices, and the best is chosen."""
    found = choice(society, frequency, repression)
    beta, theta = float(society.patience), float(society.inequality)
    rate = float(found.rate)
    sums = {
        "repress": _over_periods(beta, frequency, theta * (1 - repression), theta),
        "ignore": 0.0 if binds(society) else theta,
        "concede": _over_periods(beta, frequency, theta - float(loss(society, rate)), theta),
        "share power": theta - float(loss(society, best_rate(society))),
    }
    if not temporary_concession_suffices(society, frequency):
        sums["concede"] = 0.0
    if not power_sharing_suffices(society):
        sums["share power"] = 0.0
    expected = np.array([sums[name] for name in ANSWERS])
    np.testing.assert_allclose([found.ignore, found.concede, found.share_power, found.repress], expected, atol=1e-9)
    assert expected[found.best] >= expected.max() - 1e-9


@given(conflicts(), Share, Share)
def test_repression_has_a_limit(society: Conflict, frequency: float, repression: float) -> None:
    """The elite represses where it costs less than the limit, and only there; just above and below it, too."""
    limit = float(repression_limit(society, frequency))
    for cost in (repression, min(max(limit - 1e-7, 0.0), 1.0), min(limit + 1e-7, 1.0)):
        if abs(cost - limit) > 1e-9:
            assert (ANSWERS[int(choice(society, frequency, cost).best)] == "repress") == (cost < limit)


@given(conflicts(), Share)
def test_rates_and_what_they_bring(society: Conflict, rate: float) -> None:
    """No rate brings the citizens more than their best, and what the elite loses beyond their gain is what is lost on the way."""
    assert gain(society, best_rate(society)) >= gain(society, rate) - 1e-12
    waste = float(society.waste) * rate ** float(society.curvature) / float(society.curvature)
    assert float(loss(society, rate) - gain(society, rate)) == pytest.approx(waste)


def test_limits() -> None:
    """Threats that never end are answered by any promise kept; rare ones by none; no patience needs no frequency."""
    theta = 0.6
    short = float(gain(conflict(theta, 0.1, 0.5, 0.9), best_rate(conflict(theta, 0.1, 0.5, 0.9))))
    always, never, calm = theta - short * 0.1, theta - short - 0.001, theta
    found = critical_frequency(conflict(theta, 0.1, [always, never, calm, theta - short], 0.9))
    np.testing.assert_allclose(found, [0.0, np.inf, 0.0, 1.0], atol=1e-12)
    assert critical_frequency(conflict(theta, 0.1, 0.5, 0.0)) == 0
    frequencies = critical_frequency(conflict(theta, 0.1, 0.5, np.linspace(0.1, 0.99, 20)))
    assert (np.diff(frequencies) >= 0).all()
    assert least_rate(conflict(theta, 0.1, 0.7, 0.9), 0.2) == 0


def test_each_answer_is_somebodys_best() -> None:
    """Mild threats are ignored, frequent ones bought off, rarer ones settled for good where force is dear, else beaten down."""
    society = conflict(0.6, 0.1, [0.7, 0.5, 0.5, 0.5], 0.9)
    found = choice(society, [0.5, 0.95, 0.5, 0.5], [0.5, 0.9, 0.99, 0.05])
    assert [ANSWERS[best] for best in found.best] == ["ignore", "concede", "share power", "repress"]


REFUSED: list[tuple[Callable[[], object], str]] = [
    (lambda: conflict(0.6, 0.5, 0.1, 0.9), r"\(0, ½\)"),
    (lambda: conflict(0.1, 0.2, 0.1, 0.9), "above its share in the people"),
    (lambda: conflict(0.6, 0.1, 1.1, 0.9), "revolution destroys"),
    (lambda: conflict(0.6, 0.1, 0.5, [0.9, 1.0]), "patience"),
    (lambda: conflict(0.6, 0.1, 0.5, 0.9, waste=0.0), "waste must be above 0"),
    (lambda: conflict(0.6, 0.1, 0.5, 0.9, curvature=1.0), "curvature"),
    (lambda: conflict(np.nan, 0.1, 0.5, 0.9), "share of income"),
    (lambda: gain(conflict(0.6, 0.1, 0.5, 0.9), 1.5), "tax rate"),
    (lambda: choice(conflict(0.6, 0.1, 0.5, 0.9), -0.1, 0.5), "frequency of threats"),
    (lambda: choice(conflict(0.6, 0.1, 0.5, 0.9), 0.1, 2.0), "cost of repression"),
]


@pytest.mark.parametrize(("call", "message"), REFUSED)
def test_what_cannot_be_answered_is_refused(call: Callable[[], object], message: str) -> None:
    """Each fault is named."""
    with pytest.raises(InputError, match=message):
        call()
