"""django-environ, made strict: what cannot be read stops the site with one clear line."""

from __future__ import annotations

import warnings
from collections.abc import Iterable
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import environ
from django.core.exceptions import ImproperlyConfigured

from chatsite import dotenv

FLAGS = {
    **dict.fromkeys(("1", "true", "yes", "on"), True),
    **dict.fromkeys(("0", "false", "no", "off"), False),
}
SQLITE, POSTGRESQL = "django.db.backends.sqlite3", "django.db.backends.postgresql"
SCALE_REMEDY = "Run: .venv/bin/pip install --require-hashes -r requirements/scale.txt"


class Environment(environ.Env):  # type: ignore[misc]  # django-environ has no types
    """The process's environment; remembers each variable that was read, with its default.

    An empty value counts as none: the default holds. A value that begins with ``$`` is taken
    as it stands, where django-environ would follow it to another variable and lose a password.
    """

    def __init__(self) -> None:
        super().__init__()
        self.defaults: dict[str, Any] = {}

    def read_file(self, path: Path) -> None:
        """Add what ``path`` sets; what the process was started with wins.

        Raises:
            ImproperlyConfigured: A line cannot be read. The message has the line's number and
                never its content, which may be a secret.
        """
        try:
            content = path.read_bytes()
        except FileNotFoundError:
            return
        except OSError as error:
            raise ImproperlyConfigured(f"{path.name}: {error.strerror}.") from None
        for number, problem in dotenv.problems(content):
            raise ImproperlyConfigured(f"{path.name}, line {number} {problem}.")
        self.read_env(path)

    def get_value(self, var: str, cast: Any = None, default: Any = None, **_: Any) -> Any:
        """Return a variable's value, or its default.

        Raises:
            ImproperlyConfigured: The value is not of the right kind.
        """
        self.defaults[var] = default
        value = self.ENVIRON.get(var, "").strip()
        if not value:
            return default
        if cast is bool:
            if value.lower() not in FLAGS:
                raise ImproperlyConfigured(f"{var} is neither true nor false.")
            return FLAGS[value.lower()]
        try:
            return self.parse_value(value, cast)
        except ValueError:
            kind = {int: "a whole number", float: "a number"}.get(cast, "readable")
            raise ImproperlyConfigured(f"{var} is not {kind}.") from None

    def choice(self, var: str, default: str, choices: Iterable[str]) -> str:
        """Return one of few words.

        Raises:
            ImproperlyConfigured: It is another word.
        """
        value: str = self.str(var, default=default)
        choices = list(choices)
        if value not in choices:
            raise ImproperlyConfigured(f"{var} is {value}, but must be {' or '.join(choices)}.")
        return value

    def counts(self, var: str) -> dict[str, int]:
        """Return a number for each of several names, as in ``one=1,two=2``.

        Raises:
            ImproperlyConfigured: It is written otherwise, or a number is under 1.
        """
        found: dict[str, int] = {}
        for pair in self.list(var, default=[]):
            name, _, count = (part.strip() for part in pair.rpartition("="))
            if not name or not count.isdecimal() or int(count) < 1:
                raise ImproperlyConfigured(f"{var} is no list as in one=8000,two=128000.")
            found[name] = int(count)
        return found

    def time_zone(self, var: str, default: str) -> str:
        """Return the name of a time zone.

        Raises:
            ImproperlyConfigured: There is no such zone.
        """
        name: str = self.str(var, default=default)
        try:
            ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            raise ImproperlyConfigured(f"{var} is no time zone, as in Europe/Berlin.") from None
        return name

    def db_url(self, var: str, default: str = "", **_: Any) -> dict[str, Any]:
        """Return Django's settings of a database.

        Raises:
            ImproperlyConfigured: It is none of the two databases the site runs on, or what the
                second needs is not installed.
        """
        return database_config(self.str(var, default=default), name=var)

    def email_config(self, url: str) -> dict[str, Any]:
        """Return Django's settings of a mail server.

        Raises:
            ImproperlyConfigured: It is no address of one; the message does not repeat it.
        """
        try:
            return dict(self.email_url_config(url)) if url else {}
        except (KeyError, ValueError, ImproperlyConfigured):
            raise ImproperlyConfigured(
                "EMAIL_URL is no mail server, as in smtp+tls://user:password@host:587."
            ) from None


def database_config(url: str, *, name: str = "That") -> dict[str, Any]:
    """Return Django's settings of the database at an address.

    Args:
        url: As in ``DATABASE_URL``.
        name: What the address is called in messages.

    Raises:
        ImproperlyConfigured: As ``Environment.db_url`` raises.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            config: dict[str, Any] = environ.Env.db_url_config(url)
    except (ValueError, UserWarning):
        config = {}
    if config.get("ENGINE") not in {SQLITE, POSTGRESQL}:
        raise ImproperlyConfigured(
            f"{name} is neither sqlite:///path nor postgres://user:password@host/name."
        )
    if config["ENGINE"] == POSTGRESQL and find_spec("psycopg_pool") is None:
        # Later it would be Django's word for it, which names no remedy.
        raise ImproperlyConfigured(f"PostgreSQL needs psycopg. {SCALE_REMEDY}")
    return config
