"""How far a session has come: who has given a password, but not all they need, is nobody yet.

A person with an authenticator app is not logged in before its code is there; until then the
session only remembers whose password was right. A session that runs already, and now lacks what
somebody has come to require, keeps its user, but no page gets to see them.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from enum import Enum, auto
from functools import partial
from typing import Any, Final

from asgiref.sync import sync_to_async
from django.contrib.auth import load_backend
from django.contrib.auth.models import AnonymousUser, User
from django.http import HttpRequest
from django.urls import reverse
from django.utils.crypto import constant_time_compare
from django.utils.deprecation import MiddlewareMixin
from django.utils.functional import SimpleLazyObject

from chatsite.factor.models import Authenticator
from chatsite.factor.selectors import authenticator_of, is_required

PASSED_WITH: Final = "chatsite.factor"  # the authenticator's number, in the session
PENDING: Final = "chatsite.factor.pending"
PASSWORD_AT: Final = "chatsite.password_at"  # noqa: S105  # when it was given
PENDING_SECONDS: Final = 10 * 60
FRESH_SECONDS: Final = 10 * 60
_HALFWAY: Final = "chatsite.halfway"


class Lack(Enum):
    """What a session still needs."""

    CODE = auto()
    SET_UP = auto()


@dataclass(frozen=True, slots=True)
class Halfway:
    """Somebody who has not come through.

    Args:
        user: Who.
        lack: What is missing.
    """

    user: User
    lack: Lack


class GateMiddleware(MiddlewareMixin):
    """Keeps who is halfway from being seen as logged in, by any page."""

    def process_request(self, request: HttpRequest) -> None:
        """Look at the user once somebody asks for them, and not before."""
        whole = request.user
        request.user = SimpleLazyObject(partial(_admitted, request, whole))  # type: ignore[assignment]  # as Django's own
        request.auser = partial(_auser, request)


def halfway(request: HttpRequest) -> Halfway | None:
    """Return who is halfway in this request; None if nobody is, or somebody came through."""
    if request.user.is_authenticated:
        return None
    found: Halfway | None = request.META.get(_HALFWAY) or _pending(request)
    return found


def is_pending(request: HttpRequest) -> bool:
    """Return whether nobody is logged in, and a password was right."""
    return request.META.get(_HALFWAY) is None and _pending(request) is not None


def pending_begin(request: HttpRequest, user: User, backend: str) -> None:
    """Remember whose password was right; whatever the session held before is gone."""
    request.session.flush()
    request.session[PENDING] = {
        "user": user.pk,
        "backend": backend,
        "hash": user.get_session_auth_hash(),
        "until": time.time() + PENDING_SECONDS,
    }


def pending_backend(request: HttpRequest) -> str:
    """Return by which backend the password was found right."""
    return str(request.session[PENDING]["backend"])


def mark_passed(request: HttpRequest, authenticator: Authenticator) -> None:
    """Remember that this session has passed with this app; another app needs another code."""
    request.session.pop(PENDING, None)
    request.session[PASSED_WITH] = authenticator.pk


def password_given(request: HttpRequest) -> None:
    """Remember that the password was typed right now."""
    request.session[PASSWORD_AT] = time.time()


def is_password_fresh(request: HttpRequest) -> bool:
    """Return whether the password was typed in this session a few minutes ago."""
    given_at = float(request.session.get(PASSWORD_AT, 0))
    return time.time() - given_at < FRESH_SECONDS


def lack_of(user: User, passed_with: Any) -> Lack | None:
    """Return what somebody still needs.

    Args:
        user: Who has logged in.
        passed_with: The number of the authenticator that their session has passed with.
    """
    authenticator = authenticator_of(user)
    if authenticator:
        return None if authenticator.pk == passed_with else Lack.CODE
    return Lack.SET_UP if is_required(user) else None


def _admitted(request: HttpRequest, user: User | AnonymousUser) -> User | AnonymousUser:
    if not isinstance(user, User) and not user.is_authenticated:
        return user
    lack = lack_of(user, request.session.get(PASSED_WITH))
    if lack is None:
        return user
    request.META[_HALFWAY] = Halfway(user, lack)
    # Whoever wants to leave may.
    return user if request.path == reverse("admin:logout") else AnonymousUser()


async def _auser(request: HttpRequest) -> Any:
    await sync_to_async(lambda: request.user.is_authenticated)()
    return request.user


def _pending(request: HttpRequest) -> Halfway | None:
    told: dict[str, Any] = request.session.get(PENDING) or {}
    if not told or told["until"] < time.time():
        return None
    user = load_backend(told["backend"]).get_user(told["user"])
    # As Django does for sessions: a password that was changed meanwhile ends it.
    if not isinstance(user, User) or not constant_time_compare(
        told["hash"], user.get_session_auth_hash()
    ):
        return None
    return Halfway(user, Lack.CODE)
