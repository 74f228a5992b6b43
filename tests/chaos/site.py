"""The site as operators run it: ``manage.py serve`` in a process group of its own."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

import aiohttp

ROOT = Path(__file__).resolve().parents[2]
START_SECONDS = 60.0  # the machine may be busy


def environment(database_url: str, **more: str) -> dict[str, str]:
    """Return the environment of a site's process: nothing of the tests' own."""
    return {
        **{name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ},
        "DJANGO_SETTINGS_MODULE": "tests.chaos.settings",
        "ENV_FILE": os.devnull,
        "SECRET_KEY": "chaos-only-" + "0123456789" * 5,
        "MASTER_KEYS": "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=",
        "DATABASE_URL": database_url,
        # All customers of a scenario come from one address, and some type like machines.
        "VISITOR_MESSAGES_PER_MINUTE": "100000",
        "ADDRESS_MESSAGES_PER_MINUTE": "100000",
        "ADDRESS_SOCKETS": "10000",
        **more,
    }


def manage(environ: Mapping[str, str], *arguments: str) -> None:
    """Run a management command to its end.

    Raises:
        AssertionError: It failed; the message is what it said.
    """
    ran = subprocess.run(  # noqa: S603 - our own command
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT,
        env=dict(environ),
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr


def site_prepare(environ: Mapping[str, str]) -> None:
    """Make the tables and the sample shop."""
    manage(environ, "migrate", "--verbosity", "0")
    manage(environ, "shell", "-v", "0", "-c", "from chatsite.demo.seed import seed; seed()")


class Process:
    """A child in a process group of its own, its output in a file.

    Args:
        log: The file.
        arguments: The command.
        environ: Its environment.
    """

    def __init__(self, log: Path, arguments: list[str], environ: Mapping[str, str]) -> None:
        self._log = log
        self._arguments = arguments
        self._environ = environ
        self._child: asyncio.subprocess.Process | None = None

    async def spawn(self) -> None:
        """Start it."""
        with self._log.open("ab") as log:
            self._child = await asyncio.create_subprocess_exec(
                *self._arguments,
                cwd=ROOT,
                env=self._environ,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    @property
    def pid(self) -> int:
        """Its process id."""
        assert self._child, "it was never started"
        return self._child.pid

    @property
    def is_running(self) -> bool:
        """Whether it was started and has not ended."""
        return self._child is not None and self._child.returncode is None

    @property
    def log(self) -> str:
        """The end of what it said."""
        return self._log.read_text(errors="replace")[-4000:]

    @property
    def cpu_seconds(self) -> float:
        """The processor time that the process has used."""
        fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    @property
    def memory_mib(self) -> float:
        """The memory that the process holds now."""
        status = Path(f"/proc/{self.pid}/status").read_text()
        return next(int(line.split()[1]) / 1024 for line in status.splitlines() if "VmRSS" in line)

    def signal(self, number: int) -> None:
        """Send a signal to the whole group."""
        os.killpg(self.pid, number)

    async def ended(self, seconds: float = START_SECONDS) -> int:
        """Return its exit code when it has ended."""
        assert self._child
        async with asyncio.timeout(seconds):
            return await self._child.wait()

    async def kill(self) -> None:
        """End it as a power cut would."""
        if self.is_running:
            self.signal(signal.SIGKILL)
            await self.ended()


class Site(Process):
    """One process of the site.

    Args:
        folder: Where its log goes.
        environ: The site's environment.
        port: Where it listens; the same over restarts.
    """

    ready_path = "/readyz"

    def __init__(self, folder: Path, environ: Mapping[str, str], port: int) -> None:
        self.port = port
        super().__init__(
            folder / f"site-{port}.log",
            [sys.executable, "manage.py", "serve", "--port", str(port)],
            environ,
        )

    async def start(self) -> float:
        """Start it and return the moment at which it was ready."""
        await self.spawn()
        return await self.ready()

    async def ready(self, seconds: float = START_SECONDS) -> float:
        """Wait until ``/readyz`` says yes; return that moment of the monotonic clock."""
        deadline = time.monotonic() + seconds
        async with aiohttp.ClientSession() as http:
            while True:
                assert self.is_running, f"the site ended at once:\n{self.log}"
                try:
                    async with http.get(f"http://127.0.0.1:{self.port}{self.ready_path}") as answer:
                        if answer.status == 200:
                            return time.monotonic()
                except aiohttp.ClientError:
                    pass
                assert time.monotonic() < deadline, f"the site is not ready:\n{self.log}"
                await asyncio.sleep(0.05)
