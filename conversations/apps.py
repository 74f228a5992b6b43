"""Conversations as a Django app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ConversationsConfig(AppConfig):
    """Widgets, conversations, and prompt templates."""

    name = "conversations"
    verbose_name = _("Conversations")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Tell the gateway the names of whom its limits and budgets may be about."""
        from conversations.prompts.selectors import template_models  # noqa: PLC0415  # needs apps
        from conversations.widget.selectors import widget_names  # noqa: PLC0415  # as above
        from gateway.subjects import subjects_register  # noqa: PLC0415  # as above

        subjects_register("widget", widget_names)
        subjects_register("model", template_models)
