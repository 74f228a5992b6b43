"""The thin half of the doctor, on real parts that are broken one by one."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable, Iterable
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import urlsplit

import pytest
from asgiref.sync import sync_to_async
from django.contrib.auth.models import User
from django.db import connection
from django.utils import timezone
from pytest_django import Settings

from chatsite.doctor import ground, providers, redis, staff, storage
from chatsite.doctor.finding import Finding, Grade
from chatsite.factor.services import rule_set
from gateway.checkup import keys_checkup
from gateway.engine.reach import Reach
from gateway.models import ApiKey, Process, Provider
from gateway.sandbox.server import Sandbox
from gateway.services import key_add, key_pause, provider_create, provider_update
from tests.admin_world import world_make
from tests.chatsite.factor.people import Someone

FINE, DOUBTFUL, WRONG = Grade.FINE, Grade.DOUBTFUL, Grade.WRONG


def told(found: Iterable[Finding]) -> list[tuple[Grade, str]]:
    return [(finding.grade, finding.words) for finding in found]


def provider(url: str, slug: str = "shop") -> Provider:
    made = provider_create(
        slug=slug, name=slug, base_url=url, default_model="sandbox-1", is_private=True
    )
    key_add(provider=made, label="a", secret="sandbox-0123456789")
    return made


@pytest.mark.django_db
class TestDatabase:
    def test_it_answers_with_its_version(self) -> None:
        ((grade, words),) = told(storage.database_check())
        assert grade is FINE
        assert words.startswith(("SQLite 3.", "PostgreSQL 1"))

    def test_its_tables_are_those_of_the_code(self) -> None:
        assert told(storage.migrations_check())[0][0] is FINE

    def test_a_migration_that_was_not_run_is_named(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM django_migrations WHERE app = 'gateway'")
        ((grade, words),) = told(storage.migrations_check())
        assert (grade, "gateway.0001_initial" in words) == (WRONG, True)

    def test_a_migration_of_a_newer_version_is_named(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO django_migrations (app, name, applied)"
                " VALUES ('gateway', '0999_later', CURRENT_TIMESTAMP)"
            )
        ((grade, words),) = told(storage.migrations_check())
        assert (grade, "gateway.0999_later" in words) == (DOUBTFUL, True)

    def test_it_agrees_on_the_time(self) -> None:
        assert told(storage.clock_check())[0][0] is FINE


def test_a_disk_has_room() -> None:
    ((grade, words),) = told(ground.disk_check())
    assert grade in {FINE, DOUBTFUL}
    assert words.endswith(("the database is.", "the site is."))


def test_files_that_every_user_of_the_machine_reads_are_named(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    with TemporaryDirectory() as name:  # pytest's own folders are nobody else's
        place = Path(name).resolve()
        secrets, database = place / ".env", place / "db"
        place.chmod(0o755)
        monkeypatch.setenv("ENV_FILE", str(secrets))
        of_file = {"ENGINE": "django.db.backends.sqlite3", "NAME": database}
        monkeypatch.setitem(settings.DATABASES, "default", of_file)
        found = []
        for rights in (0o640, 0o644):
            for path in (secrets, database):
                path.touch()
                path.chmod(rights)
            found += told(ground.files_check())
        place.chmod(0o700)  # nobody comes to them
        found += told(ground.files_check())
    assert [grade for grade, _ in found] == [FINE, DOUBTFUL, FINE]
    assert found[1][1] == f"Every user of this machine can read {secrets} and {database}."


def test_static_files_that_were_not_collected_are_missed(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    from django.contrib.staticfiles.storage import (  # noqa: PLC0415
        ManifestStaticFilesStorage,
    )

    assert told(ground.static_check())[0][0] is FINE  # tests need none
    settings.STATIC_ROOT = tmp_path
    storage_ = ManifestStaticFilesStorage(location=tmp_path)
    monkeypatch.setattr(ground, "staticfiles_storage", storage_)
    assert told(ground.static_check())[0][0] is WRONG
    (tmp_path / "staticfiles.json").touch()
    assert told(ground.static_check())[0][0] is FINE


class TestRedis:
    @pytest.fixture
    def url(self) -> str:
        url = os.environ.get("TEST_REDIS_URL")
        if not url:
            pytest.skip("TEST_REDIS_URL is not set")
        return url

    def test_one_process_needs_none(self, settings: Settings) -> None:
        settings.REDIS_URL = ""
        assert told(redis.redis_check())[0][0] is FINE

    def test_what_the_site_does_with_it_works(self, settings: Settings, url: str) -> None:
        settings.REDIS_URL = url
        ((grade, words),) = told(redis.redis_check())
        assert grade is FINE
        assert words.startswith("Redis ")

    def test_nobody_at_its_address_is_told_without_the_password(self, settings: Settings) -> None:
        settings.REDIS_URL = "redis://:hunter2@127.0.0.1:1/0"
        ((grade, words),) = told(redis.redis_check())
        assert (grade, "nobody can be reached" in words) == (WRONG, True)
        assert "hunter2" not in words

    def test_a_user_it_does_not_know_is_told(self, settings: Settings, url: str) -> None:
        parts = urlsplit(url)
        settings.REDIS_URL = f"redis://nobody:hunter2@{parts.hostname}:{parts.port}/0"
        ((grade, words),) = told(redis.redis_check())
        assert (grade, "it refuses the password" in words) == (WRONG, True)

    def test_whoever_listens_and_says_nothing_is_told(
        self, settings: Settings, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(redis, "SECONDS", 0.2)
        with socket.create_server(("127.0.0.1", 0)) as mute:
            settings.REDIS_URL = f"redis://127.0.0.1:{mute.getsockname()[1]}/0"
            ((grade, words),) = told(redis.redis_check())
        assert (grade, "no answer within" in words) == (WRONG, True)


@pytest.mark.django_db
class TestProcesses:
    def test_those_that_were_heard_of_are_counted(self, settings: Settings) -> None:
        settings.PROCESSES = 2
        assert told(ground.processes_check())[0][0] is DOUBTFUL
        for name in "ab":
            Process.objects.create(id=name, beat_at=timezone.now(), counts={})
        assert told(ground.processes_check()) == [(FINE, "2 of 2 processes serve the site.")]


@pytest.mark.django_db
class TestKeys:
    def test_secrets_open_until_the_master_key_is_another(self, settings: Settings) -> None:
        provider("http://127.0.0.1:1/v1")
        assert told(providers.secrets_check()) == [
            (FINE, "1 secret opens under MASTER_KEYS, and none stays shut.")
        ]
        settings.MASTER_KEYS = ["eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHg="]
        ((grade, words),) = told(providers.secrets_check())
        assert (grade, "key a of shop" in words) == (WRONG, True)

    def test_a_key_serves_until_it_is_paused(self) -> None:
        made = provider("http://127.0.0.1:1/v1")
        assert told(providers.keys_check())[0][0] is FINE
        key_pause(key=ApiKey.objects.get(provider=made))
        assert [grade for grade, _ in told(providers.keys_check())] == [WRONG, DOUBTFUL]

    def test_a_provider_that_is_off_is_nobodys_worry(self) -> None:
        provider_update(provider=provider("http://127.0.0.1:1/v1"), is_active=False)
        assert told(providers.keys_check()) == []

    def test_a_key_rests_when_it_does_so_in_every_process(self) -> None:
        provider("http://127.0.0.1:1/v1")
        now = timezone.now()
        rests = {"streams": {}, "resting": {"shop/a": [30.0, "throttled"]}}
        Process.objects.create(id="one", beat_at=now, counts=rests)
        (keys,) = keys_checkup(now)
        assert (keys.serving, keys.resting) == ((), ("a",))
        Process.objects.create(id="two", beat_at=now, counts={"streams": {}, "resting": {}})
        (keys,) = keys_checkup(now)
        assert (keys.serving, keys.resting) == (("a",), ())
        (keys,) = keys_checkup(now + timedelta(seconds=31))
        assert keys.serving == ("a",)


@pytest.mark.django_db(transaction=True)
class TestProviders:
    def test_nobody_who_answers_is_told(self) -> None:
        assert told(providers.providers_check()) == [(WRONG, "No provider answers by default.")]

    async def test_a_provider_is_reached_without_a_key(self, sandbox: Sandbox) -> None:
        found = await sync_to_async(_found_at)(sandbox.url)
        assert [grade for grade, _ in found] == [FINE, FINE]
        assert found[1][1].startswith("shop can be reached")
        assert not sandbox.calls

    async def test_its_clock_is_read(self, sandbox: Sandbox) -> None:
        from gateway.checkup import providers_reach  # noqa: PLC0415

        await sync_to_async(provider)(sandbox.url)
        reached: dict[str, Reach] = await sync_to_async(providers_reach)()
        clock, at = reached["shop"].clock, reached["shop"].at
        assert clock is not None
        assert abs(clock - at) < 5

    @pytest.mark.parametrize(
        ("url", "words"),
        [
            ("http://127.0.0.1:1/v1", "the connection was refused"),
            ("http://no.such.host.invalid/v1", "the provider's name was not found"),
        ],
    )
    def test_a_provider_that_is_not_there_is_told(self, url: str, words: str) -> None:
        assert (WRONG, f"shop cannot be reached: {words}.") in _found_at(url)

    async def test_each_key_is_tried_with_a_real_call_when_asked_to(self, sandbox: Sandbox) -> None:
        await sync_to_async(provider)(sandbox.url)
        tried: Callable[[], Any] = lambda: told(providers.trial_check())  # noqa: E731
        assert [grade for grade, _ in await sync_to_async(tried)()] == [FINE]
        sandbox.revoked.add("sandbox-0123456789")
        ((grade, words),) = await sync_to_async(tried)()
        assert grade is WRONG
        assert "a of shop: The provider refused the key" in words


def _found_at(url: str) -> list[tuple[Grade, str]]:
    provider(url)
    return told(providers.providers_check())


@pytest.mark.django_db
class TestPeople:
    def test_what_was_set_up_is_looked_at(self) -> None:
        assert [grade for grade, _ in told(staff.staff_check())] == [DOUBTFUL]
        assert [grade for grade, _ in told(staff.widgets_check())] == [DOUBTFUL]
        world = world_make()
        assert [grade for grade, _ in told(staff.staff_check())] == [FINE, DOUBTFUL]
        rule_set(groups=[], for_superusers=True)
        _, (grade, words) = told(staff.staff_check())
        assert (grade, "1 has none yet" in words) == (DOUBTFUL, True)
        Someone(world.people["owner"]).set_up()
        assert [grade for grade, _ in told(staff.staff_check())] == [FINE, FINE]
        world.widget.allowed_origins = ["https://shop.example"]
        world.widget.save()
        assert [grade for grade, _ in told(staff.widgets_check())] == [FINE]
        world.widget.is_active = False
        world.widget.save()
        assert [grade for grade, _ in told(staff.widgets_check())] == [DOUBTFUL]

    def test_who_cannot_log_in_does_not_count(self) -> None:
        User.objects.create_superuser("gone", is_active=False)
        User.objects.create_user("customer")
        assert told(staff.staff_check()) == [(DOUBTFUL, "Nobody can log in.")]
