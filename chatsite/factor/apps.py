"""The second factor as a Django app: it has tables of its own."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class FactorConfig(AppConfig):
    """Who needs a second factor, who has one, and what became of it."""

    name = "chatsite.factor"
    label = "factor"
    verbose_name = _("Second factor")
    default_auto_field = "django.db.models.BigAutoField"
