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
    "auth_user_resetfactor": "403 403 403 403 200 / 403 403 403 403 302",
    "autocomplete": "403 403 403 403 403 / 405 405 405 405 405",
    "axes_accesslog_add": "403 403 403 403 403 / 403 403 403 403 403",
    "axes_accesslog_change": "403 403 403 200 200 / 403 403 403 403 403",
    "axes_accesslog_changelist": "403 403 403 200 200 / 403 403 403 200 200",
    "axes_accesslog_delete": "403 403 403 403 403 / 403 403 403 403 403",
    "axes_accesslog_history": "403 403 403 200 200 / 403 403 403 200 200",
    "conversations_conversation_add": "403 403 403 403 403 / 403 403 403 403 403",
    "conversations_conversation_case": "403 405 405 403 405 / 403 302 302 403 302",
    "conversations_conversation_change": "403 200 200 200 200 / 403 403 403 403 403",
    "conversations_conversation_changelist": "403 200 200 200 200 / 403 200 200 200 200",
    "conversations_conversation_closeteam": "403 405 403 403 405 / 403 302 403 403 302",
    "conversations_conversation_delete": "403 403 403 403 403 / 403 403 403 403 403",
    "conversations_conversation_dropview": "403 405 405 405 405 / 403 302 302 302 302",
    "conversations_conversation_export": "403 403 403 403 405 / 403 403 403 403 302",
    "conversations_conversation_exportlist": "403 403 403 403 405 / 403 403 403 403 302",
    "conversations_conversation_history": "403 200 403 403 200 / 403 200 403 403 200",
    "conversations_conversation_hold": "403 403 403 403 200 / 403 403 403 403 200",
    "conversations_conversation_next": "403 405 403 403 405 / 403 302 403 403 302",
    "conversations_conversation_note": "403 405 403 403 405 / 403 302 403 403 302",
    "conversations_conversation_print": "403 403 403 403 200 / 403 403 403 403 405",
    "conversations_conversation_release": "403 403 403 403 200 / 403 403 403 403 302",
    "conversations_conversation_review": "403 405 403 403 405 / 403 302 403 403 302",
    "conversations_conversation_verdict": "403 405 403 403 405 / 403 200 403 403 200",
    "conversations_customer_add": "403 403 403 403 403 / 403 403 403 403 403",
    "conversations_customer_change": "403 403 403 403 200 / 403 403 403 403 403",
    "conversations_customer_changelist": "403 403 403 403 200 / 403 403 403 403 200",
    "conversations_customer_delete": "403 403 403 403 403 / 403 403 403 403 403",
    "conversations_customer_erase": "403 403 403 403 200 / 403 403 403 403 200",
    "conversations_customer_export": "403 403 403 403 405 / 403 403 403 403 200",
    "conversations_customer_history": "403 403 403 403 200 / 403 403 403 403 200",
    "conversations_customer_hold": "403 403 403 403 200 / 403 403 403 403 200",
    "conversations_customer_release": "403 403 403 403 200 / 403 403 403 403 302",
    "conversations_datadeed_add": "403 403 403 403 403 / 403 403 403 403 403",
    "conversations_datadeed_change": "403 403 403 403 200 / 403 403 403 403 403",
    "conversations_datadeed_changelist": "403 403 403 403 200 / 403 403 403 403 200",
    "conversations_datadeed_delete": "403 403 403 403 403 / 403 403 403 403 403",
    "conversations_datadeed_history": "403 403 403 403 200 / 403 403 403 403 200",
    "conversations_promptschedule_add": "403 403 403 403 403 / 403 403 403 403 403",
    "conversations_promptschedule_change": "403 403 200 403 200 / 403 403 403 403 403",
    "conversations_promptschedule_changelist": "403 403 200 403 200 / 403 403 200 403 200",
    "conversations_promptschedule_delete": "403 403 403 403 403 / 403 403 403 403 403",
    "conversations_promptschedule_history": "403 403 200 403 200 / 403 403 200 403 200",
    "conversations_conversation_revoke": "403 200 403 403 200 / 403 302 403 403 302",
    "conversations_conversation_saveview": "403 405 405 405 405 / 403 302 302 302 302",
    "conversations_conversation_sent": "403 403 200 403 200 / 403 403 200 403 200",
    "conversations_conversation_turns": "403 200 200 200 200 / 403 200 200 200 200",
    "conversations_prompttemplate_add": "403 403 200 403 200 / 403 403 200 403 200",
    "conversations_prompttemplate_case": "403 403 200 403 200 / 403 403 200 403 200",
    "conversations_prompttemplate_case_add": "403 403 200 403 200 / 403 403 200 403 200",
    "conversations_prompttemplate_case_delete": "403 403 200 403 200 / 403 403 302 403 302",
    "conversations_prompttemplate_cases": "403 403 200 403 200 / 403 403 200 403 200",
    "conversations_prompttemplate_change": "403 403 200 403 200 / 403 403 200 403 200",
    "conversations_prompttemplate_changelist": "403 403 200 403 200 / 403 403 200 403 200",
    "conversations_prompttemplate_compare": "403 403 200 403 200 / 403 403 200 403 200",
    "conversations_prompttemplate_delete": "403 403 403 403 403 / 403 403 403 403 403",
    "conversations_prompttemplate_export": "403 403 200 403 200 / 403 403 405 403 405",
    "conversations_prompttemplate_history": "403 403 200 403 200 / 403 403 200 403 200",
    "conversations_prompttemplate_import": "403 403 200 403 200 / 403 403 200 403 200",
    "conversations_prompttemplate_opening": "403 403 404 403 404 / 403 403 404 403 404",
    "conversations_prompttemplate_publish": "403 403 200 403 200 / 403 403 200 403 200",
    "conversations_prompttemplate_revert": "403 403 200 403 200 / 403 403 200 403 200",
    "conversations_prompttemplate_schedule": "403 403 200 403 200 / 403 403 200 403 200",
    "conversations_prompttemplate_schedule_cancel": "403 403 200 403 200 / 403 403 200 403 200",
    "conversations_prompttemplate_schedule_version": "403 403 200 403 200 / 403 403 200 403 200",
    "conversations_prompttemplate_split": "403 403 200 403 200 / 403 403 200 403 200",
    "conversations_prompttemplate_split_begin": "403 403 200 403 200 / 403 403 200 403 200",
    "conversations_prompttemplate_split_end": "403 403 302 403 302 / 403 403 302 403 302",
    "conversations_prompttemplate_run": "403 403 200 403 200 / 403 403 200 403 200",
    "conversations_prompttemplate_run_begin": "403 403 405 403 405 / 403 403 302 403 302",
    "conversations_prompttemplate_run_stop": "403 403 405 403 405 / 403 403 302 403 302",
    "conversations_prompttemplate_try": "403 403 405 403 405 / 403 403 400 403 400",
    "conversations_prompttemplate_version": "403 403 200 403 200 / 403 403 200 403 200",
    "conversations_prompttemplate_weigh": "403 403 200 403 200 / 403 403 200 403 200",
    "conversations_reading_add": "403 403 403 403 403 / 403 403 403 403 403",
    "conversations_reading_change": "403 403 403 403 200 / 403 403 403 403 403",
    "conversations_reading_changelist": "403 403 403 403 200 / 403 403 403 403 200",
    "conversations_reading_delete": "403 403 403 403 403 / 403 403 403 403 403",
    "conversations_reading_history": "403 403 403 403 200 / 403 403 403 403 200",
    "conversations_report": "403 200 200 200 200 / 405 405 405 405 405",
    "conversations_reportfile": "403 200 200 200 200 / 405 405 405 405 405",
    "conversations_widget_add": "403 403 200 200 200 / 403 403 200 200 200",
    "conversations_widget_change": "403 403 200 200 200 / 403 403 200 200 200",
    "conversations_widget_changelist": "403 403 200 200 200 / 403 403 200 200 200",
    "conversations_widget_delete": "403 403 403 403 403 / 403 403 403 403 403",
    "conversations_widget_preview": "403 403 405 405 405 / 403 403 200 200 200",
    "conversations_widget_preview_new": "403 403 405 405 405 / 403 403 200 200 200",
    "conversations_widget_history": "403 403 200 200 200 / 403 403 200 200 200",
    "conversations_widget_newsecret": "403 403 200 200 200 / 403 403 200 200 200",
    "conversations_widget_retiresecret": "403 403 200 200 200 / 403 403 302 302 302",
    "factor": "200 200 200 200 200 / 200 200 200 200 200",
    "factor_code": "302 302 302 302 302 / 302 302 302 302 302",
    "factor_codes": "302 302 302 302 302 / 302 302 302 302 302",
    "factor_factorevent_add": "403 403 403 403 403 / 403 403 403 403 403",
    "factor_factorevent_change": "403 403 403 200 200 / 403 403 403 403 403",
    "factor_factorevent_changelist": "403 403 403 200 200 / 403 403 403 200 200",
    "factor_factorevent_delete": "403 403 403 403 403 / 403 403 403 403 403",
    "factor_factorevent_history": "403 403 403 200 200 / 403 403 403 200 200",
    "factor_remove": "302 302 302 302 302 / 302 302 302 302 302",
    "factor_rule": "403 403 403 403 200 / 403 403 403 403 200",
    "factor_setup": "200 200 200 200 200 / 200 200 200 200 200",
    "gateway_alertrecipient_add": "403 403 403 200 200 / 403 403 403 200 200",
    "gateway_alertrecipient_change": "403 403 403 200 200 / 403 403 403 200 200",
    "gateway_alertrecipient_changelist": "403 403 403 200 200 / 403 403 403 200 200",
    "gateway_alertrecipient_delete": "403 403 403 200 200 / 403 403 403 200 200",
    "gateway_alertrecipient_history": "403 403 403 200 200 / 403 403 403 200 200",
    "gateway_alertrecipient_test": "403 403 403 200 200 / 403 403 403 302 302",
    "gateway_alertrule_add": "403 403 403 403 403 / 403 403 403 403 403",
    "gateway_alertrule_change": "403 403 403 200 200 / 403 403 403 200 200",
    "gateway_alertrule_changelist": "403 403 403 200 200 / 403 403 403 200 200",
    "gateway_alertrule_delete": "403 403 403 403 403 / 403 403 403 403 403",
    "gateway_alertrule_history": "403 403 403 200 200 / 403 403 403 200 200",
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
    "gateway_dashboard": "403 403 403 200 200 / 403 403 403 405 405",
    "gateway_dashboard_live": "403 403 403 200 200 / 403 403 403 405 405",
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

# The same for data protection, GET / POST; every other page is to them as it is to nobody.
DATA_PROTECTION_OPENS = {
    "conversations_report": "200 / 405",
    "conversations_reportfile": "200 / 405",
    "conversations_conversation_change": "200 / 403",
    "conversations_conversation_changelist": "200 / 200",
    "conversations_conversation_dropview": "405 / 302",
    "conversations_conversation_export": "405 / 302",
    "conversations_conversation_exportlist": "405 / 302",
    "conversations_conversation_history": "200 / 200",
    "conversations_conversation_hold": "200 / 200",
    "conversations_conversation_print": "200 / 405",
    "conversations_conversation_release": "200 / 302",
    "conversations_conversation_saveview": "405 / 302",
    "conversations_conversation_turns": "200 / 200",
    "conversations_customer_change": "200 / 403",
    "conversations_customer_changelist": "200 / 200",
    "conversations_customer_erase": "200 / 200",
    "conversations_customer_export": "405 / 200",
    "conversations_customer_history": "200 / 200",
    "conversations_customer_hold": "200 / 200",
    "conversations_customer_release": "200 / 302",
    "conversations_datadeed_change": "200 / 403",
    "conversations_datadeed_changelist": "200 / 200",
    "conversations_datadeed_history": "200 / 200",
    "conversations_reading_change": "200 / 403",
    "conversations_reading_changelist": "200 / 200",
    "conversations_reading_history": "200 / 200",
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
