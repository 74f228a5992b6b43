"""Words to be found anywhere, and a look at everything the database holds."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

from django.apps import apps
from django.core import serializers
from django.db.models import QuerySet

from conversations.chat.services import Receipt, Visit, message_receive
from conversations.models import PromptTemplate, PromptVersion

ASKED, ANSWERED, THOUGHT = "canary-asked", "canary-answered", "canary-thought"
LEFT = "canary-left"
CANARIES = (ASKED, ANSWERED, THOUGHT, LEFT)
LIVE = f"Q: {ASKED}?\nA: {ANSWERED} " + " ".join(f"word{number}" for number in range(60))


def ask(visit: Visit, conversation: UUID | None = None, owner: str = "process-1") -> Receipt:
    return message_receive(
        visit=visit,
        conversation=conversation,
        client_id=uuid4(),
        text=f"{ASKED}?",
        owner=owner,
    )


def tables() -> str:
    """Return all that the database holds but for prompts, as text."""
    rows: list[Any] = [
        row
        for model in apps.get_models()
        if model not in {PromptTemplate, PromptVersion}
        for row in QuerySet[Any](model)
    ]
    return str(serializers.serialize("json", rows))
