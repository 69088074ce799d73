"""The report is one file that opens offline, says what was found, and takes names for text."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
import xarray as xr

from virtu.errors import RunError
from virtu.record import store
from virtu.scenario.load import loads
from virtu.scenario.vocabulary import MOVES, parameters
from virtu.show import account, look, report
from virtu.show.typical import ROUTINE, SENTENCES, sentence, told, typical

from .synthetic import PERSONS, VERSIONS, comparison, dataset, events, scenario, summary

VOID = {"meta", "br", "hr", "img", "link", "input"}


class Page(HTMLParser):
    """A page taken apart: elements with attributes, text by element, identifiers, faults of nesting."""

    def __init__(self, path: Path) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text: list[str] = []
        self.open: list[str] = []
        self.html = path.read_text(encoding="utf-8")
        self.feed(self.html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] not in ("style", "title"):
            self.text.append(data.strip())

    @property
    def words(self) -> str:
        """All text of the page."""
        return " ".join(filter(None, self.text))

    def all(self, attribute: str) -> list[str]:
        """Return the values of an attribute in all elements."""
        return [str(attrs[attribute]) for _, attrs in self.elements if attribute in attrs]


@pytest.fixture(scope="module")
def results() -> xr.Dataset:
    """Return a Dataset."""
    return dataset(histories=120)


@pytest.fixture(scope="module")
def page(results: xr.Dataset, tmp_path_factory: pytest.TempPathFactory) -> Page:
    """Return a report, taken apart."""
    path = tmp_path_factory.mktemp("report") / "report.html"
    return Page(report.write(path, results, events(results), summary(results), scenario()))


def test_one_file_that_needs_nothing(page: Page) -> None:
    """No script, nothing loaded, every element closed, below two megabytes."""
    assert page.open == []
    tags = {tag for tag, _ in page.elements}
    assert not tags & {"script", "link", "img", "iframe", "object", "embed", "use", "image"}
    assert not page.all("src")
    assert not [name for _, attrs in page.elements for name in attrs if name.startswith("on")]
    assert "url(" not in page.html
    assert "@import" not in page.html
    assert len(page.html.encode()) < 2_000_000
    assert "default-src 'none'" in page.all("content")[1]


def test_links_lead_somewhere(page: Page) -> None:
    """Every link is to a place in the page or to a source; identifiers are unique."""
    places = page.all("id")
    assert len(places) == len(set(places))
    for link in page.all("href"):
        assert link.removeprefix("#") in places if link.startswith("#") else link == "https://example.org/book"


def test_it_says_what_was_found(page: Page, results: xr.Dataset) -> None:
    """Sentences, sections, numbers, the record, the chronicle, parameters, sources and the way to the same run."""
    share = account.wording.share(float((results["on_top"].values == 1).mean()))
    for said in (
        f"Berta ends on top more often than anybody else: in {share}",
        "persons fall, natural deaths not counted; Abel does so in",
        "On record Berta ended on top",
        "of 4 recorded exits agree",
        "68.3\xa0% come in the recorded order; Kendall’s τ 0.37 (0.32–0.42)",
        "Strength over time",
        "Berta: believed and true strength",
        "Who depends on whom",
        "Who falls, and when",
        "A typical history, told",
        "One history is an illustration, not a result.",
        "The founder falls ill.",
        f"This scenario changes 2 of {len(parameters())}:",
        "Letters of Berta.",
        "virtu run made-up-1922 --histories 120 --seed 1",
        "not forecasts",
        "normal, mean 0.7, sd 0.1",
        "Kept to the background.",
    ):
        assert said in page.words, said
    assert "120" in page.words


def test_figures_are_drawings_with_text(page: Page) -> None:
    """Five figures, each for a wide and a narrow page; their names can be selected; colours are known to the dark page."""
    assert sum(tag == "svg" for tag, _ in page.elements) == 10
    assert page.html.count(">Berta</text>") >= 8
    colours = {value for attribute in ("fill", "stroke") for value in page.all(attribute)}
    assert colours <= {look.INK, look.MUTED, look.GREY, look.GRID, *look.PALETTE, "none", "transparent"}
    style = re.findall(r"<style>(.*?)</style>", page.html, re.DOTALL)[0]
    for colour in (look.INK, look.MUTED, look.GREY, look.GRID, look.BLUE):
        assert f'[stroke="{colour}"]' in style or colour not in colours
        assert f'[fill="{colour}"]' in style or colour not in page.all("fill")
    assert "prefers-color-scheme: dark" in style
    assert "@media print" in style


def test_the_whole_scenario_is_inside(page: Page) -> None:
    """What is printed at the end loads again as the same scenario."""
    whole = next(text for text in page.text if text.startswith("{") and '"scenario": "made-up-1922"' in text)
    assert loads(whole).sha256 == scenario().sha256


def test_markup_in_names_is_text(tmp_path: Path) -> None:
    """A name or a source cannot add an element, an attribute or a link that runs."""
    hostile = '<img src=x onerror="alert(1)">&amp;{{ 7 * 7 }}'
    odd = dataset(histories=60, persons=(hostile, *PERSONS[1:]))
    file = json.loads(scenario().canonical)
    file["actors"][hostile] = file["actors"].pop("Abel") | {"role": "<script>role</script>"}
    file["record"]["exits"][0]["actor"] = hostile
    file["title"] = "</title><script>title</script>"
    file["sources"]["diary"] = {"text": "</li><b>diary</b>", "url": "javascript:alert(1)", "unconfirmed": False}
    path = report.write(tmp_path / "odd.html", odd, events(odd), summary(odd), loads(json.dumps(file)))
    odd_page = Page(path)
    assert not {tag for tag, _ in odd_page.elements} & {"script", "img", "b"}
    assert not any(link.startswith("javascript") for link in odd_page.all("href"))
    assert hostile in odd_page.words
    assert odd_page.open == []


def test_without_events_record_winner_or_sources(tmp_path: Path) -> None:
    """A run in which nobody leads or falls, without record, facts, sources or events, still has a report."""
    quiet = dataset(histories=25, ticks=4)
    quiet["on_top"][:], quiet["leader"][:], quiet["fall_tick"][:] = -1, -1, -1
    said = summary(quiet) | {"history_check": None, "measures": {}}
    bare = {"record": None, "sources": {}, "facts": [], "summary": "", "parameters": {}}
    file = json.loads(scenario().canonical) | bare
    for actor in file["actors"].values():
        actor.update(source=[], traits={})
    empty = Page(report.write(tmp_path / "q.html", quiet, events(quiet).slice(0, 0), said, loads(json.dumps(file))))
    for sentence_ in (
        "nobody leads at the end in 100.0",
        "Nobody ever falls.",
        "The moves of this run were not kept.",
        f"This scenario changes none of the {len(parameters())}.",
    ):
        assert sentence_ in empty.words
    assert "--ticks 4" in empty.words
    assert sum(tag == "svg" for tag, _ in empty.elements) == 8


def test_one_history(tmp_path: Path) -> None:
    """A single history is enough for a report, with no interval where there is none."""
    one = dataset(histories=1)
    assert "nan" not in Page(report.write(tmp_path / "one.html", one, events(one), summary(one), scenario())).words.lower()


def test_report_is_replaced_whole(results: xr.Dataset, tmp_path: Path) -> None:
    """Writing twice gives the same file; a path that cannot be is an error of the run, and nothing stays behind."""
    first = report.write(tmp_path / "r.html", results, events(results), summary(results), scenario()).read_bytes()
    assert report.write(tmp_path / "r.html", results, events(results), summary(results), scenario()).read_bytes() == first
    assert [path.name for path in tmp_path.iterdir()] == ["r.html"]
    with pytest.raises(RunError, match="could not be written"):
        report.write(tmp_path / "r.html" / "r.html", results, events(results), summary(results), scenario())


def test_comparison_report(tmp_path: Path) -> None:
    """Every arm has its verdict, felt effect, horizon and table, the outcome first; the command quotes the moves."""
    page = Page(report.write_comparison(tmp_path / "c.html", comparison(3), scenario(), VERSIONS))
    assert page.open == []
    for arm in comparison(3)["arms"]:
        assert page.words.count(arm["verdict"]["sentence"]) == 2
    assert "Felt by Berta: +0.031 (0.024–0.038) a tick." in page.words
    assert "39.0\xa0% of the histories came out different, from tick 21 on by the median." in page.words
    assert "0.0\xa0% of the histories came out different." in page.words
    assert "--do 'trait Dora.nerve = 0.9 @ 1924-01' --do nothing --do 'off patronage; order speech random'" in page.words
    tables = re.findall(r"<tbody>\s*<tr><td class=\"text\">(.*?)</td>", page.html)
    assert tables == ["<strong>Berta: ends on top</strong>"] * 3
    assert "exactly 0" in page.words


def test_typical_is_nearest_to_the_medians(results: xr.Dataset) -> None:
    """It has the commonest outcome, and no other history with that outcome is nearer to the medians."""
    history = typical(results)
    on_top = results["on_top"].values
    counts = {int(who): int((on_top == who).sum()) for who in set(on_top.tolist())}
    assert counts[int(on_top[history])] == max(counts.values())
    common = [h for h in range(len(on_top)) if on_top[h] == on_top[history]]
    falls = np.where(results["fall_tick"].values < 0, 225, results["fall_tick"].values)
    distances = {h: sum(abs(falls[h, a] - np.median([falls[c, a] for c in common])) for a in range(10)) for h in common}
    assert distances[history] == min(distances.values())


def test_typical_among_those_kept(results: xr.Dataset) -> None:
    """Only histories whose events were kept are chosen, even where none has the commonest outcome."""
    common = typical(results)
    kept = np.array([history for history in range(120) if history != common])
    assert typical(results, kept) != common
    others = np.flatnonzero(results["on_top"].values != results["on_top"].values[common])
    assert typical(results, others) in others


def log(*rows: tuple[int, str, str, str, str]) -> pa.Table:
    """Return a log of one history."""
    keys = ("tick", "actor", "move", "target", "outcome")
    return pa.Table.from_pylist([{"history": 7, "date": f"t{row[0]}", **dict(zip(keys, row, strict=True))} for row in rows])


def test_story_names_a_few_targets() -> None:
    """A line names at most three targets and counts the others; a run ends after a year; heavy events are never put together."""
    many = log(*((tick, "A", "obstruct", name, "done") for tick, name in enumerate("BCDEFBBC")), (12, "A", "obstruct", "B", "done"))
    assert [line.text for line in told(many, 7).lines] == ["A obstructs B, C, D and 2 others, 9 times until tick\xa012"]
    late = log(
        (0, "A", "obstruct", "B", "done"),
        (6, "A", "obstruct", "B", "done"),
        (12, "A", "obstruct", "B", "done"),
        (13, "A", "obstruct", "B", "done"),
    )
    assert [line.times for line in told(late, 7).lines] == [3, 1]
    twice = log((1, "A", "strike", "B", "failed"), (2, "A", "strike", "B", "failed"))
    assert [line.times for line in told(twice, 7).lines] == [1, 1]


def test_story_leaves_out_routine_and_counts_it() -> None:
    """Biding and cultivating are never told; what soon repeats is told once; weighty events are kept before others."""
    few = log(
        (9, "A", "strike", "B", "failed"),
        (1, "A", "bide", "", ""),
        (2, "A", "denounce", "B", ""),
        (4, "A", "denounce", "C", ""),
        (5, "A", "denounce", "B", ""),
        (30, "A", "denounce", "B", ""),
        (3, "A", "cultivate", "C", ""),
        (9, "A", "falls", "", "out_of_forum:failed_strike"),
    )
    story = told(few, 7)
    assert [line.text for line in story.lines] == [
        "A denounces B and C, 3 times until tick\xa05",
        "A strikes at B and fails",
        "A loses the seat after a failed strike",
        "A denounces B",
    ]
    assert story.left_out == {"bide": 1, "cultivate": 1}
    short = told(few, 7, most=2)
    assert [line.weight for line in short.lines] == [4, 5]
    assert short.left_out == {"denounce": 4, "bide": 1, "cultivate": 1}
    assert told(few, 8).lines == []


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ((1, "A", "strike", "B", "carried"), "A strikes at B and wins"),
        ((1, "A", "strike", "B", "held back"), "A strikes at B, but another question is heard first"),
        ((1, "A", "denounce", "B", "done"), "A denounces B"),
        ((1, "A", "falls", "B", "out_of_forum:strike"), "A loses the seat after a strike by B"),
        ((1, "A", "falls", "A", "out_of_office:strike"), "A loses seat and offices after a strike"),
        ((1, "A", "falls", "", "dead:natural_death"), "A dies of natural causes"),
        ((1, "A", "threaten_to_resign", "", "refused"), "A offers to resign and is asked to stay"),
        ((1, "A", "threaten_to_resign", "", "accepted"), "A offers to resign, and the offer is accepted"),
        ((1, "A", "falls", "", "dead:purge"), "A dies in a purge"),
        ((1, "A", "falls", "", "new_grade:new_cause"), "A falls (new grade) (new cause)"),
        ((1, "A", "appoint", "B", "carried"), "A appoint B (carried)"),
        ((1, "{A}", "praise", "{B}", ""), "{A} praises {B}"),
    ],
)
def test_sentences(row: tuple[int, str, str, str, str], words: str) -> None:
    """Every event is a plain sentence; an event nobody foresaw is written as it is."""
    assert sentence(log(row).to_pylist()[0]) == words


def test_every_move_has_a_sentence_or_is_routine() -> None:
    """The ten moves of the vocabulary are told or left out on purpose."""
    assert set(MOVES) == set(SENTENCES) - {"falls"} | set(ROUTINE)


def test_opening_without_a_record(results: xr.Dataset) -> None:
    """Without a record the third sentence compares the winner's strength with what the others believe."""
    given: dict[str, Any] = summary(results) | {"history_check": None}
    third = account.opening(results, given, scenario())[2]
    middle = len(account.series.estimate_bands(results, "Berta")["ticks"]) // 2
    gap = account.series.estimate_bands(results, "Berta")["gap"][middle][2]
    assert gap < 0
    assert f"lies {account.wording.number(-gap)} below the truth" in third


def test_a_run_read_back_gives_the_same_report(results: xr.Dataset, tmp_path: Path) -> None:
    """The report needs nothing that the record does not hold."""
    log_of_run = events(results)
    run = store.read(store.write(tmp_path / "run", results, log_of_run, summary(results), scenario().canonical))
    direct = report.write(tmp_path / "direct.html", results, log_of_run, summary(results), scenario())
    again = report.write(tmp_path / "again.html", run.dataset, run.events, run.summary, loads(run.scenario_text))
    assert again.read_bytes() == direct.read_bytes()
