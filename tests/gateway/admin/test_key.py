"""Operators keep keys healthy, and no secret ever comes back."""

from __future__ import annotations

import sys
from contextlib import ExitStack
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.core.signals import got_request_exception
from django.http import HttpRequest
from django.test import override_settings
from django.views.debug import ExceptionReporter

from gateway.models import ApiKey
from gateway.models.provider import KeyState
from gateway.sandbox.server import Sandbox
from gateway.services import key_add, key_retire
from tests.admin_gateway import SECRET
from tests.admin_world import World

BASE = "/admin/gateway/apikey/"
NEW_SECRET = "sandbox-another-canary-9876543210"
PROBED = "Tested: sandbox-1 answered in"


def post(world: World, path: str, data: dict[str, str] | None = None) -> Any:
    response = world.client("operator").post(f"{BASE}{path}", data or {}, follow=True)
    assert response.status_code == 200
    return response


def typed(world: World, **changes: str) -> dict[str, str]:
    data = {"provider": str(world.provider.pk), "label": "second", "weight": "2"}
    return {**data, "secret": NEW_SECRET, **changes}


def test_a_key_goes_in_and_only_its_fingerprint_comes_out(world: World, provider: Sandbox) -> None:
    html = post(world, "add/", typed(world)).content.decode()
    key = ApiKey.objects.get(label="second")
    assert (key.state, key.weight, key.created_by) == ("active", 2, world.people["operator"])
    assert key.fingerprint in html
    assert PROBED in html
    assert provider.calls[NEW_SECRET] == 1
    assert NEW_SECRET not in html
    assert NEW_SECRET not in key.sealed_secret
    assert LogEntry.objects.get().user == world.people["operator"]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"secret": SECRET}, "This provider has that key already."),
        ({"secret": "two words"}, "That is not an API key."),
        ({"secret": ""}, "This field is required."),
        ({"label": "first"}, "Another key of this provider has that label."),
        ({"weight": "0"}, "greater than or equal to 1"),
    ],
)
def test_a_fault_is_told_and_the_secret_is_not_given_back(
    world: World, changes: dict[str, str], words: str
) -> None:
    html = post(world, "add/", typed(world, **changes)).content.decode()
    assert words in html
    assert ApiKey.objects.count() == 1
    for secret in (SECRET, NEW_SECRET, 'value="two words"'):
        assert secret not in html


@override_settings(MASTER_KEYS=[])
def test_without_a_master_key_nothing_is_kept_and_the_page_says_so(world: World) -> None:
    html = post(world, "add/", typed(world)).content.decode()
    assert "No usable master key is set" in html
    assert ApiKey.objects.count() == 1


@pytest.mark.parametrize(
    ("action", "state"), [("pause", KeyState.PAUSED), ("retire", KeyState.RETIRED)]
)
def test_an_action_asks_before_it_acts(world: World, action: str, state: KeyState) -> None:
    page = f"{world.key.pk}/{action}/"
    html = world.client("operator").get(f"{BASE}{page}").content.decode()
    world.key.refresh_from_db()
    assert world.key.state == KeyState.ACTIVE
    assert "It is the last active key of Sandbox" in html
    post(world, page)
    world.key.refresh_from_db()
    assert (world.key.state, world.key.state_by) == (state, world.people["operator"])


def test_a_paused_key_is_resumed(world: World) -> None:
    post(world, f"{world.key.pk}/pause/")
    post(world, f"{world.key.pk}/resume/")
    world.key.refresh_from_db()
    assert world.key.state == KeyState.ACTIVE


def test_the_last_key_is_not_called_the_last_when_another_serves(world: World) -> None:
    key_add(provider=world.provider, label="second", secret=NEW_SECRET)
    html = world.client("operator").get(f"{BASE}{world.key.pk}/pause/").content.decode()
    assert "last active key" not in html


def test_an_action_that_came_too_late_is_told(world: World) -> None:
    key_retire(key=world.key)
    html = post(world, f"{world.key.pk}/pause/").content.decode()
    assert "The key has changed in the meantime." in html


def test_replacing_leaves_the_old_key_to_finish(world: World, provider: Sandbox) -> None:
    html = post(world, f"{world.key.pk}/replace/", {"secret": NEW_SECRET}).content.decode()
    world.key.refresh_from_db()
    assert world.key.state == KeyState.DRAINING
    assert ApiKey.objects.get(state=KeyState.ACTIVE).label == "first 2"
    assert "serves within two seconds" in html
    assert NEW_SECRET not in html


def test_a_retired_key_offers_nothing_more(world: World) -> None:
    key_retire(key=world.key)
    html = world.client("operator").get(f"{BASE}{world.key.pk}/change/").content.decode()
    assert "Rotate …" not in html
    assert "Test …" not in html
    assert "Resume …" not in html


def test_the_list_leaves_out_retired_keys_until_asked(world: World) -> None:
    key_retire(key=world.key)
    client = world.client("operator")
    assert list(client.get(BASE).context["cl"].result_list) == []
    retired = client.get(f"{BASE}?standing=retired").context["cl"].result_list
    assert list(retired) == [world.key]


def test_the_list_counts_the_last_hours_calls(world: World) -> None:
    [key] = world.client("operator").get(BASE).context["cl"].result_list
    assert (key.calls, key.succeeded) == (1, 1)
    assert key.used_at == world.call.started_at


def test_a_secret_that_was_posted_is_hidden_from_error_reports(
    world: World, provider: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    reports: list[str] = []

    def report(request: HttpRequest, **_more: object) -> None:
        reports.append(ExceptionReporter(request, *sys.exc_info()).get_traceback_html())

    def fail(*_arguments: object, **_options: object) -> None:
        raise RuntimeError("broken on purpose")

    monkeypatch.setattr(ApiKey, "save", fail)
    client = world.client("operator")
    client.raise_request_exception = False
    with ExitStack() as until_the_end:
        got_request_exception.connect(report)
        until_the_end.callback(got_request_exception.disconnect, report)
        client.post(f"{BASE}add/", typed(world))
        client.post(f"{BASE}{world.key.pk}/replace/", {"secret": NEW_SECRET})
    assert len(reports) == 2
    for html in reports:
        assert "broken on purpose" in html
        assert NEW_SECRET not in html
