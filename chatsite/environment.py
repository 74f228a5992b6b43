"""django-environ, made strict: what cannot be read stops the site with one clear line."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import environ
from django.core.exceptions import ImproperlyConfigured

from chatsite import dotenv

FLAGS = {
    **dict.fromkeys(("1", "true", "yes", "on"), True),
    **dict.fromkeys(("0", "false", "no", "off"), False),
}
DATABASES = ("django.db.backends.sqlite3", "django.db.backends.postgresql")


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

    def db_url(self, var: str, default: str = "", **_: Any) -> dict[str, Any]:
        """Return Django's settings of a database.

        Raises:
            ImproperlyConfigured: It is none of the two databases the site runs on.
        """
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("error")
                config: dict[str, Any] = super().db_url(var, default=default)
        except (ValueError, UserWarning):
            config = {}
        if config.get("ENGINE") not in DATABASES:
            raise ImproperlyConfigured(
                f"{var} is neither sqlite:///path nor postgres://user:password@host/name."
            )
        return config
