"""What is asked of a gateway that the database describes."""

from __future__ import annotations

from gateway.bootstrap import bootstrap
from gateway.db import db
from gateway.engine.pipeline import Gateway
from gateway.engine.types import ChatMessage, ChatRequest, Finished, Role, Started, TextDelta
from gateway.selectors import default_route

QUESTION = "How long does shipping take?"
PROMPT = "Q: How long does shipping take?\nA: Two to four days."


def bootstrap_at(url: str) -> None:
    bootstrap(sandbox_url=url)


async def request(question: str = QUESTION, *, deadline_seconds: float = 10.0) -> ChatRequest:
    return ChatRequest(
        messages=(ChatMessage(Role.SYSTEM, PROMPT), ChatMessage(Role.USER, question)),
        route=await db(default_route),
        deadline_seconds=deadline_seconds,
        labels={"widget": "7", "customer": "c", "conversation": "c-1", "reply": "7.1"},
        scopes={"widget": "7", "customer": "c"},
    )


async def answer(
    through: Gateway, question: str = QUESTION, *, deadline_seconds: float = 10.0
) -> str:
    asked = await request(question, deadline_seconds=deadline_seconds)
    chunks = [chunk async for chunk in through.stream(asked)]
    assert isinstance(chunks[0], Started)
    assert isinstance(chunks[-1], Finished)
    return "".join(chunk.text for chunk in chunks if isinstance(chunk, TextDelta))
