"""Serving the site: what ``serve`` and ``demo`` share."""

from __future__ import annotations

import socket
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path

from daphne.endpoints import build_endpoint_description_strings
from django.conf import settings
from django.contrib.staticfiles.storage import ManifestFilesMixin, staticfiles_storage
from django.core.management.base import CommandError
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from chatsite.garbage import garbage_settle
from chatsite.proxies import ProxyGuard, networks_parse
from chatsite.server import Server


def site_prove() -> None:
    """Make sure that what must be done before the first start was done.

    Raises:
        CommandError: The tables or the static files are missing or old.
    """
    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        raise CommandError("The database is behind the code. Run: manage.py migrate")
    needs_manifest = isinstance(staticfiles_storage, ManifestFilesMixin)
    if needs_manifest and not Path(settings.STATIC_ROOT, "staticfiles.json").exists():
        raise CommandError("The static files are not collected. Run: manage.py collectstatic")


def port_prove(host: str, port: int, remedy: str) -> None:
    """Make sure that nobody listens there yet.

    Raises:
        CommandError: It is taken, or we may not have it; ``remedy`` says what to do.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        with socket.socket(family) as probe:
            # As the server will: a port in TIME_WAIT is free.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((host, port))
    except (OSError, OverflowError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise CommandError(f"Port {port} on {host} is not free ({reason}). {remedy}") from None


def site_serve(
    lifespan: Callable[[], AbstractAsyncContextManager[None]],
    *,
    host: str | None = None,
    port: int | None = None,
    unix_socket: str | None = None,
    is_behind_proxy: bool = False,
) -> None:
    """Serve until SIGTERM or Ctrl-C.

    Args:
        lifespan: What lives as long as the server does.
        host: Where to listen.
        port: As ``host``.
        unix_socket: A socket's path, instead of both.
        is_behind_proxy: Whether the headers of ``TRUSTED_PROXIES`` count; with https they do,
            for the site itself does not speak it.

    Raises:
        CommandError: The server could not start.
    """
    from chatsite.asgi import application  # noqa: PLC0415 - it reads the collected static files

    has_proxy = is_behind_proxy or settings.SITE_IS_SECURE
    server = Server(
        ProxyGuard(application, networks_parse(settings.TRUSTED_PROXIES) if has_proxy else ()),
        endpoints=build_endpoint_description_strings(host=host, port=port, unix_socket=unix_socket),
        lifespan=lifespan,
        drain_seconds=settings.DRAIN_SECONDS,
    )
    garbage_settle()
    server.run()
    if server.failure:
        raise CommandError(server.failure)
