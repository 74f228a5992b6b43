"""What an answer costs, and may cost at most, at the prices of today."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from django.utils import timezone

from conversations.prompts.content import PromptContent
from conversations.prompts.estimate import tokens_estimate
from conversations.prompts.room import content_route
from gateway.engine.config import Price
from gateway.engine.telemetry import cost_of
from gateway.engine.types import Target, Usage
from gateway.selectors import prices


@dataclass(frozen=True, slots=True)
class Cost:
    """An amount of money; None if the price, or the usage, is not known."""

    amount: Decimal | None = None
    currency: str = ""


def answer_cost(target: Target, usage: Usage | None) -> Cost:
    """Return what an answer of this model cost. A function for ``db()``."""
    price = _price(target)
    return Cost(cost_of(usage, price), price.currency if price else "")


@dataclass(frozen=True, slots=True)
class Weight:
    """How heavy a body is.

    Args:
        tokens: About how many its instructions are; placeholders count as they stand.
        target: Who answers first; None if nobody can.
        first: What the prompt of a first question costs, without the answer.
        most: What a reply costs at most: full history, longest answer.
    """

    tokens: int
    target: Target | None
    first: Cost
    most: Cost


def content_weigh(content: PromptContent) -> Weight:
    """Return how long a body is and what its replies cost. A function for ``db()``."""
    tokens = sum(map(tokens_estimate, content.wording().texts()))
    target = next(iter(content_route(content)), None)
    if target is None:
        return Weight(tokens, None, Cost(), Cost())
    longest = Usage(tokens + content.history_tokens, content.max_output_tokens)
    return Weight(
        tokens, target, answer_cost(target, Usage(tokens, 0)), answer_cost(target, longest)
    )


def _price(target: Target) -> Price | None:
    for tag in prices(timezone.localdate()):
        if (tag.provider, tag.model) == (target.provider, target.model):
            return Price(tag.currency, tag.prompt_per_million, tag.completion_per_million)
    return None
