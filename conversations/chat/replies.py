"""THE flow of one reply: prompt, gateway, words, end."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from conversations.chat.leases import Claim, Ending
from conversations.chat.mark import MarkFilter
from conversations.chat.patience import patiently
from conversations.chat.prompt import messages_digest, reply_question
from conversations.chat.speech import Speech
from conversations.errors import ConversationError
from conversations.models import ReplyStatus
from gateway.db import db
from gateway.engine.errors import GatewayError
from gateway.engine.types import Chunk, Finished, FinishReason, Started, TextDelta
from gateway.runtime import gateway

logger = logging.getLogger(__name__)


class Halt(Enum):
    """Why a reply ends before the model does."""

    STOPPED = "the customer has heard enough"
    RELEASED = "this process goes; another one answers again"
    LOST = "another process owns the reply by now"


@dataclass(frozen=True, slots=True)
class Failure:
    """What went wrong, by its code, and whether it may pass by itself."""

    code: str
    is_passing: bool = False


@dataclass(slots=True)
class Account:
    """What an attempt learns of itself while it speaks."""

    clock: Callable[[], float] = time.monotonic
    began_at: float = field(init=False)
    sent_digest: str = ""
    mark: MarkFilter = field(default_factory=lambda: MarkFilter(is_on=False))
    first_token_ms: int | None = None
    started: Started | None = None
    finished: Finished | None = None

    def __post_init__(self) -> None:
        self.began_at = self.clock()

    def elapsed_ms(self) -> int:
        """Return the milliseconds since the attempt began."""
        return round((self.clock() - self.began_at) * 1000)

    def ending(self, status: ReplyStatus, text: str, failure: Failure | None = None) -> Ending:
        """Return how the attempt ended, with all that was learned."""
        target = self.started.target if self.started else None
        usage = self.finished.usage if self.finished else None
        return Ending(
            status=status,
            text=text,
            error_code=failure.code if failure else "",
            is_passing=failure.is_passing if failure else False,
            finish_reason=self.finished.reason if self.finished else "",
            provider=target.provider if target else "",
            model=target.model if target else "",
            key_label=self.started.key_label if self.started else "",
            prompt_tokens=usage.prompt_tokens if usage else None,
            completion_tokens=usage.completion_tokens if usage else None,
            first_token_ms=self.first_token_ms,
            total_ms=self.elapsed_ms(),
            sent_digest=self.sent_digest,
            offers_team=self.mark.is_found,
        )


async def reply_answer(claim: Claim, speech: Speech, halted: asyncio.Future[Halt]) -> Ending | Halt:
    """Make one attempt at a reply and say how it ended; every failure is an ending, too.

    Args:
        claim: The attempt that is ours to make.
        speech: Where its words go.
        halted: Done as soon as somebody wants the attempt to end.

    Returns:
        The ending to write, or why there is nothing for us to write.
    """
    account = Account()
    speaking = asyncio.create_task(_speak(claim, speech, account))
    ends: tuple[asyncio.Future[Any], ...] = (speaking, halted)
    try:
        await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
    finally:
        speaking.cancel()
        failure = await _failure(speaking, claim)
        speech.finish()
    if failure is None and account.finished:
        return _judge(account, speech.text)
    if halted.done():
        halt = halted.result()
        return account.ending(ReplyStatus.STOPPED, speech.text) if halt is Halt.STOPPED else halt
    status = ReplyStatus.INTERRUPTED if speech.text else ReplyStatus.FAILED
    return account.ending(status, speech.text, failure or Failure("error"))


async def _speak(claim: Claim, speech: Speech, account: Account) -> None:
    question = await patiently(lambda: db(reply_question, claim))
    request, unmasker = question.request, question.mask.unmasker()
    mark = account.mark = MarkFilter(is_on=question.may_offer_team)
    account.sent_digest = messages_digest(request.messages)
    stream: AsyncGenerator[Chunk, None] = (await patiently(gateway)).stream(request)
    async with aclosing(stream) as chunks:
        async for chunk in chunks:
            match chunk:
                case Started():
                    account.started = chunk
                case TextDelta(text):
                    if account.first_token_ms is None:
                        account.first_token_ms = account.elapsed_ms()
                    speech.say(mark.feed(unmasker.feed(text)))
                case Finished():
                    account.finished = chunk
                    if chunk.reason is FinishReason.STOP:
                        # An answer that was cut may end with half a placeholder: nobody's words.
                        speech.say(mark.feed(unmasker.finish()) + mark.finish())


async def _failure(speaking: asyncio.Task[None], claim: Claim) -> Failure | None:
    """Wait until the speaker is silent, and say what went wrong, if anything."""
    try:
        await speaking
    except asyncio.CancelledError:
        return None
    except GatewayError as error:
        logger.warning("reply %s failed: %s: %s", claim.reply, type(error).__name__, error)
        return Failure(error.code, is_passing=error.retryable)
    except ConversationError as error:
        logger.warning("reply %s failed: %s", claim.reply, type(error).__name__)
        return Failure(error.code)
    except Exception:
        logger.exception("reply %s failed by a fault of ours", claim.reply)
        return Failure("error")
    return None


def _judge(account: Account, text: str) -> Ending:
    """Say how a stream ended that came to its finish marker."""
    if account.finished and account.finished.reason is FinishReason.FILTERED:
        status = ReplyStatus.INTERRUPTED if text else ReplyStatus.FAILED
        return account.ending(status, text, Failure("filtered"))
    return account.ending(ReplyStatus.COMPLETE, text)
