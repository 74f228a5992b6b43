"""Finding widgets, and what their pages may know of them."""

from __future__ import annotations

from conversations.models import Widget


def widget_find(public_key: str) -> Widget | None:
    """Return the active widget with this public key, if there is one."""
    return Widget.objects.filter(public_key=public_key, is_active=True).first()


def widget_first() -> Widget | None:
    """Return the active widget that was added first: the one the sample shop shows."""
    return Widget.objects.filter(is_active=True).order_by("created_at", "pk").first()


def widget_names() -> dict[str, str]:
    """Return the name of every widget by its id, as calls carry it."""
    return {str(pk): name for pk, name in Widget.objects.values_list("pk", "name")}
