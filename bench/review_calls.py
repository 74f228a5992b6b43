"""The gateway's call behind each answer of ``bench.review``'s world."""

from __future__ import annotations

import json
import uuid
from datetime import datetime
from decimal import Decimal

from bench.bulk import Row
from conversations.models import ReplyStatus
from conversations.models.conversation import WENT_WRONG

OUTCOMES = {
    ReplyStatus.COMPLETE: "succeeded",
    ReplyStatus.STOPPED: "cancelled",
    ReplyStatus.INTERRUPTED: "failed",
    ReplyStatus.FAILED: "failed",
}


def labels_of(conversation: Row) -> Row:
    """Return what the site labels a conversation's calls with."""
    return {
        "conversation": str(conversation["id"]),
        "widget": str(conversation["widget_id"]),
        "customer": str(conversation["customer_id"] or conversation["visitor"]),
        "prompt_version": str(conversation["prompt_version_id"]),
    }


def call_row(message: int, status: ReplyStatus, at: datetime, labels: Row) -> Row:
    """Return the call behind an answer; of one in fifty that succeeded nobody knows the price."""
    is_good = status == ReplyStatus.COMPLETE
    is_priced = is_good and message % 100
    tried = {"provider": "sandbox", "model": "sandbox-1", "key": "first", "wait_ms": 0}
    return {
        "id": uuid.uuid5(uuid.NAMESPACE_OID, str(message)),  # apart from each other, as real ones
        "started_at": at,
        "outcome": OUTCOMES[status],
        "error_code": "stream_broken" if status in WENT_WRONG else "",
        "provider": "sandbox",
        "model": "sandbox-1",
        "key_label": "first",
        "attempts": json.dumps([{**tried, "status": 200, "error": "", "took_ms": 400}]),
        "total_ms": 2_500,
        "prompt_tokens": 600 if is_good else None,
        "completion_tokens": 80 if is_good else None,
        "spent_tokens": 680,
        "cost": Decimal("0.00042") if is_priced else None,
        "currency": "USD" if is_priced else "",
        "reply": f"{message}.1",
        **labels,
    }
