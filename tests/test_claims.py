"""Claims: the file holds all of them, rows can be put to scenarios, contrasts can come out either way, and runs are told and resumed."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr

from virtu.errors import InputError, ScenarioError
from virtu.laboratory import claim_file, claim_measures, claims
from virtu.laboratory.claim_file import AS_IT_IS
from virtu.laboratory.claim_points import SPREAD, WHOLE_NUMBERS, scenario_at
from virtu.laboratory.claim_roles import cast, filled
from virtu.organisation.state import OUTCOMES
from virtu.scenario import AnyScenario, load, names
from virtu.scenario.street_checks import WHOLES
from virtu.scenario.street_vocabulary import street_parameters
from virtu.scenario.vocabulary import CAUSES, MOVES
from virtu.show import claim_page, claim_tables

from . import small
from .street_stage import street

IDS = [*(f"M{n}" for n in range(1, 8)), *(f"A{n}" for n in range(1, 14)), *(f"S{n}" for n in range(1, 9))]
PAGE = Path(__file__).parents[1] / "docs" / "claims.md"
FEW: dict[str, Any] = {"histories": 48, "points": 2, "point_histories": 16, "chunk": 16, "workers": 1}
NO_POINTS: dict[str, Any] = {**FEW, "points": 0}


@pytest.fixture(autouse=True)
def _compiled_in_a_hurry() -> Iterator[None]:
    with small.quickly():
        yield


@cache
def _file() -> dict[str, claim_file.Claim]:
    return {claim.id: claim for claim in claim_file.read()}


def _written(path: Path, **changes: Any) -> Path:
    """Write a file with one claim that can be read, some of it changed."""
    arm = {"says": "a", "measure": "hostility", "of": {AS_IT_IS: 1}, "expected": "+"}
    claim = {"id": "A1", "claim": "c", "mechanism": "m", "knob": "k", "scenario": "editorial-office", "contrasts": [arm]}
    path.write_text(json.dumps({"claims": [claim | changes]}), encoding="utf-8")
    return path


def _run(only: tuple[str, ...], scenario: AnyScenario, **changes: Any) -> dict[str, Any]:
    return claims.claims(scenario, only, **(FEW | changes))


# the file


def test_the_file_holds_all_claims_and_no_other() -> None:
    assert list(_file()) == IDS


@pytest.mark.parametrize("name", IDS)
def test_every_claim_says_what_it_rests_on(name: str) -> None:
    claim = _file()[name]
    assert all((claim.claim, claim.mechanism, claim.knob, claim.scenario in names()))
    assert any(not one.beside and one.expected in "+-" for one in claim.contrasts)
    assert {term.arm for one in claim.contrasts for term in one.terms} >= set(claim.arms)
    for one in claim.contrasts:
        weights = [term.weight for term in one.terms]
        assert len(weights) == 1 or one.less or sum(weights) == 0.0 or one.measure != one.terms[0].measure


def test_every_claim_can_be_put_to_the_scenario_it_names() -> None:
    rows = [row for _, found in claims._chosen(claim_file.read(), (), None) for row in found]
    assert len(rows) == len(IDS)
    assert not any(row.unfit for row in rows)


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"id": "first"}, "id"),
        ({"mechanism": ""}, "mechanism"),
        ({"contrasts": []}, "contrasts"),
        ({"surprise": 1}, "surprise"),
        ({"reference": ["nobody1900"]}, "unknown reference"),
        ({"contrasts": [{"says": "a", "measure": "hostility", "of": {"else": 1}, "expected": "+"}]}, "unknown arm 'else'"),
        ({"contrasts": [{"says": "a", "measure": "hostility", "of": {AS_IT_IS: 1}, "expected": "?"}]}, "decides nothing"),
        ({"contrasts": [{"says": "a", "measure": "hostility", "of": {AS_IT_IS: 1}, "expected": "+", "less": "x"}]}, "go together"),
    ],
)
def test_a_file_at_fault_says_where(tmp_path: Path, changes: dict[str, Any], told: str) -> None:
    with pytest.raises(ScenarioError) as caught:
        claim_file.read(_written(tmp_path / "own.yaml", **changes))
    assert told in str(caught.value)


def test_a_file_that_is_none_is_refused(tmp_path: Path) -> None:
    (tmp_path / "broken.yaml").write_text("claims: [", encoding="utf-8")
    for name in ("absent.yaml", "broken.yaml"):
        with pytest.raises(InputError):
            claim_file.read(tmp_path / name)


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"arms": {"b": ["trait {king}.nerve = 1"]}}, "nobody in editorial-office is the king"),
        ({"arms": {"b": ["off gravity"]}}, "unknown mechanism"),
        ({"arms": {"b": ["off work @ {year 9}"]}}, "is over after 60 ticks"),
        ({"contrasts": [{"says": "a", "measure": "gravity", "of": {AS_IT_IS: 1}, "expected": "+"}]}, "unknown measure"),
    ],
)
def test_what_a_scenario_lacks_is_said(tmp_path: Path, changes: dict[str, Any], told: str) -> None:
    with pytest.raises(InputError, match=f"claim A1: .*{told}"):
        claims.claims(file=_written(tmp_path / "own.yaml", **changes), **FEW)


# who plays which part


def test_roles_are_found_by_rule() -> None:
    who = cast(load("politburo-1922"))
    assert {role: who[role] for role in ("favourite", "rival", "appointer", "keeper", "weakest")} == {
        "favourite": ("Stalin",),
        "rival": ("Trotsky",),
        "appointer": ("Stalin",),
        "keeper": ("Stalin",),
        "weakest": ("Rykov",),
    }
    street_roles = cast(load("weimar-1929"))
    assert (street_roles["outsider"], street_roles["promiser"]) == (("nsdap",), ("nsdap",))
    assert "outsider" not in cast(load("street-2017"))


def test_roles_of_several_are_filled_in_every_way() -> None:
    office = small.scenario()
    who = {"needed": ("A", "B"), "needy": ("C",), "each": ("A", "B", "C")}
    assert filled("tie {needy} -> {needed}", office, who) == ["tie C -> A", "tie C -> B"]
    assert filled("{each but needy} @ {year 1.5}", office, who) == ["A @ t18", "B @ t18"]


# the points


@pytest.mark.parametrize("name", ["editorial-office", "two-camps"])
def test_points_lie_around_the_defaults_and_in_their_ranges(name: str) -> None:
    scenario, points = load(name), 32
    drawn = [scenario_at(scenario, point, points, 7).parameters for point in range(points)]
    knobs = street_parameters() if name == "two-camps" else claims.arena_of(scenario).repertoire.parameters()
    shared = {part for whole in WHOLES for part in whole}
    for key, knob in knobs.items():
        middle = scenario.parameters.get(key, knob.default)
        values = np.array([one[key] for one in drawn])
        assert ((values >= knob.low) & (values <= knob.high)).all()
        if key in WHOLE_NUMBERS or middle == 0.0:
            assert (values == middle).all()
        elif key not in shared and knob.low < (1 - SPREAD) * abs(middle) and (1 + SPREAD) * abs(middle) < knob.high:
            strata = np.floor((values / middle - 1 + SPREAD) / (2 * SPREAD) * points)
            assert sorted(strata) == list(range(points)), key
    for whole in WHOLES:
        assert all(sum(one.get(part, 0.0) for part in whole) <= 1.0 + 1e-12 for one in drawn)


# measures


def _contest(side: list[int], falls: list[int], strength: list[float]) -> xr.Dataset:
    """One history of five persons in which the first strikes the second at tick 1, and carries it."""
    shape = (1, 3, 5)
    move, target, outcome, sides = (np.zeros(shape, int) for _ in range(4))
    move[0, 1, 0], target[0, 1, 0], outcome[0, 1, 0] = MOVES.index("strike"), 1, OUTCOMES.index("carried")
    sides[0, 1] = side
    tick = ("history", "tick", "actor")
    return xr.Dataset(
        {
            "move": (tick, move),
            "target": (tick, target),
            "outcome": (tick, outcome),
            "side": (tick, sides),
            "status": (tick, np.zeros(shape, int)),
            "strength": (tick, np.broadcast_to(np.array(strength), shape)),
            "fall_tick": (("history", "actor"), np.array([falls])),
            "fall_cause": (("history", "actor"), np.full((1, 5), CAUSES.index("strike"))),
        }
    )


def test_partners_are_next_where_they_fall_before_the_others() -> None:
    side, strength = [1, -1, 1, -1, -1], [3.0, 2.0, 1.0, 1.0, 1.0]
    assert claim_measures.partners_next(_contest(side, [-1, 1, 2, -1, -1], strength)) == pytest.approx([1 - 1 / 3])
    assert claim_measures.partners_next(_contest(side, [-1, 1, -1, 2, -1], strength)) == pytest.approx([-1 / 3])
    assert claim_measures.partners_next(_contest(side, [-1, 1, -1, -1, -1], strength)) == [0.0]


def test_falls_come_as_foretold_where_the_ruling_coalition_is_left() -> None:
    strength = [4.0, 1.0, 1.0, 1.0, 0.5]  # the first alone holds more than half
    assert claim_measures.falls_as_foretold(_contest([0] * 5, [-1, 1, 2, -1, -1], strength)) == pytest.approx([0.5])
    assert claim_measures.falls_as_foretold(_contest([0] * 5, [1, -1, -1, -1, -1], strength)) == pytest.approx([-1.0])
    dies = _contest([0] * 5, [1, -1, -1, -1, -1], strength)
    dies["fall_cause"][0, 0] = CAUSES.index("natural_death")
    assert claim_measures.falls_as_foretold(dies) == [0.0]


def test_what_acts_tell_is_nothing_where_they_tell_nothing() -> None:
    rng = np.random.default_rng(1)
    seen, noise = rng.normal(size=(4, 2000)), rng.normal(size=2000)
    assert claim_measures.known(seen, seen[0] + noise).mean() == pytest.approx(0.5, abs=0.05)
    unrelated = [claim_measures.known(rng.normal(size=(4, 40)), rng.normal(size=40)).mean() for _ in range(200)]
    assert claims.verdict(claims.statistics.mean(np.array(unrelated)), "+") == "no effect"
    assert (claim_measures.known(seen, np.ones(2000)) == 0.0).all()


# verdicts


@pytest.mark.parametrize(
    ("low", "high", "expected", "word"),
    [
        (0.1, 0.2, "+", "supported"),
        (0.1, 0.2, "-", "reversed"),
        (-0.2, -0.1, "-", "supported"),
        (-0.2, -0.1, "+", "reversed"),
        (-0.1, 0.1, "+", "no effect"),
        (0.0, 0.0, "-", "no effect"),
        (0.1, 0.2, "?", "rises"),
        (-0.2, -0.1, "?", "falls"),
    ],
)
def test_a_verdict_follows_from_the_interval_and_the_sign(low: float, high: float, expected: Any, word: str) -> None:
    assert claims.verdict({"mean": (low + high) / 2, "low": low, "high": high}, expected) == word


def test_a_claim_has_the_verdict_of_its_contrasts() -> None:
    assert claims.together(["supported", "supported"]) == "supported"
    assert claims.together(["supported", "reversed"]) == claims.together(["supported", "no effect"]) == "mixed"


# runs

OFFICE = ("M6", "M7", "A1", "A3", "A8", "A13")
STREET = ("S1", "S2", "S3", "S6")


@pytest.fixture(scope="module")
def told() -> dict[str, dict[str, Any]]:
    """Return small runs in both arenas."""
    with small.quickly():
        return {"office": _run(OFFICE, small.scenario()), "street": _run(STREET, street())}


@pytest.mark.parametrize(("arena", "wanted"), [("office", OFFICE), ("street", STREET)])
def test_a_run_tells_of_every_claim(told: dict[str, dict[str, Any]], arena: str, wanted: tuple[str, ...]) -> None:
    result = json.loads(json.dumps(told[arena], allow_nan=False))
    assert [row["id"] for row in result["rows"]] == list(wanted)
    assert sum(result["counts"].values()) == len(wanted)
    for row in result["rows"]:
        if row["verdict"] == claims.UNFIT:
            assert row["reason"]
            continue
        for one in row["contrasts"]:
            effect = one["effect"]
            assert effect["low"] <= effect["mean"] <= effect["high"]
            assert effect["unchanged"] + effect["helped"] + effect["hurt"] == pytest.approx(1.0)
            assert len(one["around"]) == FEW["points"]
            assert one["same_sign"] is None or 0.0 <= one["same_sign"] <= 1.0


def test_a_scenario_that_lacks_a_part_leaves_its_row_out(told: dict[str, dict[str, Any]]) -> None:
    row = next(row for row in told["office"]["rows"] if row["id"] == "A3")
    assert row["verdict"] == claims.UNFIT
    assert "testament" in row["reason"]


def test_points_differ_from_the_defaults_and_from_each_other(told: dict[str, dict[str, Any]]) -> None:
    for result in told.values():
        around = result["rows"][1]["contrasts"][0]["around"]
        assert len(set(around)) == FEW["points"]


def _muted(name: str, off: str) -> dict[str, Any]:
    """Return a claim with one thing more done in all its arms."""
    claim = json.loads(_file()[name].model_dump_json())
    arms = {"base": [], **claim["arms"]}
    claim["arms"] = {arm: [*done, *([off] if off not in done else [])] for arm, done in arms.items()}
    for one in claim["contrasts"]:
        for key in ("of", "less_of"):
            one[key] = {"base" if arm == AS_IT_IS else arm: weight for arm, weight in one[key].items()}
    return claim


@pytest.mark.parametrize(
    ("scenario", "muted"),
    [
        (small.scenario, {"M6": ("off blame", 0), "A8": ("off affinity", 0), "A13": ("off norms", 0)}),
        (street, {"S1": ("off ratchet", 2), "S2": ("off media_selection", 1), "S6": ("off overconfidence", 0)}),
    ],
)
def test_a_contrast_is_gone_with_its_mechanism(tmp_path: Path, scenario: Callable[[], Any], muted: dict[str, tuple[str, int]]) -> None:
    path = tmp_path / "muted.yaml"
    path.write_text(json.dumps({"claims": [_muted(name, off) for name, (off, _) in muted.items()]}), encoding="utf-8")
    result = claims.claims(scenario(), file=path, **NO_POINTS)
    for row in result["rows"]:
        gone = row["contrasts"][muted[row["id"]][1]]
        assert (gone["verdict"], gone["effect"]["unchanged"]) == ("no effect", 1.0), row["id"]


@pytest.mark.parametrize(("name", "number"), [("M7", 0), ("A1", 0), ("A8", 0), ("A8", 1)])
def test_and_is_there_with_it(told: dict[str, dict[str, Any]], name: str, number: int) -> None:
    row = next(row for row in told["office"]["rows"] if row["id"] == name)
    assert row["contrasts"][number]["effect"]["unchanged"] < 1.0


def _numbers(result: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in result.items() if key != "timing"}


def test_a_run_goes_on_where_it_broke_off(tmp_path: Path, told: dict[str, dict[str, Any]], monkeypatch: pytest.MonkeyPatch) -> None:
    whole = _run(OFFICE, small.scenario(), parts=tmp_path)
    assert _numbers(whole) == _numbers(told["office"])
    kept = sorted(tmp_path.glob("*.npz"))
    assert len(kept) == 5
    kept[0].unlink()
    kept[1].write_bytes(kept[1].read_bytes()[:100])
    run, jobs = claims._measured, []
    monkeypatch.setattr(claims, "_measured", lambda job, sizes: jobs.append(job.name) or run(job, sizes))
    assert _numbers(_run(OFFICE, small.scenario(), parts=tmp_path)) == _numbers(whole)
    assert sorted(jobs) == sorted(path.stem for path in kept[:2])


def test_histories_can_be_added_and_other_parts_are_refused(tmp_path: Path) -> None:
    _run(("A8",), small.scenario(), parts=tmp_path, histories=24, points=0)
    more = _run(("A8",), small.scenario(), parts=tmp_path, points=0)
    assert _numbers(more) == _numbers(_run(("A8",), small.scenario(), points=0))
    with pytest.raises(InputError, match="seed"):
        _run(("A8",), small.scenario(), parts=tmp_path, points=0, seed=1)


# what is asked for


@pytest.mark.parametrize(
    ("scenario", "only", "changes", "told"),
    [
        (None, ("Z9",), {}, "unknown claim 'Z9'"),
        ("politburo-1922", ("S1",), {}, "not about the organisation"),
        ("street-2017", ("S6",), {}, "nobody in street-2017 is the outsider"),
        ("no-such", (), {}, "no-such"),
        (None, ("M1",), {"points": -1}, "points"),
        (None, ("M1",), {"histories": 1}, "histories"),
        (None, ("M1",), {"point_histories": 1.5}, "histories of a point"),
        (None, ("M1",), {"seed": 2**70}, "seed"),
    ],
)
def test_what_cannot_be_asked_is_refused(scenario: Any, only: tuple[str, ...], changes: dict[str, Any], told: str) -> None:
    with pytest.raises(InputError, match=re.escape(told)):
        claims.claims(scenario, only, **(FEW | changes))


def test_the_bar_of_progress_counts_what_is_run(told: dict[str, dict[str, Any]]) -> None:
    seen: list[tuple[int, int]] = []
    _run(STREET, street(), progress=lambda done, total: seen.append((done, total)))
    wanted = claims.histories_in_all(street(), STREET, FEW["histories"], FEW["points"], FEW["point_histories"])
    assert seen[-1] == (wanted, wanted)
    assert len(seen) == 5


# telling


def test_the_table_and_the_page_tell_every_verdict(told: dict[str, dict[str, Any]]) -> None:
    from rich.console import Console

    for result in told.values():
        printed = io.StringIO()
        Console(width=100, file=printed).print(claim_tables.claims(result))
        shown, page = printed.getvalue(), claim_page.page(result)
        for row in result["rows"]:
            assert re.search(rf"^{row['id']} .*{row['verdict']}", shown, re.MULTILINE)
            assert f"### {row['id']}\n" in page
            assert f"**{row['verdict'].capitalize()}.**" in page
            assert all(one["says"] in page for one in row["contrasts"])


def test_the_page_that_comes_with_virtu_is_of_this_file() -> None:
    text = PAGE.read_text(encoding="utf-8")
    for claim in _file().values():
        section = text.split(f"\n### {claim.id}\n", 1)[1].split("\n### ", 1)[0]
        assert claim.claim in section
        assert all(one.says.replace("|", "\\|") in section for one in claim.contrasts)
