"""Going through a page of docs/ on a machine, command by command, with a transcript."""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from tests.rehearsal.book import ROOT, commands_read
from tests.rehearsal.machine import Machine, RehearsalError

HOST = "chat.example.com"
HOME = "/srv/chatsite"
PASSWORD = "eleven quiet herons, twice"
API_KEY = "sandbox-rehearsal-0123456789"
MODEL = "sandbox-1"
LINES = 24
# What a person does in the admin: a prompt, published, and a widget that uses it.
FURNISH = """\
from chatsite.demo.seed import seed
from conversations.models import Widget
seed()
print("the widget is", Widget.objects.get().public_key)
"""


class Rehearsal:
    """Runs each command of a page word for word, but for those that ``others`` knows better.

    Args:
        machine: Where.
    """

    # Where in docs/deploy.md, and on which Debian by default.
    heading: str
    suite: str

    def __init__(self, machine: Machine) -> None:
        self.machine = machine
        self.folder = "/root"

    def others(self) -> Mapping[str, Callable[[str], str]]:
        """Return how a step differs, by what its command begins with."""
        return {"git clone": self.clone}

    def prepare(self) -> None:
        """Put the repository where the machine finds it."""
        self.machine.unpack()
        target = self.machine.root / "root" / "chatsite.git"
        command = ["git", "clone", "--quiet", "--bare", str(ROOT), str(target)]
        subprocess.run(command, check=True)
        visitor = Path(__file__).with_name("visitor.py").read_text(encoding="utf-8")
        (self.machine.root / "root" / "visitor.py").write_text(visitor)

    def rehearse(self) -> None:
        """Do all that the page says, and be a customer."""
        for command in commands_read("deploy.md", self.heading):
            self.step(command)

    def step(self, text: str) -> str:
        """Run one command; note it, the end of what it printed, and how long it took."""
        text = text.replace("YOUR.NAME", HOST)
        tell(f"$ {text}")
        begun = time.monotonic()
        known = self.others().items()
        does = next((other for start, other in known if text.startswith(start)), self.run)
        printed = does(text)
        for line in printed.strip().splitlines()[-LINES:]:
            tell(f"  {line}")
        tell(f"  # {time.monotonic() - begun:.1f} s")
        return printed

    def run(self, text: str, said: str = "") -> str:
        """Run a command as it stands."""
        return self.machine.run(text, said=said, folder=self.folder)

    def online(self, text: str) -> str:
        """Run a command that fetches packages."""
        return self.machine.run(text, online=True, folder=self.folder)

    def clone(self, text: str) -> str:
        """Fetch the site from where it was put."""
        printed = self.run(text.replace("<this repository>", "/root/chatsite.git"))
        self.folder = HOME
        return printed


def widget_key(printed: str) -> str:
    """Return the key of the widget that was added."""
    (key,) = re.findall(r"the widget is (\S+)", printed)
    return str(key)


def tell(line: str) -> None:
    """Print a line of the transcript."""
    print(line, flush=True)


def main(kind: type[Rehearsal], doc: str | None) -> None:
    """Rehearse, print the transcript, and leave nothing running."""
    parser = argparse.ArgumentParser(prog="python -m tests.rehearsal.…", description=doc)
    parser.add_argument("folder", type=Path, help="for its files, some GiB; kept for next time")
    parser.add_argument("--suite", default=kind.suite, help="Debian's name of a version")
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    machine = Machine(options.folder.resolve(), options.suite)
    rehearsal = kind(machine)
    try:
        rehearsal.prepare()
        begun = time.monotonic()
        rehearsal.rehearse()
        tell(f"# On a bare Debian {options.suite}: {time.monotonic() - begun:.0f} s")
    except RehearsalError as error:
        sys.exit(str(error))
    finally:
        machine.halt()
