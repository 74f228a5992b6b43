"""One measurement in a process of its own: client CPU, wall time, latencies, memory."""

from __future__ import annotations

import asyncio
import gc
import json
import resource
import sys
import time

from bench.contestants import CONTESTANTS


async def measure(name: str, url: str, *, stream: bool, in_flight: int, calls: int) -> None:
    """Make the calls and print what they took, as JSON."""
    async with CONTESTANTS[name](url, stream=stream) as ask:
        latencies: list[float] = []
        numbers = iter(range(calls + in_flight))

        async def caller(count: int | None) -> None:
            for number in numbers:
                began = time.perf_counter()
                if await ask(number) <= 0:
                    raise RuntimeError("an answer came without its words or its usage")
                latencies.append(time.perf_counter() - began)
                if count is not None:
                    return

        await asyncio.gather(*(caller(1) for _ in range(in_flight)))  # connections, imports, caches
        latencies.clear()
        gc.collect()
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        cpu, wall = time.process_time(), time.perf_counter()
        await asyncio.gather(*(caller(None) for _ in range(in_flight)))
        cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
    latencies.sort()
    print(
        json.dumps(
            {
                "cpu_ms": cpu / len(latencies) * 1000,
                "per_second": len(latencies) / wall,
                "p50_ms": latencies[len(latencies) // 2] * 1000,
                "p99_ms": latencies[int(len(latencies) * 0.99)] * 1000,
                "memory_grown_kb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - memory,
            }
        )
    )


if __name__ == "__main__":
    _, name, url, kind, in_flight, calls = sys.argv
    asyncio.run(
        measure(name, url, stream=kind == "stream", in_flight=int(in_flight), calls=int(calls))
    )
