"""The sandbox over HTTP: chat completions, streamed or whole, and the list of models."""

from __future__ import annotations

import asyncio
import json
import time
import uuid
from collections import Counter, deque
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from gateway.sandbox.answers import answer
from gateway.sandbox.judging import verdict
from gateway.sandbox.misbehaviour import Misbehaviour, misbehaviour_asked
from gateway.sandbox.payloads import (
    MODELS,
    Asked,
    InvalidCallError,
    asked_read,
    chunk,
    chunk_usage,
    completion,
    error,
    models,
    pieces,
    usage,
)
from gateway.sandbox.player import play

KEY_PREFIX = "sandbox-"
MOST_MET = 1000  # calls that a repetition is told by
MAX_BODY_BYTES = 4 * 1024 * 1024
STOP_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Pace:
    """How fast the sandbox speaks: seconds before the first word, and for each word."""

    first_seconds: float = 0.25
    word_seconds: float = 0.03


class Sandbox:
    """A running stand-in provider.

    Attributes:
        host: Where it listens.
        port: Where it listens; never 0.
        revoked: Keys that are refused from now on.
        wrongs: What goes wrong with every call of a key, whatever the call asks for.
        calls: How many calls came with each key that was accepted.
        open_streams: How many answers are being said right now.
    """

    def __init__(self, *, pace: Pace, sleep: Callable[[float], Awaitable[None]]) -> None:
        self.host = ""
        self.port = 0
        self.revoked: set[str] = set()
        self.wrongs: dict[str, Misbehaviour] = {}
        self.calls: Counter[str] = Counter()
        self.open_streams = 0
        self.pace = pace
        self._met: deque[str] = deque(maxlen=MOST_MET)
        self._sleep = sleep
        self._runner = web.AppRunner(
            self._application(),
            access_log=None,
            handler_cancellation=True,  # a caller who leaves frees the stream at once
            shutdown_timeout=STOP_SECONDS,
        )

    @property
    def url(self) -> str:
        """The base URL that a provider is given."""
        return f"http://{self.host}:{self.port}/v1"

    async def listen(self, host: str, port: int) -> None:
        """Begin to answer.

        Raises:
            OSError: The port is taken.
        """
        await self._runner.setup()
        try:
            await web.TCPSite(self._runner, host, port).start()
        except OSError:
            await self._runner.cleanup()
            raise
        self.host, self.port = self._runner.addresses[0][:2]

    async def stop(self) -> None:
        """Hang up on everybody and free the port."""
        await self._runner.cleanup()

    def _application(self) -> web.Application:
        application = web.Application(client_max_size=MAX_BODY_BYTES)
        application.router.add_post("/v1/chat/completions", self._complete)
        application.router.add_get("/v1/models", self._models)
        return application

    async def _models(self, request: web.Request) -> web.Response:
        if self._key(request) is None:
            return _refusal(401, "Incorrect API key provided.")
        return web.json_response(models(int(time.time())))

    async def _complete(self, request: web.Request) -> web.StreamResponse:
        key = self._key(request)
        if key is None:
            return _refusal(401, "Incorrect API key provided.")
        self.calls[key] += 1
        try:
            asked = asked_read(await request.read())
        except InvalidCallError as fault:
            return _refusal(400, str(fault))
        if asked.model.partition("!")[0] not in MODELS:
            return _refusal(404, "The model does not exist or you do not have access to it.")
        wrong = (
            self.wrongs.get(key)
            or misbehaviour_asked(
                header=request.headers.get("x-sandbox-fault", ""),
                model=asked.model,
                text=asked.question,
            )
            or Misbehaviour()
        )
        if wrong.is_once and self._is_repeated(request):
            wrong = Misbehaviour()
        if wrong.status is not None:
            return _refusal(wrong.status, "You asked for it.", retry_after=wrong.retry_after)
        self.open_streams += 1
        try:
            if wrong.script is not None:
                return await play(wrong.script, request)
            return await self._say(request, asked, wrong)
        finally:
            self.open_streams -= 1

    async def _say(
        self, request: web.Request, asked: Asked, wrong: Misbehaviour
    ) -> web.StreamResponse:
        words = pieces(verdict(asked.chat) or answer(asked.chat))
        finish = "stop"
        if asked.max_tokens is not None and len(words) > asked.max_tokens:
            words, finish = words[: asked.max_tokens], "length"
        head = {
            "id": f"chatcmpl-{uuid.uuid4().hex}",
            "created": int(time.time()),
            "model": asked.model,
        }
        async with aclosing(self._spoken(words, wrong)) as spoken:
            if asked.is_stream:
                return await _stream(request, asked, head, spoken, finish=finish)
            text = "".join([word async for word in spoken])
        used = usage(asked, len(words))
        return web.json_response(completion(head, text, finish=finish, used=used))

    async def _spoken(self, words: list[str], wrong: Misbehaviour) -> AsyncGenerator[str, None]:
        """Yield the words at the sandbox's pace, or as badly as was asked for."""
        pace = self.pace.word_seconds if wrong.word_seconds is None else wrong.word_seconds
        await self._sleep(self.pace.first_seconds)
        for count, word in enumerate([*words, ""]):
            if count == wrong.stall_after:
                await asyncio.Event().wait()
            if count == wrong.cut_after:
                raise _HangUpError
            if word:
                yield word
                await self._sleep(pace)

    def _is_repeated(self, request: web.Request) -> bool:
        name = request.headers.get("Idempotency-Key")
        if name is None:
            return False
        if name in self._met:
            return True
        self._met.append(name)
        return False

    def _key(self, request: web.Request) -> str | None:
        scheme, _, key = request.headers.get("authorization", "").partition(" ")
        is_good = scheme.casefold() == "bearer" and key.startswith(KEY_PREFIX)
        return key if is_good and key not in self.revoked else None


async def start(
    host: str = "127.0.0.1",
    port: int = 0,
    *,
    pace: Pace | None = None,
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
) -> Sandbox:
    """Start a sandbox in the running event loop; port 0 takes any free one.

    Raises:
        OSError: The port is taken.
    """
    sandbox = Sandbox(pace=pace or Pace(), sleep=sleep)
    await sandbox.listen(host, port)
    return sandbox


class _HangUpError(Exception):
    """The connection is to end here, in the middle of a word."""


async def _stream(
    request: web.Request,
    asked: Asked,
    head: dict[str, Any],
    spoken: AsyncGenerator[str, None],
    *,
    finish: str,
) -> web.StreamResponse:
    response = web.StreamResponse(
        headers={"content-type": "text/event-stream", "cache-control": "no-cache"}
    )
    await response.prepare(request)

    async def send(event: dict[str, Any]) -> None:
        await response.write(f"data: {json.dumps(event, ensure_ascii=False)}\n\n".encode())

    said = 0
    await send(chunk(head, {"role": "assistant", "content": ""}))
    try:
        async for word in spoken:
            said += 1
            await send(chunk(head, {"content": word}))
    except _HangUpError:
        if request.transport is not None:
            request.transport.abort()
        return response
    await send(chunk(head, {}, finish=finish))
    if asked.has_usage:
        await send(chunk_usage(head, usage(asked, said)))
    await response.write(b"data: [DONE]\n\n")
    await response.write_eof()
    return response


def _refusal(status: int, message: str, *, retry_after: str | None = None) -> web.Response:
    headers = {} if retry_after is None else {"retry-after": retry_after}
    return web.json_response(error(status, message), status=status, headers=headers)
