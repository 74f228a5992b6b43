"""A secret that went in is found nowhere: file, logs, pages, exports, error pages, tracebacks."""

from __future__ import annotations

import logging
import sys
import traceback
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from django.core.management import call_command
from django.core.signals import got_request_exception
from django.db import connection
from django.http import HttpRequest
from django.views.debug import ExceptionReporter
from django.views.decorators.debug import sensitive_variables

from gateway import vault
from gateway.configuration import configuration_read, providers_of
from gateway.models import ApiKey, KeyEvent, Provider
from gateway.services import key_add, key_replace, provider_create, provider_update
from tests.admin_world import World, world_make
from tests.chatsite.admin.addresses import address, address_names
from tests.database_file import contents

CANARY = "sk-canary-4b1d-of-this-very-test"
PROXY_CANARY = "proxy-canary-93aa"


@pytest.fixture
def world(transactional_db: None) -> World:
    made = world_make()
    key = key_add(provider=made.provider, label="canary", secret=CANARY)
    key_replace(key=key, secret=f"{CANARY}-2")
    provider_create(
        slug="behind",
        name="Behind",
        base_url="https://api.example.com/v1",
        proxy_url="http://proxy.example:3128",
        proxy_user="olga",
        proxy_password=PROXY_CANARY,
    )
    return made


def assert_clean(text: str, place: str) -> None:
    assert text, place
    assert CANARY not in text, place
    assert PROXY_CANARY not in text, place


def content_of(response: Any) -> str:
    """Return a page's text, or a file's, which comes from an asynchronous stream."""
    if not response.streaming:
        return str(response.content.decode())

    async def parts() -> bytes:
        return b"".join([part async for part in response.streaming_content])

    return async_to_sync(parts)().decode()


def test_neither_the_database_nor_an_export_of_it_holds_the_secret(
    world: World, tmp_path: Path
) -> None:
    export = tmp_path / "export.json"
    call_command("dumpdata", "--output", str(export))
    assert_clean(export.read_text(), "export")
    if connection.vendor == "sqlite":
        for path, content in contents():
            assert CANARY.encode() not in content, path
            assert PROXY_CANARY.encode() not in content, path


def test_no_page_of_the_admin_and_no_log_line_holds_the_secret(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    provider_update(provider=world.provider, name="Renamed")
    found = ApiKey.objects.get(label="canary 2")
    for name in address_names():
        for where in {address(name, world), address(name, world).replace("/1/", f"/{found.pk}/")}:
            for method in ("get", "post"):
                response = getattr(world.client("owner"), method)(where)
                assert_clean(content_of(response) or "-", f"{method} {where}")
    providers_of(configuration_read(world.price.valid_from))
    assert_clean(caplog.text, "logs")
    assert KeyEvent.objects.filter(deed="viewed").exists()


BROKEN: tuple[tuple[Any, str], ...] = (
    (ApiKey, "save"),
    (vault, "_parsed"),
    (KeyEvent, "save"),
    (vault, "seal"),
    (vault, "fingerprint"),
    (vault, "_binding"),
    (vault, "_key_id"),
    (vault, "api_key_place"),
    (vault, "_derived"),
    (vault, "_master_keys"),
)


def forced() -> list[tuple[str, Callable[[World], object]]]:
    """Return what is done with the secret in hand while something below it breaks."""

    def adds(world: World) -> object:
        data = {"provider": world.provider.pk, "label": "x", "secret": f"{CANARY}-3", "weight": 1}
        return world.client("operator").post("/admin/gateway/apikey/add/", data)

    def rotates(world: World) -> object:
        page = f"/admin/gateway/apikey/{world.key.pk}/replace/"
        return world.client("operator").post(page, {"secret": f"{CANARY}-3"})

    def calls(world: World) -> object:
        return key_replace(key=world.key, secret=f"{CANARY}-3")

    return [("add", adds), ("rotate", rotates), ("service", calls)]


@pytest.mark.parametrize("broken", BROKEN, ids=lambda pair: f"{pair[0].__name__}.{pair[1]}")
def test_thirty_forced_failures_show_the_secret_in_no_report(
    world: World, monkeypatch: pytest.MonkeyPatch, broken: tuple[Any, str]
) -> None:
    reports: list[str] = []

    def keep(request: HttpRequest | None = None, **_more: object) -> None:
        reports.append(ExceptionReporter(request, *sys.exc_info()).get_traceback_html())
        reports.append(ExceptionReporter(request, *sys.exc_info()).get_traceback_text())
        reports.append(traceback.format_exc())

    @sensitive_variables()
    def fail(*_arguments: object, **_options: object) -> None:
        raise RuntimeError("broken on purpose")

    # The key is trusted without a call: what breaks lies behind it.
    monkeypatch.setattr("gateway.services.trials._probed", _served)
    with ExitStack() as until_the_end:
        got_request_exception.connect(keep)
        until_the_end.callback(got_request_exception.disconnect, keep)
        monkeypatch.setattr(*broken, fail)
        for _name, act in forced():
            before = len(reports)
            try:
                act(world)
            except RuntimeError:
                if len(reports) == before:
                    keep()
            assert len(reports) > before
    for report in reports:
        assert_clean(report, broken[1])


def _served(*_arguments: object) -> Any:
    from gateway.engine.probe import Probe  # noqa: PLC0415  # only these failures need one

    return Probe(error=None, model="m", took_ms=1)


def test_a_ciphertext_moved_to_another_provider_does_not_open(world: World) -> None:
    sealed = ApiKey.objects.get(label="canary 2").sealed_secret
    other = Provider.objects.get(slug="behind")
    ApiKey.objects.create(provider=other, label="stolen", sealed_secret=sealed, fingerprint="x")
    configs = {
        config.name: config for config in providers_of(configuration_read(world.price.valid_from))
    }
    assert configs["behind"].keys == ()
    assert len(configs["sandbox"].keys) == 3
