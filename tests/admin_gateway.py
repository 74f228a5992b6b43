"""What the gateway of the admin's world holds: one of everything, with a call behind it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.contrib.auth.models import User

from conversations.models import Conversation, Reply, Widget
from gateway.models import (
    AlertRecipient,
    AlertRule,
    ApiKey,
    Budget,
    Call,
    Job,
    Limit,
    Price,
    Process,
    Provider,
)
from gateway.services import key_add, provider_create

SECRET = "sk-canary-0123456789abcdef"


@dataclass(frozen=True)
class GatewayWorld:
    """What there is, by name."""

    provider: Provider
    key: ApiKey
    price: Price
    limit: Limit
    budget: Budget
    call: Call
    process: Process
    job: Job
    alert: AlertRule
    recipient: AlertRecipient


def gateway_make(operator: User, widget: Widget, conversation: Conversation) -> GatewayWorld:
    """Return a gateway, made anew in the test's database, that has answered a conversation."""
    provider = provider_create(
        slug="sandbox", name="Sandbox", base_url="http://127.0.0.1:9/v1", is_private=True
    )
    return GatewayWorld(
        provider=provider,
        key=key_add(provider=provider, label="first", secret=SECRET, by=operator),
        price=Price.objects.create(
            provider=provider,
            model="sandbox-1",
            prompt_per_million=Decimal("0.4"),
            completion_per_million=Decimal("1.6"),
            valid_from=date(2026, 1, 1),
        ),
        limit=Limit.objects.create(kind="customer", requests_per_minute=6),
        budget=Budget.objects.create(kind="widget", subject=str(widget.pk), money=Decimal(5)),
        call=_call(conversation),
        process=Process.objects.create(id="host-1"),
        job=Job.objects.create(name="beat"),
        alert=AlertRule.objects.create(kind="success_rate", threshold=95, bad_minutes=2),
        recipient=AlertRecipient.objects.create(name="On call", address="ops@shop.example"),
    )


def _call(conversation: Conversation) -> Call:
    reply = Reply.objects.filter(message__conversation=conversation).earliest("message__position")
    attempt = {
        "provider": "sandbox",
        "model": "sandbox-1",
        "key": "first",
        "wait_ms": 0,
        "status": 429,
        "error": "throttled",
        "took_ms": 90,
    }
    return Call.objects.create(
        outcome="succeeded",
        provider="sandbox",
        model="sandbox-1",
        key_label="first",
        attempts=[attempt, {**attempt, "status": 200, "error": "", "wait_ms": 500}],
        prompt_tokens=120,
        completion_tokens=30,
        cost=Decimal("0.00012"),
        currency="USD",
        conversation=str(conversation.pk),
        reply=f"{reply.pk}.1",
    )
