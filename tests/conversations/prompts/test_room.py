"""A version that no model can take is not published; what is tight is only told."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from django.utils import timezone
from pytest_django import Settings

from conversations.models import PromptTemplate, PromptVersion
from conversations.prompt_errors import PromptTooLongError
from conversations.prompts.content import PromptContent
from conversations.prompts.estimate import tokens_estimate
from conversations.prompts.room import content_rooms, room_check, rooms_tight
from conversations.prompts.schedules import Hours, schedule_create
from conversations.prompts.services import (
    draft_save,
    template_create,
    version_publish,
    version_revert,
)
from gateway.services import provider_create

pytestmark = pytest.mark.django_db

WORDS = "x" * 3984  # 1,000 tokens, at four characters each and four for the message


def content(*models: str, history: int = 3000, answer: int = 800) -> PromptContent:
    return PromptContent(
        instructions=WORDS,
        route=[["openai", model] for model in models],
        history_tokens=history,
        max_output_tokens=answer,
    )


@pytest.fixture(autouse=True)
def sizes(settings: Settings) -> None:
    settings.MODEL_CONTEXT_TOKENS = {"small": 1000, "middle": 5000, "large": 100_000}


def test_it_counts_words_history_and_answer() -> None:
    assert tokens_estimate(WORDS) == 1000
    [room] = rooms_tight(content("middle", history=3300, answer=701))
    assert (room.model, room.size, room.words, room.most) == ("middle", 5000, 1000, 5001)
    assert rooms_tight(content("middle", history=3300, answer=700)) == []


def test_it_counts_the_longest_language_with_its_examples() -> None:
    example = {"customer": "y" * 396, "answer": "z" * 396}
    german = {"instructions": WORDS, "examples": [example]}
    said = PromptContent(
        instructions="Be kind.", translations={"de": german}, route=[["openai", "small"]]
    )
    [room] = rooms_tight(said)
    assert room.words == 1000 + 103 + 103


def test_of_a_model_that_nobody_described_nothing_is_known() -> None:
    assert content_rooms(content("other")) == [None]
    room_check(content("other"))
    assert rooms_tight(content("other", "small"))[0].model == "small"


@pytest.mark.parametrize("models", [("small", "middle"), ("other", "small")])
def test_one_model_that_may_answer_is_enough(models: tuple[str, ...]) -> None:
    room_check(content(*models))


def test_what_leaves_no_room_for_an_answer_gets_no_number() -> None:
    template = template_create(name="Shop", content=content("small"))
    draft = template.versions.get()
    with pytest.raises(PromptTooLongError) as caught:
        version_publish(draft=draft)
    assert (caught.value.model, caught.value.size, caught.value.words) == ("small", 1000, 1000)
    with pytest.raises(PromptTooLongError):
        schedule_create(version=draft, hours=Hours(timezone.now() + timedelta(hours=1)))
    assert PromptVersion.objects.get().is_draft


def test_a_numbered_version_is_proved_again_but_going_back_is_not(
    settings: Settings,
) -> None:
    template = template_create(name="Shop", content=content("middle"))
    first = version_publish(draft=template.versions.get())
    draft = draft_save(template=template, content=content("large"), seen=first.changed_at)
    version_publish(draft=draft)
    settings.MODEL_CONTEXT_TOKENS = {"middle": 900}
    template = PromptTemplate.objects.get()
    version_revert(template=template, version=first, reason="Sale is over")
    assert PromptTemplate.objects.get().live == first


def test_what_a_provider_says_counts_for_its_models_but_for_one_that_is_named() -> None:
    provider_create(slug="own", name="Own", base_url="https://own.example/v1", context_tokens=4000)
    provider_create(slug="openai", name="OpenAI", base_url="https://api.example/v1")
    routed = replace(
        content(), route=[["own", "llama"], ["own", "middle"], ["openai", "other"], ["none", "x"]]
    )
    sizes = [room and room.size for room in content_rooms(routed)]
    assert sizes == [4000, 5000, None, None]
