"""What the model is asked when a prompt is tried or tested, as a customer's question would be."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import chain
from typing import Any, Final

from django.conf import settings
from django.utils import timezone

from conversations.chat.prompt import history_trim, messages_mask, prompt_messages
from conversations.masking.mask import Mask
from conversations.models import PromptTemplate, PromptVersion, Widget
from conversations.prompts.content import PromptContent
from conversations.prompts.render import wording_render
from conversations.prompts.room import content_route
from conversations.prompts.sources import Circumstances, Variable, values_resolve
from gateway.engine.types import ChatMessage, ChatRequest, Role


class Purpose(StrEnum):
    """What staff's own calls are for; the ledger keeps it apart from what customers ask."""

    TRIAL = "trial"
    TEST = "test"
    JUDGE = "judge"


@dataclass(frozen=True, slots=True)
class Precautions:
    """What protects customers whose words staff try a prompt on.

    Args:
        mask: Keeps personal data from the model, for this one question; None if nobody asks for it.
        forbidden_regions: Where nothing may be sent.
    """

    mask: Mask | None = None
    forbidden_regions: frozenset[str] = frozenset()

    def afresh(self) -> Precautions:
        """Return the same for another question."""
        return self if self.mask is None else replace(self, mask=Mask())

    def masked(self, turns: Sequence[ChatMessage]) -> Sequence[ChatMessage]:
        """Return what was said as the model may read it."""
        return turns if self.mask is None else messages_mask(turns, self.mask)

    def unmask(self, text: str) -> str:
        """Return an answer with the values back."""
        return text if self.mask is None else self.mask.unmask(text)


NONE: Final = Precautions()


def precautions_for(template: PromptTemplate) -> Precautions:
    """Return what customers of this site are promised. A function for ``db()``.

    A question may have been copied from any conversation: as soon as one widget masks, all are
    masked. The regions are those that the template's own widgets forbid.
    """
    is_masking = Widget.objects.filter(is_masking=True).exists()
    forbidden = template.widgets.values_list("forbidden_regions", flat=True)
    return Precautions(Mask() if is_masking else None, frozenset(chain.from_iterable(forbidden)))


def turns_read(turns: Sequence[Mapping[str, Any]]) -> list[ChatMessage]:
    """Return stored turns, each ``{author, text}``, as the model is told them."""
    roles = {"customer": Role.USER, "assistant": Role.ASSISTANT}
    return [ChatMessage(roles[turn["author"]], turn["text"]) for turn in turns]


def proving_request(
    content: PromptContent,
    *,
    turns: Sequence[ChatMessage],
    values: Mapping[str, str],
    purpose: Purpose,
    version: PromptVersion | None = None,
    precautions: Precautions = NONE,
) -> ChatRequest:
    """Return the call that answers ``turns`` with a body as it stands. A function for ``db()``.

    It carries no widget and no customer: nobody's limits, budgets or statistics count it.
    Nothing is taken from the cache, for that would prove nothing.

    Args:
        content: What the bot is told.
        turns: What was said, oldest first, the customer's question at the end.
        values: By variable; where there is none, the variable's sample stands in.
        purpose: Why the call is made.
        version: The published version that says ``content``, if one does.
        precautions: What protects the customers whose words these may be.

    Raises:
        PromptError: A placeholder is undeclared, or a required variable has no value.
    """
    wording = content.wording(values.get("customer_language", ""))
    filled = _filled(content.variables, values)
    words = wording_render(wording, content.variables, filled, precautions.mask)
    history = history_trim(reversed(precautions.masked(turns)), content.history_tokens)
    return ChatRequest(
        messages=prompt_messages(words, history),
        route=content_route(content),
        temperature=content.temperature,
        max_output_tokens=content.max_output_tokens,
        deadline_seconds=settings.GATEWAY_DEADLINE_SECONDS,
        labels={"purpose": purpose.value}
        | ({"prompt_version": str(version.pk)} if version else {}),
        forbidden_regions=precautions.forbidden_regions,
    )


def _filled(variables: Sequence[Variable], values: Mapping[str, str]) -> dict[str, str]:
    """Return what each variable says: what is given, else its sample, else what is known now."""
    known = values_resolve(variables, Circumstances(now=timezone.localtime()))
    samples = {variable["name"]: variable.get("sample") or "" for variable in variables}
    said = {name: text for each in (samples, values) for name, text in each.items() if text}
    return {**known, **said}
