"""A bare Debian on this machine, thrown away afterwards: a server with systemd, or with an engine.

It has a loopback of its own and nothing else: what needs Debian's or Python's packages is run
with this machine's network, and everything else without any.
"""

from __future__ import annotations

import shutil
import subprocess
import time
from pathlib import Path
from typing import IO

MIRROR = "http://deb.debian.org/debian"
# What a Debian server has before anybody touches it, as far as the steps could notice.
PACKAGES = "adduser,ca-certificates,dbus,init,iproute2,openssl,procps"
# Where packages are fetched, this machine's authorities count.
AUTHORITIES = "/etc/ssl/certs/ca-certificates.crt"
BOOT_SECONDS = 60.0
HALT_SECONDS = 20.0
COMMAND_SECONDS = 900.0
ALONE = ("unshare", "--mount", "--pid", "--fork", "--kill-child")
CLEAN = (
    *("env", "--ignore-environment", "--chdir=/"),
    *("PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME=/root"),
    *("LANG=C.UTF-8", "DEBIAN_FRONTEND=noninteractive"),
)


class RehearsalError(Exception):
    """A step did not do what its page says; its text has what was printed."""


class Machine:
    """One such Debian.

    Args:
        folder: Where its files go; what is bootstrapped is kept in it for the next time.
        suite: Debian's name of its version.
    """

    def __init__(self, folder: Path, suite: str) -> None:
        self.base = folder / f"bare-{suite}"
        self.root = folder / f"machine-{suite}"
        self._suite = suite
        self._keeper: subprocess.Popen[bytes] | None = None
        self._leader = ""

    def unpack(self) -> None:
        """Lay its files anew, from nothing but Debian's packages."""
        if not self.base.exists():
            _bootstrap(self.base, self._suite)
        shutil.rmtree(self.root, ignore_errors=True)
        subprocess.run(["cp", "-a", self.base, self.root], check=True)
        shutil.copy("/etc/resolv.conf", self.root / "etc" / "resolv.conf")
        # Which Debian's installer writes, and debootstrap does not.
        (self.root / "etc" / "hosts").write_text("127.0.0.1 localhost\n::1 localhost\n")
        shutil.copy(AUTHORITIES, self.root / "root" / "authorities.crt")

    def boot(self) -> None:
        """Start its systemd, and wait until everything is up."""
        nspawn = ["systemd-nspawn", f"--directory={self.root}", "--register=no", "--keep-unit"]
        nspawn += ["--private-network", "--resolv-conf=off", "--boot", "--console=pipe", "--quiet"]
        self.start(nspawn, until="systemctl is-system-running | grep -E 'running|degraded'")

    def start(self, command: list[str], *, until: str) -> None:
        """Start what holds it up, in the place of what did so before.

        Args:
            command: Its first child is the machine's first process.
            until: Succeeds inside it as soon as it can be used.

        Raises:
            RehearsalError: It does not come up.
        """
        self.halt()
        quiet = subprocess.DEVNULL
        self._keeper = subprocess.Popen(command, stdin=quiet, stdout=quiet, stderr=quiet)
        deadline = time.monotonic() + BOOT_SECONDS
        while not self._answers(until):
            if time.monotonic() > deadline or self._keeper.poll() is not None:
                raise RehearsalError("The machine does not come up.")
            time.sleep(0.5)

    def run(
        self,
        command: str,
        *,
        said: str = "",
        given: IO[bytes] | None = None,
        online: bool = False,
        folder: str = "/root",
    ) -> str:
        """Run a command as root, and return what it has printed.

        Args:
            command: For sh.
            said: What it is told when it asks.
            given: Where it reads instead.
            online: Whether it may have this machine's network.
            folder: Where it runs.

        Raises:
            RehearsalError: It failed.
        """
        enter = ["nsenter", f"--target={self._leader}", "--mount", "--ipc", "--pid", "--root"]
        enter += [] if online else ["--net"]
        trust = ["PIP_CERT=/root/authorities.crt"] if online else []
        shell = ["setsid", "--wait", "sh", "-euc", f"cd {folder}\n{command}"]
        done = subprocess.run(
            [*enter, *CLEAN, *trust, *shell],
            **({"stdin": given} if given else {"input": said}),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=COMMAND_SECONDS,
            check=False,
        )
        if done.returncode:
            raise RehearsalError(f"{command}\nended with {done.returncode}:\n{done.stdout}")
        return done.stdout

    def change(self, command: str) -> None:
        """Run a command in its files while nothing of it runs, with this machine's network."""
        done = subprocess.run(
            [*ALONE, "chroot", self.root, *CLEAN, "sh", "-euc", command],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise RehearsalError(f"{command}\nended with {done.returncode}:\n{done.stderr[-2000:]}")

    def halt(self) -> None:
        """Switch it off; its files stay until it is unpacked again, to be looked at."""
        if self._keeper and self._keeper.poll() is None:
            self._keeper.terminate()
            try:
                self._keeper.wait(HALT_SECONDS)
            except subprocess.TimeoutExpired:
                self._keeper.kill()
                self._keeper.wait()
        self._leader = ""

    def _answers(self, until: str) -> bool:
        assert self._keeper
        children = Path(f"/proc/{self._keeper.pid}/task/{self._keeper.pid}/children")
        self._leader = "".join(children.read_text().split()[:1])
        try:
            return bool(self._leader and self.run(until) is not None)
        except RehearsalError:
            return False


def _bootstrap(base: Path, suite: str) -> None:
    draft = base.with_name(f"{base.name}.draft")
    shutil.rmtree(draft, ignore_errors=True)
    command = ["debootstrap", "--variant=minbase", f"--include={PACKAGES}"]
    command += [suite, str(draft), MIRROR]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RehearsalError(done.stdout[-2000:])
    draft.rename(base)
