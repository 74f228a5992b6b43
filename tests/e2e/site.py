"""The demo as a process of its own: started, stopped, killed, and asked from outside only."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from base64 import b64encode
from pathlib import Path

from tests.free_port import port_free

ROOT = Path(__file__).resolve().parents[2]
READY_SECONDS = 180.0  # a database is migrated, and the machine may be busy
STOP_SECONDS = 40.0
# One key that fails five times in half a minute rests; many keys never fail that often.
MANY_KEYS = """
from gateway.models import Provider
from gateway.services import key_add
for number in range(2, 9):
    label, secret = f"sandbox {number}", f"sandbox-{number:020}"
    key_add(provider=Provider.objects.get(), label=label, secret=secret)
"""
_PASSWORD = re.compile(r"^  (support|editor|operator) +(\S+)$", re.MULTILINE)


class Site:
    """Harbour & Pine on a free port of loopback, with a database of its own.

    Args:
        folder: Where the database and what the process says are kept.
        environment: What is set beside the usual.
    """

    def __init__(self, folder: Path, **environment: str) -> None:
        self.port = port_free()
        self.url = f"http://127.0.0.1:{self.port}"
        self._output = folder / "output.txt"
        self._process: subprocess.Popen[bytes] | None = None
        self._environment = {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "chatsite.settings",
            "ENV_FILE": os.devnull,
            "DEBUG": "0",
            "SECRET_KEY": "browser-tests-only-" + "0123456789" * 4,
            "MASTER_KEYS": b64encode(b"browser tests only, 32 bytes lon").decode(),
            "DATABASE_URL": f"sqlite:///{folder}/db.sqlite3",
            "REDIS_URL": "",
            "OPENAI_API_KEY": "",
            "SANDBOX_URL": "",
            "SITE_URL": "",  # nothing, so that it follows the port
            "PORT": str(self.port),
            **environment,
        }

    def start(self) -> None:
        """Start and wait until it can serve customers.

        Raises:
            RuntimeError: It ended, or was not ready in time; the message has its last words.
        """
        with self._output.open("ab") as output:
            self._process = subprocess.Popen(
                [sys.executable, "manage.py", "demo"],
                cwd=ROOT,
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        deadline = time.monotonic() + READY_SECONDS
        while not self._is_ready():
            if self._process.poll() is not None or time.monotonic() > deadline:
                self.kill()
                raise RuntimeError(f"The demo did not start:\n{self.output()[-3000:]}")
            time.sleep(0.1)

    def stop(self) -> int:
        """Ask it to end, as a service manager does, and return its exit code."""
        process = self._running()
        process.send_signal(signal.SIGTERM)
        try:
            return process.wait(STOP_SECONDS)
        finally:
            self.kill()

    def kill(self) -> None:
        """End it as a power cut would; nothing happens if it has ended."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def manage(self, *arguments: str) -> str:
        """Run a management command on the same database and return what it printed."""
        done = subprocess.run(  # noqa: S603 - the arguments are the tests' own
            [sys.executable, "manage.py", *arguments],
            cwd=ROOT,
            env=self._environment,
            check=True,
            capture_output=True,
            text=True,
        )
        return done.stdout

    def keys_add(self) -> None:
        """Give the sandbox many keys, so that a test's faults do not slow down the next test.

        They hold until the site is started again: then the sandbox has another address.
        """
        self.manage("shell", "--command", MANY_KEYS)

    def password(self, name: str) -> str:
        """Return the password of one of the demo's accounts, which is shown once."""
        passwords: dict[str, str] = dict(_PASSWORD.findall(self.output()))
        return passwords[name]

    def output(self) -> str:
        """Return everything that the process and its log have said so far."""
        return self._output.read_text(encoding="utf-8", errors="replace")

    def _running(self) -> subprocess.Popen[bytes]:
        if self._process is None:
            raise RuntimeError("The demo does not run.")
        return self._process

    def _is_ready(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.url}/readyz", timeout=5) as answer:  # noqa: S310 - our own loopback address
                return bool(answer.status == 200)
        except (urllib.error.URLError, OSError):
            return False
