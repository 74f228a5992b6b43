"""What the model is asked when a prompt is tried."""

from __future__ import annotations

from datetime import date

import pytest
from django.utils import timezone

from conversations.models import PromptVersion
from conversations.prompt_errors import MissingValueError, UnknownPlaceholderError
from conversations.prompts.content import PromptContent
from conversations.proving.request import Purpose, proving_request, turns_read
from gateway.engine.types import ChatMessage, Role

pytestmark = pytest.mark.django_db

QUESTION = ChatMessage(Role.USER, "Open?")


def content(text: str, *variables: dict[str, object], **more: object) -> PromptContent:
    route = [["sandbox", "sandbox-1"]]
    return PromptContent(instructions=text, variables=variables, route=route, **more)  # type: ignore[arg-type]  # as given


def system(text: str, *variables: dict[str, object], **values: str) -> str:
    request = proving_request(
        content(text, *variables), turns=[QUESTION], values=values, purpose=Purpose.TRIAL
    )
    assert request.messages[0].role is Role.SYSTEM
    return request.messages[0].content


def test_a_variable_shows_its_sample_before_its_default() -> None:
    shop = {"name": "shop", "default": "any", "sample": "Harbour", "required": True}
    assert system("{{shop}}", shop) == "Harbour"


def test_a_value_goes_before_the_sample_and_an_empty_one_does_not() -> None:
    shop: dict[str, object] = {"name": "shop", "sample": "Harbour"}
    assert system("{{shop}}", shop, shop="Pine") == "Pine"
    assert system("{{shop}}", shop, shop="") == "Harbour"


def test_today_is_filled_in_unless_a_sample_says_another_day() -> None:
    assert date.fromisoformat(system("{{today}}", {"name": "today"})) == timezone.localdate()
    assert system("{{today}}", {"name": "today", "sample": "2020-01-01"}) == "2020-01-01"


def test_what_customers_would_be_refused_for_is_refused_here() -> None:
    with pytest.raises(MissingValueError):
        system("{{shop}}", {"name": "shop", "required": True})
    with pytest.raises(UnknownPlaceholderError):
        system("{{nobody}}")


def test_the_history_budget_counts_as_in_a_chat() -> None:
    long = ChatMessage(Role.USER, "word " * 200)
    request = proving_request(
        content("Be kind.", history_tokens=20),
        turns=[long, ChatMessage(Role.ASSISTANT, "Yes."), QUESTION],
        values={},
        purpose=Purpose.TRIAL,
    )
    assert [message.content for message in request.messages[1:]] == ["Yes.", "Open?"]


def test_a_trial_is_told_apart_and_counts_for_nobody() -> None:
    version = PromptVersion(pk=7)
    request = proving_request(
        content("Be kind.", may_cache=True, temperature=0.5, max_output_tokens=9),
        turns=[QUESTION],
        values={},
        purpose=Purpose.TEST,
        version=version,
    )
    assert dict(request.labels) == {"purpose": "test", "prompt_version": "7"}
    assert dict(request.scopes) == {}
    assert request.cache is None
    assert (request.temperature, request.max_output_tokens) == (0.5, 9)


def test_stored_turns_keep_who_said_them() -> None:
    turns = [{"author": "customer", "text": "a"}, {"author": "assistant", "text": "b"}]
    assert turns_read(turns) == [ChatMessage(Role.USER, "a"), ChatMessage(Role.ASSISTANT, "b")]
