"""Conversations as a Django app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ConversationsConfig(AppConfig):
    """Widgets, conversations, and prompt templates."""

    name = "conversations"
    verbose_name = _("Conversations")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Tell the gateway of whom its figures may be about, and which secrets are kept here."""
        from conversations.identity.secrets import (  # noqa: PLC0415  # needs apps
            signing_secrets_sealed,
        )
        from conversations.prompts.selectors import (  # noqa: PLC0415  # as above
            template_models,
            version_names,
        )
        from conversations.widget.selectors import widget_names  # noqa: PLC0415  # as above
        from gateway.dashboard.labels import (  # noqa: PLC0415  # as above
            link_register,
            names_register,
        )
        from gateway.sealed import sealed_register  # noqa: PLC0415  # as above
        from gateway.subjects import subjects_register  # noqa: PLC0415  # as above

        subjects_register("widget", widget_names)
        subjects_register("model", template_models)
        sealed_register(signing_secrets_sealed)
        names_register("widget", lambda _labels: widget_names())
        names_register("version", version_names)
        link_register(
            "conversation",
            "admin:conversations_conversation_change",
            permission="conversations.view_conversation",
        )
