"""What notebooks show: scenarios, answers and verdicts as HTML with all text escaped, and bars of progress."""

from __future__ import annotations

import copy
import io
import json
import pickle
import sys
from html.parser import HTMLParser
from typing import Any

import pytest

import virtu
from virtu.laboratory.verdict import verdict
from virtu.scenario.displayed import Answer, answering
from virtu.show import notebook

from . import small
from .synthetic import comparison, dataset, summary

MARKUP = "<script>alert(1)</script>"
KNOWN = {"pre", "span", "div", "strong", "small", "br", "p", "svg", "g", "path", "text", "rect", "line", "title", "tspan"}


def tags(html: str) -> set[str]:
    """Return the elements of a piece of HTML."""
    found: set[str] = set()

    class Reader(HTMLParser):
        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            found.add(tag)
            assert not any(name.startswith("on") for name, _ in attrs)

    Reader().feed(html)
    return found


def test_a_scenario_is_shown_with_its_people() -> None:
    own = small.scenario(title=f"{MARKUP} & sons")
    html = own._repr_html_()
    assert all(name in html for name in own.person_names) and "&lt;script&gt;" in html
    assert tags(html) <= KNOWN
    assert "two camps" in virtu.load("two-camps")._repr_html_().lower()


def test_an_answer_is_a_dictionary_that_shows_itself() -> None:
    told = comparison()
    told["arms"][0]["verdict"]["sentence"] = f"It helped {MARKUP}"
    answer = Answer("comparison", told)
    assert answer == told and json.loads(json.dumps(answer)) == json.loads(json.dumps(told))
    for other in (pickle.loads(pickle.dumps(answer)), copy.deepcopy(answer)):
        assert other == answer and other.kind == "comparison"
    html = answer._repr_html_()
    assert "&lt;script&gt;" in html and "<svg" in html and tags(html) <= KNOWN


def test_a_run_is_shown_with_its_figure() -> None:
    html = Answer("run", summary(dataset(histories=60)))._repr_html_()
    assert "Who ends on top" in html and "<svg" in html and tags(html) <= KNOWN


def test_a_verdict_is_a_sentence() -> None:
    effect = {"mean": 0.1, "low": 0.05, "high": 0.15, "unchanged": 0.0}
    found = verdict(f"on_top:{MARKUP}", effect, None)
    assert isinstance(found, Answer) and found.kind == "verdict"
    html = found._repr_html_()
    assert html.startswith("<p><strong>helped</strong>: It helped") and tags(html) == {"p", "strong"}


def test_functions_that_answer_keep_their_names_and_arguments() -> None:
    @answering("run")
    def asked(number: int, *, again: bool = False) -> dict[str, Any]:
        """Ask."""
        return {"number": number, "again": again}

    found = asked(3, again=True)
    assert found == {"number": 3, "again": True} and found.kind == "run" and asked.__name__ == "asked" and asked.__doc__ == "Ask."


def test_progress_is_told_from_start_to_end(monkeypatch: pytest.MonkeyPatch) -> None:
    said = io.StringIO()
    monkeypatch.setattr(sys, "stderr", said)
    advance = virtu.progress("my histories")
    for done in (0, 4, 10):
        advance(done, 10)
    assert "my histories" in said.getvalue() and "10/10" in said.getvalue()


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.filterwarnings("ignore::ResourceWarning")
def test_a_notebook_shows_them() -> None:
    """In a kernel of its own, cell by cell."""
    nbformat = pytest.importorskip("nbformat", reason="notebooks are run with: pip install nbclient ipykernel")
    nbclient = pytest.importorskip("nbclient", reason="notebooks are run with: pip install nbclient ipykernel")
    pytest.importorskip("ipykernel", reason="notebooks are run with: pip install nbclient ipykernel")
    cells = ["import virtu\nscenario = virtu.load('two-camps')\nscenario", "bar = virtu.progress()\nbar(0, 2)\nbar(2, 2)"]
    book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    nbclient.NotebookClient(book, timeout=120, kernel_name="python3").execute()
    shown, told = (cell["outputs"] for cell in book.cells)
    assert "<pre" in shown[0]["data"]["text/html"] and "2/2" in str(told)
    assert notebook.html(virtu.load("two-camps")) == shown[0]["data"]["text/html"]
