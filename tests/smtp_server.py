"""A mail server on loopback that keeps what it is given: real sockets, and trouble on demand.

It speaks as much of RFC 5321 as a client needs to hand a letter over, with STARTTLS (RFC 3207)
and AUTH PLAIN and LOGIN (RFC 4954). It runs in a thread, so tests with and without an event loop
can use it.
"""

from __future__ import annotations

import socketserver
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread
from typing import Any

from pytest_django.fixtures import Settings

from chatsite.environment import Environment
from tests.smtp_session import MailServer, Session


@contextmanager
def mail_server(**behaviour: Any) -> Iterator[MailServer]:
    """Run a mail server; the arguments are those of ``MailServer``."""
    state = MailServer(**behaviour)

    class Handler(Session):
        mail = state

    with _Server(("127.0.0.1", 0), Handler) as server:
        state.port = server.server_address[1]
        thread = Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        try:
            yield state
        finally:
            state.closing.set()
            server.shutdown()
            thread.join(5)


def mailed_through(settings: Settings, url: str) -> None:
    """Have the site send its mails as ``EMAIL_URL`` would; pytest takes it back."""
    settings.EMAIL_URL = url
    for name, value in Environment().email_config(url).items():
        setattr(settings, name, value)


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    block_on_close = False

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing: clients hang up in the middle, which is what some tests are about."""
