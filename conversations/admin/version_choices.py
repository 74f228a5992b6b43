"""Versions of prompts to choose from: the newest, and an older one that an address names."""

from __future__ import annotations

from conversations.admin.conversation_given import is_key
from conversations.models import PromptVersion

# Older ones have few conversations of late; a report leads to them, or a link that was kept.
NEWEST_VERSIONS = 20


def versions_offered(chosen: str | None) -> list[tuple[str, str]]:
    """Return versions as pairs of key and words.

    Args:
        chosen: The key that an address names, whatever it is worth.
    """
    published = PromptVersion.objects.filter(number__isnull=False).select_related("template")
    newest = published.order_by("-published_at")[:NEWEST_VERSIONS]
    named = published.filter(pk=int(chosen)) if is_key(chosen) else ()
    return [(str(version.pk), str(version)) for version in dict.fromkeys([*newest, *named])]
