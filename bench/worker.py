"""One measurement in a process of its own: client CPU, calls per second, latencies, memory."""

from __future__ import annotations

import asyncio
import gc
import json
import sys
import time
from pathlib import Path

from bench.contestants import CONTESTANTS

_PAGE_KB = 4


def _memory_kb() -> int:
    return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * _PAGE_KB


async def measure(name: str, url: str, *, stream: bool, in_flight: int, calls: int) -> None:
    """Make the calls and print what they took, as JSON."""
    async with CONTESTANTS[name](url, stream=stream) as ask:
        latencies: list[float] = []
        memory: list[int] = []
        numbers = iter(range(calls + in_flight))

        async def caller(count: int | None) -> None:
            for number in numbers:
                began = time.perf_counter()
                if await ask(number) <= 0:
                    raise RuntimeError("an answer came without its words or its usage")
                latencies.append(time.perf_counter() - began)
                if number == calls // 2:  # by now every cache is as full as it gets
                    memory.append(_memory_kb())
                if count is not None:
                    return

        await asyncio.gather(*(caller(1) for _ in range(in_flight)))  # connections, imports
        latencies.clear()
        gc.collect()
        cpu, wall = time.process_time(), time.perf_counter()
        await asyncio.gather(*(caller(None) for _ in range(in_flight)))
        cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
    latencies.sort()
    print(
        json.dumps(
            {
                "cpu_ms": cpu / len(latencies) * 1000,
                "per_second": len(latencies) / wall,
                "p99_ms": latencies[int(len(latencies) * 0.99)] * 1000,
                "memory_grown_kb": _memory_kb() - memory[0] if memory else 0,
            }
        )
    )


if __name__ == "__main__":
    _, contestant, base_url, kind, width, count = sys.argv
    asyncio.run(
        measure(
            contestant,
            base_url,
            stream=kind != "plain",
            in_flight=int(width),
            calls=int(count),
        )
    )
