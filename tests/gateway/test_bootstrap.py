from __future__ import annotations

import pytest
from pytest_django import Settings

from gateway import vault
from gateway.bootstrap import bootstrap, sandbox_furnish
from gateway.engine.types import Target
from gateway.models import ApiKey, Budget, Limit, Price, Provider
from gateway.models.provider import KeyState
from gateway.selectors import default_route
from gateway.services import key_retire, provider_update

pytestmark = pytest.mark.django_db

URL = "http://127.0.0.1:8401/v1"


@pytest.fixture(autouse=True)
def environment(settings: Settings) -> Settings:
    settings.OPENAI_API_KEY = settings.SANDBOX_URL = ""
    settings.OPENAI_BASE_URL = "https://api.openai.com/v1"
    return settings


def keys() -> list[tuple[str, str]]:
    return list(ApiKey.objects.order_by("pk").values_list("label", "state"))


def test_with_neither_a_key_nor_a_sandbox_nothing_is_made_up() -> None:
    bootstrap()
    assert not Provider.objects.exists()


def test_without_a_key_the_sandbox_answers(environment: Settings) -> None:
    environment.SANDBOX_URL = URL
    bootstrap()
    bootstrap()
    made = Provider.objects.get()
    assert (made.slug, made.base_url, made.is_private) == ("sandbox", URL, True)
    assert keys() == [("sandbox", KeyState.ACTIVE)]
    assert default_route()[0].model == "sandbox-1"


def test_the_sandbox_may_move_to_another_port() -> None:
    bootstrap(sandbox_url=URL)
    bootstrap(sandbox_url="http://127.0.0.1:9999/v1/")
    assert Provider.objects.get().base_url == "http://127.0.0.1:9999/v1"
    assert keys() == [("sandbox", KeyState.ACTIVE)]


def test_the_key_of_the_environment_becomes_the_first_key(environment: Settings) -> None:
    environment.OPENAI_API_KEY = "sk-first"
    bootstrap(sandbox_url=URL)
    bootstrap(sandbox_url=URL)
    made = Provider.objects.get()
    assert (made.slug, made.base_url, made.is_private) == (
        "openai",
        "https://api.openai.com/v1",
        False,
    )
    assert keys() == [("environment", KeyState.ACTIVE)]


def test_a_key_that_comes_later_takes_over_from_the_sandbox(environment: Settings) -> None:
    bootstrap(sandbox_url=URL)
    environment.OPENAI_API_KEY = "sk-first"
    bootstrap(sandbox_url=URL)
    assert default_route()[0].provider == "openai"


def test_another_key_in_the_environment_is_added_beside_the_first(environment: Settings) -> None:
    environment.OPENAI_API_KEY = "sk-mistyped"
    bootstrap()
    environment.OPENAI_API_KEY = "sk-right"
    bootstrap()
    assert [label for label, _ in keys()] == ["environment", "environment 2"]


def test_a_key_that_was_retired_stays_retired(environment: Settings) -> None:
    environment.OPENAI_API_KEY = "sk-first"
    bootstrap()
    key_retire(key=ApiKey.objects.get())
    bootstrap()
    assert keys() == [("environment", KeyState.RETIRED)]


def test_an_address_changed_by_an_operator_stays_and_is_told(
    environment: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    environment.OPENAI_API_KEY = "sk-first"
    bootstrap()
    provider_update(provider=Provider.objects.get(), base_url="https://eu.example/v1")
    environment.OPENAI_API_KEY = "sk-second"
    bootstrap()
    assert Provider.objects.get().base_url == "https://eu.example/v1"
    assert keys() == [("environment", KeyState.OUTDATED)]
    assert "https://eu.example/v1" in caplog.text


def test_another_address_in_the_environment_is_another_provider_with_a_key_of_its_own(
    environment: Settings,
) -> None:
    environment.OPENAI_API_KEY = "sk-first"
    bootstrap()
    environment.OPENAI_API_KEY = "sk-elsewhere"
    environment.OPENAI_BASE_URL = "https://api.deepseek.com"
    environment.OPENAI_MODEL = "deepseek-chat"
    bootstrap()
    bootstrap()
    slugs = list(Provider.objects.order_by("pk").values_list("slug", flat=True))
    assert slugs == ["openai", "api-deepseek-com"]
    assert default_route() == (Target("api-deepseek-com", "deepseek-chat"),)
    assert list(ApiKey.objects.values_list("provider__slug", "label").order_by("pk")) == [
        ("openai", "environment"),
        ("api-deepseek-com", "environment"),
    ]


def test_the_environment_may_change_its_mind_about_the_model(environment: Settings) -> None:
    environment.OPENAI_API_KEY = "sk-first"
    bootstrap()
    environment.OPENAI_MODEL = "another"
    bootstrap()
    assert default_route() == (Target("openai", "another"),)


def test_a_model_server_next_door_may_be_called(environment: Settings) -> None:
    environment.OPENAI_API_KEY = "none-needed"
    environment.OPENAI_BASE_URL = "http://10.0.0.5:8000/v1"
    bootstrap()
    assert Provider.objects.get().is_private


def test_without_a_master_key_nothing_is_half_done(environment: Settings) -> None:
    environment.OPENAI_API_KEY = "sk-first"
    environment.MASTER_KEYS = []
    with pytest.raises(vault.MissingMasterKeyError):
        bootstrap()
    assert not Provider.objects.exists()


def test_a_sandbox_is_furnished_once_and_its_keys_move_with_it() -> None:
    sandbox_furnish()
    bootstrap(sandbox_url=URL)
    sandbox_furnish()
    sandbox_furnish()
    assert Price.objects.count() == Limit.objects.count() == Budget.objects.count() == 1
    made = ["sandbox", "Team account", "Backup account"]
    assert keys() == [(label, "active") for label in made]
    bootstrap(sandbox_url="http://127.0.0.1:8402/v1")
    assert keys() == [(label, "active") for label in made]
    Price.objects.all().delete()
    sandbox_furnish()
    assert not Price.objects.exists()
