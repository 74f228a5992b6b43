"""Redis: does it answer, and does it run what the site needs?"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Iterator
from typing import Any

from django.conf import settings

from chatsite.doctor.finding import Finding, doubtful, fine, wrong

SECONDS = 3.0
OLDEST = (6, 2)


def redis_check() -> Iterator[Finding]:
    """Do with Redis what the site does: a script, and a stream that is written and read."""
    if not settings.REDIS_URL:
        yield fine("There is no Redis, and one process needs none.")
        return
    try:
        info = asyncio.run(redis_try(settings.REDIS_URL))
    except ImportError:
        yield wrong("Redis' client is not installed.", "sh requirements/install.sh scale")
    except Exception as error:  # noqa: BLE001  # whatever it is, it is Redis that does not work
        yield wrong(
            f"Redis does not work: {redis_fault(error)}.",
            "See REDIS_URL. Meanwhile words reach other processes' customers a second late.",
        )
    else:
        yield redis_judge(info)


async def redis_try(url: str) -> dict[str, Any]:
    """Write a stream, read it and run a script; return what the server says of itself.

    Raises:
        ImportError: The client is not installed.
        Exception: As the client raises; ``redis_fault`` has words for it.
    """
    # A site of one process need not have Redis' client installed.
    from redis.asyncio import Redis  # noqa: PLC0415

    name = f"chatsite:doctor:{secrets.token_hex(8)}"
    async with asyncio.timeout(SECONDS), Redis.from_url(url) as client:
        await client.xadd(name, {"word": "yes"})
        await client.expire(name, 60)
        await client.xread({name: "0"}, count=1)
        await client.eval("return redis.call('DEL', KEYS[1])", 1, name)
        server: dict[str, Any] = await client.info("server")
        memory: dict[str, Any] = await client.info("memory")
    return {**server, **memory}


def redis_fault(error: Exception) -> str:
    """Return what went wrong with Redis, without the URL, which may hold a password."""
    kind = type(error).__name__
    if isinstance(error, TimeoutError) or kind == "TimeoutError":
        return f"no answer within {SECONDS:g} s"
    known = {
        "ConnectionError": "nobody can be reached at its address",
        "AuthenticationError": "it refuses the password",
        "NoPermissionError": "the user may not run what the site needs",
    }
    return known.get(kind, kind)


def redis_judge(info: dict[str, Any]) -> Finding:
    """Judge a Redis that works by its version and by what it does when it is full."""
    version = str(info.get("redis_version", "?"))
    numbers = tuple(int(part) for part in version.split(".")[:2] if part.isdigit())
    if numbers and numbers < OLDEST:
        oldest = ".".join(map(str, OLDEST))
        return doubtful(f"Redis {version} is older than what is tested.", f"Use {oldest} or newer.")
    if info.get("maxmemory_policy", "noeviction").startswith("allkeys-"):
        return doubtful(
            f"Redis {version} throws anything away when it is full, limits included.",
            "Set maxmemory-policy to noeviction or volatile-ttl.",
        )
    return fine(f"Redis {version} answers, and runs what the site needs.")
