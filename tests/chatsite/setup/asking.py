"""``setup`` run as people run it."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

from tests.chatsite.started import ROOT

PASSWORD = "canary horse, right battery"
KEY = "sandbox-canary-0123456789"
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


def superusers(database: Path) -> list[str]:
    with closing(sqlite3.connect(database)) as connection:
        return [
            name
            for (name,) in connection.execute(
                "SELECT username FROM auth_user WHERE is_superuser AND is_staff"
            )
        ]
