"""The page, visited without a browser: a verdict in three clicks, histories, uploads with their faults, hostile names."""

from __future__ import annotations

import asyncio
import json
import re
import sys
import time
import xml.etree.ElementTree as ET
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import pytest

pytest.importorskip("nicegui", reason="the page needs the extra: pip install 'virtu[lab]'")

from nicegui import ui
from nicegui.elements.upload_files import SmallFileUpload
from nicegui.testing import User
from nicegui.testing.user_simulation import user_simulation
from starlette.datastructures import QueryParams

import virtu
from virtu.cli import lab_jobs
from virtu.cli.lab import furnish
from virtu.cli.lab_desk import desk, key_of, whole_number
from virtu.cli.lab_jobs import Bench
from virtu.cli.lab_seats import Seats
from virtu.errors import ScenarioError
from virtu.scenario import template
from virtu.scenario.nodes import LARGEST_FILE
from virtu.show import wording
from virtu.show.lab.address import address, asked
from virtu.show.lab.desk import Ask

from . import small

MARKUP = "<script>alert(1)</script>"
HOSTILE = [MARKUP, 'O\'Hara "the" <b>Boss</b> & Co', "\u202eevil\u202c rtl", "مدير التحرير", "<img src=x onerror=alert(1)>"]
HURRIED = (
    "from virtu.laboratory import kernel; from virtu.cli.lab_errand import main; "
    "kernel.QUICKER = {**kernel.QUICKER, 'xla_backend_optimization_level': 0}; main()"
)
Visit = Callable[[User, Bench], Awaitable[None]]


@asynccontextmanager
async def visiting(folder: Path, own: Any = None) -> AsyncIterator[tuple[User, Bench]]:
    async with user_simulation() as user:
        bench = Bench(folder)
        furnish(bench, own)
        yield user, bench
        tasks = [job.task for job in bench.jobs.values() if job.task]
        bench.close()
        await asyncio.gather(*tasks)


def visit(folder: Path, what: Visit, own: Any = None) -> None:
    """Open the page for one visitor, who does something there."""

    async def work() -> None:
        async with visiting(folder, own) as (user, bench):
            await what(user, bench)

    asyncio.run(work())


def told(user: User) -> str:
    """Return all text and markup that the visitor is sent."""
    client = user.client
    assert client is not None
    return "\n".join(json.dumps(element._to_dict(), default=str) for element in client.elements.values())


async def finished(bench: Bench, most: float = 400.0) -> Any:
    """Wait for the latest errand, and return its result."""
    job = list(bench.jobs.values())[-1]
    ends = time.monotonic() + most
    while not job.over and time.monotonic() < ends:
        await asyncio.sleep(0.05)
    assert job.state == "done", (job.state, job.stage, job.faults)
    return job.result


def own_scenario(**changes: Any) -> Any:
    """Return a small scenario of the organisation."""
    return small.scenario(**changes)


def renamed(names: list[str]) -> Any:
    """Return the small scenario with other names, so that what was compiled for it serves."""
    held = small.content()
    text = json.dumps({**held, "title": f"{MARKUP} & sons", "summary": "x" * 10_000 + MARKUP})
    for old, new in zip(held["actors"], names, strict=False):
        text = text.replace(json.dumps(old), json.dumps(new))
    return virtu.loads(text)


@pytest.fixture(autouse=True)
def quick_errands(monkeypatch: pytest.MonkeyPatch) -> None:
    """Errands compile sooner; what they find is the same but for the last bits."""
    monkeypatch.setattr(lab_jobs, "COMMAND", (sys.executable, "-c", HURRIED))


def test_a_verdict_takes_three_clicks(tmp_path: Path) -> None:
    """From the first page: a scenario, then a question; the answer is that of the library."""
    own = own_scenario()

    async def what(user: User, bench: Bench) -> None:
        await user.open("/")
        await user.should_see(own.title)
        card = next(link for link in user.find(ui.link).elements if link.props["href"].startswith("/s/file-"))
        await user.open(card.props["href"])
        user.find("The mechanism patronage is switched off").click()
        await user.should_see("Cancel")
        found = (await finished(bench))["comparison"]
        await user.should_see("The same again", retries=20)
        with small.quickly():
            expected = virtu.compare(own, ["off patronage"], histories=200)
        assert found["arms"][0]["verdict"] == expected["arms"][0]["verdict"]
        assert found["arms"][0]["effects"] == expected["arms"][0]["effects"]
        assert expected["arms"][0]["verdict"]["sentence"] in told(user)
        await user.should_see("virtu compare small.yaml --do 'off patronage'")
        link = next(element for element in user.find(ui.link).elements if element.text.startswith("Address"))
        await user.open(link.props["href"])
        await user.should_see("off patronage")
        user.find(marker="ask").click()
        await user.should_see("The same again", retries=20)
        assert len(bench.jobs) == 1, "the same question is answered from what was found"

    visit(tmp_path, what, own)


def test_histories_are_run_and_one_is_looked_at(tmp_path: Path) -> None:
    own = own_scenario()

    async def what(user: User, bench: Bench) -> None:
        await user.open(f"/s/{key_of(own)}")
        user.find(marker="run-histories").clear().type("30")
        user.find(marker="run").click()
        found = await finished(bench)
        await user.should_see("One history, seen close", retries=20)
        assert found["summary"]["histories"] == 30
        slider: Any = next(iter(user.find(marker="moment").elements))
        before = told(user)
        slider.set_value(7)
        await user.should_see(wording.when(own.date_of(7)))
        assert told(user) != before
        user.find(marker="play").click()
        await user.should_see("Pause")
        await user.should_see(wording.when(own.date_of(8)), retries=20)
        user.find(marker="play").click()
        user.find(marker="history").clear().type("3")
        user.find(marker="show").click()
        close = await finished(bench)
        assert close["history"] == 3
        await user.should_see("What happens in history 3", retries=20)
        user.find(marker="history").clear().type("30")
        user.find(marker="show").click()
        job = list(bench.jobs.values())[-1]
        while not job.over:
            await asyncio.sleep(0.05)
        await user.should_see("there is no history 30", retries=20)

    visit(tmp_path, what, own)


def test_a_run_is_cancelled_within_a_second(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lab_jobs, "COMMAND", (sys.executable, "-c", "import time; time.sleep(600)"))

    async def what(user: User, bench: Bench) -> None:
        await user.open("/s/two-camps")
        user.find("The elite is made to concede at every council").click()
        await user.should_see("so far")
        user.find("Cancel").click()
        (job,) = bench.jobs.values()
        assert job.state == "cancelled"
        await user.should_see("Cancelled after", retries=10)

    visit(tmp_path, what)


def test_a_question_is_put_together_from_what_the_grammar_allows(tmp_path: Path) -> None:
    async def what(user: User, bench: Bench) -> None:
        await user.open("/s/politburo-1922")
        for field, value in (("person", "Kamenev"), ("trait", "nerve")):
            choice: Any = next(iter(user.find(marker=field).elements))
            choice.set_value(value)
        user.find(marker="value").type("7")
        user.find(marker="add").click()
        await user.should_see("nerve must lie between 0 and 1, found 7")
        user.find(marker="value").clear().type("0.9")
        user.find(marker="since").type("1924-13")
        user.find(marker="add").click()
        await user.should_see("1924-13")
        await user.should_not_see("trait Kamenev.nerve = 0.9")
        user.find(marker="since").clear().type("1924-01")
        user.find(marker="add").click()
        await user.should_see("trait Kamenev.nerve = 0.9 @ 1924-01")
        user.find(marker="add").click()
        await user.should_see("set the same at the same time")
        user.find("Remove").click()
        user.find(marker="ask").click()
        await user.should_see("nothing is done yet")
        user.find(marker="histories").clear().type("many")
        user.find("The mechanism patronage is switched off").click()
        await user.should_see("a whole number is wanted here")
        user.find(marker="histories").clear().type("999999")
        user.find(marker="ask").click()
        await user.should_see("the page plays 1 to 20,000 histories")
        assert not bench.jobs

    visit(tmp_path, what)


@pytest.mark.parametrize(
    ("place", "said"),
    [
        ("/s/nowhere", "there is no scenario"),
        ("/s/file-0123456789ab", "upload the file again"),
        (f"/s/{MARKUP.replace('/', '')}", "there is no scenario"),
        ("/s/two-camps?histories=many", "a whole number is wanted"),
        ("/s/two-camps?seed=x", "a whole number is wanted"),
        (f"/s/two-camps?do={'x' * 3000}", "characters each"),
        ("/s/two-camps?outcome=nonsense", "unknown measure"),
        ("/s/two-camps?hash=0123", "The numbers will differ"),
    ],
)
def test_an_address_at_fault_is_told(tmp_path: Path, place: str, said: str) -> None:
    async def what(user: User, _: Bench) -> None:
        await user.open(place)
        assert said in told(user)
        assert "<script" not in told(user).lower()

    visit(tmp_path, what)


def test_what_an_address_does_is_checked_and_never_markup(tmp_path: Path) -> None:
    async def what(user: User, bench: Bench) -> None:
        await user.open(f"/s/two-camps?do={quote('elite ' + MARKUP)}")
        user.find(marker="ask").click()
        await user.should_see("Cancel") if bench.jobs else None
        assert "unknown answer of the elite" in told(user) and not bench.jobs
        assert all(MARKUP not in html.content for html in user.find(ui.html).elements)

    visit(tmp_path, what)


def test_an_address_asks_what_it_was_made_of() -> None:
    card = desk(Bench(Path()), Seats(Path())).find("weimar-1929")
    ask = Ask(("elite concede", 'forbid "a&b=c" x', "100 % 'ü'"), "rules:elite", 300, -5)
    found = asked(QueryParams(urlsplit(address(card, ask)).query), whole_number)
    assert found.ask == ask and found.sha256 == card.scenario.sha256


def test_hostile_names_are_only_ever_text(tmp_path: Path) -> None:
    """Markup, quotes and writing from right to left in names, and a summary of ten thousand characters, change nothing but words."""
    own = renamed(HOSTILE)

    async def what(user: User, bench: Bench) -> None:
        await user.open("/")
        await user.open(f"/s/{key_of(own)}")
        user.find(marker="run-histories").clear().type("20")
        user.find(marker="run").click()
        await finished(bench)
        await user.should_see("One history, seen close", retries=20)
        user.find("The order of speech is drawn by lot").click()
        await finished(bench)
        await user.should_see("It ", retries=20)
        sent = [html.content for html in user.find(ui.html).elements]
        assert any("&lt;script&gt;" in html for html in sent), "the names are there"
        for html in sent:
            assert "<script" not in html.lower() and "<img" not in html.lower() and "<b>" not in html
            ET.fromstring(f"<div>{re.sub(r'&nbsp;', ' ', html)}</div>") if html.startswith("<svg") else None

    visit(tmp_path, what, own)


def test_an_upload_with_faults_shows_them_all(tmp_path: Path) -> None:
    text = (small_text()).replace("unit: month", "unit: fortnight") + "\nnonsense: <script>alert(1)</script>\n"

    async def what(user: User, _: Bench) -> None:
        await user.open("/")
        await upload(user, text.encode(), "<b>mine</b>.yaml")
        found = " ".join(html.content for html in user.find(ui.html).elements)
        with pytest.raises(ScenarioError) as caught:
            virtu.loads(text, "mine")
        assert len(caught.value.faults) > 1
        for fault in caught.value.faults:
            assert fault.where is not None and f'<td class="number">{fault.where.line}</td>' in found
        assert "<script" not in found and "<b>" not in found

    visit(tmp_path, what)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"\xff\xfe\x00", "UTF-8"),
        (b"!!python/object/apply:os.system ['echo harm']", ""),
        (b"a: &a [*a]", ""),
        (b"x" * (LARGEST_FILE + 1), "at most"),
        (b"extends: /etc/passwd\nscenario: x", "there is no shipped scenario"),
        (b"", ""),
    ],
)
def test_an_upload_that_is_no_scenario_is_refused(tmp_path: Path, data: bytes, said: str) -> None:
    async def what(user: User, _: Bench) -> None:
        await user.open("/")
        await upload(user, data, "mine.yaml")
        assert "cannot be used as it is" in told(user) and said in told(user)

    visit(tmp_path, what)


def test_a_good_upload_opens(tmp_path: Path) -> None:
    async def what(user: User, _: Bench) -> None:
        await user.open("/")
        await upload(user, small_text().encode(), "mine.yaml")
        await user.should_see("What if?", retries=20)
        await user.should_see(virtu.loads(small_text()).title)

    visit(tmp_path, what)


def small_text() -> str:
    return template("small")


async def upload(user: User, data: bytes, name: str) -> None:
    """Send a file through the upload of the first page, and wait until it was dealt with."""
    box: Any = next(iter(user.find(marker="upload").elements))
    before = user.back_history[-1] if user.back_history else None
    await box.handle_uploads([SmallFileUpload(name, "application/yaml", data)])
    for _ in range(200):
        await asyncio.sleep(0.05)
        if "cannot be used" in told(user) or (user.back_history and user.back_history[-1] != before):
            return
