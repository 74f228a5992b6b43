"""The server under test: a process of its own, and what it says."""

from __future__ import annotations

import asyncio
import signal
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
WAIT = 30.0  # generous: the machine may be busy


class Served:
    """The process, and what it said so far."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process
        self.lines: list[str] = []
        self.port = 0

    async def heard(self, start: str) -> str:
        """Return the first line that begins like this, when it has come."""
        for line in self.lines:
            if line.startswith(start):
                return line
        assert self.process.stdout
        async with asyncio.timeout(WAIT):
            async for raw in self.process.stdout:
                self.lines.append(raw.decode().strip())
                if self.lines[-1].startswith(start):
                    return self.lines[-1]
        raise AssertionError(f"{start!r} never came, only {self.lines}")

    @property
    def memory_mib(self) -> float:
        """The memory the process holds now."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return next(int(line.split()[1]) / 1024 for line in status.splitlines() if "VmRSS" in line)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def signal(self, number: int = signal.SIGTERM) -> None:
        self.process.send_signal(number)

    async def ended(self) -> int:
        async with asyncio.timeout(WAIT):
            return await self.process.wait()


@asynccontextmanager
async def serve(grace_seconds: float = 0.0) -> AsyncGenerator[Served, None]:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.chatsite.served",
        str(grace_seconds),
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
    )
    served = Served(process)
    try:
        served.port = int((await served.heard("listening")).split()[1])
        yield served
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
