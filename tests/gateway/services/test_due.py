"""Operators are warned of a key before its day, in the log as on the desk."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from gateway.jobs import warn_of_due_keys
from gateway.models import ApiKey, Provider
from gateway.services import key_adjust, key_pause, provider_update


def test_the_log_names_each_key_in_use_that_is_due(
    key: ApiKey, provider: Provider, caplog: pytest.LogCaptureFixture
) -> None:
    warn_of_due_keys()
    assert "must be replaced" not in caplog.text
    provider_update(provider=provider, rotate_every_days=10)
    warn_of_due_keys()
    assert "Key main of ours must be replaced by" in caplog.text
    assert "the provider's rule for rotation" in caplog.text
    caplog.clear()
    provider_update(provider=provider, rotate_every_days=None)
    day = timezone.localdate() + timedelta(days=14)
    key_adjust(key=key, weight=1, expires_on=day)
    warn_of_due_keys()
    assert f"by {day.isoformat()}: it expires." in caplog.text
    caplog.clear()
    key_pause(key=key)
    warn_of_due_keys()
    assert "must be replaced" not in caplog.text
