"""Trying what somebody has typed, with a real connection; each returns what is wrong, or nothing.

None of what it returns holds a secret.
"""

from __future__ import annotations

import asyncio
import socket
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit

from django.contrib.auth.models import User
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ImproperlyConfigured, ValidationError
from django.db import DatabaseError
from django.db.utils import ConnectionHandler

from chatsite.doctor.redis import redis_fault, redis_try
from chatsite.doctor.storage import ENCODING_REMEDY, database_fault, encoding_fault
from chatsite.environment import SQLITE, database_config
from chatsite.setup.answers import Answers
from gateway.bootstrap import PUBLIC_HOST
from gateway.engine.config import ProviderConfig, Secret
from gateway.engine.probe import key_probe
from gateway.errors import AddressError, trial_words
from gateway.services import address_check

_TABLE = "chatsite_setup_trial"


def site_try(url: str) -> str:
    """Look up the host of the site's address."""
    host = urlsplit(url).hostname or ""
    try:
        socket.getaddrinfo(host, None)
    except OSError:
        return f"{host} leads nowhere yet. Make a DNS record for it."
    return ""


def database_try(url: str) -> str:
    """Open a database and make a table in it, which is gone afterwards."""
    try:
        config = database_config(url)
    except ImproperlyConfigured as error:
        return str(error)
    if config["NAME"] == ":memory:":
        return "That database is gone with its process. Name a file, as in sqlite:////srv/chat.db."
    if config["ENGINE"] == SQLITE and not Path(config["NAME"]).parent.is_dir():
        return f"There is no folder {Path(config['NAME']).parent}."
    database_reserve(url)
    connection = ConnectionHandler({"default": config})["default"]
    try:
        with connection.cursor() as cursor:
            # By hand: Python opens a transaction of SQLite's only before rows are changed.
            cursor.execute("BEGIN")
            cursor.execute(f"CREATE TABLE {_TABLE} (number integer)")
            cursor.execute("ROLLBACK")
        if fault := encoding_fault(connection):
            return f"{fault} {ENCODING_REMEDY}"
    except DatabaseError as error:
        return database_fault(str(error))
    finally:
        connection.close()
    return ""


def database_reserve(url: str) -> None:
    """Make a file of SQLite's that is not there yet, so that its owner alone reads it.

    SQLite gives its journal the same rights.
    """
    config = database_config(url)
    if config["ENGINE"] == SQLITE and Path(config["NAME"]).parent.is_dir():
        with suppress(OSError):  # what tries it says why
            Path(config["NAME"]).touch(mode=0o600)


def redis_try_out(url: str) -> str:
    """Do with a Redis what the site does."""
    if urlsplit(url).scheme not in {"redis", "rediss", "unix"}:
        return "A Redis has an address as in redis://host:6379/0."
    try:
        asyncio.run(redis_try(url))
    except ImportError:
        return "Redis' client is not installed. Run: sh requirements/install.sh scale"
    except Exception as error:  # noqa: BLE001  # whatever it is, it is Redis that does not work
        return f"Redis does not work: {redis_fault(error)}."
    return ""


def processes_try(text: str, redis_url: str) -> str:
    """Hold the number of processes against what they need; nothing means one."""
    if not text:
        return ""
    if not text.isdecimal() or int(text) < 1:
        return "The number of processes is a whole number, as in 2."
    if int(text) > 1 and not redis_url:
        return "Several processes need a Redis: set REDIS_URL, or have one process."
    return ""


def provider_try(url: str, model: str, api_key: str) -> str:
    """Have a provider answer with a word."""
    try:
        base_url = address_check(url)
    except (AddressError, ValueError):
        return "That is not an address that begins with https:// and has no password in it."
    config = ProviderConfig(
        name="first",
        base_url=base_url,
        keys=(),
        # Whoever sets a machine up may mean a model server next door.
        allow_private=urlsplit(base_url).hostname != PUBLIC_HOST,
    )
    probe = asyncio.run(key_probe(config, Secret(api_key), model))
    return "" if probe.error is None else trial_words(probe.error.code, probe.model)


def password_try(name: str, password: str) -> str:
    """Hold a password against the site's rules."""
    try:
        validate_password(password, User(username=name))
    except ValidationError as error:
        return " ".join(error.messages)
    return ""


def all_try(answers: Answers) -> list[str]:
    """Try everything that was decided, and return all that is wrong."""
    found = [site_try(answers.site_url), database_try(answers.database_url)]
    if answers.redis_url:
        found.append(redis_try_out(answers.redis_url))
    found.append(processes_try(answers.processes, answers.redis_url))
    if answers.api_key:
        found.append(provider_try(answers.provider_url, answers.model, answers.api_key))
    if answers.operator:
        found.append(password_try(answers.operator, answers.password))
    return [problem for problem in found if problem]
