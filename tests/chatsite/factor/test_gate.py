"""Who needs a second factor and has none, or has not given it, gets nowhere."""

from __future__ import annotations

import pytest
from asgiref.sync import sync_to_async
from django.contrib.auth.models import Group, User
from django.test import AsyncClient

from chatsite.factor.models import FactorEvent
from chatsite.factor.services import factor_remove, rule_set
from chatsite.roles import DATA_PROTECTION, EDITORS, OPERATORS, SUPPORT
from tests.admin_world import PEOPLE, World, world_make
from tests.chatsite.admin.addresses import address, address_names
from tests.chatsite.factor.people import Browser, Someone, someone

pytestmark = pytest.mark.django_db

SET_UP = "/admin/second-factor/set-up/"
CODE = "/admin/login/code/"


def require(*roles: str, superusers: bool = False) -> None:
    rule_set(groups=list(Group.objects.filter(name__in=roles)), for_superusers=superusers)


def test_nothing_is_required_before_somebody_says_so() -> None:
    someone(is_superuser=True)
    browser = Browser()
    browser.password()
    assert browser.is_in()


@pytest.mark.parametrize("role", [SUPPORT, EDITORS, OPERATORS, DATA_PROTECTION])
def test_each_role_can_be_told_apart(role: str) -> None:
    require(role)
    for name in (SUPPORT, EDITORS, OPERATORS, DATA_PROTECTION):
        someone(name).user.groups.add(Group.objects.get(name=name))
        browser = Browser()
        browser.password(name)
        assert browser.is_in() == (name != role)


def test_people_who_may_do_everything_are_a_role_as_well() -> None:
    require(superusers=True)
    someone("ann", is_superuser=True)
    someone("bob")
    for name, is_in in (("ann", False), ("bob", True)):
        browser = Browser()
        browser.password(name)
        assert browser.is_in() is is_in


def test_after_the_password_one_lands_where_the_factor_is_set_up() -> None:
    require(SUPPORT)
    ann = someone()
    ann.user.groups.add(Group.objects.get(name=SUPPORT))
    browser = Browser()
    page = browser.client.post(
        "/admin/login/", {"username": "ann", "password": "right horse, right battery"}, follow=True
    )
    assert page.redirect_chain[-1][0].startswith(SET_UP)
    html = page.content.decode()
    assert "Your role needs a second factor" in html
    assert 'name="password"' not in html  # it was typed a moment ago
    assert 'id="rooms"' not in html
    assert "Change password" not in html


@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize("name", PEOPLE)
def test_who_needs_one_and_has_none_opens_nothing_else(name: str, method: str) -> None:
    world = world_make()
    person = world.people[name]
    if name == "nobody":
        person.groups.add(Group.objects.get(name=DATA_PROTECTION))
    client = world.client(name)
    assert client.get("/admin/").status_code == 200
    require(SUPPORT, EDITORS, OPERATORS, DATA_PROTECTION, superusers=True)
    opened = _opened(client, world, method)
    assert opened == ({"factor_setup"} if method == "get" else {"factor_setup", "login", "logout"})


@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize("name", ["support", "owner"])
def test_who_has_one_and_has_not_given_it_opens_nothing_else(name: str, method: str) -> None:
    world = world_make()
    client = world.client(name)
    Someone(world.people[name]).set_up()
    opened = _opened(client, world, method)
    assert opened == ({"factor_code"} if method == "get" else {"factor_code", "login", "logout"})


def _opened(client: object, world: World, method: str) -> set[str]:
    """Return the names of addresses that do not lead on to the login or to what is missing."""
    found = set()
    for name in sorted(address_names(), key=lambda name: name == "logout"):  # which ends it
        response = getattr(client, method)(address(name, world))
        target = response.headers.get("Location", "")
        if response.status_code == 405 and name == "logout":
            continue
        if not (response.status_code == 302 and target.startswith(("/admin/login/", SET_UP))):
            found.add(name)
    return found


def test_the_requirement_counts_for_sessions_that_run_from_their_next_click() -> None:
    ann = someone()
    ann.user.groups.add(Group.objects.get(name=SUPPORT))
    browser = Browser()
    browser.password()
    assert browser.is_in()
    require(SUPPORT)
    answer = browser.client.get("/admin/conversations/conversation/", follow=True)
    assert answer.redirect_chain[-1][0].startswith(SET_UP)
    require()
    assert browser.is_in()


def test_a_session_from_before_the_set_up_needs_the_code_too() -> None:
    ann = someone()
    before = Browser()
    before.password()
    ann.set_up()
    answer = before.client.get("/admin/password_change/", follow=True)
    assert answer.redirect_chain[-1][0].startswith(CODE)
    before.code(ann.code())
    assert before.is_in()


def test_replacing_the_device_is_no_way_around_the_code() -> None:
    ann = someone()
    before = Browser()
    before.password()
    ann.set_up()
    for method in (before.client.get, before.client.post):
        answer = method(SET_UP)
        assert answer.status_code == 302
        assert answer.headers["Location"].startswith(CODE)


def test_a_password_that_was_right_is_no_way_to_set_up_anything() -> None:
    someone().set_up()
    browser = Browser()
    browser.password()
    assert browser.client.get(SET_UP).headers["Location"].startswith(CODE)


def test_another_device_needs_another_code_in_every_session() -> None:
    ann = someone().set_up()
    browser = Browser()
    browser.password()
    browser.code(ann.code())
    assert browser.is_in()
    Someone(ann.user).set_up()
    assert not browser.is_in()


def test_after_a_reset_the_password_is_enough_unless_the_role_needs_more() -> None:
    ann = someone().set_up()
    ann.user.groups.add(Group.objects.get(name=SUPPORT))
    factor_remove(user=ann.user)
    browser = Browser()
    browser.password()
    assert browser.is_in()
    require(SUPPORT)
    assert not browser.is_in()


def test_whoever_is_halfway_can_leave() -> None:
    require(superusers=True)
    someone(is_superuser=True)
    browser = Browser()
    browser.password()
    assert browser.client.post("/admin/logout/").status_code == 200
    assert "_auth_user_id" not in browser.client.session
    assert browser.client.get(SET_UP).headers["Location"] == "/admin/login/"


def test_a_page_that_asks_for_nobody_costs_no_question(
    django_assert_num_queries: object,
) -> None:
    someone(is_superuser=True)
    browser = Browser()
    browser.password()
    with django_assert_num_queries(0):  # type: ignore[operator]  # a context manager
        browser.client.get("/favicon.ico")


@pytest.mark.django_db(transaction=True)
async def test_pages_of_asyncio_see_nobody_halfway_either() -> None:
    await sync_to_async(require)(superusers=True)
    ann = await sync_to_async(someone)(is_superuser=True)
    client = AsyncClient()
    await client.aforce_login(ann.user)
    response = await client.get("/admin/")
    assert response.status_code == 302
    assert not (await response.asgi_request.auser()).is_authenticated
    await sync_to_async(require)()
    response = await client.get("/admin/")
    assert response.status_code == 200
    assert (await response.asgi_request.auser()).pk == ann.user.pk


def test_each_change_of_the_requirement_is_noted_with_its_author() -> None:
    boss = User.objects.create_user("boss")
    rule_set(groups=[], for_superusers=True, by=boss)
    event = FactorEvent.objects.get()
    assert (event.deed, event.by_name) == ("required", "boss")
