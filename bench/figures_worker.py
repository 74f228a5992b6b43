"""One round of calls in a process of its own, with telemetry or without: CPU for each call."""

from __future__ import annotations

import asyncio
import gc
import json
import sys
import time

CALLS = {"plain": 4000, "stream": 1500}
IN_FLIGHT = 50


async def measure(origin: str, kind: str, *, is_watched: bool) -> float:
    """Return milliseconds of CPU for each call, the database's threads included."""
    from bench.contestants import engine  # noqa: PLC0415 - the settings are known only here
    from gateway.stores.ledger import Ledger  # noqa: PLC0415 - as above

    ledger = Ledger()
    observers = [ledger] if is_watched else []
    if is_watched:
        ledger.start()
    calls = CALLS[kind]
    async with engine(f"{origin}/v1", stream=kind == "stream", observers=observers) as ask:
        numbers = iter(range(calls + 2 * IN_FLIGHT))

        async def caller(count: int) -> None:
            for _ in range(count):
                await ask(next(numbers))

        await asyncio.gather(*(caller(1) for _ in range(IN_FLIGHT)))  # connections, imports
        gc.collect()
        cpu = time.process_time()
        await asyncio.gather(*(caller(calls // IN_FLIGHT) for _ in range(IN_FLIGHT)))
        await ledger.aclose()
        return 1000 * (time.process_time() - cpu) / calls


def main() -> None:
    """Prepare the database and measure."""
    import django  # noqa: PLC0415 - as above

    django.setup()
    from django.core.management import call_command  # noqa: PLC0415 - as above

    call_command("migrate", verbosity=0)
    _, origin, kind, side = sys.argv
    cpu_ms = asyncio.run(measure(origin, kind, is_watched=side == "with"))
    print(json.dumps({"cpu_ms": cpu_ms}))


if __name__ == "__main__":
    main()
