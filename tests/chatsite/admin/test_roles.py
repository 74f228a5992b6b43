"""Who may open what: every address of the admin, by role and method.

The table is the decision. A new address without a line here fails the test, so that nobody
adds a page without saying who may see it.
"""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Group
from django.db import transaction
from django.test import Client

from chatsite.roles import ROLES, roles_ensure
from tests.admin_world import PEOPLE, World
from tests.chatsite.admin.addresses import address, address_names

# Statuses of GET / POST for nobody, support, editor, operator, owner. A POST without fields
# is answered with 200 where a form shows its errors.
MATRIX = {
    "app_list": "302 302 302 302 302 / 302 302 302 302 302",
    "auth_group_add": "403 403 403 403 200 / 403 403 403 403 200",
    "auth_group_change": "403 403 403 403 200 / 403 403 403 403 200",
    "auth_group_changelist": "403 403 403 403 200 / 403 403 403 403 200",
    "auth_group_delete": "403 403 403 403 200 / 403 403 403 403 200",
    "auth_group_history": "403 403 403 403 200 / 403 403 403 403 200",
    "auth_user_add": "403 403 403 403 200 / 403 403 403 403 200",
    "auth_user_change": "403 403 403 403 200 / 403 403 403 403 200",
    "auth_user_changelist": "403 403 403 403 200 / 403 403 403 403 200",
    "auth_user_delete": "403 403 403 403 200 / 403 403 403 403 200",
    "auth_user_history": "403 403 403 403 200 / 403 403 403 403 200",
    "auth_user_password_change": "403 403 403 403 200 / 403 403 403 403 200",
    "autocomplete": "403 403 403 403 403 / 405 405 405 405 405",
    "conversations_conversation_add": "403 403 403 403 403 / 403 403 403 403 403",
    "conversations_conversation_change": "403 200 200 403 200 / 403 403 403 403 403",
    "conversations_conversation_changelist": "403 200 200 403 200 / 403 200 200 403 200",
    "conversations_conversation_delete": "403 403 403 403 403 / 403 403 403 403 403",
    "conversations_conversation_history": "403 200 200 403 200 / 403 200 200 403 200",
    "conversations_prompttemplate_add": "403 403 200 403 200 / 403 403 200 403 200",
    "conversations_prompttemplate_change": "403 403 200 403 200 / 403 403 200 403 200",
    "conversations_prompttemplate_changelist": "403 403 200 403 200 / 403 403 200 403 200",
    "conversations_prompttemplate_compare": "403 403 200 403 200 / 403 403 200 403 200",
    "conversations_prompttemplate_delete": "403 403 403 403 403 / 403 403 403 403 403",
    "conversations_prompttemplate_history": "403 403 200 403 200 / 403 403 200 403 200",
    "conversations_prompttemplate_publish": "403 403 200 403 200 / 403 403 200 403 200",
    "conversations_prompttemplate_revert": "403 403 200 403 200 / 403 403 200 403 200",
    "conversations_prompttemplate_version": "403 403 200 403 200 / 403 403 200 403 200",
    "conversations_widget_add": "403 403 200 200 200 / 403 403 200 200 200",
    "conversations_widget_change": "403 403 200 200 200 / 403 403 200 200 200",
    "conversations_widget_changelist": "403 403 200 200 200 / 403 403 200 200 200",
    "conversations_widget_delete": "403 403 403 403 403 / 403 403 403 403 403",
    "conversations_widget_history": "403 403 200 200 200 / 403 403 200 200 200",
    "gateway_apikey_add": "403 403 403 200 200 / 403 403 403 200 200",
    "gateway_apikey_abort": "403 403 403 200 200 / 403 403 403 302 302",
    "gateway_apikey_change": "403 403 403 200 200 / 403 403 403 405 405",
    "gateway_apikey_changelist": "403 403 403 200 200 / 403 403 403 200 200",
    "gateway_apikey_delete": "403 403 403 403 403 / 403 403 403 403 403",
    "gateway_apikey_history": "403 403 403 200 200 / 403 403 403 200 200",
    "gateway_apikey_pause": "403 403 403 200 200 / 403 403 403 302 302",
    "gateway_apikey_replace": "403 403 403 200 200 / 403 403 403 200 200",
    "gateway_apikey_resume": "403 403 403 200 200 / 403 403 403 302 302",
    "gateway_apikey_retire": "403 403 403 200 200 / 403 403 403 302 302",
    "gateway_apikey_settings": "403 403 403 200 200 / 403 403 403 200 200",
    "gateway_apikey_test": "403 403 403 200 200 / 403 403 403 200 200",
    "gateway_budget_add": "403 403 403 200 200 / 403 403 403 200 200",
    "gateway_budget_change": "403 403 403 200 200 / 403 403 403 200 200",
    "gateway_budget_changelist": "403 403 403 200 200 / 403 403 403 200 200",
    "gateway_budget_delete": "403 403 403 200 200 / 403 403 403 200 200",
    "gateway_budget_history": "403 403 403 200 200 / 403 403 403 200 200",
    "gateway_call_add": "403 403 403 403 403 / 403 403 403 403 403",
    "gateway_call_change": "403 403 403 200 200 / 403 403 403 403 403",
    "gateway_call_changelist": "403 403 403 200 200 / 403 403 403 200 200",
    "gateway_call_delete": "403 403 403 403 403 / 403 403 403 403 403",
    "gateway_call_history": "403 403 403 200 200 / 403 403 403 200 200",
    "gateway_job_add": "403 403 403 403 403 / 403 403 403 403 403",
    "gateway_job_change": "403 403 403 200 200 / 403 403 403 403 403",
    "gateway_job_changelist": "403 403 403 200 200 / 403 403 403 200 200",
    "gateway_job_delete": "403 403 403 403 403 / 403 403 403 403 403",
    "gateway_job_history": "403 403 403 200 200 / 403 403 403 200 200",
    "gateway_limit_add": "403 403 403 200 200 / 403 403 403 200 200",
    "gateway_limit_change": "403 403 403 200 200 / 403 403 403 200 200",
    "gateway_limit_changelist": "403 403 403 200 200 / 403 403 403 200 200",
    "gateway_limit_delete": "403 403 403 200 200 / 403 403 403 200 200",
    "gateway_limit_history": "403 403 403 200 200 / 403 403 403 200 200",
    "gateway_price_add": "403 403 403 200 200 / 403 403 403 200 200",
    "gateway_price_change": "403 403 403 200 200 / 403 403 403 200 200",
    "gateway_price_changelist": "403 403 403 200 200 / 403 403 403 200 200",
    "gateway_price_delete": "403 403 403 200 200 / 403 403 403 200 200",
    "gateway_price_history": "403 403 403 200 200 / 403 403 403 200 200",
    "gateway_process_add": "403 403 403 403 403 / 403 403 403 403 403",
    "gateway_process_change": "403 403 403 200 200 / 403 403 403 403 403",
    "gateway_process_changelist": "403 403 403 200 200 / 403 403 403 200 200",
    "gateway_process_delete": "403 403 403 403 403 / 403 403 403 403 403",
    "gateway_process_history": "403 403 403 200 200 / 403 403 403 200 200",
    "gateway_provider_add": "403 403 403 200 200 / 403 403 403 200 200",
    "gateway_provider_change": "403 403 403 200 200 / 403 403 403 200 200",
    "gateway_provider_changelist": "403 403 403 200 200 / 403 403 403 200 200",
    "gateway_provider_delete": "403 403 403 403 403 / 403 403 403 403 403",
    "gateway_provider_history": "403 403 403 200 200 / 403 403 403 200 200",
    "index": "200 200 200 200 200 / 200 200 200 200 200",
    "jsi18n": "200 200 200 200 200 / 405 405 405 405 405",
    "login": "302 302 302 302 302 / 200 200 200 200 200",
    "logout": "405 405 405 405 405 / 200 200 200 200 200",
    "password_change": "200 200 200 200 200 / 200 200 200 200 200",
    "password_change_done": "200 200 200 200 200 / 405 405 405 405 405",
    "view_on_site": "404 404 404 404 404 / 404 404 404 404 404",
}

# What people who have not logged in may open; everything else leads them to the login page.
PUBLIC = {"login": 200, "logout": 302}


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
