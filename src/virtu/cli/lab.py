"""``virtu lab``: the page of the laboratory, served to this machine."""

from __future__ import annotations

import secrets
import socket
import tempfile
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from virtu.cli.terminal import AsJson, json_text, loaded
from virtu.errors import InputError

if TYPE_CHECKING:
    from virtu.cli.lab_jobs import Bench
    from virtu.cli.lab_seats import Seats
    from virtu.scenario import AnyScenario

app = typer.Typer()

HERE = "127.0.0.1"
ENVELOPE = 100_000
"""Bytes that a request may have beside the file it carries."""


@app.command()
def lab(
    scenario: Annotated[str | None, typer.Argument(metavar="[SCENARIO]", help="Scenario to open, a name or a YAML file.")] = None,
    port: Annotated[int, typer.Option(help="Port to listen on; 0 for any that is free.")] = 8700,
    host: Annotated[str | None, typer.Option(help="Let other machines in through this address; they then need the token printed.")] = None,
    browser: Annotated[bool, typer.Option("--browser/--no-browser", help="Open the page in the browser.")] = True,
    as_json: AsJson = False,
) -> None:
    """Open the laboratory as a page in the browser: run histories, look at them, ask what if.

    The page is served to this machine alone, needs no network, and ends with Ctrl-C.
    """
    if find_spec("nicegui") is None:
        raise InputError("the page needs a package that is not installed", "pip install 'virtu[lab]'")
    own = None if scenario is None else loaded(scenario)
    with _listening(host or HERE, port) as listener:
        token = None if host is None else secrets.token_urlsafe(24)
        from virtu.cli.lab_desk import key_of

        path = "/" if own is None else f"/s/{key_of(own)}"
        shown = f"http://{_shown(host or HERE)}:{listener.getsockname()[1]}{path}" + (f"?token={token}" if token else "")
        typer.echo(json_text({"address": shown}) if as_json else f"virtu lab is at {shown} (stop it with Ctrl-C)")
        serve(listener, own, token, open_at=shown if browser else None)


def _listening(host: str, port: int) -> socket.socket:
    """Return a socket that listens, so that what is in the way is said before anything else happens."""
    if not 0 <= port <= 65_535:
        raise InputError(f"--port must be 0 to 65535, found {port}")
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen()
    except OSError as error:
        listener.close()
        taken = "something else listens there already; choose another with --port"
        hint = "--host must be an address of this machine" if isinstance(error, socket.gaierror) else taken
        raise InputError(f"cannot listen on {host}:{port}: {error.strerror}", hint) from None
    return listener


def _shown(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def serve(listener: socket.socket, own: AnyScenario | None, token: str | None, open_at: str | None = None) -> None:
    """Serve the page until it is stopped.

    Parameters
    ----------
    listener : socket.socket
        Listening.
    own : Scenario or None
        A scenario listed beside the shipped ones.
    token : str or None
        What visitors must know; None where only this machine is let in.
    open_at : str, optional
        Address to open in the browser.
    """
    from nicegui import app as page
    from nicegui import ui

    from virtu.cli.lab_gate import Gate
    from virtu.cli.lab_jobs import Bench
    from virtu.cli.lab_seats import Seats
    from virtu.scenario.nodes import LARGEST_FILE

    with tempfile.TemporaryDirectory(prefix="virtu-lab-") as folder:
        bench, seats = Bench(Path(folder)), Seats(Path(folder))
        furnish(bench, own, seats)
        page.add_middleware(Gate, token=token, largest=LARGEST_FILE + ENVELOPE)
        page.on_shutdown(bench.close)
        page.on_shutdown(seats.close)
        if open_at is not None:
            import webbrowser

            page.on_startup(lambda: webbrowser.open(open_at) and None)
        ui.run(reload=False, show=False, fd=listener.fileno(), tailwind=False, show_welcome_message=False, title="virtu lab", dark=None)


def furnish(bench: Bench, own: AnyScenario | None = None, seats: Seats | None = None) -> None:
    """Give the page its addresses, and what stands behind them."""
    from virtu.cli.lab_desk import desk
    from virtu.cli.lab_seats import Seats
    from virtu.show.lab.pages import open_pages

    open_pages(desk(bench, seats or Seats(bench.folder), own))
