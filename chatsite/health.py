"""``/healthz`` says the process lives, ``/readyz`` that it can serve customers now.

Both are answered before hosts, sessions and redirects are looked at: whoever probes knows
neither our name nor our certificate.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from asgiref.sync import async_to_sync, iscoroutinefunction, markcoroutinefunction
from django.conf import settings
from django.db import connection
from django.http import HttpRequest, JsonResponse

from gateway.db import db

logger = logging.getLogger(__name__)

PROBE_SECONDS = 3.0


@dataclass
class Lifecycle:
    """Where this process stands between its start and its end."""

    is_draining: bool = False


lifecycle = Lifecycle()


def _database_probe() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")


async def _redis_probe() -> None:
    if settings.REDIS_URL:
        # A site of one process need not have Redis' client installed.
        from redis.asyncio import Redis  # noqa: PLC0415

        async with Redis.from_url(settings.REDIS_URL) as client:
            await client.ping()


PROBES: dict[str, Callable[[], Awaitable[object]]] = {
    "database": lambda: db(_database_probe),
    "redis": _redis_probe,
}
# Without Redis every process still serves: a balancer that took them all away would make an
# outage of a delay.
NEEDED = ("database", "server")


async def _state(name: str) -> str:
    try:
        await asyncio.wait_for(PROBES[name](), PROBE_SECONDS)
    except Exception:  # whatever broke, the answer is "not ready", never a page of errors
        logger.warning("The %s does not answer a readiness probe", name, exc_info=True)
        return "down"
    return "ok"


async def readiness() -> JsonResponse:
    """Answer 200 when the database answers and the process is not on its way out.

    Redis is named, too, but a process is ready without it.
    """
    names = list(PROBES)
    states = dict(zip(names, await asyncio.gather(*map(_state, names)), strict=True))
    states["server"] = "draining" if lifecycle.is_draining else "ok"
    is_ready = all(states[name] == "ok" for name in NEEDED)
    return JsonResponse(states, status=200 if is_ready else 503)


async def liveness() -> JsonResponse:
    """Answer 200: whoever can run this lives."""
    return JsonResponse({"server": "ok"})


ANSWERS: dict[str, Callable[[], Awaitable[JsonResponse]]] = {
    "/healthz": liveness,
    "/readyz": readiness,
}


class HealthMiddleware:
    """Answers the two probes, without a thread of its own, and passes everything else on."""

    async_capable = True
    sync_capable = True

    def __init__(self, get_response: Callable[[HttpRequest], Any]) -> None:
        self.get_response = get_response
        if iscoroutinefunction(get_response):
            markcoroutinefunction(self)

    def __call__(self, request: HttpRequest) -> Any:
        """Return the answer, or its coroutine where the server is asynchronous."""
        answer = ANSWERS.get(request.path)
        if answer is None:
            return self.get_response(request)
        return answer() if iscoroutinefunction(self) else async_to_sync(answer)()
