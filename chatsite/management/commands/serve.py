"""``manage.py serve``: the site, in production."""

from __future__ import annotations

import logging
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from chatsite.lifespan import site_lifespan
from chatsite.serving import port_prove, site_prove, site_serve
from gateway.bootstrap import bootstrap
from gateway.vault import VaultError

logger = logging.getLogger(__name__)


class Command(BaseCommand):
    """Serves the site until SIGTERM, then drains."""

    help = "Serves the site until SIGTERM or Ctrl-C, then lets running replies finish."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--host", default="127.0.0.1", help="the address to listen on")
        parser.add_argument("--port", type=int, default=settings.PORT, help="the port")
        parser.add_argument("--unix-socket", help="a socket's path, instead of host and port")
        parser.add_argument(
            "--behind-proxy",
            action="store_true",
            help="take the client's address from X-Real-IP where TRUSTED_PROXIES send it; "
            "with https in SITE_URL it is on anyway",
        )

    def handle(self, **options: Any) -> None:
        unix_socket = options["unix_socket"]
        host, port = (None, None) if unix_socket else (options["host"], options["port"])
        if host and port:
            port_prove(host, port, "Choose another with --port.")
        site_prove()
        try:
            bootstrap()
        except VaultError as error:
            # Pages, transcripts and the admin need no key: better half a site than none.
            logger.critical("No provider can be called: %s", error)
        site_serve(
            site_lifespan,
            host=host,
            port=port,
            unix_socket=unix_socket,
            is_behind_proxy=options["behind_proxy"],
        )
