"""The rows of the street's model agree with what is published, and a street without the mechanism does not."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from virtu.laboratory.validation import street_model
from virtu.laboratory.validation.rows import Gap, Row

from .small import quickly


@pytest.fixture(scope="module", autouse=True)
def _sooner() -> Iterator[None]:
    """Compile sooner, and once."""
    with quickly():
        yield


def agrees(row: Row) -> bool:
    """Return whether a row is within its tolerance."""
    return abs(row.ours - row.published) <= row.tolerance


def test_rows_agree() -> None:
    """Corrections of 34 to 44 %, signs of backlash, riots and flanks; each with its effect and n, and gaps that say why."""
    found = list(street_model.rows(None))
    kept = [row for row in found if isinstance(row, Row)]
    assert [(row.id, row.ours, row.published) for row in kept if not agrees(row)] == []
    assert len({one.id for one in found}) == len(found) and {one.id for one in found if isinstance(one, Gap)} == set(street_model.GAPS)
    assert all("n = 96" in row.note for row in kept if row.id.split(".")[0] in ("backlash", "riot", "flank"))


def test_a_weaker_reaction_is_not_cut_as_much() -> None:
    """With half the reaction, correcting estimates does too little to agree."""
    rows = [*street_model._correction("least", 3.45, 0.07, "naive")]
    assert not any(agrees(row) for row in rows)


@pytest.mark.parametrize(
    ("mechanism", "of", "do", "base", "sign"),
    [
        ("backlash", "reds", [street_model.VIOLENT], [], -1.0),
        ("flank", "reds", ["flank reds distinct"], ["flank reds merged"], 1.0),
    ],
)
def test_signs_are_the_work_of_their_mechanism(mechanism: str, of: str, do: list[str], base: list[str], sign: float) -> None:
    """Switched off, most of the effect is gone."""
    calm = [f"off {name}" for name in ("order", "cause", "excitation")]
    whole = street_model.effect(of, [*calm, *do], [*calm, *base])
    without = street_model.effect(of, [*calm, f"off {mechanism}", *do], [*calm, f"off {mechanism}", *base])
    assert street_model.sign(whole) == sign and abs(without[0]) < 0.3 * abs(whole[0])
