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
from channels.layers import get_channel_layer
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


async def _layer_probe() -> None:
    layer = get_channel_layer()
    channel = await layer.new_channel()
    await layer.send(channel, {"type": "probe"})
    await layer.receive(channel)


PROBES: dict[str, Callable[[], Awaitable[object]]] = {
    "database": lambda: db(_database_probe),
    "layer": _layer_probe,
}


async def _state(name: str) -> str:
    try:
        await asyncio.wait_for(PROBES[name](), PROBE_SECONDS)
    except Exception:  # whatever broke, the answer is "not ready", never a page of errors
        logger.warning("The %s does not answer a readiness probe", name, exc_info=True)
        return "down"
    return "ok"


async def readiness() -> JsonResponse:
    """Answer 200 when database and layer answer and the process is not on its way out."""
    names = list(PROBES)
    states = dict(zip(names, await asyncio.gather(*map(_state, names)), strict=True))
    states["server"] = "draining" if lifecycle.is_draining else "ok"
    is_ready = set(states.values()) == {"ok"}
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
