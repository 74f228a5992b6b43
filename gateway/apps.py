"""The gateway as a Django app."""

from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules
from django.utils.translation import gettext_lazy as _


class GatewayConfig(AppConfig):
    """Providers, keys, and the calls made with them."""

    name = "gateway"
    verbose_name = _("Gateway")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Find what every app wants housekeeping to do: its ``jobs`` module registers it."""
        autodiscover_modules("jobs")
