"""The doctor on the way from a browser to the site: a real site behind a real nginx, over TLS.

nginx has the configuration of docs/deploy, of which each test breaks one line.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.certificate import certificate_make
from tests.chatsite.started import ROOT
from tests.free_port import port_free
from tests.nginx import Nginx, changed, site_config

WAIT = 60.0
PASS_REAL_IP = "proxy_set_header X-Real-IP $remote_addr;"
PASS_UPGRADE = "proxy_set_header Upgrade $http_upgrade;"
PASS_PROTO = "proxy_set_header X-Forwarded-Proto $scheme;"
PASS_HOST = "proxy_set_header Host $http_host;"
# Everything but what is between a browser and the site.
ELSEWHERE = (
    "settings",
    "clock",
    "disk",
    "files",
    "static",
    "redis",
    "processes",
    "secrets",
    "providers",
)


@dataclass
class Proxied:
    """A site behind nginx."""

    nginx: Nginx
    config: str
    environ: Mapping[str, str]

    def manage(self, *arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(  # noqa: S603 - our own command
            [sys.executable, "manage.py", *arguments],
            cwd=ROOT,
            env={**self.environ, **more},
            capture_output=True,
            text=True,
            check=False,
        )

    def doctor(self, changes: Mapping[str, str], **more: str) -> tuple[int, list[dict[str, Any]]]:
        self.nginx.start(changed(self.config, changes))
        skip = [f"--skip={name}" for name in (*ELSEWHERE, "keys", "widgets", "staff")]
        done = self.manage("doctor", "--json", *skip, **more)
        report = json.loads(done.stdout)
        assert report["is_well"] == (done.returncode == 0)
        return done.returncode, report["findings"]

    def wrongs(self, changes: Mapping[str, str], **more: str) -> list[str]:
        code, findings = self.doctor(changes, **more)
        assert code == 1
        return [found["words"] for found in findings if found["grade"] == "wrong"]


@pytest.fixture(scope="module")
def proxied(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Proxied]:
    folder = tmp_path_factory.mktemp("proxied")
    port, plain, site = port_free(), port_free(), port_free()
    certificate = certificate_make(folder)
    environ = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "chatsite.settings",
        "DATABASE_URL": f"sqlite:///{folder}/db",
        "SITE_URL": f"https://localhost:{port}",
        "SSL_CERT_FILE": str(certificate),
        "DEBUG": "1",  # no files to collect
    }
    nginx = Nginx(folder, port)
    config = site_config(folder, port=port, plain_port=plain, servers=[f"127.0.0.1:{site}"])
    made = Proxied(nginx, config, environ)
    for command in (
        ("migrate", "-v0"),
        ("shell", "-v0", "-c", "from chatsite.demo.seed import seed; seed()"),
    ):
        done = made.manage(*command)
        assert done.returncode == 0, done.stderr
    with (folder / "site.log").open("wb") as log:
        serve = [sys.executable, "manage.py", "serve", "--port", str(site)]
        process = subprocess.Popen(serve, cwd=ROOT, env=environ, stdout=log, stderr=log)  # noqa: S603 - our own command
        try:
            _ready(site, folder / "site.log")
            yield made
        finally:
            nginx.stop()
            process.send_signal(signal.SIGKILL)
            process.wait()


def _ready(port: int, log: Path) -> None:
    deadline = time.monotonic() + WAIT
    while True:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz"):
                return
        except OSError:
            assert time.monotonic() < deadline, log.read_text()
            time.sleep(0.1)


def test_a_site_that_is_set_up_well_is_well(proxied: Proxied) -> None:
    code, findings = proxied.doctor({})
    assert code == 0, findings
    words = {found["check"]: found["words"] for found in findings}
    assert words["site"] == "The proxy tells clients' addresses; ours is 127.0.0.1."
    assert words["websocket"].startswith("Websockets come through; we were welcomed")


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({PASS_PROTO: ""}, "leads to itself for ever"),
        ({PASS_HOST: "proxy_set_header Host wrong.example;"}, "asked under another name"),
        ({PASS_REAL_IP: 'proxy_set_header X-Real-IP "";'}, "does not tell clients' addresses"),
        ({PASS_REAL_IP: ""}, "anybody can be anybody"),
        ({PASS_UPGRADE: ""}, "handshake was answered with 404"),
        ({"proxy_pass http://chatsite;": "proxy_pass http://127.0.0.1:1;"}, "(502)"),
        ({"proxy_pass http://chatsite;": "return 404;"}, "is not this site (404)"),
    ],
)
def test_each_line_of_the_proxy_that_is_missing_is_found(
    proxied: Proxied, changes: dict[str, str], words: str
) -> None:
    (wrong,) = proxied.wrongs(changes)
    assert words in wrong


def test_a_certificate_that_is_not_to_be_trusted_is_found(proxied: Proxied) -> None:
    (wrong,) = proxied.wrongs({}, SSL_CERT_FILE="/dev/null")
    assert "its certificate is not valid" in wrong


def test_a_name_that_leads_nowhere_is_found(proxied: Proxied) -> None:
    nowhere = {"SITE_URL": "https://no.such.host.invalid", "ALLOWED_HOSTS": "no.such.host.invalid"}
    (wrong,) = proxied.wrongs({}, **nowhere)
    assert "its name leads nowhere" in wrong


def test_another_site_is_not_taken_for_this_one(proxied: Proxied) -> None:
    (wrong,) = proxied.wrongs({}, SECRET_KEY="another-" + "0123456789" * 5)
    assert "is not this site (404)" in wrong


def test_people_read_it_line_by_line(proxied: Proxied) -> None:
    proxied.nginx.start(proxied.config)
    done = proxied.manage("doctor", "--skip=providers", "--skip=keys", "--skip=settings")
    assert done.returncode == 0, done.stdout
    lines = done.stdout.splitlines()
    assert any(line.startswith("ok     database    SQLite") for line in lines)
    assert lines[-1] == "Nothing is wrong."


def test_a_database_that_is_away_is_one_clear_line_and_the_rest_is_looked_at(
    proxied: Proxied,
) -> None:
    proxied.nginx.start(proxied.config)
    away = {"DATABASE_URL": "postgres://chatsite:hunter2@127.0.0.1:1/chatsite"}
    done = proxied.manage("doctor", **away)
    assert done.returncode == 1
    assert "WRONG  database" in done.stdout
    assert "port 1 failed: Connection refused" in done.stdout
    assert "psycopg.pool" not in done.stderr
    assert "-      migrations  Not looked at: first database must be well." in done.stdout
    assert "ok     site" in done.stdout
    assert "hunter2" not in done.stdout + done.stderr
    assert "Traceback" not in done.stdout + done.stderr
