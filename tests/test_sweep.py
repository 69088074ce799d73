"""Sweeps: what can be varied, where it is looked at, what is chance, and indices that are known."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyarrow import parquet

from virtu.errors import InputError
from virtu.laboratory import designs, interventions, orders, recorded, sensitivity
from virtu.laboratory import sweep as sweeping
from virtu.laboratory.designs import Design, Input
from virtu.laboratory.simulate import simulate
from virtu.laboratory.sweep import sweep
from virtu.record import directory, statistics, store, sweep_table
from virtu.show import sweep_figures, sweep_report, sweep_tables, sweep_words

from .hot_street import hot
from .kept_runs import content
from .small import TICKS, quickly, scenario

VARY = ("Berg.nerve = 0:1:3", "parameter bandwagon = 0:0.5:2")
ISHIGAMI = {"first": (0.3139, 0.4424, 0.0), "total": (0.5576, 0.4424, 0.2437)}
"""Exact indices of the function of Ishigami & Homma (1990) with a = 7 and b = 0.1."""


@pytest.fixture(scope="module", autouse=True)
def _compiled_once() -> Iterator[None]:
    with quickly():
        yield


@pytest.fixture(scope="module")
def swept() -> dict[str, Any]:
    """Return a small grid."""
    return sweep(scenario(), VARY, histories=40, seed=3, ticks=TICKS, measures=["share:Berg", "gini"], do=["off work"])


# what is varied


@pytest.mark.parametrize(
    ("text", "told", "column"),
    [
        ("Borg.nerve = 0:1", "did you mean 'Berg'", 1),
        ("Berg.nerv = 0:1", "did you mean 'nerve'", 6),
        ("Berg.nerve", "expected '='", 11),
        ("Berg.nerve =", "expected a range", 13),
        ("Berg.nerve = high", "expected a range, found 'high'", 14),
        ("Berg.nerve = 0.5", "expected a range, found '0.5'", 14),
        ("Berg.nerve = 0:1:1", "at least 2 points", 14),
        ("Berg.nerve = 1:0", "must rise", 14),
        ("Berg.nerve = 0:0", "must rise", 14),
        ("Berg.nerve = 0:7", "between 0 and 1", 14),
        ("trait Berg.nerve = -1:1", "between 0 and 1", 20),
        ("parameter bandwagn = 0:1", "did you mean 'bandwagon'", 11),
        ("parameter bandwagon = 0:1 @ 99", "outside the run", 29),
        ("off patronage", "sets no number", 1),
        ("dance", "unknown intervention 'dance'", 1),
        ("", "an intervention is missing", 1),
    ],
)
def test_a_faulty_input_is_placed(text: str, told: str, column: int) -> None:
    """The message names the word at fault and its column in what was written."""
    with pytest.raises(InputError, match=told) as caught:
        designs.inputs([text], scenario(), TICKS)
    assert (caught.value.where or pytest.fail("no place")).column == column
    assert str(caught.value).startswith("--vary")


def test_what_can_be_varied() -> None:
    """Whatever sets a number, in both arenas, with or without a time and the word trait."""
    texts = [
        "Berg.nerve = 0:1",
        "trait Berg.display=.1:.9:5 @ 3",
        "parameter bandwagon = 1e-1:0.5",
        "health = 0:1",
        "tie Berg -> Adler trust = -1:1",
    ]
    names = list(scenario().person_names)
    texts[-1] = f"tie {names[0]} -> {names[1]} trust = -1:1 @ 2"
    found = designs.inputs(texts, scenario(), TICKS)
    assert [one.points for one in found] == [None, 5, None, None, None]
    assert (found[0].at(0.25), found[1].name) == ("trait Berg.nerve = 0.25", "Berg.display @ 3")
    street = designs.inputs(["parameter media_selection = 0:1"], hot(), TICKS)
    assert street[0].at(0.5).startswith("parameter media_selection = 0.5")


def test_two_inputs_that_set_the_same_are_refused() -> None:
    """Before anything is run; nor may what is done everywhere set what is varied."""
    for vary, do in ((["Berg.nerve = 0:1", "trait Berg.nerve = 0:0.5"], []), (["Berg.nerve = 0:1"], ["trait Berg.nerve = 0.5"])):
        with pytest.raises(InputError, match="set the same"):
            sweeping.order(scenario(), vary, "grid", None, 10, 0, TICKS, (), do)
    with pytest.raises(InputError, match="nothing is varied"):
        sweeping.order(scenario(), [], "grid", None, 10, 0, TICKS)


# designs


def _inputs(size: int, low: float = 0.0, high: float = 1.0) -> tuple[Input, ...]:
    return tuple(Input(f"x{number}", interventions.Nothing(), low, high, None) for number in range(size))


@pytest.mark.parametrize(("name", "points", "count"), [("grid", 4, 64), ("lhs", 17, 17), ("sobol", 8, 40), ("morris", 5, 20)])
def test_designs_fill_their_ranges(name: str, points: int, count: int) -> None:
    """Inside the bounds, as many as promised, the same for the same seed, others for another; seed 0 is a seed."""
    made = [designs.design(name, _inputs(3, -2.0, 5.0), points, seed).values for seed in (0, 0, 1, -1)]
    assert made[0].shape == (count, 3)
    assert made[0].min() >= -2.0
    assert made[0].max() <= 5.0
    assert np.ptp(made[0], axis=0).min() > 4.0
    assert (made[0] == made[1]).all()
    assert name == "grid" or not any((made[0] == other).all() for other in made[2:])


def test_each_design_is_what_it_is_called() -> None:
    """A Latin hypercube has one point in each slice; a Sobol block changes one input at a time, a trajectory one more each step."""
    cube = designs.design("lhs", _inputs(2), 20, 0).values
    assert (np.sort((cube * 20).astype(int), axis=0) == np.arange(20)[:, None]).all()
    block = designs.design("sobol", _inputs(3), 4, 0).values.reshape(4, 5, 3)
    for number in range(3):
        assert (block[:, number + 1] == np.where(np.arange(3) == number, block[:, 4], block[:, 0])).all()
    steps = np.diff(designs.design("morris", _inputs(3), 6, 0).values.reshape(6, 4, 3), axis=1)
    assert ((np.abs(steps) > 0).sum(axis=2) == 1).all()
    np.testing.assert_allclose(np.abs(steps).max(axis=2), sensitivity.STEP)


@pytest.mark.parametrize(
    ("name", "points", "told"),
    [
        ("gird", None, "did you mean 'grid'"),
        ("sobol", 100, "take 64 or 128"),
        ("lhs", 1, "from 2"),
        ("morris", 0, "from 2"),
        ("grid", 2000, "100000"),
    ],
)
def test_a_number_that_suits_no_design_is_refused(name: str, points: int | None, told: str) -> None:
    """With what would suit it."""
    with pytest.raises(InputError, match=told):
        designs.design(name, _inputs(2), points, 0)


# what is chance, and what goes back to which input


def _outcomes(design: Design, histories: int, apart: float, seed: int = 1) -> np.ndarray:
    """Return the function of Ishigami & Homma with chance that is common to all points, and chance that is not."""
    one, two, three = design.values.T
    at_point = np.sin(one) + 7.0 * np.sin(two) ** 2 + 0.1 * three**4 * np.sin(one)
    chance = np.random.default_rng(seed)
    common = chance.normal(0.0, 5.0, histories)
    return at_point[:, None] + common + chance.normal(0.0, apart, (len(at_point), histories))


def _total_errors(design: Design, values: np.ndarray) -> np.ndarray:
    found = sensitivity.indices(design, values)
    assert found is not None
    return np.array([one["total"]["mean"] for one in found["inputs"]]) - ISHIGAMI["total"]


@pytest.mark.parametrize("apart", [0.0, 8.0])
def test_known_sobol_indices_are_found(apart: float) -> None:
    """With and without chance, inside their intervals and close."""
    design = designs.design("sobol", _inputs(3, -np.pi, np.pi), 1024, 0)
    values = _outcomes(design, 40, apart)
    found = sensitivity.indices(design, values)
    assert found is not None
    for number, one in enumerate(found["inputs"]):
        for name in ISHIGAMI:
            assert one[name]["low"] <= ISHIGAMI[name][number] <= one[name]["high"]
            assert one[name]["mean"] == pytest.approx(ISHIGAMI[name][number], abs=0.06)


def test_indices_that_count_chance_for_an_effect_are_wrong() -> None:
    """The correction matters: without it the total of an input is too large where histories are few, and the test above sees it."""
    design = designs.design("sobol", _inputs(3, -np.pi, np.pi), 1024, 0)
    values = _outcomes(design, 8, 8.0)
    corrected = _total_errors(design, values)
    means = values.mean(axis=1).reshape(1024, 5)
    of, to = sensitivity._sobol(means, 0.0)
    plain = of[1] / to - ISHIGAMI["total"]
    assert np.abs(corrected).max() < 0.1
    assert plain.max() > 0.2


def test_intervals_of_indices_cover() -> None:
    """95 % intervals hold the exact total index in at least 85 % of designs and draws of chance."""
    hits = []
    for seed in range(40):
        design = designs.design("sobol", _inputs(3, -np.pi, np.pi), 256, seed)
        found = sensitivity.indices(design, _outcomes(design, 10, 6.0, seed), seed)
        assert found is not None
        hits += [
            one["total"]["low"] <= exact <= one["total"]["high"] for one, exact in zip(found["inputs"], ISHIGAMI["total"], strict=True)
        ]
    assert np.mean(hits) > 0.85


def test_morris_agrees_with_salib() -> None:
    """Elementary effects of means are those of SALib, per unit of the range; an input that does nothing stays at the floor."""
    from SALib.analyze import morris

    design = designs.design("morris", _inputs(3, -np.pi, np.pi), 30, 0)
    values = _outcomes(design, 50, 0.0)
    found = sensitivity.indices(design, values)
    assert found is not None
    bounds = [[-np.pi, np.pi]] * 3
    known = morris.analyze({"num_vars": 3, "names": list("abc"), "bounds": bounds}, design.values, values.mean(axis=1), num_resamples=2)
    for name in ("mu", "mu_star", "sigma"):
        np.testing.assert_allclose([one[name]["mean"] for one in found["inputs"]], known[name], rtol=1e-9)
    idle = sensitivity.indices(design, np.random.default_rng(0).normal(0.0, 3.0, (len(design.values), 50)))
    assert idle is not None
    assert [one["mu_star"]["mean"] for one in idle["inputs"]] == pytest.approx([idle["noise"]] * 3, rel=0.35)


@settings(max_examples=25)
@given(st.floats(0.1, 5.0), st.floats(0.1, 5.0), st.floats(0.1, 5.0), st.integers(0, 1000))
def test_variance_is_told_apart(inputs: float, common: float, apart: float, seed: int) -> None:
    """The three sources of variance are found again from outcomes made of them."""
    chance = np.random.default_rng(seed)
    parts = (chance.normal(0, inputs, (400, 1)), chance.normal(0, common, (1, 400)), chance.normal(0, apart, (400, 400)))
    outcomes = parts[0] + parts[1] + parts[2]
    found = sensitivity.spread(outcomes)
    exact = parts[0].var(ddof=1), parts[1].var(ddof=1), apart**2
    noise = apart**2 / 400 + 4 * apart * max(inputs, common) / 400
    assert found[:3] == pytest.approx(exact, rel=0.05, abs=2 * noise)
    shares = sensitivity.shares(outcomes)
    assert shares["inputs"] == pytest.approx(exact[0] / sum(exact), abs=0.05)


@pytest.mark.parametrize("name", ["sobol", "morris", "grid"])
def test_an_outcome_that_never_varies_has_no_indices(name: str) -> None:
    """Nor one that is chance alone, under Sobol; it is said why, and nothing divides by nothing."""
    design = designs.design(name, _inputs(2), 8, 0)
    flat = np.full((len(design.values), 10), 0.7)
    assert sensitivity.shares(flat) == {"inputs": None, "chance": None, "noise": None}
    found = sensitivity.indices(design, flat)
    assert found is None if name == "grid" else found is not None and "same at all points" in found["why"]
    if name == "sobol":
        chance = sensitivity.indices(design, np.random.default_rng(0).normal(size=(len(design.values), 10)))
        assert chance is not None
        assert "cannot be told from chance" in chance["why"]
        one = sensitivity.indices(design, np.random.default_rng(0).normal(size=(len(design.values), 1)))
        assert one is not None
        assert "one history" in one["why"]


# sweeps


def test_a_point_is_the_run_with_what_is_varied_done(swept: dict[str, Any]) -> None:
    """Each point of the table is what a run of its own measures, on the same histories."""
    assert [point["inputs"] for point in swept["points"]] == [[x, y] for x in (0.0, 0.5, 1.0) for y in (0.0, 0.5)]
    for point in (swept["points"][0], swept["points"][3]):
        nerve, bandwagon = point["inputs"]
        do = ["off work", f"trait Berg.nerve = {nerve}", f"parameter bandwagon = {bandwagon}"]
        alone = simulate(scenario(), 40, 3, TICKS, do=do)
        from virtu.organisation import measures

        for name in ("share:Berg", "gini"):
            assert point["measures"][name] == statistics.estimate(measures.of_all(alone)[name][0])


def test_one_program_runs_all_points(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is varied are numbers, not programs."""
    from virtu.laboratory import kernel

    compiled, count = kernel.compiled, []
    monkeypatch.setattr(kernel, "compiled", lambda *given: count.append(1) or compiled(*given))
    sweep(scenario(), ["Berg.nerve = 0:1:4"], histories=10, seed=11, ticks=TICKS)
    assert len(count) == 1


def test_a_sweep_is_the_same_however_it_is_run(swept: dict[str, Any]) -> None:
    """Workers and chunks change nothing; the JSON is strict."""
    again = sweep(
        scenario(), VARY, histories=40, seed=3, ticks=TICKS, measures=["share:Berg", "gini"], do=["off work"], chunk=20, workers=2
    )
    timeless = {key: value for key, value in again.items() if key != "timing"}
    assert timeless == {key: value for key, value in swept.items() if key != "timing"}
    json.dumps(swept, allow_nan=False)


def test_a_sweep_that_is_interrupted_ends_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Interrupted after each shard, and gone on with, it is the record of one that never was."""
    monkeypatch.setattr(orders, "SHARD", 64)
    given = sweeping.order(scenario(), VARY, "grid", None, 100, 0, TICKS, ["gini"])
    recorded.record(given, tmp_path / "whole")
    assert len(orders.shards_of(given)) == 12

    class Killed(BaseException):
        pass

    def die(*_: int) -> None:
        raise Killed

    kills = 0
    while True:
        try:
            recorded.record(given, tmp_path / "run", workers=1, progress=die)
            break
        except Killed:
            kills += 1
    assert kills >= 4  # what runs when it is interrupted is kept too
    assert content(tmp_path / "run") == content(tmp_path / "whole")
    assert store.read(tmp_path / "run").summary["measures"] == directory.plain(recorded.record(given, tmp_path / "whole"))["measures"]


def test_one_history_and_one_input(tmp_path: Path) -> None:
    """The smallest sweep there is has no intervals and no variances, and is shown all the same."""
    found = sweep(scenario(), ["Berg.nerve = 0:1:2"], histories=1, ticks=TICKS, measures=["gini"])
    assert found["measures"][0]["variance"]["chance"] is None
    assert found["points"][0]["measures"]["gini"]["low"] is None
    sweep_report.write(tmp_path / "report.html", found, scenario())
    sweep_tables.sweep(found)
    sweep_table.write(tmp_path, found)


def test_the_street_is_swept() -> None:
    """The other arena, through the same door."""
    found = sweep(hot(), ["parameter media_selection = 0:1:2"], histories=20, ticks=TICKS)
    assert len(found["points"]) == 2
    assert found["arena"] == "street"


@pytest.mark.parametrize(("measure", "told"), [("luck", "unknown measure"), ("share", "share:NAME"), ("share:Borg", "did you mean 'Berg'")])
def test_an_unknown_measure_is_refused(measure: str, told: str) -> None:
    """Before anything is run."""
    with pytest.raises(InputError, match=told):
        sweep(scenario(), VARY, measures=[measure], ticks=TICKS)


# for other tools and for people


def test_other_tools_read_the_table(swept: dict[str, Any], tmp_path: Path) -> None:
    """CSV and Parquet say the same: one row a point, inputs, and mean and bounds of each measure; names cannot run as formulas."""
    odd = json.loads(json.dumps(swept))
    odd["design"]["inputs"][0]["name"] = "=1+1"
    where = sweep_table.write(tmp_path, odd)
    with (tmp_path / where["csv"]).open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    table = parquet.read_table(tmp_path / where["parquet"])
    assert rows[0] == [
        "point",
        "'=1+1",
        "parameter bandwagon",
        *(f"{name}{end}" for name in ("share:Berg", "gini") for end in ("", " low", " high")),
    ]
    assert [[float(cell) for cell in row] for row in rows[1:]] == [list(row.values()) for row in table.to_pylist()]
    assert table["gini low"].to_pylist() == [point["measures"]["gini"]["low"] for point in swept["points"]]


def test_the_workbench_reads_the_archive(swept: dict[str, Any], tmp_path: Path) -> None:
    """`ema_workbench.load_results` gives the inputs and the means back; without it, its parts do."""
    import io
    import tarfile

    where = sweep_table.write(tmp_path, swept)
    with tarfile.open(tmp_path / where["workbench"], "r:gz") as archive:
        text = {name: (archive.extractfile(name) or pytest.fail(name)).read().decode() for name in archive.getnames()}
    about = json.loads(text["metadata.json"])
    rows = list(csv.DictReader(io.StringIO(text["experiments.csv"])))
    assert list(rows[0]) == list(about["experiments"]) == ["Berg.nerve", "parameter bandwagon", "scenario", "policy", "model"]
    assert [[float(row[name]) for name in list(row)[:2]] for row in rows] == [point["inputs"] for point in swept["points"]]
    for kind, name, file in about["outcomes"]:
        assert kind == "ScalarOutcome"
        assert [float(line) for line in text[file].split()] == [point["measures"][name]["mean"] for point in swept["points"]]


@pytest.mark.parametrize("design", ["grid", "sobol", "morris"])
def test_the_report_says_what_was_found(design: str, tmp_path: Path) -> None:
    """Figures, sentences and tables of each design; the command in it gives the same numbers again."""
    found = sweep(scenario(), VARY, design, None if design == "grid" else 4, 30, 2, TICKS, measures=["share:Berg"])
    page = sweep_report.write(tmp_path / "report.html", found, scenario()).read_text(encoding="utf-8")
    one = found["measures"][0]
    for words in (sweep_words.answer(found, one), sweep_words.variance(one), "Berg.nerve"):
        assert words.replace("'", "&#39;") in page
    assert "<script" not in page
    assert len(sweep_words.lines(found, one)) == 2
    assert sweep_figures.phase_map(found, one) is not None
    command = sweep_words.command(found)
    assert "'Berg.nerve = 0.0:1.0" in command
    sweep_tables.sweep(found)
