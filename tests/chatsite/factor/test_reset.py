"""A colleague's factor is reset by whoever may, and everybody can tell who did."""

from __future__ import annotations

import re

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group, Permission
from django.core.management import CommandError, call_command

from chatsite.factor.models import Authenticator, FactorEvent, FactorRule, RecoveryCode
from chatsite.factor.services import rule_set
from chatsite.roles import SUPPORT
from tests.chatsite.factor.people import RULE, SET_UP, Browser, logged_in, someone

pytestmark = pytest.mark.django_db


def test_an_operator_decides_which_roles_need_one_and_sees_who_has_none() -> None:
    _ann, browser = logged_in(is_superuser=True)
    someone("bob").user.groups.add(Group.objects.get(name=SUPPORT))
    someone("cat").set_up()
    page = browser.client.get(RULE).content.decode()
    assert all(role in page for role in ("Support staff", "Prompt editors", "Data protection"))
    bare = page.rpartition("bare-heading")[2]
    assert ("bob" in bare, "cat" in bare) == (True, False)
    chosen = Group.objects.get(name=SUPPORT).pk
    browser.client.post(RULE, {"groups": [chosen], "decided": "1"})
    bob = Browser()
    bob.password("bob")
    assert not bob.is_in()
    ticked = browser.client.get(RULE).content.decode()
    assert re.search(rf'name="groups" value="{chosen}"[^>]* checked', ticked)
    browser.client.post(RULE, {"decided": "1"})
    assert bob.is_in()
    assert FactorRule.objects.count() == 1


def test_a_colleague_is_reset_by_whoever_may_and_it_is_noted() -> None:
    _ann, browser = logged_in(is_superuser=True)
    bob = someone("bob").set_up()
    address = f"/admin/auth/user/{bob.user.pk}/reset-factor/"
    person = browser.client.get(f"/admin/auth/user/{bob.user.pk}/change/").content.decode()
    assert address in person
    assert bob.secret not in person
    assert "no good any more" in browser.client.get(address).content.decode()
    assert Authenticator.objects.exists()
    browser.client.post(address)
    assert not Authenticator.objects.exists()
    assert not RecoveryCode.objects.exists()
    event = FactorEvent.objects.first()
    assert event
    assert (event.deed, event.username, event.by_name) == ("reset", "bob", "ann")
    assert LogEntry.objects.get().object_id == str(bob.user.pk)
    assert browser.client.get(address).status_code == 404
    assert (
        address
        not in browser.client.get(f"/admin/auth/user/{bob.user.pk}/change/").content.decode()
    )


def test_who_may_reset_others_may_not_reset_who_may_do_everything() -> None:
    ann, browser = logged_in()
    ann.user.user_permissions.add(
        Permission.objects.get(codename="reset_authenticator"),
        Permission.objects.get(codename="view_user"),
    )
    boss, bob = someone("boss", is_superuser=True).set_up(), someone("bob").set_up()
    statuses = [
        browser.client.post(f"/admin/auth/user/{user.pk}/reset-factor/").status_code
        for user in (boss.user, bob.user)
    ]
    assert statuses == [403, 302]
    assert Authenticator.objects.get().user == boss.user


def test_who_may_change_accounts_gets_no_further_than_theirs() -> None:
    ann, browser = logged_in()
    for name in ("change_user", "view_user", "delete_user", "reset_authenticator"):
        ann.user.user_permissions.add(Permission.objects.get(codename=name))
    boss, bob = someone("boss", is_superuser=True).set_up(), someone("bob")
    fields = {"username": "x", "is_active": "1", "is_staff": "1", "is_superuser": "1"}
    words = {"password1": "wrong horse, wrong battery", "password2": "wrong horse, wrong battery"}
    for route, posted in (("change", fields), ("password", words), ("delete", {"post": "yes"})):
        address = f"/admin/auth/user/{boss.user.pk}/{route}/"
        assert browser.client.post(address, posted).status_code == 403, route
    assert browser.client.post(f"/admin/auth/user/{bob.user.pk}/change/", fields).status_code == 302
    bob.user.refresh_from_db()
    assert (bob.user.username, bob.user.is_superuser) == ("x", False)


def test_ones_own_factor_goes_with_the_password_alone() -> None:
    ann, browser = logged_in(is_superuser=True)
    ann.set_up()
    browser.code(ann.code())
    assert browser.is_in()
    address = f"/admin/auth/user/{ann.user.pk}/reset-factor/"
    page = browser.client.get(f"/admin/auth/user/{ann.user.pk}/change/").content.decode()
    assert address not in page
    assert browser.client.post(address).status_code == 403
    assert Authenticator.objects.exists()


def test_the_command_lets_the_last_operator_in_again(capsys: pytest.CaptureFixture[str]) -> None:
    someone(is_superuser=True).set_up()
    rule_set(groups=[], for_superusers=True)
    call_command("reset_factor", "ann")
    assert "They set up a new one when they log in." in capsys.readouterr().out
    browser = Browser()
    browser.password()
    assert browser.client.get(SET_UP).status_code == 200
    call_command("reset_factor", "ann")
    assert "has no second factor" in capsys.readouterr().out
    with pytest.raises(CommandError, match="Nobody is called eve"):
        call_command("reset_factor", "eve")
