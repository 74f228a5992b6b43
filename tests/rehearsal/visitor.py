"""A customer: reads the public pages over TLS, opens the chat, asks, and waits for the answer.

Runs inside the rehearsed machine with the site's own packages; it prints the reply as it was told.
"""

import asyncio
import json
import sys
import uuid

import aiohttp

SECONDS = 60.0
HELLO = {"type": "hello", "protocol": 1, "token": None, "conversation": "new"}


async def reply(site: str, key: str) -> dict[str, object]:
    """Return the reply to a question when it has ended."""
    async with asyncio.timeout(SECONDS), aiohttp.ClientSession() as http:
        async with http.get(f"{site}/admin/login/") as page:
            assert page.status == 200, page.status
            assert page.headers["Strict-Transport-Security"]
        async with http.get(f"{site}/chat/{key}/") as page:
            assert page.status == 200, page.status
        url = f"{site.replace('https', 'wss', 1)}/ws/chat/{key}/"
        async with http.ws_connect(url, origin=site) as socket:
            await socket.send_json({**HELLO, "revision": 0, "cursor": None})
            question = {"id": str(uuid.uuid4()), "text": "Where is my order?"}
            await socket.send_json({"type": "send", **question})
            async for frame in socket:
                for message in json.loads(frame.data).get("messages", []):
                    if message["author"] == "assistant" and message["status"] != "running":
                        return dict(message)
    raise AssertionError("the socket closed before the answer")


if __name__ == "__main__":
    ended = asyncio.run(reply(sys.argv[1], sys.argv[2]))
    print(json.dumps(ended))
    sys.exit(ended["status"] != "complete")
