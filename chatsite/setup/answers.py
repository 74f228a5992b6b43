"""What must be known of a site before it can start, and the variables that say it."""

from __future__ import annotations

import base64
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote, urlsplit, urlunsplit

from conversations.widget.origins import origin_normalize

SQLITE: Final = "sqlite"
# What may hold a secret: taken from the environment or from standard input, never from
# arguments, which every process of the machine can read.
SECRETS: Final = ("DATABASE_URL", "REDIS_URL", "OPENAI_API_KEY", "OPERATOR_PASSWORD")


@dataclass(slots=True, kw_only=True)
class Answers:
    """What somebody has decided; empty where they want the default, or nothing.

    Args:
        site_url: Where browsers find the site.
        database_url: As ``DATABASE_URL``.
        redis_url: As ``REDIS_URL``.
        processes: How many serve the site.
        provider_url: As ``OPENAI_BASE_URL``.
        model: As ``OPENAI_MODEL``.
        api_key: As ``OPENAI_API_KEY``.
        operator: The first operator's name.
        password: Theirs.
        second_factor: Whether operators must set up a second factor.
    """

    site_url: str = ""
    database_url: str = ""
    redis_url: str = ""
    processes: str = ""
    provider_url: str = ""
    model: str = ""
    api_key: str = ""
    operator: str = ""
    password: str = ""
    second_factor: bool = False


def site_url_read(text: str) -> str | None:
    """Return a site's address as browsers write it, or None; a bare name means https."""
    text = text.strip()
    return origin_normalize(text if "://" in text else f"https://{text}")


def password_insert(url: str, password: str) -> str:
    """Return an address with a password in it, whatever characters that has."""
    parts = urlsplit(url)
    user, _, host = parts.netloc.rpartition("@")
    return urlunsplit(parts._replace(netloc=f"{user}:{quote(password, safe='')}@{host}"))


def lacks_password(url: str) -> bool:
    """Return whether an address names somebody without a password."""
    parts = urlsplit(url)
    return parts.username is not None and parts.password is None


def variables(answers: Answers, current: Mapping[str, str]) -> dict[str, str]:
    """Return the variables to write; secrets that are there already stay what they are.

    Args:
        answers: What was decided.
        current: What is set now, by name.
    """
    host = urlsplit(answers.site_url).hostname or ""
    named = f"[{host}]" if ":" in host else host
    hosts = [name for name in current.get("ALLOWED_HOSTS", "").split(",") if name]
    found = {
        "SECRET_KEY": current.get("SECRET_KEY") or secrets.token_urlsafe(48),
        "MASTER_KEYS": current.get("MASTER_KEYS") or master_key_make(),
        "SITE_URL": answers.site_url,
        "ALLOWED_HOSTS": ",".join(dict.fromkeys([*hosts, named])),
        "PROCESSES": answers.processes,
        "DATABASE_URL": answers.database_url,
        "REDIS_URL": answers.redis_url,
        "OPENAI_API_KEY": answers.api_key,
        "OPENAI_BASE_URL": answers.provider_url,
        "OPENAI_MODEL": answers.model,
    }
    return {name: value for name, value in found.items() if value}


def master_key_make() -> str:
    """Return a fresh master key."""
    return base64.b64encode(secrets.token_bytes(32)).decode()
