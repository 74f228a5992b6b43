"""One round of calls in a process of its own, with some of what watches them: CPU for each call."""

from __future__ import annotations

import asyncio
import gc
import json
import os
import sys
import time
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from gateway.stores.ledger import Ledger

CALLS = {"plain": 4000, "stream": 1500}
IN_FLIGHT = 50


def ledger_of(side: str) -> Ledger | None:
    """Return the ledger as the site has it, or, to know what figures cost, without these."""
    from gateway.stores import ledger  # noqa: PLC0415 - the settings are known only here

    if side == "ledger":
        vars(ledger)["calls_count"] = lambda calls: None  # noqa: ARG005 - the real one's signature
    return ledger.Ledger() if side in {"ledger", "figures"} else None


def tracer_of(side: str) -> Any:
    """Return what makes spans of calls and has them sent; ``main`` has set where to."""
    from gateway.tracing import tracer_of_settings  # noqa: PLC0415 - as above

    return tracer_of_settings() if side == "spans" else None


async def measure(origin: str, kind: str, side: str) -> float:
    """Return milliseconds of CPU for each call, threads that write and send included."""
    from bench.contestants import engine  # noqa: PLC0415 - as above

    ledger, tracer = ledger_of(side), tracer_of(side)
    observers = [each for each in (ledger, tracer) if each is not None]
    calls = CALLS[kind]
    async with engine(f"{origin}/v1", stream=kind == "stream", observers=observers) as ask:
        numbers = iter(range(calls + 2 * IN_FLIGHT))

        async def caller(count: int) -> None:
            for _ in range(count):
                await ask(next(numbers))

        await asyncio.gather(*(caller(1) for _ in range(IN_FLIGHT)))  # connections, imports
        if ledger is not None:
            await ledger.aclose()  # and statements, once
            ledger.start()
        gc.collect()
        cpu = time.process_time()
        await asyncio.gather(*(caller(calls // IN_FLIGHT) for _ in range(IN_FLIGHT)))
        if ledger is not None:
            await ledger.aclose()
        if tracer is not None:
            tracer.close()
        return 1000 * (time.process_time() - cpu) / calls


def main() -> None:
    """Prepare the database and measure."""
    _, origin, kind, side = sys.argv
    if side == "spans":
        os.environ["OTEL_EXPORTER_OTLP_ENDPOINT"] = origin
    import django  # noqa: PLC0415 - the settings are read here

    django.setup()
    from django.core.management import call_command  # noqa: PLC0415 - as above

    call_command("migrate", verbosity=0)
    cpu_ms = asyncio.run(measure(origin, kind, side))
    print(json.dumps({"cpu_ms": cpu_ms}))


if __name__ == "__main__":
    main()
