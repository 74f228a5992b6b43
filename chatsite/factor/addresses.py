"""Where the pages of second factors are."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial, update_wrapper

from django.contrib.admin import AdminSite
from django.http import HttpRequest, HttpResponseBase
from django.urls import URLPattern, path
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.debug import sensitive_post_parameters

from chatsite.factor import login, pages, rule

Page = Callable[[AdminSite, HttpRequest], HttpResponseBase]


def factor_urls(site: AdminSite) -> list[URLPattern]:
    """Return the addresses: the first two are for those who are not in yet.

    No browser keeps any of these pages (``admin_view`` says so of its own), so that the way back
    shows no secret again.
    """

    def open_to_all(page: Page) -> Callable[..., HttpResponseBase]:
        return csrf_protect(never_cache(sensitive_post_parameters()(_bound(site, page))))

    def inside(page: Page) -> Callable[..., HttpResponseBase]:
        return site.admin_view(sensitive_post_parameters()(_bound(site, page)))

    return [
        path("login/code/", open_to_all(login.code_page), name="factor_code"),
        path("second-factor/set-up/", open_to_all(pages.set_up_page), name="factor_setup"),
        path("second-factor/", inside(pages.own_page), name="factor"),
        path("second-factor/codes/", inside(pages.codes_page), name="factor_codes"),
        path("second-factor/remove/", inside(pages.remove_page), name="factor_remove"),
        path("second-factor/roles/", inside(rule.rule_page), name="factor_rule"),
    ]


def _bound(site: AdminSite, page: Page) -> Callable[..., HttpResponseBase]:
    return update_wrapper(partial(page, site), page)
