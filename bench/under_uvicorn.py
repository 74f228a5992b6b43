"""The site under uvicorn: ``python -m bench.under_uvicorn PORT``.

The application and what lives around it are those of ``manage.py serve``. What our own server
does beyond daphne is not there: no backpressure, no orderly drain.
"""

from __future__ import annotations

import asyncio
import sys

import django
import uvicorn

django.setup()

from chatsite.asgi import application  # noqa: E402 - Django comes first
from chatsite.lifespan import site_lifespan  # noqa: E402 - as above
from gateway.bootstrap import bootstrap  # noqa: E402 - as above


async def serve(config: uvicorn.Config) -> None:
    """Serve until killed."""
    async with site_lifespan():
        await uvicorn.Server(config).serve()


if __name__ == "__main__":
    bootstrap()
    config = uvicorn.Config(
        application,
        port=int(sys.argv[1]),
        lifespan="off",
        log_level="warning",
        backlog=2048,
        ws_per_message_deflate=False,
    )
    with asyncio.Runner(loop_factory=config.get_loop_factory()) as runner:
        runner.run(serve(config))
