"""Who has logged in, when and from where."""

from __future__ import annotations

from typing import Any

from axes.models import AccessLog
from django.contrib import admin
from django.db.models import OuterRef, QuerySet, Subquery
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from chatsite.admin.factor import TONES, address_cell
from chatsite.factor.models import FactorDeed, FactorEvent
from gateway.admin_parts import cells
from gateway.admin_parts.page import ReadOnlyPage

BROWSER_CHARACTERS = 60

# What axes calls an access log, people here call a login; it speaks no Chinese either.
AccessLog._meta.verbose_name = gettext_lazy("login")  # noqa: SLF001  # Django's own interface
AccessLog._meta.verbose_name_plural = gettext_lazy("logins")  # noqa: SLF001


@admin.register(AccessLog)
class LoginAdmin(ReadOnlyPage[AccessLog]):
    """Logins of the last days; failed ones are counted by address, and not kept."""

    list_display = ("moment", "who", "factor", "address", "browser", "until")
    search_fields = ("username", "ip_address")
    ordering = ("-attempt_time",)
    fields = ("moment", "who", "factor", "address", "user_agent", "until")
    readonly_fields = fields
    empty_title = gettext_lazy("No logins yet")
    empty_text = gettext_lazy("Whoever logs in from now on is listed here.")

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        return super().changelist_view(request, {"heading": _("Logins"), **(extra_context or {})})

    def get_queryset(self, request: HttpRequest) -> QuerySet[AccessLog]:
        mine = FactorEvent.objects.filter(session_hash=OuterRef("session_hash"))
        deed = mine.exclude(session_hash="").order_by("at", "pk").values("deed")[:1]
        logins: QuerySet[AccessLog] = super().get_queryset(request).annotate(factor=Subquery(deed))
        return logins

    @admin.display(description=gettext_lazy("username"), ordering="username")
    def who(self, login: AccessLog) -> str:
        return str(login.username)

    @admin.display(description=gettext_lazy("logged in"), ordering="attempt_time")
    def moment(self, login: AccessLog) -> str:
        return cells.moment_cell(login.attempt_time)

    @admin.display(description=gettext_lazy("address"), ordering="ip_address")
    def address(self, login: AccessLog) -> str:
        return address_cell(login.ip_address)

    @admin.display(description=gettext_lazy("second factor"))
    def factor(self, login: AccessLog) -> str:
        deed = getattr(login, "factor", None)
        if deed is None:
            return cells.state_cell(cells.QUIET, _("Password alone"))
        return cells.state_cell(TONES[FactorDeed(deed)], FactorDeed(deed).label)

    @admin.display(description=gettext_lazy("browser"))
    def browser(self, login: AccessLog) -> str:
        return str(login.user_agent)[:BROWSER_CHARACTERS]

    @admin.display(description=gettext_lazy("logged out"), ordering="logout_time")
    def until(self, login: AccessLog) -> str:
        return cells.moment_cell(login.logout_time) if login.logout_time else cells.UNKNOWN
