"""The site as a Django app, and the admin that is ours."""

from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig


class ChatsiteConfig(AppConfig):
    """Settings, checks and commands."""

    name = "chatsite"


class ChatsiteAdminConfig(AdminConfig):
    """Django's admin on our site, found by name, so that no app imports ``chatsite``."""

    default_site = "chatsite.admin_site.ChatsiteAdminSite"
