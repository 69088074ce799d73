"""Stakeholder tables: what people write is read, and what cannot be read is all said, with file, line and column."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from virtu import cli
from virtu.errors import InputError, ScenarioError
from virtu.scenario.stakeholders import Quantity, read
from virtu.scenario.stakeholders.headings import understood
from virtu.scenario.tables import amounts

PLAIN = "actor,capability,position,salience\nUK,2,7,0.5\nFrance,1.5,10,1\n"
MESSY = """\ufeffStakeholder;Power;Pos.;Importance
UK;16,5;7,5 ± 1;80 %

France;1.016;10;60 %
Ireland;5,0;4;
uk;5;7;20 %
Spain;viel;-3;120 %
;1;1;1 %
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "table.csv"


def _write(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def _faults(path: Path, text: str, **options: Any) -> list[str]:
    with pytest.raises(ScenarioError) as raised:
        read(_write(path, text), **options)
    assert raised.value.exit_code == 2
    return [str(fault).removeprefix(f"{path}:") for fault in raised.value.faults]


def test_a_plain_table(path: Path) -> None:
    table = read(_write(path, PLAIN))
    assert table.actors == ("UK", "France")
    assert table.capability == (Quantity(2.0, 2.0, 2.0), Quantity(1.5, 1.5, 1.5))
    assert table.position == ((Quantity(7.0, 7.0, 7.0),), (Quantity(10.0, 10.0, 10.0),))
    assert [row[0].value for row in table.salience] == [0.5, 1.0]
    assert (table.scale[0].low, table.scale[0].high, table.scale[0].source) == (7.0, 10.0, "inferred")


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize(
    "heads", [("Name", "power", "pos", "importance"), ("STAKEHOLDER", "Resources", "Preference [0-10]", "Salience (%)")]
)
def test_delimiters_and_spellings(path: Path, delimiter: str, heads: tuple[str, ...]) -> None:
    lines = [heads, ("UK", "2", "7", "50"), (), ("France", "1.5", "10", "100")]
    table = read(_write(path, "\n".join(delimiter.join(line) for line in lines)))
    assert table._replace(file="", notes=(), full_salience=1.0) == read(_write(path, PLAIN))._replace(file="")


def test_the_messy_table_is_told_whole(path: Path) -> None:
    assert [fault.split(" (")[0] for fault in _faults(path, MESSY)] == [
        "5:4: the salience of 'Ireland' is missing",
        "6:1: the actor 'uk' stands in line 2 already",
        "7:2: the capability of 'Spain': 'viel' is not a number",
        "7:4: salience must be at most 100 %, not 120 %",
        "8:1: the line names no actor",
    ]


def test_the_messy_table_mended(path: Path) -> None:
    text = MESSY.replace("uk;", "Italy;").replace("viel", "1.234,5").replace("120 %", "100 %").replace("\n;1;1;1 %", "")
    table = read(_write(path, text), assume_salience=0.5)
    assert table.actors == ("UK", "France", "Ireland", "Italy", "Spain")
    assert [one.value for one in table.capability] == [16.5, 1016.0, 5.0, 5.0, 1234.5]
    assert table.position[0][0] == Quantity(7.5, 6.5, 8.5)
    assert [row[0].value for row in table.salience] == [0.8, 0.6, 0.5, 0.2, 1.0]
    assert any("Salience 0.5 is assumed, as asked, for Ireland" in note for note in table.notes)


@pytest.mark.parametrize(
    ("text", "style", "value"),
    [
        ("0,8", None, "0.8"),
        ("1.234", None, "1.234"),
        ("1.234", ",", "1234"),
        ("1,234", ",", "1.234"),
        ("1,234", ".", "1234"),
        ("0,234", None, "0.234"),
        ("1,234.5", None, "1234.5"),
        ("1.234,5", None, "1234.5"),
        ("1,234,567", None, "1234567"),
        ("1 234,5", None, "1234.5"),
        ("1\u202f234", None, "1234"),
        ("1'234.5", None, "1234.5"),
        ("−3", None, "-3"),
        (".5", None, "0.5"),
        ("2e-3", None, "0.002"),
        ("40 %", None, "40"),
    ],
)
def test_numbers(text: str, style: amounts.Style | None, value: str) -> None:
    assert str(amounts.read(text, style).value.normalize() + 0) == str(amounts.Decimal(value).normalize() + 0)


@pytest.mark.parametrize("text", ["1,234", "1,23,456", "1 23", "12 34,5", "x", "1..2", "1,2,3", "inf", "1e99", "٣", "--1", "", "9" * 50])
def test_no_numbers(text: str) -> None:
    with pytest.raises(InputError):
        amounts.read(text, None)


@pytest.mark.parametrize(
    ("heading", "kind", "part", "issue"),
    [
        ("position_tax", "position", "value", "tax"),
        ("Policy Salience", "salience", "value", "Policy"),
        ("pos1", "position", "value", "1"),
        ("tax position low", "position", "low", "tax"),
        ("Capability (±)", "capability", "margin", ""),
        ("Stakeholder name", "actor", "value", ""),
        ("state aid", "unknown", "value", "state aid"),
        ("+/-", "", "margin", ""),
        ("# remark", "left out", "value", ""),
    ],
)
def test_headings(heading: str, kind: str, part: str, issue: str) -> None:
    assert understood(heading, 0)[1:4] == (kind, part, issue)


@pytest.mark.parametrize(
    ("heads", "cells"),
    [
        ("position", "7 ± 1"),
        ("position", "7 +/- 1"),
        ("position,position ±", "7,1"),
        ("position,±", "7,1"),
        ("position,low,high", "7,6,8"),
        ("position,position sd", f"7,{1 / 1.96}"),
    ],
)
def test_uncertainty(path: Path, heads: str, cells: str) -> None:
    text = f"actor,capability,salience,{heads}\nUK,1,1,{cells}\nFrance,1,1,10{',,'[: heads.count(',')]}\n"
    table = read(_write(path, text))
    assert table.position[0][0] == pytest.approx((7.0, 6.0, 8.0))
    assert table.position[1][0].certain
    assert (table.scale[0].low, table.scale[0].high) == pytest.approx((6.0, 10.0))


@pytest.mark.parametrize(
    "heads",
    [
        "position tax,salience tax,position aid,salience aid",
        "tax,tax salience,aid,aid salience",
        "Tax Position,Tax Salience,Aid pos,Aid Sal",
    ],
)
def test_several_issues(path: Path, heads: str) -> None:
    table = read(_write(path, f"name,power,{heads}\nUK,1,1,0.1,5,0.2\nFrance,1,2,0.3,6,0.4\n"), scale=["tax=0:4", "0:10"])
    assert [issue.casefold() for issue in table.issues] == ["tax", "aid"]
    assert [one.value for one in table.position[0]] == [1.0, 5.0]
    assert [one.value for one in table.salience[1]] == [0.3, 0.4]
    assert [(scale.low, scale.high) for scale in table.scale] == [(0.0, 4.0), (0.0, 10.0)]


def test_columns_named_by_issues_share_a_salience(path: Path) -> None:
    table = read(_write(path, "name,power,tax,trade,salience\nUK,1,1,5,0.2\nFrance,1,2,6,0.4\n"))
    assert table.issues == ("tax", "trade")
    assert [one.value for one in table.salience[1]] == [0.4, 0.4]


def test_the_ktab_layout(data: Path) -> None:
    table = read(data / "ktab" / "SOE-Pol-Comp.csv")
    assert (len(table.actors), table.issues) == (13, ("Policy", "Competitive"))
    assert (table.about[0], table.capability[1].value, table.position[12][1].value, table.salience[1][0].value) == (
        "Xi Jinping",
        60.2,
        60.0,
        0.447,
    )
    assert {(scale.low, scale.high, scale.source) for scale in table.scale} == {(0.0, 100.0, "format")}


def test_the_numbers_announced_must_follow(path: Path) -> None:
    text = "a case, note, 3, 1\nActor,Description,Influence,Position,Salience\nUK,x,1,10,20\nFrance,y,2,30,40\n"
    assert _faults(path, text) == ["1: the first line announces 3 actors and 1 issues, but 2 and 1 follow (correct the first line)"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_encodings(path: Path, encoding: str) -> None:
    path.write_text(PLAIN.replace("UK", "Österreich"), encoding=encoding)
    assert read(path).actors[0] == "Österreich"


def test_an_encoding_that_is_not_read_is_named_with_its_line(path: Path) -> None:
    path.write_bytes(PLAIN.replace("France", "Österreich").encode("latin-1"))
    with pytest.raises(InputError, match="not UTF-8") as raised:
        read(path)
    assert raised.value.where is not None
    assert raised.value.where.line == 3


def test_excel(path: Path) -> None:
    book = Workbook()
    sheet: Any = book.active
    for row in [["Actor", "Power", "Position", "Salience"], ["UK", 2, 7, "50%"], [], ["France", 1.5, 10.125, "100 %"]]:
        sheet.append(row)
    book.save(path.with_suffix(".xlsx"))
    table = read(path.with_suffix(".xlsx"))
    assert table.actors == ("UK", "France")
    assert (table.capability[1].value, table.position[1][0].value, table.salience[0][0].value) == (1.5, 10.125, 0.5)


def test_excel_without_openpyxl_or_damaged(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _write(path.with_suffix(".xlsx"), "no workbook")
    with pytest.raises(InputError, match="workbook cannot be read"):
        read(path.with_suffix(".xlsx"))
    monkeypatch.setitem(sys.modules, "openpyxl", None)
    with pytest.raises(InputError, match="virtu\\[excel\\]"):
        read(path.with_suffix(".xlsx"))


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "the table is empty"),
        ("actor,capability,position,salience\n", "no actors"),
        (PLAIN.replace("salience", "saliense"), "1:4: unknown column 'saliense' (did you mean 'salience'?)"),
        (PLAIN.replace("actor", "Capabilty"), "did you mean 'capability'?"),
        (PLAIN.replace("position", "xyz", 1).replace("salience", "position"), "1:3: unknown column 'xyz'"),
        (PLAIN.replace("10", "7"), "1:3: all who count hold the position 7"),
        (PLAIN.replace("1.5", "0"), "one actor has capability and salience"),
        (PLAIN.replace("1.5", "-1"), "3:2: capability must be 0 or more, not -1"),
        (PLAIN.replace("10", "north"), "3:3: the position of 'France': 'north' is not a number"),
        (PLAIN.replace("10", "nan"), "3:3: the position of 'France' is missing"),
        (PLAIN.replace("10", ""), "3:3: the position of 'France' is missing"),
        (PLAIN.replace("France", "Total"), "3:1: 'Total' is a sum and no actor"),
        (PLAIN.replace(",1\n", ",7\n"), "3:4: saliences run up to 7"),
        (PLAIN.replace(",1\n", ",70\n"), "2:4: the salience 0.5 looks like a share among percentages"),
        (PLAIN.replace("10", "10 %"), "3:3: the position 10 % has a percent sign and others have none"),
        (PLAIN.replace("1.5", "15%"), "3:2: the capability 15% has a percent sign"),
        (PLAIN.replace("10", "10 ± 5 %"), "has a percent sign and the value has none"),
        (PLAIN.replace("10", "10 ± -1"), "the margin -1 is below 0"),
        (PLAIN.replace("1.5", "0 ± 1"), "a capability of 0 cannot be uncertain"),
        (PLAIN.replace("\n", ",low\n", 1), "uncertainty is given by low"),
        (PLAIN.replace("\n", ",power\n", 1), "1:5: the column 'power' holds the same as 'capability'"),
        (PLAIN.replace("\n", ",aid salience\n", 1), "cares about an issue without positions"),
        (PLAIN.replace("0.5\n", "0.5,what\n"), "2:5: 'what' stands below no heading"),
        (PLAIN.replace("salience", "# salience"), "the table has no column of saliences"),
        (PLAIN.replace("UK,2", 'UK,"1,234"').replace("1.5", "1").replace("0.5", "1"), "can be read as 1.234 or as 1234"),
        (PLAIN.replace("UK", '"UK'), "quotes"),
    ],
)
def test_what_is_wrong_is_said(path: Path, text: str, told: str) -> None:
    with pytest.raises(InputError) as raised:
        read(_write(path, text))
    assert told in str(raised.value)


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"scale": "0:5"}, "2:3: the position 7 of 'UK' lies outside the scale 0:5"),
        ({"scale": "tax=0:10"}, "--scale names an issue 'tax'"),
        ({"scale": "10:0"}, "does not rise"),
        ({"scale": "wide"}, "is no scale"),
        ({"scale": "a:b"}, "not a number"),
        ({"assume_salience": 2.0}, "not between 0 and 1"),
        ({"full_salience": 0.0}, "full salience"),
        ({"full_salience": float("nan")}, "full salience"),
    ],
)
def test_options_are_checked(path: Path, options: dict[str, Any], told: str) -> None:
    with pytest.raises(InputError) as raised:
        read(_write(path, PLAIN), **options)
    assert told in str(raised.value)


def test_full_salience(path: Path) -> None:
    table = read(_write(path, PLAIN.replace("0.5\n", "4\n").replace(",1\n", ",7\n")), full_salience=10.0)
    assert [row[0].value for row in table.salience] == [0.4, 0.7]


def test_the_command_line_says_all_without_a_traceback(
    path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["virtu", "forecast", str(_write(path, MESSY)), "--json"])
    with pytest.raises(SystemExit) as left:
        cli.main()
    said = capsys.readouterr()
    assert (left.value.code, said.out) == (2, "")
    assert len(said.err.splitlines()) == 5
    assert all(line.startswith(f"virtu: {path}:") for line in said.err.splitlines())


CELLS = st.one_of(
    st.sampled_from(
        ["", "UK", "7", "0,5", "1,234", "1.234,5", "50 %", "7 ± 1", "± 1", "-", "nan", "1e9", "total", "actor", "position", "±"]
    ),
    st.text(max_size=6),
)
TABLES = st.tuples(st.sampled_from([",", ";", "\t", "|"]), st.lists(st.lists(CELLS, max_size=6), max_size=6))


def _reads_or_refuses(path: Path) -> None:
    """A table comes out whole, or the fault is the user's; anything else fails the test."""
    try:
        table = read(path)
    except InputError as error:
        assert error.exit_code == 2
        assert str(error)
    else:
        assert all(one.low <= one.value <= one.high for one in table.capability)
        assert all(0.0 <= one.value <= 1.0 for row in table.salience for one in row)
        assert all(scale.low < scale.high for scale in table.scale)


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(TABLES, st.booleans())
def test_malformed_tables(path: Path, table: tuple[str, list[list[str]]], headed: bool) -> None:
    delimiter, lines = table
    first = [["actor", "capability", "position", "salience"]] if headed else []
    path.write_text("\n".join(delimiter.join(line) for line in [*first, *lines]), encoding="utf-8", errors="replace")
    _reads_or_refuses(path)


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(0, len(PLAIN) - 1), st.text(max_size=4))
@example(0, '"')
def test_slips_of_the_keyboard(path: Path, place: int, slip: str) -> None:
    path.write_text(PLAIN[:place] + slip + PLAIN[place + 1 :], encoding="utf-8", errors="replace")
    _reads_or_refuses(path)


@settings(max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=80))
@example(b"\xff\xfe\x00")
@example(b"a,b\x00c\n")
def test_any_bytes(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    _reads_or_refuses(path)
