from uuid import UUID, uuid4

import pytest

from conversations.chat.services import Visit
from conversations.models import PromptTemplate, PromptVersion, Widget


@pytest.fixture
def live_version(db: None) -> PromptVersion:
    """A published version, live in its template."""
    template = PromptTemplate.objects.create(name="Shop")
    version = PromptVersion.objects.create(
        template=template, number=1, instructions="Q: When do you open?\nA: At nine."
    )
    PromptTemplate.objects.filter(pk=template.pk).update(live=version)
    return version


@pytest.fixture
def widget(live_version: PromptVersion) -> Widget:
    """A widget that can converse."""
    return Widget.objects.create(name="Shop", prompt_template=live_version.template)


@pytest.fixture
def visitor() -> UUID:
    """Somebody's browser."""
    return uuid4()


@pytest.fixture
def visit(widget: Widget, visitor: UUID) -> Visit:
    """A visitor on the widget."""
    return Visit(widget=widget.pk, visitor=visitor, locale="en", page="https://shop.example/")
