"""The admin site: Django's own under our theme, with navigation grouped by role."""

from django.contrib.admin import AdminSite


class ChatsiteAdminSite(AdminSite):
    """Where staff, editors and operators work."""
