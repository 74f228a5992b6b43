"""``setup`` and ``operator`` as people run them by arguments."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from tests.chatsite.setup.asking import (
    HELD_BACK,
    KEY,
    PASSWORD,
    environment,
    run,
    secret_of,
    superusers,
)


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
        ({"DATABASE_URL": "sqlite://:memory:"}, (), "is gone with its process"),
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
