"""Setting up, replacing, renewing, and doing without a second factor."""

from __future__ import annotations

import re

import pytest
from django.contrib.auth.models import Group
from django.contrib.sessions.models import Session
from pytest_django import Settings

from chatsite.factor import gate
from chatsite.factor.models import Authenticator, FactorEvent, RecoveryCode
from chatsite.factor.services import rule_set
from chatsite.roles import SUPPORT
from tests.chatsite.admin.page import Page
from tests.chatsite.factor.people import (
    CODES,
    OWN,
    PASSWORD,
    REMOVE,
    SET_UP,
    Browser,
    Someone,
    logged_in,
    someone,
)

pytestmark = pytest.mark.django_db


def secret_read(html: str) -> str:
    (shown,) = re.findall(r'<pre id="secret"[^>]*>([A-Z2-7 ]+)</pre>', html)
    return str(shown).replace(" ", "")


def codes_read(html: str) -> list[str]:
    (shown,) = re.findall(r'<pre id="codes"[^>]*>([^<]+)</pre>', html)
    return str(shown).split()


def set_up(browser: Browser, ann: Someone, **fields: str) -> str:
    ann.secret = secret_read(browser.client.get(SET_UP).content.decode())
    answer = browser.client.post(SET_UP, {"code": ann.code(), **fields})
    return str(answer.content.decode())


def test_an_app_is_set_up_and_its_codes_are_shown_this_once() -> None:
    ann, browser = logged_in()
    shown = codes_read(set_up(browser, ann))
    assert len(shown) == 10
    assert browser.is_in()  # with no further code
    page = browser.client.get(OWN).content.decode()
    assert "10 left" in page
    assert not any(code in page for code in shown)
    again = Browser()
    again.password()
    again.recovery(shown[3])
    assert again.is_in()


def test_the_picture_holds_what_stands_below_it() -> None:
    _ann, browser = logged_in()
    html = browser.client.get(SET_UP).content.decode()
    page = Page(html)
    assert (page.refused, page.unlabelled, page.headings) == ([], [], 1)
    assert '<svg viewBox="0 0' in html
    assert 'role="img" aria-label="' in html
    assert 'autocomplete="one-time-code"' in html


def test_the_secret_stays_the_same_until_it_is_taken_and_is_never_kept_in_the_open() -> None:
    ann, browser = logged_in()
    first = secret_read(browser.client.get(SET_UP).content.decode())
    wrong = browser.client.post(SET_UP, {"code": ann.wrong()}).content.decode()
    assert "This code is not right" in wrong
    assert secret_read(wrong) == first
    assert first not in repr(dict(browser.client.session))
    set_up(browser, ann)
    kept = repr(list(Authenticator.objects.values()))
    assert first not in kept
    assert Authenticator.objects.get().sealed_secret.startswith("v1.")


def test_a_secret_on_offer_is_one_persons(settings: Settings) -> None:
    _ann, browser = logged_in()
    first = secret_read(browser.client.get(SET_UP).content.decode())
    someone("bob")
    browser.password("bob")
    assert secret_read(browser.client.get(SET_UP).content.decode()) != first


def test_a_session_that_was_left_open_needs_the_password_to_set_up() -> None:
    ann, browser = logged_in()
    session = browser.client.session
    session[gate.PASSWORD_AT] -= gate.FRESH_SECONDS
    session.save()
    assert "This field is required" in set_up(browser, ann)
    assert "This is not your password" in set_up(browser, ann, password="guess")
    assert not Authenticator.objects.exists()
    assert len(codes_read(set_up(browser, ann, password=PASSWORD))) == 10


def test_replacing_needs_the_password_and_ends_the_old_device_and_its_codes() -> None:
    ann, browser = logged_in()
    old = codes_read(set_up(browser, ann))
    first = ann.secret
    assert "This field is required" in set_up(browser, ann)
    assert Authenticator.objects.count() == 1
    new = codes_read(set_up(browser, ann, password=PASSWORD))
    assert ann.secret != first
    assert not set(old) & set(new)
    again = Browser()
    again.password()
    again.recovery(old[0])
    assert not again.is_in()
    again.recovery(new[0])
    assert again.is_in()
    assert "replaced" in FactorEvent.objects.values_list("deed", flat=True)


def test_recovery_codes_are_renewed_with_the_password() -> None:
    ann, browser = logged_in()
    old = codes_read(set_up(browser, ann))
    refused = browser.client.post(CODES, {"password": "guess"}).content.decode()
    assert "This is not your password" in refused
    assert RecoveryCode.objects.count() == 10
    answer = browser.client.post(CODES, {"password": PASSWORD})
    assert "no-store" in answer.headers["Cache-Control"]
    assert not set(codes_read(answer.content.decode())) & set(old)
    assert RecoveryCode.objects.count() == 10


def test_guessing_the_password_on_these_pages_is_guessing(settings: Settings) -> None:
    settings.AXES_FAILURE_LIMIT = 3
    ann, browser = logged_in()
    set_up(browser, ann)
    answers = [browser.client.post(CODES, {"password": "guess"}).status_code for _ in range(3)]
    assert answers == [200, 200, 429]


def test_whoever_need_not_have_one_can_do_without_again() -> None:
    ann, browser = logged_in()
    set_up(browser, ann)
    rule_set(groups=[Group.objects.get(name=SUPPORT)], for_superusers=False)
    ann.user.groups.add(Group.objects.get(name=SUPPORT))
    assert browser.client.post(REMOVE, {"password": PASSWORD}).status_code == 403
    ann.user.groups.clear()
    assert browser.client.get(REMOVE).status_code == 200
    browser.client.post(REMOVE, {"password": "guess"})
    assert Authenticator.objects.exists()
    browser.client.post(REMOVE, {"password": PASSWORD})
    assert not Authenticator.objects.exists()
    assert not RecoveryCode.objects.exists()
    assert browser.is_in()
    assert FactorEvent.objects.first().deed == "removed"  # type: ignore[union-attr]  # it is there


def test_few_codes_are_told_on_ones_own_page() -> None:
    ann, browser = logged_in()
    set_up(browser, ann)
    kept = list(RecoveryCode.objects.values_list("pk", flat=True)[:2])
    RecoveryCode.objects.exclude(pk__in=kept).delete()
    page = browser.client.get(OWN).content.decode()
    assert "2 left" in page
    assert "Make new ones before you need them" in page


def test_the_session_gets_a_new_name_with_the_set_up() -> None:
    ann, browser = logged_in()
    before = browser.client.session.session_key
    set_up(browser, ann)
    assert browser.client.session.session_key != before
    assert not Session.objects.filter(session_key=before).exists()


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_pages_for_those_who_are_not_in_yet_suit_a_strict_policy(language: str) -> None:
    someone().set_up()
    browser = Browser()
    browser.password()
    for address in ("/admin/login/code/", "/admin/login/code/?recovery="):
        answer = browser.client.get(address, headers={"Accept-Language": language})
        page = Page(answer.content.decode())
        assert (page.refused, page.unlabelled, page.headings) == ([], [], 1)
        assert "no-store" in answer.headers["Cache-Control"]


def test_codes_page_suits_a_strict_policy() -> None:
    ann, browser = logged_in()
    page = Page(set_up(browser, ann))
    assert (page.refused, page.unlabelled, page.headings) == ([], [], 1)


def test_without_a_master_key_the_page_says_why_it_cannot_go_on(settings: Settings) -> None:
    _ann, browser = logged_in()
    settings.MASTER_KEYS = []
    for answer in (browser.client.get(SET_UP), browser.client.post(SET_UP, {"code": "123456"})):
        page = answer.content.decode()
        assert answer.status_code == 200
        assert "No usable master key is set, so nothing can be sealed." in page
        assert 'id="secret"' not in page
