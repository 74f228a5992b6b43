"""Whether anybody answers at a provider's address: no key is sent, and nothing is charged."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Final

from gateway.engine.addresses import base_url_fault
from gateway.engine.config import ProviderConfig
from gateway.engine.errors import AddressBlockedError, DeadlineExceededError, GatewayError
from gateway.engine.providers import models_url
from gateway.engine.wire import Wire

REACH_SECONDS: Final = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """What came back from a provider's address.

    Args:
        error: Why nothing did; None if anything that speaks HTTP answered.
        took_ms: From asking to the answer's first line.
        clock: The provider's own time in Unix seconds, if it told it, to the second.
        at: Our time when it did, in Unix seconds.
    """

    error: GatewayError | None
    took_ms: int = 0
    clock: float | None = None
    at: float = 0.0


async def provider_reach(config: ProviderConfig, *, seconds: float = REACH_SECONDS) -> Reach:
    """Ask for a provider's list of models without a key; a refusal is an answer, too.

    Never raises: what went wrong is in the result.

    Args:
        config: The provider; its keys are not used.
        seconds: For everything together.
    """
    fault = base_url_fault(config.base_url, allow_private=config.allow_private)
    if fault is not None:
        return Reach(error=AddressBlockedError(f"the base URL cannot be called: {fault}"))
    wire = Wire(
        pool=config.pool,
        connect_seconds=seconds,
        proxy_url=config.proxy_url,
        allow_private=config.allow_private,
    )
    begun = time.monotonic()
    try:
        async with (
            asyncio.timeout(seconds),
            wire.get(models_url(config.base_url), {"Accept": "application/json"}) as reply,
        ):
            return Reach(
                error=None,
                took_ms=round((time.monotonic() - begun) * 1000),
                clock=_clock(reply.headers.get("date", "")),
                at=time.time(),
            )
    except TimeoutError:
        return Reach(error=DeadlineExceededError(f"no answer within {seconds:g} s"))
    except GatewayError as error:
        return Reach(error=error)
    finally:
        await wire.aclose()


def _clock(date: str) -> float | None:
    try:
        return parsedate_to_datetime(date).timestamp()
    except (ValueError, OverflowError):
        return None
