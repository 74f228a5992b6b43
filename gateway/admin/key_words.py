"""How a key stands, in words and tones."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from gateway.admin_parts import cells
from gateway.models.provider import ApiKey, KeyState

TONES: Mapping[str, str] = {
    KeyState.ACTIVE: cells.GOOD,
    KeyState.PAUSED: cells.QUIET,
    KeyState.EXHAUSTED: cells.BAD,
    KeyState.REVOKED: cells.BAD,
    KeyState.OUTDATED: cells.WARNING,
    KeyState.DRAINING: cells.RUNNING,
    KeyState.RETIRED: cells.QUIET,
}

# A reason without words here, such as an engine's error code, is shown as it is.
REASONS: Mapping[str, str | Promise] = {
    "by_hand": _("by hand"),
    "replaced": _("another key took its place; its running answers may end"),
    "address_changed": _("the provider's address changed, so the secret must be entered again"),
    "quota_spent": _("the provider says that its quota is spent"),
    "bad_credential": _("the provider refused it"),
}


def key_state_cell(key: ApiKey) -> SafeString:
    """Return the key's state as a label, its reason on hover."""
    return cells.state_cell(TONES[key.state], KeyState(key.state).label, key_reason(key))


def key_reason(key: ApiKey) -> str:
    """Return why the key is in its state, or nothing."""
    return str(REASONS.get(key.state_reason, key.state_reason))
