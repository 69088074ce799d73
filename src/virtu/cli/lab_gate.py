"""Who may talk to the page, and how much: hosts, token, size of what is sent, and headers that keep a browser from going elsewhere."""

from __future__ import annotations

import re
import secrets
from collections.abc import Awaitable, Callable, MutableMapping
from http.cookies import SimpleCookie
from typing import Any, TypeAlias
from urllib.parse import parse_qsl, urlencode, urlsplit

Message: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[Message]]
Send: TypeAlias = Callable[[Message], Awaitable[None]]
Application: TypeAlias = Callable[[Message, Receive, Send], Awaitable[None]]

LOOPBACK = frozenset(("127.0.0.1", "localhost", "::1"))
COOKIE = "virtu-lab"
POLICY = (
    "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data:; font-src 'self' data:; connect-src 'self'; object-src 'none'; base-uri 'self'; frame-ancestors 'none'"
)
"""Nothing is fetched from elsewhere; what the page's framework needs within the page is allowed."""

_HOST = re.compile(r"(?:\[(?P<number>[0-9a-f:.]+)\]|(?P<name>[a-z0-9.-]+))(?::[0-9]{1,5})?")

HEADERS = (
    (b"content-security-policy", POLICY.encode()),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
)


class _TooLargeError(Exception):
    """More was sent than is allowed."""


class Gate:
    """What stands before the page.

    Parameters
    ----------
    app : callable
        The page, an ASGI application.
    token : str or None
        What visitors must know; None where only this machine is let in.
    largest : int
        Most bytes of a request.
    """

    def __init__(self, app: Application, token: str | None, largest: int) -> None:
        self.app, self.token, self.largest = app, token, largest

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Let a request through, or say why not."""
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
        refusal = self._refusal(scope, headers)
        if refusal is not None:
            await _refuse(scope, receive, send, *refusal)
        elif self.token is not None and not self._admitted(headers):
            await self._ask(scope, receive, send)
        else:
            await self._pass(scope, receive, send)

    def _refusal(self, scope: Message, headers: dict[str, str]) -> tuple[int, str] | None:
        """Return why a request is refused, whoever sends it: the wrong name, another page's, or too much."""
        host = headers.get("host", "")
        if self.token is None and _name(host) not in LOOPBACK:
            return 403, "This page answers on this machine only: open it as 127.0.0.1. To let others in, start it with --host."
        origin = headers.get("origin")
        if origin is not None and urlsplit(origin).netloc.lower() != host.lower():
            return 403, "This was sent by the page of another site."
        length = headers.get("content-length", "0")
        if not length.isdigit() or int(length) > self.largest:
            return 413, f"At most {self.largest:,} bytes may be sent."
        return None

    def _admitted(self, headers: dict[str, str]) -> bool:
        cookies: SimpleCookie = SimpleCookie()
        try:
            cookies.load(headers.get("cookie", ""))
        except ValueError:
            return False
        return COOKIE in cookies and self._is_token(cookies[COOKIE].value)

    def _is_token(self, word: str) -> bool:
        return self.token is not None and secrets.compare_digest(word.encode(), self.token.encode())

    async def _ask(self, scope: Message, receive: Receive, send: Send) -> None:
        """Take the token from the address, keep it as a cookie, and lead to the address without it."""
        words = parse_qsl(scope.get("query_string", b"").decode("latin-1"), keep_blank_values=True)
        if scope["type"] == "websocket" or not any(name == "token" and self._is_token(word) for name, word in words):
            await _refuse(scope, receive, send, 401, "Open the address that virtu lab printed; it ends in ?token=…")
            return
        rest = urlencode([(name, word) for name, word in words if name != "token"])
        place = "/" + scope["path"].lstrip("/") + (f"?{rest}" if rest else "")
        cookie = f"{COOKIE}={self.token}; Path=/; HttpOnly; SameSite=Lax"
        headers = [(b"location", place.encode("ascii", "ignore")), (b"set-cookie", cookie.encode()), *HEADERS]
        await send({"type": "http.response.start", "status": 303, "headers": headers})
        await send({"type": "http.response.body", "body": b""})

    async def _pass(self, scope: Message, receive: Receive, send: Send) -> None:
        taken, begun = 0, False

        async def counted() -> Message:
            nonlocal taken
            message = await receive()
            if message["type"] == "http.request":
                taken += len(message.get("body", b""))
                if taken > self.largest:
                    raise _TooLargeError
            return message

        async def headed(message: Message) -> None:
            nonlocal begun
            if message["type"] == "http.response.start":
                begun = True
                message = {**message, "headers": [*message.get("headers", ()), *HEADERS]}
            await send(message)

        try:
            await self.app(scope, counted, headed)
        except _TooLargeError:
            if not begun:
                await _refuse(scope, receive, send, 413, f"At most {self.largest:,} bytes may be sent.")


def _name(host: str) -> str:
    """Return the name or number in a Host header, without its port; empty where it is neither."""
    found = _HOST.fullmatch(host.lower())
    return (found["number"] or found["name"]) if found else ""


async def _refuse(scope: Message, receive: Receive, send: Send, status: int, why: str) -> None:
    if scope["type"] == "websocket":
        await receive()
        await send({"type": "websocket.close", "code": 1008, "reason": why[:120]})
        return
    headers = [(b"content-type", b"text/plain; charset=utf-8"), *HEADERS]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": f"{why}\n".encode()})
