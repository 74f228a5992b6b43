"""The pages of support staff and editors, one module for each model family."""

from conversations.admin import (
    conversation,
    customer,
    data_deed,
    prompt,
    reading,
    schedule,
    widget,
)

__all__ = ["conversation", "customer", "data_deed", "prompt", "reading", "schedule", "widget"]
