from __future__ import annotations

from typing import Any

import pytest
from django.core.exceptions import ValidationError

from conversations.models import Widget
from conversations.widget.services import widget_save


def test_a_widget_is_kept_with_its_origins_as_browsers_write_them(widget: Widget) -> None:
    widget.allowed_origins = ["HTTPS://Shop.Example/"]
    widget.texts, widget.office_hours = {"en": {"title": "Help"}}, {"mon": "09:00-17:00"}
    widget_save(widget=widget)
    kept = Widget.objects.get()
    assert kept.allowed_origins == ["https://shop.example"]
    assert (kept.texts, kept.office_hours) == ({"en": {"title": "Help"}}, {"mon": "09:00-17:00"})


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("texts", {"en": {"colour": "red"}}),
        ("texts", []),
        ("office_hours", {"mon": "9 to 5"}),
        ("office_hours", {"mon": ""}),
        ("office_hours", {"monday": "09:00-17:00"}),
        ("office_hours", {"mon": 9}),
        ("office_hours", []),
        ("accent_dark", "blue"),
        ("launcher_position", "top"),
        ("retention_days", 0),
        ("forbidden_regions", "us"),
        ("forbidden_regions", ["US"]),
        ("forbidden_regions", [7]),
        ("launcher_label", "x" * 31),
    ],
)
def test_what_no_page_could_show_is_not_kept(widget: Widget, field: str, value: Any) -> None:
    setattr(widget, field, value)
    with pytest.raises(ValidationError) as refused:
        widget_save(widget=widget)
    assert list(refused.value.message_dict) == [field]
    assert getattr(Widget.objects.get(), field) != value
