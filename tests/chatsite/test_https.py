"""A site in production, with the settings that ``setup`` writes: https or nothing."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from chatsite.setup.answers import Answers, variables
from chatsite.setup.envfile import text_merge
from tests.chatsite.started import ROOT

ASK = """
import json
from django.conf import settings
from django.test import Client
# Nobody has collected static files for a test; the pages only name them.
storage = "django.contrib.staticfiles.storage.StaticFilesStorage"
settings.STORAGES["staticfiles"]["BACKEND"] = storage
browser = Client()
host = {"host": "chat.example.com"}
safe = browser.get("/admin/login/", secure=True, headers=host)
plain = browser.get("/admin/login/?next=/admin/", headers=host)
cookie = safe.cookies["csrftoken"]
print(json.dumps({
    "hsts": safe.headers["Strict-Transport-Security"],
    "cookie": [bool(cookie["secure"]), bool(cookie["httponly"])],
    "plain": [plain.status_code, plain.headers["Location"]],
}))
"""
SETTINGS = """
import json
from django.conf import settings
print(json.dumps([settings.SESSION_COOKIE_SECURE, settings.SESSION_COOKIE_HTTPONLY]))
"""


@pytest.fixture
def site(tmp_path: Path) -> dict[str, str]:
    """The environment of a site whose ``.env`` the setup has written, and nothing besides."""
    answers = Answers(
        site_url="https://chat.example.com",
        processes="2",
        database_url="postgres://chatsite@127.0.0.1:1/chatsite",
        redis_url="redis://127.0.0.1:1/0",
        provider_url="https://api.example.com/v1",
        model="small",
        api_key="sk-for-this-test-only",
    )
    path = tmp_path / ".env"
    path.write_text(text_merge("", variables(answers, {})))
    return {"PATH": os.environ["PATH"], "ENV_FILE": str(path)}


def manage(site: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # noqa: S603 - our own command
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT,
        env=site,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def test_djangos_own_examination_has_nothing_to_say(site: dict[str, str]) -> None:
    done = manage(site, "check", "--deploy", "--fail-level", "WARNING")
    assert (done.returncode, "no issues (0 silenced)" in done.stdout) == (0, True), done.stderr


def test_browsers_are_told_to_come_by_https_alone(site: dict[str, str]) -> None:
    done = manage(site, "shell", "-v0", "-c", ASK)
    assert json.loads(done.stdout) == {
        "hsts": "max-age=31536000; includeSubDomains; preload",
        "cookie": [True, True],
        "plain": [301, "https://chat.example.com/admin/login/?next=/admin/"],
    }
    assert json.loads(manage(site, "shell", "-v0", "-c", SETTINGS).stdout) == [True, True]
