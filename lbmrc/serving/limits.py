"""Limits on the size and duration of a request, as ASGI middleware."""

import asyncio
import json
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Message, Receive, Send], Awaitable[None]]


class Limits:
    """Wraps an application: 413 for a larger body, 503 for an answer that takes longer.

    Args:
        most_bytes: size limit of a request's body.
        seconds: from the request's first line to the end of its answer.
    """

    def __init__(self, app: App, most_bytes: int, seconds: float):
        self.app = app
        self.most_bytes = most_bytes
        self.seconds = seconds

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        declared = dict(scope["headers"]).get(b"content-length", b"0")
        size = int(declared) if declared.isdigit() else 0
        too_large = size > self.most_bytes
        started, size = False, 0

        async def counted() -> Message:
            nonlocal size, too_large
            message = await receive()
            size += len(message.get("body", b""))
            if size > self.most_bytes:
                too_large = True
                raise ValueError("the body is too large")
            return message

        async def unless_too_large(message: Message) -> None:
            """Discard the application's answer to a body that was cut off."""
            nonlocal started
            if not too_large:
                started = True
                await send(message)

        try:
            if not too_large:
                async with asyncio.timeout(self.seconds):
                    await self.app(scope, counted, unless_too_large)
        except TimeoutError:
            if started:
                raise
            await _refuse(send, 503, f"took longer than {self.seconds:g} s")
            return
        if too_large:
            await _refuse(send, 413, f"the body is larger than {self.most_bytes} bytes")


async def _refuse(send: Send, status: int, problem: str) -> None:
    body = json.dumps({"detail": problem}).encode()
    headers = [(b"content-type", b"application/json"), (b"connection", b"close")]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
