"""Records of calls, made up for tests."""

from __future__ import annotations

import uuid
from decimal import Decimal
from typing import Any

from gateway.engine.telemetry import AttemptRecord, CallRecord, Outcome
from gateway.engine.types import Priority, Target, Usage

AT = 1_795_456_800.0  # 2026-11-23 18:00:00 UTC
SMALL = Target("ours", "small")
LARGE = Target("theirs", "large")


def attempt(
    key: str = "a", error: str = "", target: Target = SMALL, wait: float = 0.0
) -> AttemptRecord:
    return AttemptRecord(
        target=target,
        key_label=key,
        wait_seconds=wait,
        took_seconds=0.1,
        status=200,
        error_code=error,
    )


def record(*attempts: AttemptRecord, **changes: Any) -> CallRecord:
    attempts = attempts or (attempt(),)
    values: dict[str, Any] = {
        "id": uuid.uuid4().hex,
        "started_at": AT,
        "outcome": Outcome.SUCCEEDED,
        "error_code": "",
        "status": 200,
        "target": attempts[-1].target,
        "key_label": attempts[-1].key_label,
        "attempts": attempts,
        "queue_seconds": 0.0,
        "first_token_seconds": 0.25,
        "total_seconds": 1.5,
        "usage": Usage(10, 20),
        "spent": Usage(10, 20),
        "spent_cost": Decimal("0.5"),
        "cost": Decimal("0.5"),
        "currency": "USD",
        "is_cached": False,
        "is_shared": False,
        "priority": Priority.CHAT,
        "labels": {"widget": "7", "prompt_version": "3", "conversation": "c-1"},
    }
    return CallRecord(**{**values, **changes})


def failure(*attempts: AttemptRecord, code: str = "transient", **changes: Any) -> CallRecord:
    values: dict[str, Any] = {
        "outcome": Outcome.FAILED,
        "error_code": code,
        "first_token_seconds": None,
        "usage": None,
        "cost": None,
        "currency": "",
    }
    return record(*attempts, **{**values, **changes})
