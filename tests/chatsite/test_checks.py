from __future__ import annotations

import base64
from importlib.machinery import ModuleSpec

import pytest
from django.core import checks as django_checks
from pytest_django import Settings

from chatsite import checks

FINE = {
    "SITE_URL": "https://chat.example.com",
    "SITE_IS_SECURE": True,
    "ALLOWED_HOSTS": ["chat.example.com"],
}


def ids(settings: Settings, **changes: object) -> set[str | None]:
    for name, value in (FINE | changes).items():
        setattr(settings, name, value)
    return {message.id for message in checks.check_settings()}


def test_a_public_site_set_up_well_has_nothing_to_say(settings: Settings) -> None:
    assert ids(settings) == set()


def test_it_is_among_the_checks_that_every_command_runs() -> None:
    assert checks.check_settings in django_checks.registry.registry.get_checks()


@pytest.mark.parametrize("key", ["", "short", "x" * 49])
def test_a_secret_key_must_be_long(settings: Settings, key: str) -> None:
    assert ids(settings, SECRET_KEY=key) == {"chatsite.E001"}


@pytest.mark.parametrize(
    "keys",
    [
        [],
        ["no base64!"],
        [base64.b64encode(b"x" * 31).decode()],
        [base64.b64encode(b"x" * 32).decode(), "half"],
    ],
)
def test_master_keys_must_be_32_bytes_each(settings: Settings, keys: list[str]) -> None:
    assert ids(settings, MASTER_KEYS=keys) == {"chatsite.W002"}


def engine(settings: Settings, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    # In place: Django warns when DATABASES itself is replaced.
    monkeypatch.setitem(settings.DATABASES["default"], "ENGINE", f"django.db.backends.{name}")


def test_several_processes_need_redis(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    engine(settings, monkeypatch, "postgresql")
    assert ids(settings, PROCESSES=2, REDIS_URL="") == {"chatsite.E003"}
    assert ids(settings, REDIS_URL="redis://127.0.0.1") == set()


def test_several_processes_should_not_share_sqlite(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine(settings, monkeypatch, "sqlite3")
    several = {"PROCESSES": 2, "REDIS_URL": "redis://127.0.0.1"}
    assert ids(settings, **several) == {"chatsite.W004"}


def test_redis_needs_its_package(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    def find(name: str) -> ModuleSpec | None:
        assert name == "redis"
        return None

    monkeypatch.setattr(checks, "find_spec", find)
    assert ids(settings, REDIS_URL="redis://127.0.0.1") == {"chatsite.E007"}


@pytest.mark.parametrize(
    "url",
    [
        "chat.example.com",
        "https://chat.example.com/chat",
        "https://Chat.Example.com",
        "https://chat.example.com:443",
        "ftp://chat.example.com",
        "https://",
        "https://chat.example.com:port",
    ],
)
def test_the_address_must_be_an_origin_as_browsers_write_it(settings: Settings, url: str) -> None:
    assert "chatsite.E008" in ids(settings, SITE_URL=url)


@pytest.mark.parametrize(
    ("hosts", "expected"),
    [
        (["example.com"], {"chatsite.E009"}),
        ([], {"chatsite.E009"}),
        ([".example.com"], set()),
        (["*"], set()),
    ],
)
def test_the_site_must_answer_to_its_own_name(
    settings: Settings, hosts: list[str], expected: set[str]
) -> None:
    assert ids(settings, ALLOWED_HOSTS=hosts) == expected


def test_a_public_site_should_be_encrypted(settings: Settings) -> None:
    plain = {"SITE_URL": "http://chat.example.com", "SITE_IS_SECURE": False}
    assert ids(settings, **plain) == {"chatsite.W010"}


def test_a_public_site_must_not_show_its_errors(settings: Settings) -> None:
    assert ids(settings, DEBUG=True) == {"chatsite.E011"}


def test_a_public_site_should_not_answer_from_the_sandbox(settings: Settings) -> None:
    assert ids(settings, SANDBOX_URL="http://127.0.0.1:8401/v1") == {"chatsite.W005"}


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]"])
def test_on_ones_own_machine_all_that_is_fine(settings: Settings, host: str) -> None:
    own = {"SITE_URL": f"http://{host}:8000", "SITE_IS_SECURE": False, "ALLOWED_HOSTS": [host]}
    assert ids(settings, DEBUG=True, SANDBOX_URL="http://127.0.0.1:8401/v1", **own) == set()


@pytest.mark.parametrize("name", checks.MINIMA)
def test_each_number_has_a_least_value(settings: Settings, name: str) -> None:
    assert ids(settings, **{name: checks.MINIMA[name]}) <= {"chatsite.E003", "chatsite.W004"}
    assert "chatsite.E012" in ids(settings, **{name: checks.MINIMA[name] - 1})


@pytest.mark.parametrize(
    "changes",
    [
        {"OPENAI_API_KEY": "sk with a space"},
        {"OPENAI_API_KEY": "sk-\x00"},
        {"OPENAI_BASE_URL": "api.deepseek.com/v1"},
        {"OPENAI_BASE_URL": "ftp://api.deepseek.com"},
        {"OPENAI_BASE_URL": "https://ann:hunter2@api.deepseek.com"},
        {"OPENAI_BASE_URL": "https://[half"},
    ],
)
def test_the_provider_of_the_environment_must_be_one_to_call(
    settings: Settings, changes: dict[str, str]
) -> None:
    fine = {"OPENAI_API_KEY": "sk-1", "OPENAI_BASE_URL": "https://api.deepseek.com/v1"}
    assert ids(settings, **fine) == set()
    assert ids(settings, **(fine | changes)) == {"chatsite.E013"}
    assert "hunter2" not in str(checks.check_settings())


def test_a_token_that_can_be_guessed_is_warned_of(settings: Settings) -> None:
    assert ids(settings, METRICS_TOKEN="x" * 19) == {"chatsite.W014"}
    assert ids(settings, METRICS_TOKEN="x" * 20) == set()
    assert ids(settings, METRICS_TOKEN="") == set()


@pytest.mark.parametrize("entry", ["proxy.example.com", "10.0.0.1/8", "", "0.0.0.0/0", "::/0"])
def test_a_proxy_to_trust_is_an_address_or_a_network_that_is_not_the_world(
    settings: Settings, entry: str
) -> None:
    assert ids(settings, TRUSTED_PROXIES=["10.0.0.5", entry]) == {"chatsite.E015"}
    assert ids(settings, TRUSTED_PROXIES=["10.0.0.5", "fd00::/8", "172.16.0.0/12"]) == set()
