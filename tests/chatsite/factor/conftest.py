"""A clock that stands still: no code turns old between being read and being typed."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from django.utils import timezone

from chatsite.factor import services


@pytest.fixture(autouse=True)
def still(monkeypatch: pytest.MonkeyPatch) -> None:
    now = timezone.now()
    monkeypatch.setattr(services, "timezone", SimpleNamespace(now=lambda: now))
