"""Secrets that are sealed, counters that no two requests get around, and what is forgotten."""

from __future__ import annotations

import base64
import threading
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.db import IntegrityError, connection, connections
from django.utils import timezone
from pytest_django import Settings

from chatsite.factor import services
from chatsite.factor.errors import FactorError, UnreadableError, WrongCodeError
from chatsite.factor.journal import events_forget
from chatsite.factor.models import Authenticator, FactorEvent, RecoveryCode
from gateway import vault
from gateway.sealed import secrets_sealed
from tests.chatsite.factor.people import Someone, someone

OTHER_KEY = base64.b64encode(b"another key of thirty-two bytes!").decode()


@pytest.mark.django_db
def test_a_secret_is_sealed_for_its_person() -> None:
    ann, bob = someone().set_up(), someone("bob").set_up()
    Authenticator.objects.filter(user=bob.user).update(
        sealed_secret=Authenticator.objects.get(user=ann.user).sealed_secret
    )
    with pytest.raises(UnreadableError):
        services.code_check(user=bob.user, code=ann.code())
    assert secrets_sealed().unreadable == ("second factor of bob",)


@pytest.mark.django_db
def test_a_new_master_key_takes_the_secrets_over(
    settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    ann = someone().set_up()
    settings.MASTER_KEYS = [OTHER_KEY, *settings.MASTER_KEYS]
    call_command("rotate_master_key")
    assert "1 secrets are under the first master key now." in capsys.readouterr().out
    settings.MASTER_KEYS = [OTHER_KEY]
    assert vault.is_current(Authenticator.objects.get().sealed_secret)
    services.code_check(user=ann.user, code=ann.code())


@pytest.mark.django_db(transaction=True)
def test_of_two_at_once_with_the_same_code_one_comes_in() -> None:
    ann = someone().set_up()
    assert sorted(_at_once(ann, [ann.code()] * 4)) == ["in", "wrong", "wrong", "wrong"]


@pytest.mark.django_db(transaction=True)
def test_guessing_many_at_once_is_no_way_around_the_wait() -> None:
    ann = someone().set_up()
    told = _at_once(ann, [ann.wrong()] * 8)
    assert (told.count("wrong"), told.count("waiting")) == (5, 3)
    assert Authenticator.objects.get().failures == 5


@pytest.mark.django_db(transaction=True)
def test_of_two_at_once_with_the_same_recovery_code_one_comes_in() -> None:
    ann = someone().set_up()
    told = _at_once(ann, [ann.recovery[0]] * 4, is_recovery=True)
    assert sorted(told) == ["in", "wrong", "wrong", "wrong"]


@pytest.mark.django_db(transaction=True)
def test_a_double_click_sets_up_one_app() -> None:
    ann = someone()

    def click(_code: str) -> None:
        services.factor_set_up(user=ann.user, secret=ann.secret, code=ann.code())

    assert _together(click, [""] * 4) == ["in"] * 4
    assert Authenticator.objects.get().user == ann.user
    assert RecoveryCode.objects.count() == 10


def _at_once(ann: Someone, codes: list[str], *, is_recovery: bool = False) -> list[str]:
    def come(code: str) -> None:
        (services.recovery_use if is_recovery else services.code_check)(user=ann.user, code=code)

    return _together(come, codes)


def _together(deed: Callable[[str], object], codes: list[str]) -> list[str]:
    told: list[str] = []
    ready = threading.Barrier(len(codes), timeout=20)

    def come(code: str) -> None:
        try:
            ready.wait()
            deed(code)
            told.append("in")
        except FactorError as error:
            told.append("wrong" if isinstance(error, WrongCodeError) else "waiting")
        except IntegrityError:
            told.append("broken")
        finally:
            connections["default"].close()

    threads = [threading.Thread(target=come, args=(code,)) for code in codes]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    connection.close()
    return told


@pytest.mark.django_db
def test_events_are_forgotten_with_the_logins(settings: Settings) -> None:
    settings.LOGIN_LOG_DAYS = 90
    now = timezone.now()
    for days in (89, 91):
        FactorEvent.objects.create(at=now - timedelta(days=days), deed="failed")
    assert events_forget(now) == 1
    assert FactorEvent.objects.count() == 1
