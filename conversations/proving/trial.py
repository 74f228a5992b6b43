"""A question tried on a prompt: the answer as it comes, block by block, kept nowhere."""

from __future__ import annotations

import logging
import time
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from dataclasses import dataclass
from typing import TypeAlias

from conversations.chat.text import UpstreamText
from conversations.markdown import Blocks, render_block
from conversations.masking.mask import Mask
from conversations.masking.unmasker import Unmasker
from conversations.proving.costs import Cost, answer_cost
from gateway.db import db
from gateway.engine.errors import GatewayError
from gateway.engine.types import (
    ChatRequest,
    Chunk,
    Finished,
    FinishReason,
    Started,
    Target,
    TextDelta,
    Usage,
)
from gateway.runtime import gateway

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class TrialBegan:
    """Somebody answers; the attempts before were in vain."""

    target: Target


@dataclass(frozen=True, slots=True)
class TrialSaid:
    """More words.

    Args:
        text: The words.
        blocks: Safe HTML of the Markdown blocks that they finish, if any.
        rest: What has been said after the last finished block.
    """

    text: str
    blocks: tuple[str, ...]
    rest: str


@dataclass(frozen=True, slots=True)
class TrialEnded:
    """The answer is whole; ``block`` is the safe HTML of what came after the last one."""

    block: str
    reason: FinishReason
    usage: Usage | None
    cost: Cost
    seconds: float


@dataclass(frozen=True, slots=True)
class TrialFailed:
    """There is no answer, or no end to it, for this reason."""

    code: str


TrialEvent: TypeAlias = TrialBegan | TrialSaid | TrialEnded | TrialFailed


async def trial_run(
    request: ChatRequest,
    *,
    mask: Mask | None = None,
    clock: Callable[[], float] = time.monotonic,
) -> AsyncGenerator[TrialEvent, None]:
    """Yield what comes of a call; closing the generator ends the call upstream.

    Args:
        request: What to ask.
        mask: What turns the answer back.
        clock: Seconds.
    """
    began_at = clock()
    unmasker = (mask or Mask()).unmasker()
    try:
        stream: AsyncGenerator[Chunk, None] = (await gateway()).stream(request)
        async with (
            aclosing(stream) as chunks,
            aclosing(_events(chunks, unmasker, began_at, clock)) as events,
        ):
            async for event in events:
                yield event
    except GatewayError as error:
        yield TrialFailed(error.code)
    except Exception:
        logger.exception("a trial failed by a fault of ours")
        yield TrialFailed("error")


async def _events(
    chunks: AsyncGenerator[Chunk, None],
    unmasker: Unmasker,
    began_at: float,
    clock: Callable[[], float],
) -> AsyncGenerator[TrialEvent, None]:
    upstream, blocks = UpstreamText(), Blocks()
    target: Target | None = None
    async for chunk in chunks:
        match chunk:
            case Started():
                target = chunk.target
                yield TrialBegan(target)
            case TextDelta(text):
                if clean := upstream.feed(unmasker.feed(text)):
                    yield _said(blocks, clean)
            case Finished():
                last = unmasker.finish() if chunk.reason is FinishReason.STOP else ""
                if held := upstream.feed(last) + upstream.finish():
                    yield _said(blocks, held)
                cost = await db(answer_cost, target, chunk.usage) if target else Cost()
                block = render_block(blocks.rest) if blocks.rest.strip() else ""
                yield TrialEnded(block, chunk.reason, chunk.usage, cost, clock() - began_at)


def _said(blocks: Blocks, text: str) -> TrialSaid:
    finished = tuple(render_block(source) for source in blocks.feed(text))
    return TrialSaid(text, finished, blocks.rest)
