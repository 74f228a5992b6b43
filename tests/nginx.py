"""A real nginx on loopback, with the site's own configuration from docs/deploy."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
SITE = ROOT / "docs" / "deploy" / "nginx.conf"
START_SECONDS = 30.0
ROOT_USER = 0

MAIN = """\
{user}
worker_processes 1;
daemon off;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
events {{ worker_connections 4096; }}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    include {folder}/site.conf;
}}
"""


def nginx_binary() -> str:
    """Return where nginx is.

    Raises:
        pytest.skip.Exception: It is not here; where ``CI`` is set that is a failure.
    """
    found = shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin")
    if not found:
        (pytest.fail if os.environ.get("CI") else pytest.skip)("nginx is not installed")
    return found


def site_config(folder: Path, *, port: int, plain_port: int, servers: Sequence[str]) -> str:
    """Return the site's configuration for other names, ports and certificates, else unchanged.

    Args:
        folder: Where the certificate is.
        port: For https.
        plain_port: For http.
        servers: Where the processes listen, as nginx writes it.
    """
    first, second = (f"    server unix:/run/chatsite/{n}.sock max_fails=0;\n" for n in (1, 2))
    ours = "".join(f"    server {server} max_fails=0;\n" for server in servers)
    changes = {
        first + second: ours,
        "    listen 80;\n    listen [::]:80;\n": f"    listen 127.0.0.1:{plain_port};\n",
        "    listen 443 ssl http2;\n    listen [::]:443 ssl http2;\n": (
            f"    listen 127.0.0.1:{port} ssl http2;\n"
        ),
        "/etc/letsencrypt/live/chat.example.com": str(folder),
        "server_name chat.example.com;": "server_name localhost;",
    }
    return changed(SITE.read_text(encoding="utf-8"), changes)


def changed(text: str, changes: Mapping[str, str]) -> str:
    """Return a text with each of these parts replaced; each must be there."""
    for before, after in changes.items():
        assert before in text, before
        text = text.replace(before, after)
    return text


class Nginx:
    """An nginx of one's own.

    Args:
        folder: For its files.
        port: Where its configuration listens.
    """

    def __init__(self, folder: Path, port: int) -> None:
        self.folder = folder
        self.port = port
        self._child: subprocess.Popen[bytes] | None = None

    def start(self, config: str) -> None:
        """Serve with a configuration, in the place of the one before."""
        self.stop()
        # As root its workers would be somebody else, who may not open what is ours.
        user = "user root;" if os.geteuid() == ROOT_USER else ""
        main = self.folder / "nginx.conf"
        main.write_text(MAIN.format(folder=self.folder, user=user))
        (self.folder / "site.conf").write_text(config)
        command = [nginx_binary(), "-p", str(self.folder), "-c", str(main)]
        command += ["-e", str(self.folder / "error.log")]
        self._child = subprocess.Popen(command)  # noqa: S603 - our own command
        deadline = time.monotonic() + START_SECONDS
        while not self._listens():
            assert time.monotonic() < deadline, "nginx does not answer"
            assert self._child.poll() is None, (self.folder / "error.log").read_text()
            time.sleep(0.05)

    def stop(self) -> None:
        """End it."""
        if self._child and self._child.poll() is None:
            self._child.terminate()
            self._child.wait(START_SECONDS)

    def _listens(self) -> bool:
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0
