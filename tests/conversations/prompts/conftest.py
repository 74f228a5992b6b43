"""A template that customers meet."""

from __future__ import annotations

import pytest

from conversations.models import PromptSplit, PromptTemplate, Widget
from conversations.prompts.content import PromptContent
from conversations.prompts.services import template_create, version_publish
from conversations.prompts.splits import split_begin
from tests.conversations.prompts.drafts import draft, editable


@pytest.fixture
def template(db: None) -> PromptTemplate:
    template = template_create(name="Shop", content=PromptContent(instructions="Everyday."))
    version_publish(draft=editable(template))
    template.refresh_from_db()
    return template


@pytest.fixture
def widget(template: PromptTemplate) -> Widget:
    return Widget.objects.create(name="Shop", prompt_template=template)


@pytest.fixture
def split(template: PromptTemplate) -> PromptSplit:
    return split_begin(challenger=draft(template))
