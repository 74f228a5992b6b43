"""Settings proved at start-up: each way to set the site up wrong has an id and a remedy.

Errors keep the site from starting. What only harms (no master key: no provider can be called,
all else works) is a warning, which ``check --deploy --fail-level WARNING`` refuses.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning, register  # noqa: A004 - Django's name
from django.core.exceptions import ImproperlyConfigured
from django.db.migrations.loader import MigrationLoader
from django.http.request import validate_host

from chatsite.coexistence import migration_faults
from chatsite.environment import SCALE_REMEDY
from chatsite.languages import CATALOGUE
from chatsite.origin import is_loopback
from chatsite.proxies import networks_parse
from conversations.widget.origins import origin_normalize
from gateway.errors import AddressError
from gateway.services import address_check

SECRET_KEY_LENGTH = 50
MASTER_KEY_BYTES = 32
MIN_TOKEN_LENGTH = 20
MINIMA = {
    "PORT": 1,
    "PROCESSES": 1,
    "LOGIN_FAILURES": 1,
    "LOGIN_LOG_DAYS": 1,
    "ADDRESS_DAYS": 1,  # the throttle counts by address, for a quarter of an hour
    "SESSION_HOURS": 1,
    "GATEWAY_CONNECTIONS": 1,
    "GATEWAY_IDLE_CONNECTIONS": 0,
    "GATEWAY_DEADLINE_SECONDS": 1,
    "CALL_DAYS": 2,  # budgets count today's calls, whatever day it is in UTC
    "MESSAGE_MAX_CHARACTERS": 1,
    "VISITOR_MESSAGES_PER_MINUTE": 1,
    "ADDRESS_MESSAGES_PER_MINUTE": 1,
    "ADDRESS_SOCKETS": 1,
    "VISITOR_TOKEN_DAYS": 1,
    "SESSION_TOKEN_MINUTES": 2,  # the panel asks for another a minute before it ends
    "REPLY_LEASE_SECONDS": 3,  # a lease must outlive two checkpoints
    "REPLY_CONCURRENCY": 1,
    "DRAIN_SECONDS": 0,
}


def check_secret_key() -> Iterator[CheckMessage]:
    """A guessable SECRET_KEY lets strangers forge sessions and visitors' tokens."""
    try:
        key = settings.SECRET_KEY
    except ImproperlyConfigured:
        key = ""
    if not key:
        yield Error(
            "SECRET_KEY is not set.",
            hint="make demo writes one into .env; .env.example shows how to make one.",
            id="chatsite.E001",
        )
    elif len(key) < SECRET_KEY_LENGTH:
        yield Error(f"SECRET_KEY has under {SECRET_KEY_LENGTH} characters.", id="chatsite.E001")


def check_master_keys() -> Iterator[CheckMessage]:
    """Without a master key no provider's key can be read or added."""
    if not settings.MASTER_KEYS:
        yield Warning(
            "MASTER_KEYS is not set: no API key can be kept, so nobody answers.",
            hint="make demo writes one into .env; .env.example shows how to make one.",
            id="chatsite.W002",
        )
    for place, text in enumerate(settings.MASTER_KEYS, start=1):
        try:
            length = len(base64.b64decode(text, validate=True))
        except binascii.Error:
            length = 0
        if length != MASTER_KEY_BYTES:
            yield Warning(
                f"Key {place} of MASTER_KEYS is not {MASTER_KEY_BYTES} bytes in base64.",
                id="chatsite.W002",
            )


def check_processes() -> Iterator[CheckMessage]:
    """Several processes need a Redis to hear of each other, and a database for many writers."""
    if settings.PROCESSES < 2:  # noqa: PLR2004 - "several" begins here
        return
    if not settings.REDIS_URL:
        yield Error(
            f"PROCESSES is {settings.PROCESSES}, but there is no Redis: each process would keep "
            "answers and limits to itself.",
            hint="Set REDIS_URL.",
            id="chatsite.E003",
        )
    if "sqlite" in settings.DATABASES["default"]["ENGINE"]:
        yield Warning(
            f"PROCESSES is {settings.PROCESSES} on SQLite, which has one writer on one host.",
            hint="Set DATABASE_URL to a PostgreSQL database.",
            id="chatsite.W004",
        )


def check_redis() -> Iterator[CheckMessage]:
    """What Redis needs does not come with the embedded default."""
    if settings.REDIS_URL and find_spec("redis") is None:
        yield Error(
            "REDIS_URL is set, but its client, redis, is not installed.",
            hint=SCALE_REMEDY,
            id="chatsite.E007",
        )


def check_address() -> Iterator[CheckMessage]:
    """The one origin that may open our websocket must be written as browsers write it."""
    origin = origin_normalize(settings.SITE_URL)
    if origin != settings.SITE_URL:
        yield Error(
            "SITE_URL must be scheme, host and port as browsers write them, without a path.",
            hint=f"Did you mean {origin}?" if origin else "As in https://chat.example.com",
            id="chatsite.E008",
        )
        return
    host = str(urlsplit(origin).hostname)
    if not validate_host(f"[{host}]" if ":" in host else host, settings.ALLOWED_HOSTS):
        yield Error(
            f"ALLOWED_HOSTS lacks {host}, the host of SITE_URL: every page would be refused.",
            hint=f"Set ALLOWED_HOSTS={host}",
            id="chatsite.E009",
        )


def check_public_site() -> Iterator[CheckMessage]:
    """What is fine on one's own machine is not on the internet."""
    if is_loopback(urlsplit(settings.SITE_URL).hostname):
        return
    if not settings.SITE_IS_SECURE:
        yield Warning(
            "The site has a public address without https: chats and passwords can be read.",
            hint="Put a proxy with a certificate in front and set SITE_URL to its https address.",
            id="chatsite.W010",
        )
    if settings.DEBUG:
        yield Error("DEBUG is on at a public address: errors show secrets.", id="chatsite.E011")
    if settings.SANDBOX_URL:
        yield Warning(
            "SANDBOX_URL is set at a public address: customers would get made-up answers.",
            hint="Set OPENAI_API_KEY, or add a provider in the admin, and remove SANDBOX_URL.",
            id="chatsite.W005",
        )


def check_numbers() -> Iterator[CheckMessage]:
    """Each number has a least value that makes sense."""
    for name, least in MINIMA.items():
        if getattr(settings, name) < least:
            yield Error(f"{name} must be at least {least}.", id="chatsite.E012")


def check_provider() -> Iterator[CheckMessage]:
    """The provider that comes from the environment must be one we would call."""
    key = settings.OPENAI_API_KEY
    if not key:
        return
    if " " in key or not (key.isascii() and key.isprintable()):
        yield Error(
            "OPENAI_API_KEY is not an API key.",
            hint="Copy it again, without spaces.",
            id="chatsite.E013",
        )
    try:
        address_check(settings.OPENAI_BASE_URL)
    except (AddressError, ValueError):
        yield Error(
            "OPENAI_BASE_URL is not an http address, or has a password in it.",
            hint="As in https://api.openai.com/v1",
            id="chatsite.E013",
        )


def check_metrics_token() -> Iterator[CheckMessage]:
    """Nothing slows down who guesses the token of /metrics."""
    if 0 < len(settings.METRICS_TOKEN) < MIN_TOKEN_LENGTH:
        yield Warning(
            f"METRICS_TOKEN has under {MIN_TOKEN_LENGTH} characters: it can be guessed.",
            hint='python3 -c "import secrets; print(secrets.token_urlsafe(24))"',
            id="chatsite.W014",
        )


def check_reporting() -> Iterator[CheckMessage]:
    """Whoever wants traces or errors somewhere needs the extra that sends them."""
    for name, package in (
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "opentelemetry.exporter.otlp.proto.http"),
        ("SENTRY_DSN", "sentry_sdk"),
    ):
        address = getattr(settings, name)
        if not address:
            continue
        if urlsplit(address).scheme not in {"http", "https"} or not urlsplit(address).hostname:
            yield Error(f"{name} is not an http address.", id="chatsite.E022")
        if not _has_package(package):
            yield Error(
                f"{name} is set, but what sends there is not installed.",
                hint="sh requirements/install.sh telemetry",
                id="chatsite.E023",
            )


def _has_package(name: str) -> bool:
    try:
        return find_spec(name) is not None
    except ModuleNotFoundError:
        return False


def check_trusted_proxies() -> Iterator[CheckMessage]:
    """Whoever is trusted here may claim to be any client."""
    for place, text in enumerate(settings.TRUSTED_PROXIES, start=1):
        try:
            (network,) = networks_parse([text])
        except ValueError:
            yield Error(
                f"Entry {place} of TRUSTED_PROXIES is no address and no network.",
                hint="As in 10.0.0.5 or 172.16.0.0/12, with commas between.",
                id="chatsite.E015",
            )
            continue
        if network.prefixlen == 0:
            yield Error(
                "TRUSTED_PROXIES trusts the whole world: anybody could claim any address.",
                hint="Name the proxies, or the network that only they are in.",
                id="chatsite.E015",
            )


def check_locale_path() -> Iterator[CheckMessage]:
    """A folder that is not there, or holds no catalogue, would be no language and no word of it."""
    path = settings.LOCALE_PATH
    if path and not any(Path(path).glob(CATALOGUE)):
        yield Error(
            f"LOCALE_PATH, {path}, holds no catalogue.",
            hint="As in fr/LC_MESSAGES/django.mo below it; docs/languages.md says how to make one.",
            id="chatsite.E021",
        )


CHECKS: tuple[Callable[[], Iterator[CheckMessage]], ...] = (
    check_secret_key,
    check_master_keys,
    check_processes,
    check_redis,
    check_address,
    check_public_site,
    check_numbers,
    check_provider,
    check_metrics_token,
    check_reporting,
    check_trusted_proxies,
    check_locale_path,
)


OUR_APPS = ("conversations", "gateway")


@register(deploy=True)
def check_coexistence(**_django: Any) -> list[CheckMessage]:
    """Refuse a migration that processes of the version before would not survive."""
    loader = MigrationLoader(None)
    return [
        Error(
            f"{app}.{name}: {fault}",
            hint="docs/upgrade.md has the rules, and how to say why an exception is harmless.",
            id="chatsite.E016",
        )
        for app, name in sorted(loader.disk_migrations)
        if app in OUR_APPS and not loader.disk_migrations[app, name].initial
        for fault in migration_faults(
            loader.disk_migrations[app, name], loader.project_state((app, name), at_end=False)
        )
    ]


@register
def check_settings(**_django: Any) -> list[CheckMessage]:
    """Run every check of ours."""
    return [message for check in CHECKS for message in check()]
