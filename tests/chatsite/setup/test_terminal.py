"""``setup`` at a real terminal: each answer is tried until it is right."""

from __future__ import annotations

import os
import pty
import select
import subprocess
import sys
import time
from codecs import getincrementaldecoder
from collections.abc import Mapping
from pathlib import Path

from tests.chatsite.setup.asking import KEY, PASSWORD, environment, superusers
from tests.chatsite.started import ROOT

WAIT = 240.0  # it migrates a database at the end, and the machine may be busy


class Terminal:
    """A command at a terminal of its own, and somebody who answers it."""

    def __init__(self, *arguments: str, environ: Mapping[str, str]) -> None:
        self.master, slave = pty.openpty()
        self.shown = ""
        self.decoder = getincrementaldecoder("utf-8")()  # a read may end within a character
        self.process = subprocess.Popen(  # noqa: S603 - our own command
            [sys.executable, "manage.py", *arguments],
            cwd=ROOT,
            env=dict(environ),
            stdin=slave,
            stdout=slave,
            stderr=slave,
            start_new_session=True,
        )
        os.close(slave)

    def answer(self, question: str, text: str) -> None:
        """Wait for a question, and type an answer."""
        self._read(lambda fresh: question in fresh)
        os.write(self.master, f"{text}\n".encode())

    def end(self) -> int:
        """Read to the end; return the exit code."""
        self._read(lambda _: False)
        os.close(self.master)
        return self.process.wait(WAIT)

    def _read(self, done: object) -> None:
        fresh, deadline = "", time.monotonic() + WAIT
        while not done(fresh):  # type: ignore[operator]  # a callable
            assert time.monotonic() < deadline, self.shown
            if not select.select([self.master], [], [], 1.0)[0]:
                continue
            try:
                read = os.read(self.master, 4096)
            except OSError:  # the other end is closed
                read = b""
            if not read:
                break
            words = self.decoder.decode(read)
            fresh += words
            self.shown += words


def answers(database: Path, provider_url: str) -> list[tuple[str, str]]:
    """Return what is asked, and what is answered: at first wrongly, then well."""
    default = f"sqlite:///{ROOT}/db.sqlite3"
    return [
        ("The site's name", "not a name"),
        ("The site's name", "no.such.host.invalid"),
        ("leads nowhere yet. Make a DNS record", "n"),
        ("The site's name", "localhost"),
        ("The database", "postgres://ann@127.0.0.1:1/chat"),
        ("Its password", "canary-of-the-database"),
        ("cannot be used", ""),
        (f"postgres://user@host/name [{default}]", f"sqlite:///{database}"),
        ("Redis", ""),
        ("The provider's address", provider_url),
        ("The model", "sandbox-1"),
        ("Its API key", "canary-that-is-wrong"),
        ("The provider refused the key", "n"),
        ("The provider's address", provider_url),
        ("The model", "sandbox-1"),
        ("Its API key", KEY),
        ("The first operator's name", "ann"),
        ("Their password", "short"),
        ("Their password", PASSWORD),
        ("Once more", "another"),
        ("Their password", PASSWORD),
        ("Once more", PASSWORD),
        ("authenticator app as a second factor", "y"),
    ]


def test_at_a_terminal_each_answer_is_tried_until_it_is_right(
    tmp_path: Path, provider_url: str
) -> None:
    environ = environment(tmp_path)
    database = tmp_path / "db"
    (tmp_path / "site.env").write_text("# Mine\nLOG_LEVEL=ERROR\n")
    terminal = Terminal("setup", environ=environ)
    for question, answer in answers(database, provider_url):
        terminal.answer(question, answer)
    assert terminal.end() == 0, terminal.shown
    assert "canary" not in terminal.shown
    assert "Is the server running" not in terminal.shown
    written = (tmp_path / "site.env").read_text()
    assert written.startswith("# Mine\nLOG_LEVEL=ERROR\n\nSECRET_KEY=")
    assert f"OPENAI_API_KEY={KEY}\n" in written
    assert superusers(database) == ["ann"]
    assert "These are two different ones." in terminal.shown
    assert "Operators set up a second factor when they log in." in terminal.shown


def test_whoever_goes_away_leaves_nothing_behind(tmp_path: Path) -> None:
    terminal = Terminal("setup", environ=environment(tmp_path))
    terminal.answer("The site's name", "localhost")
    terminal.answer("The database", "\x04")
    assert terminal.end() == 1
    assert "Nothing was written." in terminal.shown
    assert list(tmp_path.iterdir()) == []
