"""A provider on a real socket that says what it was asked, and keeps every byte it was sent."""

from __future__ import annotations

import asyncio
import json

from aiohttp import web

STOP = {"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}


class Echo:
    """Says the last question again, in pieces.

    Attributes:
        received: The bodies of all calls.
        failures: How many calls are refused first.
        says: What it says; ``{asked}`` is the question.
        piece: How many letters come at once.
        reason: Why it stops speaking.
        pause_seconds: Before each piece.
        hangs: Whether it never ends.
    """

    def __init__(self) -> None:
        self.received: list[bytes] = []
        self.failures = 0
        self.says = "You said: {asked}"
        self.piece = 3
        self.reason = "stop"
        self.pause_seconds = 0.0
        self.hangs = False
        self.url = ""

    @property
    def text(self) -> str:
        """All that was ever received, as text without escapes."""
        return "\n".join(json.dumps(json.loads(body), ensure_ascii=False) for body in self.received)

    async def start(self) -> web.AppRunner:
        application = web.Application()
        application.router.add_post("/v1/chat/completions", self._answer)
        runner = web.AppRunner(application, handler_cancellation=True, shutdown_timeout=1)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        self.url = "http://{}:{}/v1".format(*runner.addresses[0][:2])
        return runner

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        self.received.append(await request.read())
        if self.failures:
            self.failures -= 1
            return web.json_response({"error": {"message": "busy"}}, status=500)
        asked = json.loads(self.received[-1])
        text = self.says.replace("{asked}", asked["messages"][-1]["content"])
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        for start in range(0, len(text), self.piece):
            await asyncio.sleep(self.pause_seconds)
            delta = {"content": text[start : start + self.piece]}
            await self._event(response, {"choices": [{"index": 0, "delta": delta}]})
        if self.hangs:
            await asyncio.Event().wait()
        last = json.loads(json.dumps(STOP).replace('"stop"', json.dumps(self.reason)))
        await self._event(response, last)
        await response.write(b"data: [DONE]\n\n")
        return response

    @staticmethod
    async def _event(response: web.StreamResponse, payload: object) -> None:
        await response.write(b"data: " + json.dumps(payload).encode() + b"\n\n")
