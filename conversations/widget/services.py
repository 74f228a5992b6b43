"""What an editor or operator decides about a widget."""

from __future__ import annotations

from conversations.models import Widget
from conversations.widget.origins import origin_normalize


def widget_save(*, widget: Widget) -> Widget:
    """Save a widget's settings, its origins written the way browsers write them.

    Raises:
        ValidationError: A field is out of bounds.
    """
    widget.allowed_origins = [
        origin_normalize(origin) or origin for origin in widget.allowed_origins
    ]
    widget.full_clean()
    widget.save()
    return widget
