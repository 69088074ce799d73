"""Validation: rows and gaps as one result, a table a person reads, and a command that never takes a difference for an error."""

from __future__ import annotations

import inspect
import json
import math
import re
import sys
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

import virtu
from virtu import cli
from virtu.errors import InputError
from virtu.laboratory import validation
from virtu.laboratory.validation.rows import Gap, Row, table
from virtu.show import wording

SOURCE = "Nobody 1999, Journal of Nothing 1"
TABLE = "made-up/numbers.csv"


def exact(data: Path | None) -> Iterator[Row | Gap]:
    """Yield two numbers that agree, one of them to the last bit of its tolerance, and one that cannot be computed."""
    del data
    yield Row("one.close", 0.75, 0.5, 0.25, SOURCE, "a share; as close as passes")
    yield Row("one.same", -1234.5, -1234.5, 0.0, SOURCE)
    yield Gap("one.lost", "nobody kept the [bold]list")


def doubtful(data: Path | None) -> Iterator[Row | Gap]:
    """Yield what a table says, a number beyond its tolerance, and one that is none."""
    found = table(data, TABLE)
    yield found if isinstance(found, Gap) else Row("two.read", float(found.read_text(encoding="utf-8")), 3.0, 0.5, SOURCE)
    yield Row("two.far", 0.12345, 0.5, 0.0005, SOURCE, "a share; rounded twice in print")
    yield Row("two.none", math.nan, 1.0, 5.0, SOURCE, "did not converge")


@pytest.fixture(autouse=True)
def _made_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let two made-up families be all there are, and no folder be named outside."""
    homes = {"first_kind": exact, "second": doubtful}
    for name, rows in homes.items():
        module = ModuleType(f"made_up_{name}")
        module.__dict__["rows"] = rows
        monkeypatch.setitem(sys.modules, module.__name__, module)
    monkeypatch.setattr(validation, "FAMILIES", {name: f"made_up_{name}" for name in homes})
    monkeypatch.delenv("VIRTU_DATA", raising=False)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder of published tables."""
    (tmp_path / TABLE).parent.mkdir()
    (tmp_path / TABLE).write_text("3.25", encoding="utf-8")
    return tmp_path


@pytest.fixture
def command(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, str, str]]:
    """Return a function that runs ``virtu validate`` in this process and gives code, stdout and stderr."""

    def call(*words: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["virtu", "validate", *words])
        with pytest.raises(SystemExit) as left:
            cli.main()
        said = capsys.readouterr()
        return int(left.value.code or 0), said.out, said.err

    return call


def passes(result: dict[str, Any]) -> dict[str, bool]:
    return {row["id"]: row["pass"] for row in result["rows"]}


# the result


def test_rows_and_gaps_are_counted() -> None:
    """A row passes at its tolerance and not beyond; a number that is none fails; a gap is neither."""
    result = virtu.validate()
    assert passes(result) == {"one.close": True, "one.same": True, "two.far": False, "two.none": False}
    assert (result["passed"], result["failed"]) == (2, 2)
    assert [(gap["family"], gap["id"]) for gap in result["gaps"]] == [("first_kind", "one.lost"), ("second", TABLE)]
    assert result["rows"][2] == {
        "family": "second",
        "id": "two.far",
        "ours": 0.12345,
        "published": 0.5,
        "difference": pytest.approx(-0.37655),
        "tolerance": 0.0005,
        "pass": False,
        "source": SOURCE,
        "note": "a share; rounded twice in print",
    }
    assert (result["rows"][3]["ours"], result["rows"][3]["difference"]) == (None, None)


def test_families_are_chosen_by_name_and_computed_once() -> None:
    assert set(passes(virtu.validate("first_kind"))) == {"one.close", "one.same"}
    assert [row["id"] for row in virtu.validate(["second", "second"])["rows"]] == ["two.far", "two.none"]
    with pytest.raises(InputError, match="unknown family 'first_kin'.*did you mean 'first_kind'"):
        virtu.validate(["second", "first_kin"])


@pytest.mark.parametrize("kind", [str, Path])
def test_tables_are_read_from_the_folder_that_is_named(folder: Path, kind: type) -> None:
    result = virtu.validate("second", kind(folder))
    assert passes(result)["two.read"]
    assert result["gaps"] == []
    with pytest.raises(InputError, match="no-such is not a folder"):
        virtu.validate(data=kind(folder / "no-such"))


def test_a_table_that_is_missing_leaves_a_gap(tmp_path: Path) -> None:
    (gap,) = virtu.validate("second", tmp_path)["gaps"]
    assert gap["reason"] == f"there is no {TABLE} in the folder of published tables"


# the command


def test_a_difference_is_a_result(command: Any) -> None:
    """One JSON object without NaN, code 0, and the same numbers as from Python."""
    code, out, err = command("--json")
    assert (code, err) == (0, "")
    assert json.loads(out, parse_constant=pytest.fail) == virtu.validate()


def test_the_table_says_what_agrees_and_what_does_not(command: Any) -> None:
    """A table a family with its count, a mark a row, notes on what is out of tolerance, reasons of gaps, and the counts."""
    code, out, _ = command()
    assert code == 0
    assert max(map(len, out.splitlines())) <= 100
    assert re.search(r"^first kind: 2 of 2 within tolerance", out, re.MULTILINE)
    assert re.search(r"^second: 0 of 2 within tolerance", out, re.MULTILINE)
    assert re.search(r"^one\.close +0\.75 +0\.5 +\+0\.25 +0\.25 +yes", out, re.MULTILINE)
    assert re.search(r"^one\.same +−1234\.5 +−1234\.5 +0 +0 +yes", out, re.MULTILINE)
    assert re.search(r"^two\.far +0\.12345 +0\.5 +−0\.38 +0\.0005 +no", out, re.MULTILINE)
    assert re.search(r"^two\.none +– +1 +– +5 +no", out, re.MULTILINE)
    assert "two.far: a share; rounded twice in print" in out
    assert "as close as passes" not in out
    assert re.search(r"^first kind +one\.lost +nobody kept the \[bold\]list", out, re.MULTILINE)
    assert "2 of 4 numbers are within their tolerance, 2 are not, 2 gaps." in out
    assert out.index("first kind:") < out.index("second:") < out.index("Not computed") < out.index("2 of 4")


def test_one_family_without_gaps(command: Any, folder: Path) -> None:
    _, out, _ = command("second", "--data", str(folder))
    assert "first kind" not in out
    assert "Not computed" not in out
    assert "1 of 3 numbers are within their tolerance, 2 are not, 0 gaps." in out


def test_the_environment_names_the_folder_and_the_option_goes_before_it(
    command: Any, folder: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VIRTU_DATA", str(folder))
    assert json.loads(command("second", "--json")[1])["gaps"] == []
    bare = tmp_path_factory.mktemp("bare")
    assert len(json.loads(command("second", "--json", "--data", str(bare))[1])["gaps"]) == 1
    monkeypatch.setenv("VIRTU_DATA", "")
    assert "--data" in json.loads(command("second", "--json")[1])["gaps"][0]["reason"]


@pytest.mark.parametrize(("words", "told"), [(("secnd",), "did you mean 'second'"), (("--data", "no-such"), "no-such is not a folder")])
def test_bad_input_is_code_2(command: Any, words: tuple[str, ...], told: str) -> None:
    code, out, err = command(*words, "--json")
    assert (code, out) == (2, "")
    assert told in err
    assert err.startswith("virtu: ")


# numbers as they are shown


@pytest.mark.parametrize(
    ("value", "tolerance", "shown"),
    [
        (33.4995123, 5e-5, "33.499512"),
        (-0.4349, 0.0005, "−0.43490"),
        (7.4, 0.05, "7.400"),
        (99.6, 5.0, "99.6"),
        (12345.6, 500.0, "12346"),
        (7.389955686853767, 1e-12, "7.389955687"),
        (15.0, 0.0, "15"),
        (None, 0.5, "–"),
    ],
)
def test_numbers_are_shown_to_the_decimal_that_counts(value: float | None, tolerance: float, shown: str) -> None:
    assert wording.tolerated(value, tolerance) == shown


# the families there are


def test_every_family_is_registered_and_keeps_the_interface(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every file of the folder is registered under its name, says what it computes, and takes a folder."""
    monkeypatch.undo()
    folder = Path(inspect.getfile(validation)).parent
    files = {path.stem for path in folder.glob("*.py")} - {"__init__", "rows"}
    assert {name: home.rpartition(".")[2] for name, home in validation.FAMILIES.items()} == {name: name for name in files}
    for home in validation.FAMILIES.values():
        module = import_module(home)
        assert (module.__doc__ or "").splitlines()[0].endswith(".")
        assert list(inspect.signature(module.rows).parameters) == ["data"]
