"""A command of ours, started as people start it: a process with a database of its own."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.free_port import port_free

ROOT = Path(__file__).resolve().parents[2]
WAIT = 60.0  # generous: the machine may be busy


@dataclass
class Started:
    """A command under way, with its own database."""

    process: asyncio.subprocess.Process
    database: Path
    port: int
    said: list[str] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def heard(self, words: str) -> None:
        assert self.process.stdout
        async with asyncio.timeout(WAIT):
            async for line in self.process.stdout:
                self.said.append(line.decode())
                if words in self.said[-1]:
                    return
        raise AssertionError("".join(self.said))

    async def ended(self) -> int:
        async with asyncio.timeout(WAIT):
            out, _ = await self.process.communicate()
        self.said += out.decode().splitlines(keepends=True)
        assert self.process.returncode is not None
        return self.process.returncode


@asynccontextmanager
async def manage(
    *arguments: str, database: Path, **variables: str
) -> AsyncGenerator[Started, None]:
    port = int(variables.get("PORT") or port_free())
    environment = {
        **os.environ,  # with the secrets of tests/settings.py
        "DJANGO_SETTINGS_MODULE": "chatsite.settings",
        "DATABASE_URL": f"sqlite:///{database}",
        "SITE_URL": "",
        "PORT": str(port),
        "PYTHONUNBUFFERED": "1",
        **variables,
    }
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "manage.py",
        *arguments,
        cwd=ROOT,
        env=environment,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    try:
        yield Started(process, database, port)
    finally:
        if process.returncode is None:
            process.kill()
            await process.communicate()
