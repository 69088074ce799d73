"""The page in a browser without a network: by mouse and by keyboard, wide and narrow, light and dark, without errors.

These tests need Chromium and the extra `browser`; `VIRTU_SHOTS=FOLDER` keeps what is seen.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

pytest.importorskip("nicegui", reason="the page needs the extra: pip install 'virtu[lab]'")
sync_api = pytest.importorskip("playwright.sync_api", reason="browser tests need the extra: pip install 'virtu[browser]'")
axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="browser tests need the extra: pip install 'virtu[browser]'")
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
if CHROMIUM is None:
    pytest.skip("browser tests need Chromium: apt-get install chromium", allow_module_level=True)

from virtu.scenario import template  # noqa: E402

from . import small  # noqa: E402

HOSTILE = ["<script>alert(1)</script>", 'O\'Hara "the" <b>Boss</b> & Co', "\u202eevil\u202c rtl", "مدير التحرير", "=1+1", "@SUM(A1)"]
LOOKS = ((1400, "light"), (420, "dark"))
LONG = 300_000
"""Milliseconds that compiling may take."""

SERVER = """
import sys
from virtu.cli import lab_jobs, lab_seats, main
hurried = ("from virtu.laboratory import kernel; from virtu.cli.{} import main; "
           "kernel.QUICKER = {{**kernel.QUICKER, 'xla_backend_optimization_level': 0}}; main()")
lab_jobs.COMMAND = (sys.executable, "-c", hurried.format("lab_errand"))
lab_seats.COMMAND = (sys.executable, "-c", hurried.format("lab_seat"))
sys.argv = ["virtu", "lab", "--no-browser", "--port", "0", "--json"]
main()
"""


@pytest.fixture(scope="module")
def home() -> Iterator[str]:
    """Return the address of a page that is served."""
    outside = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}  # where nicegui would not serve
    server = subprocess.Popen([sys.executable, "-c", SERVER], stdout=subprocess.PIPE, text=True, env=outside)
    assert server.stdout is not None
    said = [server.stdout.readline() for _ in range(3)]
    yield json.loads("".join(said))["address"]
    server.terminate()
    server.wait(20)
    server.stdout.close()


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    with sync_api.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def page(chromium: Any) -> Iterator[Any]:
    """Return a window from which only this machine can be reached, and which saw no error in the end."""
    context = chromium.new_context(viewport={"width": 1400, "height": 900})
    page, wrong = context.new_page(), []

    def fetch(route: Any) -> None:
        if urlsplit(route.request.url).hostname == "127.0.0.1":
            route.continue_()
            return
        wrong.append(f"reaches for {route.request.url}")
        route.abort()

    context.route("**/*", fetch)
    page.on("console", lambda said: wrong.append(said.text) if said.type in ("error", "warning") else None)
    page.on("dialog", lambda dialog: (wrong.append(f"a dialog: {dialog.message}"), dialog.dismiss()))
    page.on("pageerror", lambda error: wrong.append(str(error)))
    yield page
    context.close()
    assert wrong == []


@pytest.fixture
def mine(tmp_path: Path) -> Path:
    """Return the file of a small scenario."""
    return written(tmp_path, small.content())


def written(folder: Path, content: Any, names: Sequence[str] = ()) -> Path:
    """Write a scenario of few ticks to a file, with other names for the first of its people."""
    text = json.dumps({**content, "calendar": {"start": "2001-01", "ticks": small.TICKS, "unit": "month"}}, ensure_ascii=False)
    for old, new in zip(content["actors"], names, strict=False):
        text = text.replace(json.dumps(old, ensure_ascii=False), json.dumps(new, ensure_ascii=False))
    path = folder / "mine.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def open_mine(page: Any, home: str, mine: Path) -> None:
    page.goto(home)
    page.set_input_files("input[type=file]", str(mine))
    page.wait_for_url("**/s/file-*")
    page.get_by_role("tab", name="What if?").wait_for()


def shoot(page: Any, name: str) -> None:
    """See to it that nothing runs over the side and nobody is kept out, wide and light, narrow and dark; keep what is seen if asked to."""
    shots = os.environ.get("VIRTU_SHOTS")
    for width, scheme in LOOKS if shots is None else [(width, scheme) for width in (1400, 420) for scheme in ("light", "dark")]:
        page.set_viewport_size({"width": width, "height": 900})
        page.emulate_media(color_scheme=scheme)
        page.wait_for_timeout(200)
        wide = page.evaluate("document.documentElement.scrollWidth")
        assert wide <= width, f"{name} is {wide} pixels wide in a window of {width}"
        hinders = barriers(page)
        assert not hinders, f"{name}, {width}, {scheme}: {hinders}"
        if shots is not None:
            page.screenshot(path=f"{shots}/{name}-{width}-{scheme}.png", full_page=True)
    page.set_viewport_size({"width": 1400, "height": 900})
    page.emulate_media(color_scheme="light")


def barriers(page: Any) -> list[str]:
    """Return what keeps people out by the rules of axe-core, serious or critical."""
    found = axe.Axe().run(page).response["violations"]
    return [f"{one['id']}: {node['html'][:160]}" for one in found if one["impact"] in ("serious", "critical") for node in one["nodes"]]


def test_three_clicks_by_mouse(page: Any, home: str, mine: Path) -> None:
    page.goto(home)
    page.get_by_text("The editorial office").wait_for()
    shoot(page, "start")
    page.locator("a.lab-card").first.click()
    page.get_by_role("tab", name="What if?").wait_for()
    open_mine(page, home, mine)
    page.get_by_role("button", name="The mechanism patronage is switched off").click()
    page.get_by_role("button", name="Cancel").wait_for()
    page.locator(".short strong").wait_for(timeout=LONG)
    assert page.locator(".short strong").inner_text().startswith(("It ", "Too few"))
    page.get_by_text("virtu compare small.yaml --do 'off patronage'").wait_for()
    shoot(page, "verdict")


def test_the_same_by_keyboard(page: Any, home: str, mine: Path) -> None:
    """From the first page to a verdict and to the moments of a history, with Tab, Enter, Space and the arrows."""
    page.goto(home)
    page.get_by_text("The editorial office").wait_for()
    reach(page, "document.activeElement.matches('a.lab-card')")
    page.keyboard.press("Enter")
    page.get_by_role("tab", name="What if?").wait_for()
    assert "/s/" in page.url
    open_mine(page, home, mine)
    reach(page, "document.activeElement.innerText === 'The mechanism patronage is switched off'")
    page.keyboard.press("Enter")
    page.locator(".short strong").wait_for(timeout=LONG)
    reach(page, "document.activeElement.getAttribute('role') === 'tab'", key="Shift+Tab")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    reach(page, "document.activeElement.innerText === 'Run'")
    page.keyboard.press("Space")
    page.get_by_text("One history, seen close").wait_for(timeout=LONG)
    reach(page, "document.activeElement.getAttribute('role') === 'slider'")
    before = page.locator(".lab-moment svg").first.inner_html()
    for _ in range(3):
        page.keyboard.press("ArrowRight")
    page.get_by_text("April 2001", exact=True).wait_for()
    assert page.locator(".lab-moment svg").first.inner_html() != before
    shoot(page, "history")


def reach(page: Any, wanted: str, key: str = "Tab", most: int = 80) -> None:
    """Press a key until what has the focus is what is wanted."""
    for _ in range(most):
        page.keyboard.press(key)
        if page.evaluate(wanted):
            return
    pytest.fail(f"no way by {key} to where {wanted}")


def test_a_file_at_fault_shows_where(page: Any, home: str, tmp_path: Path) -> None:
    path = tmp_path / "wrong.yaml"
    path.write_text(template("small").replace("unit: month", "unit: <b>fortnight</b>") + "\nnonsense: 1\n", encoding="utf-8")
    page.goto(home)
    page.set_input_files("input[type=file]", str(path))
    page.get_by_text("wrong.yaml cannot be used as it is.").wait_for()
    assert page.locator(".faults tbody tr").count() >= 2 and page.locator(".faults b").count() == 0
    shoot(page, "faults")


def test_a_run_is_cancelled_within_a_second(page: Any, home: str) -> None:
    """While the compiler works the page says how long it takes, and stops at once."""
    page.goto(f"{home}s/reform-with-a-flank?seed=77")
    page.get_by_role("button", name="The elite is made to concede").click()
    line = page.locator(".lab-progress [role=status]")
    seen = set()
    for _ in range(3):
        page.wait_for_timeout(1100)
        seen.add(line.inner_text())
    assert len(seen) >= 2, seen
    page.get_by_role("button", name="Cancel").click()
    page.get_by_text("Cancelled after").wait_for(timeout=5_000)


def test_a_seat_is_played(page: Any, home: str, mine: Path) -> None:
    """From the scenario to the seat, a move by mouse, one by keyboard, hints, and the end."""
    open_mine(page, home, mine)
    page.get_by_role("link", name="Take a seat and play").click()
    page.get_by_role("button", name="Begin").click()
    page.get_by_role("button", name="Make this move").wait_for(timeout=LONG)
    assert "seat=" in page.url
    page.get_by_role("combobox", name="Move").click()
    page.get_by_role("option", name="praise").click()
    page.get_by_role("button", name="Make this move").click()
    page.get_by_role("button", name="Undo from here").wait_for(timeout=LONG)
    assert "praise" in page.url
    reach(page, "document.activeElement.innerText === 'Leave it to the model'")
    page.keyboard.press("Enter")
    page.wait_for_url("**&at=2**")
    page.get_by_role("button", name="What may each move lead to?").click()
    page.get_by_role("button", name="Cancel").wait_for()
    page.get_by_text("against waiting").wait_for(timeout=LONG)
    shoot(page, "play")
    page.reload()
    page.get_by_role("button", name="Leave all the rest to the model").click(timeout=LONG)
    page.get_by_text("The whole history, with nothing hidden").wait_for(timeout=LONG)
    shoot(page, "end")


def test_hostile_names_are_only_text(page: Any, home: str, tmp_path: Path) -> None:
    """Markup, quotes, writing from right to left, formulas and ten thousand characters are shown as they are, and nothing of them runs."""
    content = {**small.content(), "title": f"{HOSTILE[0]} & sons", "summary": "x" * 10_000 + HOSTILE[0]}
    open_mine(page, home, written(tmp_path, content, HOSTILE))
    assert page.get_by_role("heading", level=1).inner_text() == f"{HOSTILE[0]} & sons"
    page.get_by_role("tab", name="Histories").click()
    page.get_by_role("textbox", name="Histories").fill("20")
    page.get_by_role("button", name="Run", exact=True).click()
    page.get_by_text("One history, seen close").wait_for(timeout=LONG)
    drawn = page.locator("svg").all_text_contents()
    assert any("<script>" in text for text in drawn), "the names are there, as text"
    shoot(page, "hostile")
    page.get_by_role("link", name="Take a seat and play").click()
    page.get_by_role("button", name="Begin").click()
    page.get_by_role("button", name="Make this move").wait_for(timeout=LONG)
    assert page.locator("td", has_text="=1+1").count() > 0
    assert page.locator("main script, main b, main img").count() == 0
