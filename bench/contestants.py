"""The same work in five ways: send a chat request, read every word of the answer and its usage."""

from __future__ import annotations

import json
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from functools import partial
from typing import Any, Final, TypeAlias

CONNECTIONS: Final = 1000
MESSAGES: Final = [
    {"role": "system", "content": "You help the customers of a small shop. " * 10},
    {"role": "user", "content": "Do you ship to Norway?"},
]

Ask: TypeAlias = Callable[[int], Awaitable[int]]
"""Makes one call and returns the number of tokens that the provider counted."""


@asynccontextmanager
async def engine(
    url: str, *, stream: bool, observers: Sequence[Any] | None = None
) -> AsyncIterator[Ask]:
    """Ours, with everything on: keys, limits, deadline, cache look-up, sharing, telemetry.

    Args:
        url: Of the provider.
        stream: Whether answers come word by word.
        observers: Who is told of each call; one that only counts by default.
    """
    from bench.ours import (  # noqa: PLC0415  # each contestant loads only itself
        answered,
        gateway_of,
        messages_of,
    )

    gateway = gateway_of(url, CONNECTIONS, observers)
    yield partial(answered, gateway, messages_of(MESSAGES), stream=stream)
    await gateway.aclose()


def _body(*, stream: bool) -> dict[str, Any]:
    options = {"stream": True, "stream_options": {"include_usage": True}} if stream else {}
    return {"model": "bench-1", "messages": MESSAGES, **options}


async def _read(lines: AsyncIterator[str]) -> int:
    """Read a stream as a careful but plain client would."""
    text: list[str] = []
    tokens = 0
    async for line in lines:
        if not line.startswith("data: ") or line == "data: [DONE]":
            continue
        frame = json.loads(line[6:])
        text += [choice["delta"].get("content") or "" for choice in frame["choices"]]
        if usage := frame.get("usage"):
            tokens = usage["total_tokens"]
    return tokens if any(text) else 0


@asynccontextmanager
async def bare_httpx(url: str, *, stream: bool) -> AsyncIterator[Ask]:
    """Httpx with its own transport, and nothing around it."""
    import httpx  # noqa: PLC0415  # each contestant loads only itself

    limits = httpx.Limits(max_connections=CONNECTIONS, max_keepalive_connections=CONNECTIONS)
    headers = {"Authorization": "Bearer one"}
    target = f"{url}/chat/completions"
    async with httpx.AsyncClient(limits=limits, timeout=60, headers=headers) as client:

        async def ask(_: int) -> int:
            body = _body(stream=stream)
            if not stream:
                answer = (await client.post(target, json=body)).json()
                return int(answer["usage"]["total_tokens"])
            async with client.stream("POST", target, json=body) as response:
                return await _read(response.aiter_lines())

        yield ask


@asynccontextmanager
async def bare_aiohttp(url: str, *, stream: bool) -> AsyncIterator[Ask]:
    """aiohttp, and nothing around it."""
    import aiohttp  # noqa: PLC0415  # each contestant loads only itself

    async def decoded(content: aiohttp.StreamReader) -> AsyncIterator[str]:
        rest = b""
        async for data in content.iter_any():  # several times cheaper than line by line
            *events, rest = (rest + data).split(b"\n\n")
            for event in events:
                yield event.decode()

    connector = aiohttp.TCPConnector(limit=CONNECTIONS)
    headers = {"Authorization": "Bearer one"}
    target = f"{url}/chat/completions"
    async with aiohttp.ClientSession(connector=connector, headers=headers) as session:

        async def ask(_: int) -> int:
            async with session.post(target, json=_body(stream=stream)) as response:
                if not stream:
                    return int((await response.json())["usage"]["total_tokens"])
                return await _read(decoded(response.content))

        yield ask


@asynccontextmanager
async def openai_sdk(url: str, *, stream: bool) -> AsyncIterator[Ask]:
    """The vendor's own client, with its pool as large as the others'."""
    import openai  # noqa: PLC0415  # each contestant loads only itself

    async with openai.AsyncOpenAI(base_url=url, api_key="one", timeout=60) as client:

        async def ask(_: int) -> int:
            answer: Any = await client.chat.completions.create(**_body(stream=stream))
            if not stream:
                return int(answer.usage.total_tokens)
            return await _chunks(answer)

        yield ask


@asynccontextmanager
async def litellm_router(url: str, *, stream: bool) -> AsyncIterator[Ask]:
    """LiteLLM's Router with three keys and two retries, its defaults otherwise."""
    os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"  # or it asks the internet for prices
    import litellm  # noqa: PLC0415  # each contestant loads only itself

    litellm.telemetry = False
    router = litellm.Router(
        model_list=[
            {
                "model_name": "bench-1",
                "litellm_params": {"model": "openai/bench-1", "api_base": url, "api_key": key},
            }
            for key in ("one", "two", "three")
        ],
        num_retries=2,
    )

    async def ask(_: int) -> int:
        answer: Any = await router.acompletion(**_body(stream=stream))
        return await _chunks(answer) if stream else int(answer.usage.total_tokens)

    yield ask


async def _chunks(answer: AsyncIterator[Any]) -> int:
    text: list[str] = []
    tokens = 0
    async for chunk in answer:
        text += [choice.delta.content or "" for choice in chunk.choices]
        if getattr(chunk, "usage", None):
            tokens = chunk.usage.total_tokens
    return tokens if any(text) else 0


CONTESTANTS: Final = {
    "engine": engine,
    "httpx": bare_httpx,
    "aiohttp": bare_aiohttp,
    "openai": openai_sdk,
    "litellm": litellm_router,
}
