"""A PostgreSQL and a Redis of our own, to be killed, frozen and emptied at will."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path

import psycopg
import pytest

from tests.free_port import port_free

START_SECONDS = 30.0
ROOT_USER = 0
NEEDED = ("TEST_DATABASE_URL", "TEST_REDIS_URL")


def binary(name: str) -> str:
    """Return where a program is; PostgreSQL's own folders are looked into, too.

    Raises:
        pytest.fail.Exception: It is not here, though the scaled-out scenarios were asked for.
    """
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    found = shutil.which(name, path=os.pathsep.join([os.environ["PATH"], *map(str, folders)]))
    if not found:
        pytest.fail(f"{name} is not installed, but {' and '.join(NEEDED)} ask for these scenarios")
    return found


class Service:
    """A server in a process group and a folder of its own.

    Args:
        user: Whose process it is, if we are root.
    """

    def __init__(self, user: str | None = None) -> None:
        self.port = port_free()
        self.folder = Path(tempfile.mkdtemp(prefix="chaos-"))
        self.user = user if os.geteuid() == ROOT_USER else None
        if self.user:
            shutil.chown(self.folder, self.user)
        self._child: subprocess.Popen[bytes] | None = None

    def command(self) -> list[str]:
        """Return what starts it."""
        raise NotImplementedError

    def start(self) -> None:
        """Start it and wait until it answers."""
        with (self.folder.parent / f"{self.folder.name}.log").open("ab") as log:
            self._child = subprocess.Popen(  # noqa: S603 - our own command
                self.command(),
                cwd=self.folder,
                user=self.user,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        deadline = time.monotonic() + START_SECONDS
        while not self.answers():
            assert time.monotonic() < deadline, f"{self.command()} does not answer"
            time.sleep(0.05)

    def answers(self) -> bool:
        """Tell whether somebody listens."""
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def freeze(self) -> None:
        """Let it neither answer nor refuse."""
        self._tell(signal.SIGSTOP)

    def thaw(self) -> None:
        """Let it go on where it was."""
        self._tell(signal.SIGCONT)

    def end(self, number: int = signal.SIGKILL) -> None:
        """End it, and wait until it has."""
        if self._child and self._child.poll() is None:
            self.thaw()
            self._tell(number)
            self._child.wait(START_SECONDS)

    def remove(self) -> None:
        """End it and all that it kept."""
        self.end()
        shutil.rmtree(self.folder)
        (self.folder.parent / f"{self.folder.name}.log").unlink(missing_ok=True)

    def _tell(self, number: int) -> None:
        assert self._child
        self._child.send_signal(number)  # to it alone: it tells its children itself


class Redis(Service):
    """An empty Redis that writes nothing to disk."""

    @property
    def url(self) -> str:
        """For ``REDIS_URL``."""
        return f"redis://127.0.0.1:{self.port}/0"

    def command(self) -> list[str]:
        """Return what starts it."""
        quiet = ["--save", "", "--appendonly", "no", "--bind", "127.0.0.1"]
        return [binary("redis-server"), "--port", str(self.port), *quiet]

    def flush(self) -> None:
        """Forget everything, as an operator's mistake would."""
        with socket.create_connection(("127.0.0.1", self.port)) as connection:
            connection.sendall(b"FLUSHALL\r\n")
            assert connection.recv(5) == b"+OK\r\n"


class Postgres(Service):
    """A cluster of one's own, durable as in production."""

    def __init__(self) -> None:
        super().__init__("postgres")
        subprocess.run(  # noqa: S603 - our own command
            [binary("initdb"), "-D", "data", "-U", "chaos", "--auth", "trust", "-E", "UTF8"],
            cwd=self.folder,
            user=self.user,
            check=True,
            capture_output=True,
        )

    def command(self) -> list[str]:
        """Return what starts it."""
        here = ["-h", "127.0.0.1", "-p", str(self.port), "-k", str(self.folder)]
        return [binary("postgres"), "-D", "data", *here]

    def answers(self) -> bool:
        """Tell whether it takes queries: it listens before it does."""
        try:
            self.execute("SELECT 1")
        except psycopg.OperationalError:
            return False
        return True

    def url(self, database: str) -> str:
        """For ``DATABASE_URL``."""
        return f"postgres://chaos@127.0.0.1:{self.port}/{database}"

    def execute(self, sql: str) -> None:
        """Run a statement outside of every transaction."""
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(sql.encode())

    def crash(self) -> None:
        """Stop as immediately as it can, and start again: it must recover from its log."""
        self.end(signal.SIGQUIT)
        self.start()
