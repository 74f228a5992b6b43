"""The pages of support staff and editors, one module for each model family."""

from conversations.admin import conversation, prompt, widget

__all__ = ["conversation", "prompt", "widget"]
