"""The least that a chat can be: a websocket on aiohttp that passes words on and keeps nothing.

``python -m bench.relay <base URL of the provider>`` prints its port. A frame with a question is
answered by a frame for each word, and one with ``done``.
"""

from __future__ import annotations

import asyncio
import json
import sys

import aiohttp
from aiohttp import web

PROVIDER = web.AppKey("provider", str)
CLIENT = web.AppKey("client", aiohttp.ClientSession)


async def chat(request: web.Request) -> web.WebSocketResponse:
    """Serve one socket."""
    socket = web.WebSocketResponse(compress=False)
    await socket.prepare(request)
    async for message in socket:
        question = {"role": "user", "content": json.loads(message.data)["text"]}
        await _answer(request.app, socket, question)
    return socket


async def _answer(
    application: web.Application, socket: web.WebSocketResponse, question: dict[str, str]
) -> None:
    call = {"model": "bench-1", "stream": True, "messages": [question]}
    url = f"{application[PROVIDER]}/chat/completions"
    async with application[CLIENT].post(url, json=call) as response:
        async for line in response.content:
            if not line.startswith(b"data: {"):
                continue
            choices = json.loads(line[6:])["choices"]
            if choices and (text := choices[0]["delta"].get("content")):
                await socket.send_str(json.dumps({"text": text}))
    await socket.send_str(json.dumps({"done": True}))


async def main(provider: str) -> None:
    """Serve until killed; the port is printed first."""
    application = web.Application()
    application[PROVIDER] = provider
    application.router.add_get("/", chat)
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as client:
        application[CLIENT] = client
        runner = web.AppRunner(application, access_log=None)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0, backlog=2048).start()
        sys.stdout.write(f"{runner.addresses[0][1]}\n")
        sys.stdout.flush()
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
