"""A widget to embed."""

from __future__ import annotations

import pytest

from conversations.models import Widget
from tests.conversations.widget.pages import SHOP


@pytest.fixture
def shop_widget(widget: Widget) -> Widget:
    """A widget that one website may embed."""
    widget.name = "Harbour & Pine"
    widget.allowed_origins = [SHOP]
    widget.greeting = "<b>Ahoy</b>"
    widget.suggested_questions = ["Where is my order?", "", 7]
    widget.save()
    return widget
