"""What an editor or operator decides about a widget."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError

from conversations.hours import DAYS, HoursError, day_read
from conversations.models import Offer, Widget
from conversations.team.services import is_mail_address
from conversations.widget.origins import origin_normalize
from conversations.widget.regions import regions_are_fit
from conversations.widget.wording import texts_are_fit


def widget_save(*, widget: Widget) -> Widget:
    """Save a widget's settings, its origins written the way browsers write them.

    Raises:
        ValidationError: A field is out of bounds, or holds what no page could show.
    """
    if not texts_are_fit(widget.texts):
        raise ValidationError({"texts": "not as in conversations/widget/wording.py"})
    if not _hours_are_fit(widget.office_hours):
        raise ValidationError({"office_hours": "not as in conversations/hours.py"})
    if not regions_are_fit(widget.forbidden_regions):
        raise ValidationError({"forbidden_regions": "not as in conversations/widget/regions.py"})
    if not set(widget.team_offers) <= set(Offer.values):
        raise ValidationError({"team_offers": "not as in conversations/models/widget.py"})
    if not all(map(is_mail_address, widget.team_recipients)):
        raise ValidationError({"team_recipients": "not all of them are e-mail addresses"})
    widget.allowed_origins = [
        origin_normalize(origin) or origin for origin in widget.allowed_origins
    ]
    widget.full_clean()
    widget.save()
    return widget


def _hours_are_fit(hours: Any) -> bool:
    try:
        return isinstance(hours, dict) and all(
            day in DAYS and isinstance(text, str) and day_read(text) for day, text in hours.items()
        )
    except HoursError:
        return False
