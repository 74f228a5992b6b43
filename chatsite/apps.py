"""The site as a Django app, and the admin that is ours."""

from importlib.util import find_spec

from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig
from django.db.models.signals import post_migrate


class ChatsiteConfig(AppConfig):
    """Settings, checks, roles and commands."""

    name = "chatsite"

    def ready(self) -> None:
        """Prove the settings, report errors, and let the roles follow each migrate."""
        from django.apps import apps  # noqa: PLC0415  # the registry is ready only now
        from django.conf import settings  # noqa: PLC0415  # as above

        from chatsite import checks  # noqa: F401, PLC0415  # importing it registers them
        from chatsite.roles import roles_ensure  # noqa: PLC0415  # it imports models

        if settings.SENTRY_DSN and find_spec("sentry_sdk"):  # a check says if it is missing
            from chatsite.reporting import reporting_begin  # noqa: PLC0415  # an extra

            reporting_begin(settings.SENTRY_DSN)
        # Once, after the last app we need: "auth" comes after ours in INSTALLED_APPS.
        post_migrate.connect(
            roles_ensure, sender=apps.get_app_config("auth"), dispatch_uid="roles_ensure"
        )


class ChatsiteAdminConfig(AdminConfig):
    """Django's admin on our site, found by name, so that no app imports ``chatsite``."""

    default_site = "chatsite.admin_site.ChatsiteAdminSite"
