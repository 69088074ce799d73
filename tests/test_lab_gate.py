"""The gate before the page: who is let in, how much is taken, and what a browser may fetch."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

import pytest

from virtu.cli.lab_gate import COOKIE, Gate, Message, Receive, Send

LARGEST = 1_000
TOKEN = "open-sesame"
INSIDE = b"inside"


async def _page(scope: Message, receive: Receive, send: Send) -> None:
    """Read all that is sent, then answer; a websocket is accepted."""
    if scope["type"] == "websocket":
        await receive()
        await send({"type": "websocket.accept"})
        return
    while (await receive()).get("more_body"):
        continue
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": INSIDE})


def ask(token: str | None = None, kind: str = "http", query: str = "", bodies: Sequence[bytes] = (b"",), **headers: str) -> list[Message]:
    """Send one request through the gate and return what comes back."""
    named = [(name.replace("_", "-").encode(), value.encode()) for name, value in {"host": "127.0.0.1:8700", **headers}.items()]
    scope: dict[str, Any] = {"type": kind, "path": "/s/two-camps", "query_string": query.encode(), "headers": named}
    waiting = [{"type": f"{kind}.request", "body": body, "more_body": number < len(bodies) - 1} for number, body in enumerate(bodies)]
    if kind == "websocket":
        waiting = [{"type": "websocket.connect"}]
    back: list[Message] = []

    async def receive() -> Message:
        return waiting.pop(0)

    async def send(message: Message) -> None:
        back.append(message)

    asyncio.run(Gate(_page, token, LARGEST)(scope, receive, send))
    return back


def status(back: list[Message]) -> int:
    return next(message["status"] for message in back if message["type"] == "http.response.start")


def headers(back: list[Message]) -> dict[str, str]:
    return {name.decode(): value.decode() for message in back for name, value in message.get("headers", ())}


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.1:8700", "localhost:1", "LOCALHOST", "[::1]:8700"])
def test_this_machine_is_let_in(host: str) -> None:
    assert status(ask(host=host)) == 200


@pytest.mark.parametrize(
    "host", ["", "evil.example", "127.0.0.1.evil.example", "localhost@evil.example", "[::1].evil.example", "192.168.1.5:8700"]
)
def test_other_names_are_refused(host: str) -> None:
    """A name that somebody made point here is no name of this machine (DNS rebinding)."""
    back = ask(host=host)
    assert status(back) == 403 and INSIDE not in b"".join(message.get("body", b"") for message in back)


def test_pages_of_other_sites_may_send_nothing() -> None:
    assert status(ask(origin="http://evil.example")) == 403
    assert status(ask(origin="http://127.0.0.1:8701")) == 403
    assert status(ask(origin="null")) == 403
    assert status(ask(origin="http://127.0.0.1:8700")) == 200
    assert ask(kind="websocket", origin="http://evil.example")[0]["type"] == "websocket.close"
    assert ask(kind="websocket", origin="http://127.0.0.1:8700")[0]["type"] == "websocket.accept"


def test_whoever_lacks_the_token_stays_outside() -> None:
    assert status(ask(TOKEN, host="192.168.1.5:8700")) == 401
    assert status(ask(TOKEN, query="token=guess")) == 401
    assert status(ask(TOKEN, cookie=f"{COOKIE}=guess")) == 401
    assert status(ask(TOKEN, cookie="=;=;\x00")) == 401
    assert ask(TOKEN, kind="websocket", query=f"token={TOKEN}")[0]["type"] == "websocket.close"
    assert ask(TOKEN, kind="websocket")[0]["type"] == "websocket.close"


def test_the_token_is_taken_once_and_kept() -> None:
    back = ask(TOKEN, query=f"do=nothing&token={TOKEN}", host="192.168.1.5:8700")
    found = headers(back)
    assert status(back) == 303 and found["location"] == "/s/two-camps?do=nothing"
    assert "HttpOnly" in found["set-cookie"] and "SameSite" in found["set-cookie"]
    kept = found["set-cookie"].split(";")[0]
    assert status(ask(TOKEN, host="192.168.1.5:8700", cookie=kept)) == 200
    assert ask(TOKEN, kind="websocket", cookie=kept)[0]["type"] == "websocket.accept"


def test_too_much_is_refused_whether_it_is_announced_or_not() -> None:
    assert status(ask(content_length=str(LARGEST))) == 200
    assert status(ask(content_length=str(LARGEST + 1))) == 413
    assert status(ask(content_length="-1")) == 413
    assert status(ask(bodies=[b"x" * 600, b"x" * 300])) == 200
    assert status(ask(bodies=[b"x" * 600, b"x" * 600])) == 413


def test_a_browser_is_told_to_fetch_nothing_from_elsewhere() -> None:
    found = headers(ask())
    rules = dict(rule.strip().split(" ", 1) for rule in found["content-security-policy"].split(";"))
    assert rules["default-src"] == rules["connect-src"] == "'self'"
    assert not any("http" in words or "*" in words for words in rules.values())
    assert found["x-content-type-options"] == "nosniff"
