from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from axes.models import AccessAttempt, AccessLog
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from django.db.models import F
from django.test import Client, RequestFactory
from django.utils import timezone
from pytest_django import Settings

from chatsite.logins import login_address

pytestmark = pytest.mark.django_db

PASSWORD = "right horse, right battery"
HERE, ELSEWHERE = "203.0.113.7", "203.0.113.8"


@pytest.fixture(autouse=True)
def operator(settings: Settings) -> User:
    settings.AXES_FAILURE_LIMIT = 3
    return User.objects.create_superuser("operator", password=PASSWORD)


def log_in(
    password: str = PASSWORD, *, address: str = HERE, name: str = "operator", **headers: str
) -> Any:
    return Client().post(
        "/admin/login/",
        {"username": name, "password": password},
        REMOTE_ADDR=address,
        headers=headers,
    )


def fail(times: int, **of: str) -> list[int]:
    return [log_in("wrong", **of).status_code for _ in range(times)]


def test_an_address_that_keeps_failing_must_wait_and_is_told_how_long() -> None:
    assert fail(3) == [200, 200, 429]
    refused = log_in()
    assert refused.status_code == 429
    assert refused["Retry-After"] == "900"
    assert "the next 15 minutes" in refused.content.decode()
    assert PASSWORD not in refused.content.decode()
    assert log_in(address=ELSEWHERE).status_code == 302


def test_guessing_many_names_from_one_address_is_guessing() -> None:
    codes = [log_in("wrong", name=f"name{number}").status_code for number in range(3)]
    assert codes == [200, 200, 429]


def test_a_header_that_anybody_can_send_is_no_other_address() -> None:
    fail(3)
    forged = {"X-Forwarded-For": ELSEWHERE, "X-Real-IP": ELSEWHERE, "Forwarded": f"for={ELSEWHERE}"}
    assert log_in(**forged).status_code == 429


def test_after_the_wait_the_right_password_works_again() -> None:
    fail(3)
    AccessAttempt.objects.update(attempt_time=F("attempt_time") - timedelta(minutes=15, seconds=1))
    assert log_in().status_code == 302


def test_a_successful_login_forgets_the_failures() -> None:
    assert fail(2) == [200, 200]
    assert log_in().status_code == 302
    assert fail(2) == [200, 200]


def test_who_is_logged_in_stays_so(operator: User) -> None:
    client = Client(REMOTE_ADDR=HERE)
    client.force_login(operator)
    fail(3)
    assert client.get("/admin/").status_code == 200


def test_no_password_is_kept(caplog: pytest.LogCaptureFixture) -> None:
    log_in("canary-password-0123")
    kept = repr(AccessAttempt.objects.values().get())
    assert "canary-password" not in kept + caplog.text


def test_the_page_speaks_the_browsers_language() -> None:
    fail(3)
    assert "15 分钟" in log_in(**{"Accept-Language": "zh-hans"}).content.decode()


@pytest.mark.parametrize(
    ("remote", "address"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
        ("", "127.0.0.1"),
        ("::1", "127.0.0.1"),
    ],
)
def test_failures_count_together_by_customer_line(
    remote: str, address: str, rf: RequestFactory
) -> None:
    request = rf.get("/admin/login/", REMOTE_ADDR=remote)
    assert login_address(request) == address


def test_operators_see_who_has_logged_in_when_and_from_where(operator: User) -> None:
    assert log_in(**{"User-Agent": "Firefox/150 <script>"}).status_code == 302
    (login,) = AccessLog.objects.all()
    assert (login.username, login.ip_address, login.logout_time) == ("operator", HERE, None)
    assert PASSWORD not in repr(AccessLog.objects.values().get())
    client = Client()
    client.force_login(operator)
    page = client.get("/admin/axes/accesslog/").content.decode()
    for shown in (HERE, "Firefox/150 &lt;script&gt;", "<h1>Logins</h1>"):
        assert shown in page
    assert 'href="/admin/axes/accesslog/"' in client.get("/admin/").content.decode()


def test_who_fails_is_not_in_that_list() -> None:
    fail(2)
    assert AccessLog.objects.count() == 0


def test_a_session_ends_after_its_hours_however_busy(operator: User, settings: Settings) -> None:
    client = Client()
    settings.SESSION_COOKIE_AGE = 12 * 3600
    client.force_login(operator)
    session = Session.objects.get()
    left = session.expire_date - timezone.now()
    assert timedelta(hours=11, minutes=59) < left <= timedelta(hours=12)
    client.get("/admin/")
    assert Session.objects.get().expire_date == session.expire_date
    Session.objects.update(expire_date=timezone.now() - timedelta(seconds=1))
    assert client.get("/admin/").status_code == 302


@pytest.mark.parametrize(
    "password", ["short-one-1", "123456789012", "password1234", "operator-1234"]
)
def test_a_password_that_can_be_guessed_is_not_taken(operator: User, password: str) -> None:
    client = Client()
    client.force_login(operator)
    fields = {"old_password": PASSWORD, "new_password1": password, "new_password2": password}
    assert client.post("/admin/password_change/", fields).status_code == 200
    operator.refresh_from_db()
    assert operator.check_password(PASSWORD)
