"""People with a second factor, and browsers that type."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django.contrib.auth.models import User
from django.test import Client

from chatsite.factor import services
from chatsite.factor.codes import STEP_SECONDS, code_now, secret_make
from chatsite.factor.models import Authenticator
from chatsite.factor.services import factor_set_up

PASSWORD = "right horse, right battery"
HERE = "203.0.113.7"
OWN = "/admin/second-factor/"
SET_UP, CODES, REMOVE, RULE = (f"{OWN}{name}/" for name in ("set-up", "codes", "remove", "roles"))


@dataclass
class Someone:
    """A person with an app.

    Args:
        user: Who.
        secret: What their app holds.
        recovery: Their recovery codes.
    """

    user: User
    secret: str = field(default_factory=secret_make)
    recovery: list[str] = field(default_factory=list)

    def set_up(self) -> Someone:
        """Set the app up; its next code is one that was not used."""
        code = self.code()
        self.recovery = factor_set_up(user=self.user, secret=self.secret, code=code)
        Authenticator.objects.filter(user=self.user).update(last_step=0)
        return self

    def code(self, steps: int = 0) -> str:
        """Return what the app shows, or showed some steps ago."""
        now = services.timezone.now().timestamp()  # type: ignore[attr-defined]  # the clock in use
        return code_now(self.secret, now + steps * STEP_SECONDS)

    def wrong(self) -> str:
        """Return a code that the app shows at no time that counts."""
        near = {self.code(steps) for steps in range(-3, 4)}
        return next(f"{number:06}" for number in range(10) if f"{number:06}" not in near)


def someone(name: str = "ann", **options: Any) -> Someone:
    """Return a person who works here and has set nothing up."""
    return Someone(User.objects.create_user(name, password=PASSWORD, is_staff=True, **options))


class Browser:
    """A browser that logs in as people do."""

    def __init__(self, address: str = HERE) -> None:
        self.client = Client(REMOTE_ADDR=address)

    def password(self, name: str = "ann", password: str = PASSWORD, target: str = "") -> Any:
        fields = {"username": name, "password": password, "next": target}
        return self.client.post("/admin/login/", fields)

    def code(self, code: str, **fields: str) -> Any:
        return self.client.post("/admin/login/code/", {"code": code, **fields})

    def recovery(self, code: str) -> Any:
        return self.client.post("/admin/login/code/", {"recovery": code})

    def is_in(self) -> bool:
        return self.client.get("/admin/").status_code == 200


def logged_in(name: str = "ann", **options: object) -> tuple[Someone, Browser]:
    ann = someone(name, **options)
    browser = Browser()
    browser.password(name)
    return ann, browser
