"""A chat as Chainlit's users write it: the openai SDK's stream, word by word.

The provider's address is in ``BENCH_PROVIDER``. Neither keeps anything.
"""

from __future__ import annotations

import os

import chainlit
from openai import AsyncOpenAI

client = AsyncOpenAI(base_url=os.environ["BENCH_PROVIDER"], api_key="bench")


@chainlit.on_message  # type: ignore[untyped-decorator]  # it has no types
async def answer(_message: chainlit.Message) -> None:
    """Pass the words on as they come."""
    reply = chainlit.Message(content="")
    stream = await client.chat.completions.create(
        model="bench-1", messages=chainlit.chat_context.to_openai(), stream=True
    )
    async for chunk in stream:
        if chunk.choices and (word := chunk.choices[0].delta.content):
            await reply.stream_token(word)
    await reply.update()
