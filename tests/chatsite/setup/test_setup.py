"""``setup`` and ``operator`` as people run them: by arguments and at a real terminal."""

from __future__ import annotations

import os
import pty
import select
import sqlite3
import stat
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path

import psycopg
import pytest
from django.core.management import CommandError, call_command

from chatsite.setup.trials import database_try
from tests.chatsite.started import ROOT
from tests.free_port import port_free

PASSWORD = "canary horse, right battery"
KEY = "sandbox-canary-0123456789"
WAIT = 180.0  # the machine may be busy, and tables are made
HELD_BACK = ("SECRET_KEY", "MASTER_KEYS", "DATABASE_URL", "REDIS_URL", "SITE_URL", "OPENAI_API_KEY")


def environment(folder: Path, **more: str) -> dict[str, str]:
    own = {name: value for name, value in os.environ.items() if name not in HELD_BACK}
    return {
        **own,
        "DJANGO_SETTINGS_MODULE": "chatsite.settings",
        "ENV_FILE": str(folder / "site.env"),
        "DEBUG": "1",  # no files to collect
        **more,
    }


def run(
    *arguments: str, environ: Mapping[str, str], said: str = ""
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # noqa: S603 - our own command
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT,
        env=dict(environ),
        input=said,
        capture_output=True,
        text=True,
        check=False,
    )


def secret_of(done: subprocess.CompletedProcess[str]) -> bool:
    return "canary" in done.stdout + done.stderr


@pytest.fixture(scope="module")
def provider_url() -> Iterator[str]:
    port = port_free()
    command = [sys.executable, "-m", "gateway.sandbox", "--port", str(port)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603 - our own command
        assert process.stdout
        assert "answers at" in process.stdout.readline()
        yield f"http://127.0.0.1:{port}/v1"
        process.terminate()


def superusers(database: Path) -> list[str]:
    with closing(sqlite3.connect(database)) as connection:
        return [
            name
            for (name,) in connection.execute(
                "SELECT username FROM auth_user WHERE is_superuser AND is_staff"
            )
        ]


def test_arguments_are_enough(tmp_path: Path, provider_url: str) -> None:
    database = tmp_path / "db"
    environ = environment(
        tmp_path,
        DATABASE_URL=f"sqlite:///{database}",
        OPENAI_API_KEY=KEY,
        OPERATOR_PASSWORD=PASSWORD,
    )
    named = ("--site", "localhost", "--provider-url", provider_url, "--model", "sandbox-1")
    done = run("setup", "--no-input", *named, "--operator", "ann", environ=environ)
    assert done.returncode == 0, done.stderr
    assert not secret_of(done)
    path = tmp_path / "site.env"
    assert [stat.S_IMODE(file.stat().st_mode) for file in (path, database)] == [0o600, 0o600]
    written = path.read_text()
    for line in ("SITE_URL=https://localhost", "ALLOWED_HOSTS=localhost", f"OPENAI_API_KEY={KEY}"):
        assert f"{line}\n" in written
    assert "OPERATOR_PASSWORD" not in written
    assert superusers(database) == ["ann"]
    # Again: everything stays, the secrets first of all.
    again = run("setup", "--no-input", "--operator", "ann", "--second-factor", environ=environ)
    assert again.returncode == 0
    assert "Operators set up a second factor" in again.stdout
    assert path.read_text() == written
    # The file alone is enough for the site; the operator has the password that was given.
    bare = environment(tmp_path, REMEMBERED=PASSWORD)
    login = (
        "import os; from django.contrib.auth.models import User;"
        "print(User.objects.get(username='ann').check_password(os.environ['REMEMBERED']))"
    )
    assert run("shell", "-v0", "-c", login, environ=bare).stdout == "True\n"


@pytest.mark.parametrize(
    ("changes", "arguments", "words"),
    [
        ({}, ("--site", "no/name"), "Name the site"),
        ({}, ("--site", "no.such.host.invalid"), "leads nowhere yet"),
        ({"DATABASE_URL": "mysql://canary@x/y"}, (), "neither sqlite:///path nor postgres://"),
        ({"DATABASE_URL": "sqlite:////no/such/folder/db"}, (), "no folder /no/such/folder"),
        ({"DATABASE_URL": "postgres://a:canary@127.0.0.1:1/b"}, (), "cannot be used"),
        ({"REDIS_URL": "redis://:canary@127.0.0.1:1/0"}, (), "nobody can be reached"),
        ({"REDIS_URL": "http://127.0.0.1:1/0"}, (), "A Redis has an address as in"),
        ({}, ("--processes", "two"), "a whole number, as in 2"),
        ({}, ("--processes", "0"), "a whole number, as in 2"),
        ({}, ("--processes", "2"), "Several processes need a Redis"),
        ({"OPENAI_API_KEY": "canary"}, ("--provider-url", "here"), "begins with https://"),
        (
            {"OPENAI_API_KEY": "canary"},
            ("--provider-url", "http://127.0.0.1:1/v1"),
            "could not be reached",
        ),
        ({"OPERATOR_PASSWORD": "canary"}, ("--operator", "ann"), "at least 12 characters"),
    ],
)
@pytest.mark.django_db
def test_what_does_not_work_is_told_and_nothing_is_written(
    changes: dict[str, str],
    arguments: tuple[str, ...],
    words: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in HELD_BACK:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("ENV_FILE", str(tmp_path / "site.env"))
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path}/db")
    for name, value in changes.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(CommandError, match=words) as refused:
        call_command("setup", "--no-input", "--site", "localhost", *arguments)
    assert "canary" not in str(refused.value)
    assert not (tmp_path / "site.env").exists()


def test_a_key_that_the_provider_refuses_is_told(tmp_path: Path, provider_url: str) -> None:
    environ = environment(
        tmp_path, DATABASE_URL=f"sqlite:///{tmp_path}/db", OPENAI_API_KEY="wrong-canary"
    )
    named = ("--site", "localhost", "--provider-url", provider_url)
    done = run("setup", "--no-input", *named, environ=environ)
    assert (done.returncode, "The provider refused the key" in done.stderr) == (1, True)
    assert not secret_of(done)


def test_untested_it_writes_what_it_is_told_and_no_more(tmp_path: Path) -> None:
    environ = environment(tmp_path, OPENAI_API_KEY="sk-later")
    done = run(
        *("setup", "--secrets-stdin", "--untested", "--env-only", "--site", "chat.example.com"),
        environ=environ,
        said="DATABASE_URL=postgres://ann:canary x@db/chat\n\nREDIS_URL=redis://cache\n",
    )
    assert done.returncode == 0, done.stderr
    assert not secret_of(done)
    written = (tmp_path / "site.env").read_text()
    assert 'DATABASE_URL="postgres://ann:canary x@db/chat"\n' in written
    assert "REDIS_URL=redis://cache\n" in written
    assert "OPENAI_API_KEY=sk-later\n" in written


def test_standard_input_is_for_secrets_alone(tmp_path: Path) -> None:
    done = run(
        *("setup", "--secrets-stdin", "--site", "localhost"),
        environ=environment(tmp_path),
        said="REDIS_URL=redis://cache\ncanary\n",
    )
    assert (done.returncode, "Line 2 of standard input is none of" in done.stderr) == (1, True)
    assert not secret_of(done)


class Terminal:
    """A command at a terminal of its own, and somebody who answers it."""

    def __init__(self, *arguments: str, environ: Mapping[str, str]) -> None:
        self.master, slave = pty.openpty()
        self.shown = ""
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
                read = os.read(self.master, 4096).decode()
            except OSError:  # the other end is closed
                read = ""
            if not read:
                break
            fresh += read
            self.shown += read


def test_at_a_terminal_each_answer_is_tried_until_it_is_right(
    tmp_path: Path, provider_url: str
) -> None:
    environ = environment(tmp_path)
    database = tmp_path / "db"
    (tmp_path / "site.env").write_text("# Mine\nLOG_LEVEL=ERROR\n")
    terminal = Terminal("setup", environ=environ)
    terminal.answer("The site's name", "not a name")
    terminal.answer("The site's name", "no.such.host.invalid")
    terminal.answer("leads nowhere yet. Make a DNS record", "n")
    terminal.answer("The site's name", "localhost")
    terminal.answer("The database", "postgres://ann@127.0.0.1:1/chat")
    terminal.answer("Its password", "canary-of-the-database")
    terminal.answer("cannot be used", "")
    terminal.answer(
        f"postgres://user@host/name [sqlite:///{ROOT}/db.sqlite3]", f"sqlite:///{database}"
    )
    terminal.answer("Redis", "")
    terminal.answer("The provider's address", provider_url)
    terminal.answer("The model", "sandbox-1")
    terminal.answer("Its API key", "canary-that-is-wrong")
    terminal.answer("The provider refused the key", "n")
    terminal.answer("The provider's address", provider_url)
    terminal.answer("The model", "sandbox-1")
    terminal.answer("Its API key", KEY)
    terminal.answer("The first operator's name", "ann")
    terminal.answer("Their password", "short")
    terminal.answer("Their password", PASSWORD)
    terminal.answer("Once more", "another")
    terminal.answer("Their password", PASSWORD)
    terminal.answer("Once more", PASSWORD)
    terminal.answer("authenticator app as a second factor", "y")
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


def test_the_real_database_and_redis_are_used(tmp_path: Path) -> None:
    url, redis = os.environ.get("TEST_DATABASE_URL"), os.environ.get("TEST_REDIS_URL")
    if not url or not redis:
        pytest.skip("TEST_DATABASE_URL and TEST_REDIS_URL are not set")
    server = url.rpartition("/")[0]
    name = f"setup_{os.getpid()}"
    with psycopg.connect(f"{server}/postgres", autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}".encode())
        try:
            environ = environment(
                tmp_path,
                DATABASE_URL=f"{server}/{name}",
                REDIS_URL=redis,
                OPERATOR_PASSWORD=PASSWORD,
            )
            named = ("--site", "localhost", "--processes", "2", "--operator", "ann")
            done = run("setup", "--no-input", *named, environ=environ)
            assert done.returncode == 0, done.stderr
            assert "PROCESSES=2\n" in (tmp_path / "site.env").read_text()
            with psycopg.connect(f"{server}/{name}") as made:
                rows = made.execute("SELECT username FROM auth_user").fetchall()
                tables = made.execute(
                    "SELECT count(*) FROM pg_tables WHERE tablename = 'chatsite_setup_trial'"
                ).fetchone()
            assert (rows, tables) == ([("ann",)], (0,))
        finally:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())


@pytest.mark.django_db
def test_a_database_without_room_for_every_language_is_refused() -> None:
    url = os.environ.get("TEST_DATABASE_URL")
    if not url:
        pytest.skip("TEST_DATABASE_URL is not set")
    server, name = url.rpartition("/")[0], f"ascii_{os.getpid()}"
    with psycopg.connect(f"{server}/postgres", autocommit=True) as connection:
        made = f"CREATE DATABASE {name} ENCODING 'SQL_ASCII' LOCALE 'C' TEMPLATE template0"
        connection.execute(made.encode())
        try:
            assert "keeps words as SQL_ASCII" in database_try(f"{server}/{name}")
        finally:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())
    assert database_try(f"{server}/postgres") == ""


def test_an_operator_is_added_once(tmp_path: Path) -> None:
    environ = environment(
        tmp_path,
        SECRET_KEY="x" * 50,
        DATABASE_URL=f"sqlite:///{tmp_path}/db",
        OPERATOR_PASSWORD=PASSWORD,
    )
    assert run("migrate", "-v0", environ=environ).returncode == 0
    assert "can log in" in run("operator", "ann", environ=environ).stdout
    again = run("operator", "ann", environ={**environ, "OPERATOR_PASSWORD": "x"})
    assert (again.returncode, "is there already" in again.stdout) == (0, True)
    assert "second factor" not in again.stdout
    told = [run("operator", "ann", "--second-factor", environ=environ).stdout for _ in range(2)]
    assert ["second factor" in words for words in told] == [True, False]
    weak = run("operator", "bob", environ={**environ, "OPERATOR_PASSWORD": "canary"})
    assert (weak.returncode, "at least 12 characters" in weak.stderr) == (1, True)
    assert not secret_of(weak)
    mute = {name: value for name, value in environ.items() if name != "OPERATOR_PASSWORD"}
    assert "Set OPERATOR_PASSWORD" in run("operator", "bob", environ=mute).stderr
    assert superusers(tmp_path / "db") == ["ann"]
