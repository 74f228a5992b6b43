"""Every HTTP address of the site, but for the two probes in ``chatsite.health``."""

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.templatetags.static import static
from django.urls import include, path

from chatsite import csp
from chatsite.mirror import PATH, mirror
from chatsite.scraping import metrics


def favicon(_request: HttpRequest) -> HttpResponse:
    """Lead browsers that ask by themselves to the icon there is."""
    return redirect(static("widget/icon.svg"))


urlpatterns = [
    path("admin/", admin.site.urls),
    path("favicon.ico", favicon),
    path(csp.PATH, csp.csp_report),
    path(PATH, mirror),
    path("metrics", metrics),
    path("", include("conversations.urls")),
]
