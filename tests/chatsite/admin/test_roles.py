"""Who may open what: every address of the admin, by role and method.

The table is the decision. A new address without a line here fails the test, so that nobody
adds a page without saying who may see it.
"""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Group, User
from django.db import transaction
from django.test import Client

from chatsite.roles import DATA_PROTECTION, ROLES, roles_ensure
from tests.admin_world import PEOPLE, World
from tests.chatsite.admin.addresses import address, address_names
from tests.chatsite.admin.decisions import DATA_PROTECTION_OPENS, MATRIX, PUBLIC


def test_every_address_of_the_admin_has_a_decision() -> None:
    assert sorted(MATRIX) == address_names()


@pytest.mark.parametrize("name", PEOPLE)
@pytest.mark.parametrize("method", ["get", "post"])
def test_each_role_opens_what_its_work_needs_and_nothing_else(
    world: World, name: str, method: str
) -> None:
    column = list(PEOPLE).index(name)
    decided = {
        page: int(row.split(" / ")[method == "post"].split()[column])
        for page, row in MATRIX.items()
    }
    assert {page: _status(world, name, method, page) for page in MATRIX} == decided


@pytest.mark.parametrize("method", ["get", "post"])
def test_data_protection_opens_what_its_work_needs_and_nothing_else(
    world: World, method: str
) -> None:
    person = User.objects.create_user("privacy", is_staff=True)
    person.groups.add(Group.objects.get(name=DATA_PROTECTION))
    world.people["privacy"] = person
    is_post = method == "post"
    decided = {
        page: int(
            DATA_PROTECTION_OPENS[page].split(" / ")[is_post]
            if page in DATA_PROTECTION_OPENS
            else row.split(" / ")[is_post].split()[0]
        )
        for page, row in MATRIX.items()
    }
    assert {page: _status(world, "privacy", method, page) for page in MATRIX} == decided


def _status(world: World, name: str, method: str, page: str) -> int:
    # Each request finds the world as it was made.
    with transaction.atomic():
        client = world.client(name)
        status = int(getattr(client, method)(address(page, world)).status_code)
        transaction.set_rollback(True)
    return status


def test_who_has_not_logged_in_is_led_to_the_login_page(world: World) -> None:
    for page in MATRIX:
        response = Client().get(address(page, world))
        if page in PUBLIC:
            assert response.status_code == PUBLIC[page], page
        else:
            assert response.status_code == 302, page
            assert response.headers["Location"].startswith("/admin/login/"), page


def test_a_locked_out_person_is_led_to_the_login_page(world: World) -> None:
    world.people["support"].is_staff = False
    world.people["support"].save()
    response = world.client("support").get("/admin/")
    assert response.headers["Location"].startswith("/admin/login/")


@pytest.mark.django_db
def test_ensuring_the_roles_again_takes_back_what_was_added_and_brings_back_what_was_lost() -> None:
    group = Group.objects.get(name="Support staff")
    group.permissions.clear()
    Group.objects.get(name="Prompt editors").permissions.add(
        *Group.objects.get(name="Gateway operators").permissions.all()
    )
    roles_ensure()
    for name, permissions in ROLES.items():
        stored = Group.objects.get(name=name).permissions.select_related("content_type")
        assert sorted(permissions) == sorted(
            f"{permission.content_type.app_label}.{permission.codename}" for permission in stored
        )


@pytest.mark.django_db
def test_ensuring_the_roles_keeps_the_people_in_them() -> None:
    before = set(Group.objects.values_list("pk", "name"))
    roles_ensure()
    assert set(Group.objects.values_list("pk", "name")) == before
