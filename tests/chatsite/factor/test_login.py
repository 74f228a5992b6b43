"""Logging in with a second factor, as people and as guessers do."""

from __future__ import annotations

from datetime import timedelta

import pytest
from axes.models import AccessAttempt, AccessLog
from django.contrib.auth.models import User
from django.contrib.messages import get_messages
from django.db.models import F
from django.utils import timezone
from pytest_django import Settings

from chatsite.factor import gate
from chatsite.factor.models import Authenticator, FactorEvent, RecoveryCode
from chatsite.factor.services import factor_remove
from tests.chatsite.factor.people import HERE, PASSWORD, Browser, Someone, someone

pytestmark = pytest.mark.django_db


@pytest.fixture
def ann() -> Someone:
    return someone().set_up()


@pytest.fixture
def browser() -> Browser:
    return Browser()


def deeds() -> list[str]:
    return list(FactorEvent.objects.order_by("pk").values_list("deed", flat=True))


def test_without_a_second_factor_the_password_is_enough(browser: Browser) -> None:
    someone()
    assert browser.password().headers["Location"] == "/admin/"
    assert browser.is_in()


def test_the_password_leads_to_the_code_and_the_code_to_where_one_wanted(
    ann: Someone, browser: Browser
) -> None:
    asked = browser.password(target="/admin/password_change/")
    assert asked.headers["Location"] == "/admin/login/code/?next=%2Fadmin%2Fpassword_change%2F"
    assert not browser.is_in()
    page = browser.client.get(asked.headers["Location"]).content.decode()
    assert 'autocomplete="one-time-code"' in page
    assert 'inputmode="numeric"' in page
    let_in = browser.code(ann.code(), next="/admin/password_change/")
    assert let_in.headers["Location"] == "/admin/password_change/"
    assert browser.is_in()


def test_who_has_given_a_password_alone_is_not_logged_in(ann: Someone, browser: Browser) -> None:
    browser.password()
    assert "_auth_user_id" not in browser.client.session
    assert AccessLog.objects.count() == 0
    ann.user.refresh_from_db()
    assert ann.user.last_login is None


def test_nobody_is_led_to_another_site(ann: Someone, browser: Browser) -> None:
    browser.password(target="https://evil.example/")
    answer = browser.code(ann.code(), next="https://evil.example/")
    assert answer.headers["Location"] == "/admin/"


def test_without_a_password_there_is_no_page_for_codes(ann: Someone, browser: Browser) -> None:
    assert browser.client.get("/admin/login/code/").headers["Location"] == "/admin/login/"
    assert browser.code(ann.code()).headers["Location"] == "/admin/login/"


def test_a_wrong_code_lets_nobody_in_and_says_why(ann: Someone, browser: Browser) -> None:
    browser.password()
    answer = browser.code(ann.wrong())
    assert "This code is not right" in answer.content.decode()
    assert not browser.is_in()
    assert deeds() == ["set_up", "failed"]


def test_a_code_of_somebody_else_lets_nobody_in(ann: Someone, browser: Browser) -> None:
    other = someone("bob").set_up()
    browser.password()
    if other.code() != ann.code():
        browser.code(other.code())
        assert not browser.is_in()


def test_a_code_counts_once(ann: Someone, browser: Browser) -> None:
    code = ann.code()
    browser.password()
    browser.code(code)
    again = Browser()
    again.password()
    assert "it was used already" in again.code(code).content.decode()
    assert not again.is_in()


def test_an_older_code_does_not_count_after_a_newer_one(ann: Someone, browser: Browser) -> None:
    older = ann.code(-1)
    browser.password()
    browser.code(ann.code())
    again = Browser()
    again.password()
    again.code(older)
    assert not again.is_in()


@pytest.mark.parametrize("steps", [-1, 1])
def test_the_devices_clock_may_be_a_step_off(ann: Someone, browser: Browser, steps: int) -> None:
    browser.password()
    browser.code(ann.code(steps))
    assert browser.is_in()


def test_a_recovery_code_counts_once_and_one_is_told_how_many_are_left(
    ann: Someone, browser: Browser
) -> None:
    browser.password()
    answer = browser.recovery(ann.recovery[0].upper())
    assert [str(m) for m in get_messages(answer.wsgi_request)] == [
        "You have 9 recovery codes left."
    ]
    assert browser.is_in()
    again = Browser()
    again.password()
    assert "none of your recovery codes" in again.recovery(ann.recovery[0]).content.decode()
    assert not again.is_in()
    assert deeds() == ["set_up", "recovered", "failed"]


def test_whoever_has_few_recovery_codes_is_warned_however_they_log_in(
    ann: Someone, browser: Browser
) -> None:
    used = list(RecoveryCode.objects.values_list("pk", flat=True)[:7])
    RecoveryCode.objects.filter(pk__in=used).update(used_at=timezone.now())
    browser.password()
    (message,) = get_messages(browser.code(ann.code()).wsgi_request)
    assert message.level_tag == "warning"
    assert "You have 3 recovery codes left. Make new ones" in str(message)


def test_the_phone_gets_letters_for_a_recovery_code_and_digits_for_the_apps(
    ann: Someone, browser: Browser
) -> None:
    browser.password()
    page = browser.client.get("/admin/login/code/?recovery=").content.decode()
    assert 'name="recovery"' in page
    assert "inputmode" not in page
    assert "Use the app instead" in page


def test_after_five_wrong_codes_the_right_one_must_wait_and_a_recovery_code_need_not(
    ann: Someone, browser: Browser, settings: Settings
) -> None:
    settings.AXES_FAILURE_LIMIT = 100
    browser.password()
    for _number in range(5):
        browser.code(ann.wrong())
    page = browser.code(ann.code()).content.decode()
    assert "counts in 15 minutes" in page
    assert not browser.is_in()
    assert deeds()[-1] == "refused"
    browser.recovery(ann.recovery[0])
    assert browser.is_in()
    assert Authenticator.objects.get().failures == 0


def test_the_wait_is_the_accounts_wherever_the_codes_come_from(ann: Someone) -> None:
    for number in range(5):
        guesser = Browser(f"198.51.100.{number}")
        guesser.password()
        guesser.code(ann.wrong())
    browser = Browser()
    browser.password()
    browser.code(ann.code())
    assert not browser.is_in()
    Authenticator.objects.update(failed_at=F("failed_at") - timedelta(minutes=15, seconds=1))
    browser.code(ann.code())
    assert browser.is_in()


def test_wrong_codes_count_for_the_address_as_wrong_passwords_do(
    ann: Someone, browser: Browser, settings: Settings
) -> None:
    settings.AXES_FAILURE_LIMIT = 3
    browser.password()
    codes = [browser.code(ann.wrong()).status_code for _ in range(3)]
    assert codes == [200, 200, 429]
    assert browser.code(ann.code()).status_code == 429
    assert browser.recovery(ann.recovery[0]).status_code == 429
    assert Browser().password().status_code == 429
    assert RecoveryCode.objects.filter(used_at=None).count() == 10


def test_the_right_password_alone_does_not_forget_the_addresss_failures(
    ann: Someone, settings: Settings
) -> None:
    settings.AXES_FAILURE_LIMIT = 4
    statuses = []
    for _number in range(4):
        guesser = Browser()
        guesser.password()
        statuses.append(guesser.code(ann.wrong()).status_code)
    assert statuses == [200, 200, 200, 429]


def test_no_code_is_kept(ann: Someone, browser: Browser, caplog: pytest.LogCaptureFixture) -> None:
    browser.password()
    wrong = "zzzz-9999-zzzz-9999"
    browser.recovery(wrong)
    browser.code("918273")
    kept = repr(list(AccessAttempt.objects.values())) + repr(list(FactorEvent.objects.values()))
    kept += repr(list(RecoveryCode.objects.values())) + repr(list(Authenticator.objects.values()))
    for secret in (wrong, "918273", ann.secret, *ann.recovery, ann.recovery[0].replace("-", "")):
        assert secret not in kept + caplog.text


@pytest.mark.parametrize("change", ["password", "is_active", "is_staff", "late"])
def test_a_password_that_was_right_is_worth_nothing_once_things_have_changed(
    ann: Someone, browser: Browser, change: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser.password()
    if change == "password":
        ann.user.set_password("another horse, another battery")
        ann.user.save()
    elif change == "late":
        session = browser.client.session
        session[gate.PENDING] = {**session[gate.PENDING], "until": 0}
        session.save()
    else:
        User.objects.update(**{change: False})
    assert browser.code(ann.code()).headers["Location"] == "/admin/login/"
    assert not browser.is_in()


def test_the_session_gets_a_new_name_with_the_password_and_with_the_code(
    ann: Someone, browser: Browser
) -> None:
    browser.client.get("/admin/login/")
    names = []
    browser.password()
    names.append(browser.client.session.session_key)
    browser.code(ann.code())
    names.append(browser.client.session.session_key)
    assert len(set(names)) == 2


def test_another_login_takes_nothing_over_from_the_one_before(ann: Someone) -> None:
    bob = someone("bob").set_up()
    browser = Browser()
    browser.password()
    browser.code(ann.code())
    browser.password("bob")
    assert not browser.is_in()
    browser.code(bob.code())
    assert browser.client.get("/admin/").context["user"] == bob.user


def test_the_log_of_logins_tells_with_what_each_was_completed(
    ann: Someone, browser: Browser
) -> None:
    someone("bob", is_superuser=True)
    browser.password()
    browser.recovery(ann.recovery[0])
    again = Browser()
    again.password()
    again.code(ann.code())
    owner = Browser()
    owner.password("bob")
    page = owner.client.get("/admin/axes/accesslog/").content.decode()
    for told in ("Recovery code used", "Code accepted", "Password alone"):
        assert page.count(f">{told}</span>") == 1, told
    page = owner.client.get("/admin/factor/factorevent/").content.decode()
    assert HERE in page
    assert PASSWORD not in page


def test_if_the_secret_does_not_open_a_recovery_code_still_counts(
    ann: Someone, browser: Browser
) -> None:
    Authenticator.objects.update(sealed_secret="v1.00000000.AAAA")
    browser.password()
    assert "Use a recovery code" in browser.code(ann.code()).content.decode()
    browser.recovery(ann.recovery[0])
    assert browser.is_in()


def test_a_factor_that_is_reset_between_password_and_code_ends_the_login(
    ann: Someone, browser: Browser
) -> None:
    browser.password()
    factor_remove(user=ann.user)
    browser.code(ann.code())
    assert not browser.is_in()
